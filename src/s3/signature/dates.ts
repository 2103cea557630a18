// The date formats that signatures come with. All of them are strict: a date that could be read in two ways would be
// a request that could be replayed at two times.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const BASIC = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/
const EXTENDED = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?Z$/
/** RFC 1123, with the numeric zone that AWS's own examples use. */
const RFC_1123 = /^[A-Za-z]{3}, (\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (GMT|UTC|Z|[+-]\d{4})$/
const RFC_850 = /^[A-Za-z]{6,9}, (\d{2})-([A-Za-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
const ASCTIME = /^[A-Za-z]{3} ([A-Za-z]{3}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/** `20130524T000000Z` as milliseconds; undefined for anything else. */
export function parseBasicDate(text: string): number | undefined {
  const match = BASIC.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match.map(Number)
  return instant([year, month, day, hour, minute, second])
}

/** Any format that SigV2 and a Date header allow, as milliseconds; undefined for anything else. */
export function parseSignedDate(text: string): number | undefined {
  const iso = BASIC.exec(text) ?? EXTENDED.exec(text)
  if (iso !== null) return instant(iso.slice(1, 7).map(Number))
  const long = RFC_1123.exec(text)
  if (long !== null) {
    const [, day, month = '', year, hour, minute, second, zone = ''] = long
    const local = instant([Number(year), monthOf(month), Number(day), Number(hour), Number(minute), Number(second)])
    return local === undefined ? undefined : local - offsetMs(zone)
  }
  const short = RFC_850.exec(text)
  if (short !== null) {
    const [, day, month = '', year, hour, minute, second] = short
    const full = Number(year) + (Number(year) < 70 ? 2000 : 1900)
    return instant([full, monthOf(month), Number(day), Number(hour), Number(minute), Number(second)])
  }
  const asctime = ASCTIME.exec(text)
  if (asctime === null) return undefined
  const [, month = '', day, hour, minute, second, year] = asctime
  return instant([Number(year), monthOf(month), Number(day), Number(hour), Number(minute), Number(second)])
}

/** The form that SigV4 signs: `20130524T000000Z`. */
export function basicDate(ms: number): string {
  const iso = new Date(ms).toISOString()
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`
}

/** `2013-05-24T00:00:00Z`, as error documents print times. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1
}

function offsetMs(zone: string): number {
  if (!(zone.startsWith('+') || zone.startsWith('-'))) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

/** Undefined where a field is out of its range: Date.UTC would carry it over into the next. */
function instant(fields: readonly (number | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  return new Date(ms).getUTCDate() === day ? ms : undefined
}
