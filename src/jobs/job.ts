/**
 * Background work: a step is one bounded batch, and all that must outlive it is in tables. The runner owns when steps
 * run; a job says what it would like next.
 */
export interface Job {
  readonly name: string
  /** @throws whatever went wrong: the runner reports it and comes back later */
  step(signal: AbortSignal): Promise<NextStep>
}

/**
 * At once; when woken or after a while; when the clock reaches `at`, in milliseconds since the epoch; or after so many
 * real milliseconds, however the clock goes, whichever is first. All but `again` is rest: nothing is left to do now.
 */
export type NextStep =
  | 'again'
  | 'idle'
  | { readonly at: number; readonly afterMs?: number }
  | { readonly afterMs: number }
