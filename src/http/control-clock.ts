import { CLOCK_MS_MAX, type ClockChange, type SettableClock } from '../lib/clock.ts'
import { addDuration, parseDuration } from '../lib/duration.ts'
import { parseIsoDate } from '../s3/headers/dates.ts'
import { ControlRefusal, type ControlRoute } from './control.ts'

export interface ClockControlOptions {
  readonly clock: SettableClock
  /** Resolves when the jobs rest at the present clock. */
  settled(signal: AbortSignal): Promise<void>
  /** The jobs that do not. */
  busy(): readonly string[]
  /** Hears of every change. */
  onSet(state: object): void
}

/** Years pass in seconds; beyond this a second would be more than eleven days. */
const SPEED_MAX = 1_000_000
/** A second of the clock takes a quarter of an hour. */
const SPEED_MIN = 0.001
/** How long `wait` waits where the request does not say. */
const TIMEOUT_MS_DEFAULT = 60_000
/** A request that waits longer is better made of several. */
const TIMEOUT_MS_MAX = 600_000

interface ClockRequest extends ClockChange {
  readonly wait: boolean
  readonly timeoutMs: number
}

/** GET tells how the clock goes, PUT changes that; `wait` answers when all jobs have done what the new time asks. */
export function clockControl(options: ClockControlOptions): ControlRoute {
  const { clock } = options
  return {
    GET: async () => describe(clock),
    PUT: async ({ body, signal }) => {
      const { wait, timeoutMs, ...change } = readRequest(body)
      if (Object.keys(change).length > 0) {
        set(clock, change)
        options.onSet(describe(clock))
      }
      if (wait) await settle(options, { timeoutMs, signal })
      return describe(clock)
    },
  }
}

function describe(clock: SettableClock): object {
  const { nowMs, mode, offsetMs, speed, signatures } = clock.state()
  const now = new Date(nowMs).toISOString()
  return { now, mode, offsetMs, speed, ...(mode === 'frozen' ? { frozenAt: now } : {}), signatures }
}

function set(clock: SettableClock, change: ClockChange): void {
  try {
    clock.set(change)
  } catch (cause) {
    if (cause instanceof RangeError) throw new ControlRefusal(400, cause.message)
    throw cause
  }
}

async function settle(
  options: ClockControlOptions,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    await options.settled(AbortSignal.any([timeout, signal]))
  } catch (cause) {
    if (!timeout.aborted) throw new ControlRefusal(503, cause instanceof Error ? cause.message : String(cause))
    const jobs = options.busy()
    const reason = `the clock is set, but jobs have not come to rest within ${timeoutMs} ms`
    throw new ControlRefusal(504, reason, { jobs, clock: describe(options.clock) })
  }
}

/** How each key is read; the keys that there are. */
const KEYS: { readonly [Key in keyof ClockRequest]-?: (value: unknown) => ClockRequest[Key] } = {
  reset: (value) => (value === true ? true : refuse('reset', 'true')),
  offsetMs: (value) => integer('offsetMs', value, { min: -CLOCK_MS_MAX, max: CLOCK_MS_MAX }),
  freeze: (value) => (typeof value === 'boolean' ? value : { atMs: instant(value) }),
  speed: (value) =>
    typeof value === 'number' && value >= SPEED_MIN && value <= SPEED_MAX
      ? value
      : refuse('speed', `a number from ${SPEED_MIN} to ${SPEED_MAX}; freeze stops the clock`),
  advance: (value) => advance(value),
  signatures: (value) => flag('signatures', value),
  wait: (value) => flag('wait', value),
  timeoutMs: (value) => integer('timeoutMs', value, { min: 1, max: TIMEOUT_MS_MAX }),
}

function readRequest(body: unknown): ClockRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ControlRefusal(400, 'expected a JSON object')
  }
  const entries = Object.entries(body)
  if (entries.length === 0) throw new ControlRefusal(400, `expected one of ${Object.keys(KEYS).join(', ')}`)
  const read: Partial<Record<keyof ClockRequest, unknown>> = {}
  for (const [key, value] of entries) {
    if (!isKey(key)) throw new ControlRefusal(400, `unknown key ${key}: there is ${Object.keys(KEYS).join(', ')}`)
    read[key] = KEYS[key](value)
  }
  assertNoContradiction(read as Partial<ClockRequest>)
  return { wait: false, timeoutMs: TIMEOUT_MS_DEFAULT, ...(read as Partial<ClockRequest>) }
}

function assertNoContradiction({ freeze, speed, offsetMs, wait, timeoutMs }: Partial<ClockRequest>): void {
  const stops = freeze !== undefined && freeze !== false
  if (stops && speed !== undefined) throw new ControlRefusal(400, 'a frozen clock has no speed')
  if (typeof freeze === 'object' && offsetMs !== undefined) {
    throw new ControlRefusal(400, 'freeze at an instant and offsetMs both say what the clock is to show')
  }
  if (timeoutMs !== undefined && wait !== true) throw new ControlRefusal(400, 'timeoutMs is for wait: true')
}

function isKey(key: string): key is keyof ClockRequest {
  return Object.hasOwn(KEYS, key)
}

function flag(key: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : refuse(key, 'true or false')
}

function integer(key: string, value: unknown, { min, max }: { min: number; max: number }): number {
  const isSound = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
  return isSound ? value : refuse(key, `a whole number from ${min} to ${max}`)
}

function instant(value: unknown): number {
  const atMs = typeof value === 'string' ? parseIsoDate(value) : undefined
  return atMs ?? refuse('freeze', 'true, false or an instant such as 2031-01-31T00:00:00Z')
}

function advance(value: unknown): (nowMs: number) => number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return (nowMs) => nowMs + value
  const duration = typeof value === 'string' ? parseDuration(value) : undefined
  if (duration !== undefined) return (nowMs) => addDuration(nowMs, duration)
  return refuse('advance', 'milliseconds, or an ISO 8601 duration such as P31D or PT1H30M')
}

function refuse(key: string, expected: string): never {
  throw new ControlRefusal(400, `${key}: expected ${expected}`)
}
