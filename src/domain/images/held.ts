/**
 * Bytes of results that lie in memory until their clients have fetched them; beyond it nothing more is rendered. Four
 * of the largest, which only encrypted pictures and those beyond the cache's bounds make: a few clients that read
 * slowly would take all memory otherwise.
 */
export const HELD_BYTES_MAX = 512 * 1024 * 1024

/** Counts what is held: a result that several fetch at the same moment, once. */
export class HeldResults {
  readonly #readers = new Map<Buffer, number>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** Returns the function that lets go; calling it twice does no harm. */
  hold(result: Buffer): () => void {
    const before = this.#readers.get(result) ?? 0
    if (before === 0) this.#bytes += result.length
    this.#readers.set(result, before + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#letGo(result)
    }
  }

  #letGo(result: Buffer): void {
    const left = (this.#readers.get(result) ?? 0) - 1
    if (left > 0) {
      this.#readers.set(result, left)
      return
    }
    this.#readers.delete(result)
    this.#bytes -= result.length
  }
}
