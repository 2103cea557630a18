import { CALENDAR_DAY_MS } from '../../domain/lifecycle/due.ts'
import { type ErrorCode, s3Error } from '../../errors.ts'
import { parseIsoDate } from '../headers/dates.ts'
import type { XmlElement } from '../xml/parse.ts'

/** What is wrong with a rule in ways that the providers call by different names. */
export type LifecycleFault =
  | 'number'
  | 'midnight'
  | 'unknown-class'
  | 'same-class'
  | 'no-action'
  | 'mixed-days-and-dates'

export type FaultCodes = Readonly<Record<LifecycleFault, ErrorCode>>

/** The largest number of days, versions and the like: RGW's are signed numbers of 32 bits. */
const NUMBER_MAX = 2 ** 31 - 1

/**
 * The children of an element by their names; several of one name only where it stands in `many`.
 * @throws S3Error MalformedXML for an element that is not named here, or is there twice
 */
export function childrenOf(
  element: XmlElement,
  names: { readonly one: readonly string[]; readonly many?: readonly string[] },
): { one(name: string): XmlElement | undefined; many(name: string): readonly XmlElement[] } {
  const { one, many = [] } = names
  const seen = new Set<string>()
  for (const { name } of element.children()) {
    const isKnown = many.includes(name) || (one.includes(name) && !seen.has(name))
    if (!isKnown) throw s3Error('MalformedXML')
    seen.add(name)
  }
  return { one: (name) => element.child(name), many: (name) => element.children(name) }
}

/** @throws S3Error what the dialect says to a text that is no whole number */
export function readNumber(element: XmlElement, codes: FaultCodes): number {
  const text = element.text.trim()
  const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(Math.abs(value) <= NUMBER_MAX)) throw fault('number', codes, `'${element.name}' must be an integer`)
  return value
}

/** @throws S3Error InvalidArgument for a number below `least` */
export function atLeast(value: number, least: 0 | 1, what: string): number {
  if (value >= least) return value
  const kind = least === 0 ? 'nonnegative' : 'a positive integer'
  throw s3Error('InvalidArgument', {}, { message: `${what} must be ${kind}` })
}

/**
 * A date, with or without its time, which is midnight UTC.
 * @throws S3Error MalformedXML for a text that is no date (recorded: lifecycle.put.date_junk); what the dialect says to
 *   another time of day
 */
export function readMidnight(element: XmlElement, codes: FaultCodes): number {
  const text = element.text.trim()
  const ms = parseIsoDate(text) ?? parseIsoDate(`${text}T00:00:00Z`)
  if (ms === undefined) throw s3Error('MalformedXML')
  if (ms % CALENDAR_DAY_MS !== 0) throw fault('midnight', codes, "'Date' must be at midnight GMT")
  return ms
}

/** @throws S3Error MalformedXML for anything but true and false */
export function readBoolean({ text }: XmlElement): boolean {
  const value = text.trim().toLowerCase()
  if (value !== 'true' && value !== 'false') throw s3Error('MalformedXML')
  return value === 'true'
}

export function fault(kind: LifecycleFault, codes: FaultCodes, message: string): Error {
  return s3Error(codes[kind], {}, { message })
}
