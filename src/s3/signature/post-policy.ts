import { isUtf8 } from 'node:buffer'
import { type S3Error, s3Error } from '../../errors.ts'
import { parseIsoDate } from '../headers/dates.ts'

/** What a POST policy asks of one field. */
export interface FieldCondition {
  readonly match: 'eq' | 'starts-with'
  /** The field's name in lower case, without `$`. */
  readonly field: string
  readonly value: string
  /** As the policy has it, for the message. */
  readonly text: string
}

/** The document that the signer of a form has signed: what the form may upload, and until when. */
export interface PostPolicy {
  readonly expiresMs: number
  readonly conditions: readonly FieldCondition[]
  readonly length: LengthRange
}

/** How many bytes the file may have. */
export interface LengthRange {
  readonly minBytes: number
  readonly maxBytes: number
}

export const ANY_LENGTH: LengthRange = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY }

/**
 * Reads the policy field: base64 of a JSON document in UTF-8. Field names and operators are compared without regard to
 * case, `expiration` and `conditions` as they are.
 * @throws S3Error InvalidPolicyDocument with the reason
 */
export function parsePostPolicy(base64: string): PostPolicy {
  const document = parseJson(decode(base64))
  if (!isObject(document)) throw invalid('Invalid JSON')
  const { expiration, conditions } = document
  if (expiration === undefined) throw invalid('Policy missing expiration')
  const expiresMs = typeof expiration === 'string' ? parseIsoDate(expiration) : undefined
  if (expiresMs === undefined) throw invalid(`Invalid 'expiration' value: '${String(expiration)}'`)
  if (conditions === undefined) throw invalid('Policy missing conditions')
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List")
  const fields: FieldCondition[] = []
  let length = ANY_LENGTH
  for (const condition of conditions as unknown[]) {
    const read = readCondition(condition)
    if ('match' in read) fields.push(read)
    // Of several ranges all have to hold.
    else length = narrower(length, read)
  }
  return { expiresMs, conditions: fields, length }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Pages may break the long text into lines. */
function decode(base64: string): string {
  const text = base64.replace(/\s+/g, '')
  if (text === '' || !BASE64.test(text)) throw invalid('Invalid Base64')
  const bytes = Buffer.from(text, 'base64')
  if (!isUtf8(bytes)) throw invalid('The policy must be UTF-8')
  return bytes.toString('utf8')
}

/** S3 lets a policy escape the dollar sign and a vertical tab, which JSON itself does not know. */
const ESCAPE = /\\([\s\S])/g

function parseJson(text: string): unknown {
  const readEscape = (whole: string, character: string) =>
    character === '$' ? '$' : character === 'v' ? String.raw`\u000b` : whole
  try {
    return JSON.parse(text.replace(ESCAPE, readEscape))
  } catch (cause) {
    throw invalid('Invalid JSON', cause)
  }
}

function readCondition(condition: unknown): FieldCondition | LengthRange {
  if (Array.isArray(condition)) return readList(condition as unknown[])
  if (!isObject(condition)) throw invalid('Invalid Condition: must be a List or an Object')
  const [only, ...others] = Object.entries(condition)
  if (only === undefined || others.length > 0) {
    throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified')
  }
  const [field, value] = only
  return {
    match: 'eq',
    field: field.toLowerCase(),
    value: readValue(value),
    text: JSON.stringify(['eq', `$${field}`, value]),
  }
}

function readList(list: readonly unknown[]): FieldCondition | LengthRange {
  const [operator, first, second] = list
  if (list.length !== 3 || typeof operator !== 'string') {
    throw invalid('Invalid Condition: a List must have three members, an operator first')
  }
  const match = operator.toLowerCase()
  if (match === 'content-length-range') return { minBytes: readBytes(first), maxBytes: readBytes(second) }
  if (match !== 'eq' && match !== 'starts-with') throw invalid(`Invalid Condition: unknown operation '${operator}'`)
  if (typeof first !== 'string' || !first.startsWith('$')) {
    throw invalid(`Invalid Condition: '${String(first)}' does not begin with '$'`)
  }
  const field = first.slice(1).toLowerCase()
  return { match, field, value: readValue(second), text: JSON.stringify(list) }
}

/** A number means its text, as in RGW: `{"success_action_status": 201}`. */
function readValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw invalid('Invalid Condition: the value must be a string')
}

/** RGW takes numbers in quotes. */
function readBytes(value: unknown): number {
  const bytes = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0) return bytes
  throw invalid('Invalid content-length-range: two whole numbers are needed, none of them negative')
}

function narrower(one: LengthRange, other: LengthRange): LengthRange {
  return {
    minBytes: Math.max(one.minBytes, other.minBytes),
    maxBytes: Math.min(one.maxBytes, other.maxBytes),
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(reason: string, cause?: unknown): S3Error {
  return s3Error('InvalidPolicyDocument', {}, { message: `Invalid Policy: ${reason}.`, cause })
}
