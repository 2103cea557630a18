/** An amount of time as people write it. Years and months are the calendar's, in UTC; all else is of fixed length. */
export interface Duration {
  readonly months: number
  readonly ms: number
}

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Of parts that have a fixed length. */
const N = '\\d{1,12}(?:\\.\\d{1,9})?'
/** The designators of ISO 8601 in their order. */
const PATTERN = new RegExp(
  `^P(?:(?<years>\\d{1,4})Y)?(?:(?<months>\\d{1,5})M)?(?:(?<weeks>${N})W)?(?:(?<days>${N})D)?` +
    `(?<time>T(?:(?<hours>${N})H)?(?:(?<minutes>${N})M)?(?:(?<seconds>${N})S)?)?$`,
)

/** `P31D`, `PT1H30M`, `P1Y2M` or `P1W` as ISO 8601 has them; undefined for anything else. */
export function parseDuration(text: string): Duration | undefined {
  const groups = PATTERN.exec(text)?.groups
  if (groups === undefined) return undefined
  const { years, months, weeks, days, time, hours, minutes, seconds } = groups
  const timed = [hours, minutes, seconds]
  const isEmpty = [years, months, weeks, days, ...timed].every((part) => part === undefined)
  if (isEmpty || (time !== undefined && timed.every((part) => part === undefined))) return undefined
  const ms =
    amount(weeks) * 7 * DAY_MS +
    amount(days) * DAY_MS +
    amount(hours) * HOUR_MS +
    amount(minutes) * MINUTE_MS +
    amount(seconds) * SECOND_MS
  return { months: amount(years) * 12 + amount(months), ms: Math.round(ms) }
}

/** The instant so much later. The 31st of a month that has fewer days is its last day. */
export function addDuration(atMs: number, { months, ms }: Duration): number {
  return addMonths(atMs, months) + ms
}

/** So many months later by the calendar, in UTC. The 31st of a month that has fewer days is its last day. */
export function addMonths(atMs: number, months: number): number {
  if (months === 0) return atMs
  const at = new Date(atMs)
  const day = at.getUTCDate()
  at.setUTCDate(1)
  at.setUTCMonth(at.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
  at.setUTCDate(Math.min(day, lastDay))
  return at.getTime()
}

function amount(part: string | undefined): number {
  return part === undefined ? 0 : Number(part)
}
