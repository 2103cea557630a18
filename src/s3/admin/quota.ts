import { s3Error } from '../../errors.ts'
import type { Quota } from '../../storage/metadata/settings.ts'
import type { RequestHead } from '../request.ts'
import { flag, optionalText, wholeNumber } from './parameters.ts'
import type { AdminObject } from './value.ts'

const KB = 1024
/** Ceph's limit is 1,024; both quotas with all their fields take some 300. */
export const QUOTA_DOCUMENT_BYTES_MAX = 4 * 1024

/** A quota as Ceph prints it (recorded: admin.quota_get); -1 is no limit. */
export function quotaValue(quota: Quota | undefined): AdminObject {
  return {
    enabled: quota?.enabled ?? false,
    check_on_raw: false,
    max_size: quota?.maxBytes ?? -1,
    max_size_kb: Math.ceil((quota?.maxBytes ?? 0) / KB),
    max_objects: quota?.maxObjects ?? -1,
  }
}

export type QuotaType = 'user' | 'bucket'

/** Which of a user's quotas is meant; undefined: both. @throws S3Error InvalidArgument for another word */
export function readQuotaType(head: RequestHead): QuotaType | undefined {
  const type = optionalText(head, 'quota-type')
  if (type === undefined || type === 'user' || type === 'bucket') return type
  throw s3Error('InvalidArgument', { ArgumentName: 'quota-type', ArgumentValue: type })
}

/** A change of a quota by parameters: what they do not say stays. */
export type QuotaChange = (before: Quota | undefined) => Quota

/** @throws S3Error InvalidArgument */
export function readQuotaParameters(head: RequestHead): QuotaChange {
  const enabled = flag(head, 'enabled')
  const objects = wholeNumber(head, 'max-objects')
  const sizeKb = wholeNumber(head, 'max-size-kb')
  const size = sizeKb === undefined ? wholeNumber(head, 'max-size') : sizeKb * KB
  return (before) => ({
    enabled: enabled ?? before?.enabled ?? false,
    maxBytes: size === undefined ? before?.maxBytes : limit(size),
    maxObjects: objects === undefined ? before?.maxObjects : limit(objects),
  })
}

/** @throws S3Error InvalidArgument for what is no JSON object */
export function parseQuotaDocument(document: Buffer): Readonly<Record<string, unknown>> {
  const content = parse(document)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw malformed('an object')
  return content as Readonly<Record<string, unknown>>
}

/**
 * A quota in JSON, in the form that quotaValue has; `max_size` wins over `max_size_kb`.
 * @throws S3Error InvalidArgument for a field of another type
 */
export function readQuota(content: unknown): Quota {
  if (typeof content !== 'object' || content === null) throw malformed('a quota')
  const { enabled, max_size: size, max_size_kb: sizeKb, max_objects: objects } = content as Record<string, unknown>
  const bytes = field(size, 'max_size') ?? field(sizeKb, 'max_size_kb', KB)
  return { enabled: truth(enabled), maxBytes: limit(bytes), maxObjects: limit(field(objects, 'max_objects')) }
}

function parse(document: Buffer): unknown {
  try {
    return JSON.parse(document.toString('utf8'))
  } catch {
    throw malformed('JSON')
  }
}

function field(value: unknown, name: string, unit = 1): number | undefined {
  if (value === undefined || value === null) return undefined
  // Ceph's decoder takes numbers in quotes, which some of its clients send.
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number * unit)) throw malformed(name)
  return number * unit
}

function truth(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw malformed('enabled')
}

function limit(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value
}

function malformed(what: string): Error {
  return s3Error('InvalidArgument', {}, { message: `The quota is not valid: expected ${what}` })
}
