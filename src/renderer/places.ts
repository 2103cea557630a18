import assert from 'node:assert/strict'
import { RenderersBusy } from './renderer.ts'

interface Waiter {
  readonly admit: () => void
  readonly refuse: (reason: unknown) => void
}

/** So many at once, and so many who wait for it; who came first is first. */
export class Places {
  readonly #size: number
  readonly #waitingMax: number
  readonly #waiting = new Set<Waiter>()
  #taken = 0
  #isClosed = false

  constructor({ size, waitingMax }: { readonly size: number; readonly waitingMax: number }) {
    assert(size >= 1 && waitingMax >= 0)
    this.#size = size
    this.#waitingMax = waitingMax
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** @throws RenderersBusy; the signal's reason when it is aborted meanwhile */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#isClosed) throw closing()
    if (this.#taken < this.#size) {
      this.#taken += 1
      return
    }
    if (this.#waiting.size >= this.#waitingMax) throw new RenderersBusy(`${this.#waiting.size} wait already`)
    await this.#wait(signal)
  }

  release(): void {
    assert(this.#taken > 0)
    const [first] = this.#waiting
    if (first === undefined) {
      this.#taken -= 1
      return
    }
    // The place goes from hand to hand: whoever comes meanwhile cannot take it.
    this.#waiting.delete(first)
    first.admit()
  }

  /** Whoever waits is refused. */
  close(): void {
    this.#isClosed = true
    for (const waiter of this.#waiting) waiter.refuse(closing())
    this.#waiting.clear()
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { admit: resolve, refuse: reject }
    const leave = (): void => {
      if (this.#waiting.delete(waiter)) reject(signal.reason)
    }
    this.#waiting.add(waiter)
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }
}

function closing(): RenderersBusy {
  return new RenderersBusy('the renderers are being closed')
}
