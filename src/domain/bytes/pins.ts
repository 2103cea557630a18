/**
 * Manifests that a running read still needs. The garbage collector passes over them, so that a download that outlasts
 * the garbage delay finds all of its chunks.
 */
export class ReadPins {
  readonly #counts = new Map<number, number>()

  /** Returns the function that lets go; calling it twice does no harm. */
  pin(manifestId: number): () => void {
    this.#counts.set(manifestId, (this.#counts.get(manifestId) ?? 0) + 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      const left = (this.#counts.get(manifestId) ?? 0) - 1
      if (left > 0) this.#counts.set(manifestId, left)
      else this.#counts.delete(manifestId)
    }
  }

  pinned(): ReadonlySet<number> {
    return new Set(this.#counts.keys())
  }
}
