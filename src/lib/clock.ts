/** The one source of "now". Every date decision asks it, so that a test, or a user of the emulator, can move time. */
export interface Clock {
  /** Milliseconds since the Unix epoch, whole. */
  now(): number
}

/** A clock whose passing of time can be told in real time. */
export interface TimedClock extends Clock {
  /** How many real milliseconds it takes until the clock shows `atMs`, if nobody sets it meanwhile: at least 0. */
  realMsUntil(atMs: number): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** The earliest instant that the clock can be set to, and the one at which it stops when it runs so far. */
export const CLOCK_MS_MIN = 0
/** So far from the year 10000 that every date counted from it has four digits: a lock holds for a century. */
export const CLOCK_MS_MAX = Date.UTC(9000, 0, 1)

/** As plain data, from which a clock of the same reading can be set. */
export interface ClockState {
  readonly nowMs: number
  /** `real`: as it was born. `offset`: it runs as the real time does, apart from it. `scaled`: at another speed. */
  readonly mode: 'real' | 'offset' | 'scaled' | 'frozen'
  /** How far its reading is ahead of the real time at this moment. */
  readonly offsetMs: number
  /** Milliseconds for each real one; 0 while it is frozen. */
  readonly speed: number
  /** Whether the dates of signatures are held against this clock too. */
  readonly signatures: boolean
}

/** What is to be changed; the parts are carried out in this order. What is left out stays. */
export interface ClockChange {
  /** Back to the real time and its speed, and signatures too. */
  readonly reset?: boolean
  /** It runs on from so far ahead of the real time. */
  readonly offsetMs?: number
  /** It stands still at this instant, or where it is; or runs on from there. */
  readonly freeze?: boolean | { readonly atMs: number }
  readonly speed?: number
  /** Takes the instant that the clock shows by then, and answers the one that it is to show. */
  readonly advance?: (nowMs: number) => number
  readonly signatures?: boolean
}

/** A reading of the clock and the real time at which it was taken: all later readings follow from it. */
interface Reading {
  readonly shownMs: number
  readonly realMs: number
  readonly speed: number
}

/**
 * A clock that can be set. It shows the real time until somebody does, and again after the next start: its state is
 * nobody's but the process's.
 */
export class SettableClock implements TimedClock {
  /** What the dates of signatures are held against: the real time, unless the clock was told otherwise. */
  readonly forSignatures: Clock
  readonly #real: Clock
  readonly #listeners = new Set<() => void>()
  /** Undefined while the clock shows the real time. */
  #reading: Reading | undefined
  #signatures = false

  constructor(real: Clock = systemClock) {
    this.#real = real
    this.forSignatures = { now: () => (this.#signatures ? this.now() : real.now()) }
  }

  now(): number {
    return shown(this.#reading, this.#real.now())
  }

  realMsUntil(atMs: number): number {
    const leftMs = atMs - this.now()
    if (leftMs <= 0) return 0
    return leftMs / (this.#reading?.speed ?? 1)
  }

  state(): ClockState {
    const realMs = this.#real.now()
    const nowMs = shown(this.#reading, realMs)
    const { speed = 1 } = this.#reading ?? {}
    const apart = speed === 1 ? 'offset' : speed === 0 ? 'frozen' : 'scaled'
    return {
      nowMs,
      mode: this.#reading === undefined ? 'real' : apart,
      offsetMs: nowMs - realMs,
      speed,
      signatures: this.#signatures,
    }
  }

  /**
   * Carries all of a change out at one instant, then tells the listeners.
   * @throws RangeError for a reading that the clock cannot show; nothing is changed then
   */
  set(change: ClockChange): void {
    const realMs = this.#real.now()
    const reading = changed(change.reset === true ? undefined : this.#reading, change, realMs)
    if (reading !== undefined && (reading.shownMs < CLOCK_MS_MIN || reading.shownMs > CLOCK_MS_MAX)) {
      throw new RangeError('the clock goes from 1970 to 9000')
    }
    this.#reading = reading
    this.#signatures = change.signatures ?? (change.reset === true ? false : this.#signatures)
    for (const listener of this.#listeners) listener()
  }

  /** Calls the listener after each change. Returns the function that takes it away. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

function shown(reading: Reading | undefined, realMs: number): number {
  if (reading === undefined) return realMs
  const elapsedMs = (realMs - reading.realMs) * reading.speed
  return Math.min(Math.max(Math.floor(reading.shownMs + elapsedMs), CLOCK_MS_MIN), CLOCK_MS_MAX)
}

function changed(before: Reading | undefined, change: ClockChange, realMs: number): Reading | undefined {
  const { offsetMs, freeze, advance } = change
  const startMs = offsetMs === undefined ? shown(before, realMs) : realMs + offsetMs
  const setMs = typeof freeze === 'object' ? freeze.atMs : startMs
  const shownMs = advance === undefined ? setMs : advance(setMs)
  const speed = changedSpeed(before?.speed ?? 1, change)
  return speed === 1 && shownMs === realMs ? undefined : { realMs, shownMs, speed }
}

function changedSpeed(before: number, { freeze, speed, offsetMs }: ClockChange): number {
  if (freeze === true || typeof freeze === 'object') return 0
  if (speed !== undefined) return speed
  // Whoever lets the clock go, or sets it by the real time, wants it to run.
  return before === 0 && (freeze === false || offsetMs !== undefined) ? 1 : before
}
