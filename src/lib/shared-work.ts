interface UnderWay<T> {
  readonly result: Promise<T>
  readonly stop: AbortController
  waiting: number
}

/**
 * Work that several want at the same moment is done once, for all of them. Whoever no longer wants it leaves the others
 * alone; when nobody is left it is aborted.
 */
export class SharedWork<T> {
  readonly #underWay = new Map<string, UnderWay<T>>()

  /** How many works are under way. */
  get size(): number {
    return this.#underWay.size
  }

  /**
   * What `work` resolves with: that of whoever came first with this key, as long as it is under way. It gets a signal
   * of its own.
   * @throws what that work throws; the signal's reason
   */
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const underWay = this.#underWay.get(key) ?? this.#begin(key, work)
    underWay.waiting += 1
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        underWay.waiting -= 1
        if (underWay.waiting === 0) this.#abandon(key, { underWay, reason: signal.reason })
        reject(signal.reason)
      }
      const letGo = () => signal.removeEventListener('abort', onAbort)
      signal.addEventListener('abort', onAbort, { once: true })
      underWay.result.then(resolve, reject).finally(letGo)
    })
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): UnderWay<T> {
    const stop = new AbortController()
    const result = work(stop.signal).finally(() => this.#forget(key, underWay))
    const underWay: UnderWay<T> = { result, stop, waiting: 0 }
    this.#underWay.set(key, underWay)
    return underWay
  }

  /** Who comes from now on begins anew: this one ends in an abort that is not theirs. */
  #abandon(key: string, { underWay, reason }: { underWay: UnderWay<T>; reason: unknown }): void {
    this.#forget(key, underWay)
    underWay.stop.abort(reason)
  }

  #forget(key: string, underWay: UnderWay<T>): void {
    if (this.#underWay.get(key) === underWay) this.#underWay.delete(key)
  }
}
