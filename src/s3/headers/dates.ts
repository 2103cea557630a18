const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const TIME = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`
/** `Sun, 06 Nov 1994 08:49:37 GMT`; RFC 1123 also allows a numeric zone of zero. */
const IMF_FIXDATE = new RegExp(
  `^[A-Za-z]{3}, (?<day>\\d{1,2}) (?<month>[A-Za-z]{3}) (?<year>\\d{4}) ${TIME} (?:GMT|UTC|[+-]0000)$`,
)
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = new RegExp(`^[A-Za-z]{6,9}, (?<day>\\d{2})-(?<month>[A-Za-z]{3})-(?<year>\\d{2}) ${TIME} GMT$`)
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = new RegExp(`^[A-Za-z]{3} (?<month>[A-Za-z]{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`)

/**
 * Two-digit years up to here are of this century; RFC 9110 asks for a window of fifty years, which fixed halves keep
 * near.
 */
const RFC_850_CENTURY_TURN = 70

/** The three forms of RFC 9110 section 5.6.7, and ISO 8601, which RGW reads too; undefined for anything else. */
export function parseHttpDate(text: string): number | undefined {
  const groups = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups
  if (groups === undefined) return parseIsoDate(text)
  const month = MONTHS.indexOf(groups['month'] ?? '')
  if (month < 0) return undefined
  const year = Number(groups['year'])
  const fullYear = year >= 100 ? year : year + (year < RFC_850_CENTURY_TURN ? 2000 : 1900)
  return instant(groups, fullYear, month)
}

const ISO = new RegExp(
  `^(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})T${TIME}(?:\\.(?<fraction>\\d{1,9}))?(?:Z|[+-]00:?00)$`,
)

/** ISO 8601 in UTC, down to nanoseconds as RGW prints them; undefined for anything else. */
export function parseIsoDate(text: string): number | undefined {
  const groups = ISO.exec(text)?.groups
  if (groups === undefined) return undefined
  const seconds = instant(groups, Number(groups['year']), Number(groups['month']) - 1)
  return seconds === undefined ? undefined : seconds + Math.floor(Number(`0.${groups['fraction'] ?? '0'}`) * 1000)
}

/** Milliseconds of a date that exists: Date.UTC would take 31 February for 3 March. */
function instant(
  groups: Readonly<Record<string, string | undefined>>,
  year: number,
  month: number,
): number | undefined {
  const day = Number(groups['day'])
  const ms = Date.UTC(year, month, day, Number(groups['hour']), Number(groups['minute']), Number(groups['second']))
  const date = new Date(ms)
  const isReal = date.getUTCDate() === day && date.getUTCMonth() === month && Number(groups['hour']) < 24
  return isReal && Number(groups['minute']) < 60 ? ms : undefined
}
