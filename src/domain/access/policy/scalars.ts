// Numbers and dates as policies and requests write them.

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/

/** Undefined for what is no finite decimal number. */
export function parseNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** Seconds since 1970, as aws:EpochTime has them. Four digits are a year. */
const EPOCH = /^-?\d{5,12}(?:\.\d+)?$/
const TIME = String.raw`(?<time>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?<zone>Z|[+-]\d\d:?\d\d)`
/** W3C's profile of ISO 8601 (NOTE-datetime): a year, a month, a day, or a time with its zone. */
const ISO = new RegExp(String.raw`^(?<date>\d{4}(?:-\d\d(?:-(?<day>\d\d))?)?)(?:T${TIME})?$`)

/** Milliseconds since 1970 of a date, or of seconds; undefined for anything else, and for a day that does not exist. */
export function parseInstant(text: string): number | undefined {
  if (EPOCH.test(text)) return Number(text) * 1000
  const groups = ISO.exec(text)?.groups
  if (groups === undefined) return undefined
  const { date = '', day, time, zone = 'Z' } = groups
  const midnight = new Date(date)
  // JavaScript takes 31 February for 3 March.
  if (day !== undefined && midnight.getUTCDate() !== Number(day)) return undefined
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
  const ms = time === undefined ? midnight.getTime() : Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(ms) || (time !== undefined && day === undefined) ? undefined : ms
}
