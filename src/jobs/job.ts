/**
 * Background work: a step is one bounded batch, and all that must outlive it is in tables. The runner owns when steps
 * run; a job says what it would like next.
 */
export interface Job {
  readonly name: string
  /** Called by the runner before the first step, of a job that runs others or wakes itself. */
  attach?(lanes: Lanes): void
  /** @throws whatever went wrong: the runner reports it and comes back later */
  step(signal: AbortSignal): Promise<NextStep>
}

/** What a job can ask of its runner. */
export interface Lanes {
  /** Runs another job beside all others, until one of its steps says `over`. */
  run(job: Job): void
  /** As JobRunner.wake. */
  wake(name: string): void
}

/**
 * At once; when woken or after a while; when the clock reaches `at`, in milliseconds since the epoch; or after so many
 * real milliseconds, however the clock goes, whichever is first. All but `again` is rest: nothing is left to do now.
 * `over`: never, the job has ended.
 */
export type NextStep =
  | 'again'
  | 'idle'
  | 'over'
  | { readonly at: number; readonly afterMs?: number }
  | { readonly afterMs: number }
