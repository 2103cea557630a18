/** The one source of "now". Every date decision asks it, so that a test, or a user of the emulator, can move time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
