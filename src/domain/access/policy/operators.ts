import type { RequestConditions } from '../conditions.ts'
import { contains, parseIp, parseNetwork } from './addresses.ts'
import { type Glob, globMatches, literalOf } from './glob.ts'
import { type Pattern, patternGlob, patternMatches, patternText, readPattern } from './pattern.ts'
import { parseInstant, parseNumber } from './scalars.ts'

/** Whether a value of the request is what a value of the policy means. */
export type ValueTest = (actual: string, values: RequestConditions) => boolean

export interface Operator {
  /** The name without quantifier, IfExists and Not: what confines access is the same for StringLike of each form. */
  readonly base: string
  /** The condition holds where the test does not. */
  readonly negated: boolean
  /** Undefined for a value that the operator cannot be asked with. */
  readValue(written: string, withVariables: boolean): ValueTest | undefined
}

/** IAM user guide, "IAM JSON policy elements: Condition operators". Null is none of them: it asks for no value. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...pair(
    'StringEquals',
    'StringNotEquals',
    text((pattern, actual, values) => patternText(pattern, values) === actual),
  ),
  ...pair('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', text(equalsIgnoringCase)),
  ...pair('StringLike', 'StringNotLike', text(isLike)),
  ...pair(
    'NumericEquals',
    'NumericNotEquals',
    ordered(parseNumber, (actual, wanted) => actual === wanted),
  ),
  ...one(
    'NumericLessThan',
    ordered(parseNumber, (actual, wanted) => actual < wanted),
  ),
  ...one(
    'NumericLessThanEquals',
    ordered(parseNumber, (actual, wanted) => actual <= wanted),
  ),
  ...one(
    'NumericGreaterThan',
    ordered(parseNumber, (actual, wanted) => actual > wanted),
  ),
  ...one(
    'NumericGreaterThanEquals',
    ordered(parseNumber, (actual, wanted) => actual >= wanted),
  ),
  ...pair(
    'DateEquals',
    'DateNotEquals',
    ordered(parseInstant, (actual, wanted) => actual === wanted),
  ),
  ...one(
    'DateLessThan',
    ordered(parseInstant, (actual, wanted) => actual < wanted),
  ),
  ...one(
    'DateLessThanEquals',
    ordered(parseInstant, (actual, wanted) => actual <= wanted),
  ),
  ...one(
    'DateGreaterThan',
    ordered(parseInstant, (actual, wanted) => actual > wanted),
  ),
  ...one(
    'DateGreaterThanEquals',
    ordered(parseInstant, (actual, wanted) => actual >= wanted),
  ),
  ...one('Bool', bool),
  ...one('BinaryEquals', binary),
  ...pair('IpAddress', 'NotIpAddress', address),
  // IAM treats the two alike: ArnEquals knows wildcards too.
  ...pair('ArnEquals', 'ArnNotEquals', arn),
  ...pair('ArnLike', 'ArnNotLike', arn),
])

type ReadValue = Operator['readValue']

function one(base: string, readValue: ReadValue): [string, Operator][] {
  return [[base, { base, negated: false, readValue }]]
}

function pair(base: string, opposite: string, readValue: ReadValue): [string, Operator][] {
  return [
    [base, { base, negated: false, readValue }],
    [opposite, { base, negated: true, readValue }],
  ]
}

function text(test: (pattern: Pattern, actual: string, values: RequestConditions) => boolean): ReadValue {
  return (written, withVariables) => {
    const pattern = readPattern(written, withVariables)
    return pattern === undefined ? undefined : (actual, values) => test(pattern, actual, values)
  }
}

function equalsIgnoringCase(pattern: Pattern, actual: string, values: RequestConditions): boolean {
  return patternText(pattern, values)?.toLowerCase() === actual.toLowerCase()
}

function isLike(pattern: Pattern, actual: string, values: RequestConditions): boolean {
  return patternMatches(pattern, literalOf(actual), values)
}

function ordered(parse: (text: string) => number | undefined, test: (a: number, b: number) => boolean): ReadValue {
  return (written) => {
    const wanted = parse(written)
    if (wanted === undefined) return undefined
    return (actual) => {
      const value = parse(actual)
      return value !== undefined && test(value, wanted)
    }
  }
}

function bool(written: string): ValueTest | undefined {
  const wanted = written.toLowerCase()
  return wanted === 'true' || wanted === 'false' ? (actual) => actual.toLowerCase() === wanted : undefined
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The policy has the bytes in base64. */
function binary(written: string): ValueTest | undefined {
  if (!BASE64.test(written)) return undefined
  const wanted = Buffer.from(written, 'base64')
  return (actual) => wanted.equals(Buffer.from(actual, 'utf8'))
}

function address(written: string): ValueTest | undefined {
  const network = parseNetwork(written)
  if (network === undefined) return undefined
  return (actual) => {
    const ip = parseIp(actual)
    return ip !== undefined && contains(network, ip)
  }
}

const COLON = 0x3a
const ARN_FIELDS = 6
const ARN = literalOf('arn')

/** An ARN's first five fields are compared one by one, so that a `*` does not reach over a colon. */
function arn(written: string, withVariables: boolean): ValueTest | undefined {
  const pattern = readPattern(written, withVariables)
  if (pattern === undefined || (pattern.fixed !== undefined && arnFields(pattern.fixed.glob) === undefined)) {
    return undefined
  }
  return (actual, values) => {
    const wanted = arnFields(patternGlob(pattern, values) ?? [])
    const given = arnFields(literalOf(actual))
    return wanted !== undefined && given?.every((field, index) => globMatches(wanted[index] ?? [], field)) === true
  }
}

function arnFields(glob: Glob): Glob[] | undefined {
  const fields: Glob[] = []
  let from = 0
  for (let at = glob.indexOf(COLON); at >= 0 && fields.length < ARN_FIELDS - 1; at = glob.indexOf(COLON, from)) {
    fields.push(glob.slice(from, at))
    from = at + 1
  }
  fields.push(glob.slice(from))
  const isArn = fields.length === ARN_FIELDS && globMatches(fields[0] ?? [], ARN)
  return isArn ? fields : undefined
}
