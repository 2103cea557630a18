import { setImmediate } from 'node:timers/promises'

export interface BatchOptions<T> {
  /** Sends all of them or, as far as it knows, none. */
  readonly send: (items: readonly T[]) => Promise<void>
  readonly bytesOf: (item: T) => number
  /** Whether what failed for many may succeed for each of them alone. */
  readonly isDivisible: (cause: unknown) => boolean
  readonly itemsMax: number
  /** A larger item goes alone. */
  readonly bytesMax: number
}

interface Waiting<T> {
  readonly item: T
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/** Sends together what is added in one turn of the event loop: a request costs more than what is in it. */
export class Batches<T> {
  readonly #options: BatchOptions<T>
  #waiting: Waiting<T>[] = []

  constructor(options: BatchOptions<T>) {
    this.#options = options
  }

  /** Resolves when the item has been sent, and rejects as the sending did. */
  async add(item: T): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ item, resolve, reject })
    if (this.#waiting.length === 1) {
      await setImmediate()
      this.#flush()
    }
    await promise
  }

  #flush(): void {
    const { itemsMax, bytesMax, bytesOf } = this.#options
    let batch: Waiting<T>[] = []
    let bytes = 0
    for (const one of this.#waiting) {
      const size = bytesOf(one.item)
      if (batch.length === itemsMax || (batch.length > 0 && bytes + size > bytesMax)) {
        void this.#send(batch)
        batch = []
        bytes = 0
      }
      batch.push(one)
      bytes += size
    }
    void this.#send(batch)
    this.#waiting = []
  }

  /** Never rejects: whoever has added an item hears of it. */
  async #send(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.#options.send(batch.map(({ item }) => item))
      for (const { resolve } of batch) resolve()
    } catch (cause) {
      if (batch.length > 1 && this.#options.isDivisible(cause)) {
        for (const one of batch) void this.#send([one])
      } else {
        for (const { reject } of batch) reject(cause)
      }
    }
  }
}
