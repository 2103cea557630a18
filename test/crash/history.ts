/** The SHA-256 of an object's bytes, or that there is no object. */
export type State = string | 'absent'

/** A write that was asked for. */
export interface Attempt {
  readonly state: State
  readonly startedAt: number
  acknowledgedAt: number | undefined
}

/**
 * What has been written to a key and what of it may be there now. Any write may be the last one unless another one
 * began after its acknowledgement and was acknowledged too; one that was never answered may have happened or not.
 */
export class KeyHistory {
  #attempts: Attempt[] = []
  #now = 0

  constructor(state: State = 'absent') {
    this.settle(state)
  }

  begin(state: State): Attempt {
    this.#now += 1
    const attempt: Attempt = { state, startedAt: this.#now, acknowledgedAt: undefined }
    this.#attempts.push(attempt)
    return attempt
  }

  acknowledge(attempt: Attempt): void {
    this.#now += 1
    attempt.acknowledgedAt = this.#now
    this.#attempts = this.#attempts.filter(
      ({ acknowledgedAt }) => acknowledgedAt === undefined || acknowledgedAt > attempt.startedAt,
    )
  }

  allowed(): Set<State> {
    return new Set(this.#attempts.map(({ state }) => state))
  }

  /** The key has been looked at: this is what it is, whatever was asked for before. */
  settle(state: State): void {
    this.#attempts = []
    this.acknowledge(this.begin(state))
  }
}
