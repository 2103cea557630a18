import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import { readTagging } from '../documents/tagging.ts'
import { textToBytes } from '../percent.ts'
import type { RequestHead } from '../request.ts'
import { readHeaders } from '../request-head.ts'
import type { FormFields } from './fields.ts'

/** Fields that a PUT would have as headers of the same name. */
const OBJECT_FIELDS: ReadonlySet<string> = new Set([
  'content-type',
  'content-md5',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  // Read by PostObject itself.
  'success_action_status',
  'success_action_redirect',
  'redirect',
])

/** Fields whose header has another name. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['acl', 'x-amz-acl'],
  ['x-amz-checksum-algorithm', 'x-amz-sdk-checksum-algorithm'],
])

/** Whatever else of these names asks for something that an operation honours, or that refuseUnserved refuses. */
const HEADER_LIKE = /^(?:x-amz-|x-delete-|retention-|ibm-)/
const OF_THE_SIGNATURE = /^x-amz-(?:algorithm|credential|signature|security-token)$/
/** When it was signed: s3:signatureAge asks for that of a form, too. */
const SIGNED_AT = 'x-amz-date'

/** Headers of the request itself that still mean what they mean elsewhere. */
const KEPT_HEADERS = [
  'host',
  'user-agent',
  'referer',
  'origin',
  'if-match',
  'if-none-match',
  'x-amz-expected-bucket-owner',
]

/**
 * Headers of a PUT that a form has as fields. Taken from the request's head they would pass by the policy's conditions.
 */
const FIELDS_ONLY: ReadonlySet<string> = new Set([
  'content-md5',
  'x-amz-acl',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-trailer',
  'x-amz-website-redirect-location',
])
const FIELDS_ONLY_PREFIXES = /^x-amz-(?:checksum|copy-source|grant|meta|object-lock|server-side-encryption)-?/

/** @throws S3Error NotImplemented that names the header */
export function refuseFormHeaders(head: RequestHead): void {
  for (const { name } of head.headers.entries) {
    if (!(FIELDS_ONLY.has(name) || FIELDS_ONLY_PREFIXES.test(name))) continue
    const message = `The header ${name} is not implemented for a POST of a form, which has it as a field`
    throw s3Error('NotImplemented', { Header: name }, { message })
  }
}

/**
 * A form as the head of the PUT that would store the same: the key in its address, and the fields as headers.
 * @param fields with their variables replaced
 * @throws S3Error UserKeyMustBeSpecified, InvalidArgument for a key with NUL and for two fields that are one header,
 *   NotImplemented for a copy, and those of readTagging for the field `tagging`
 */
export function formHead(head: RequestHead, fields: FormFields, dialect: Dialect): RequestHead {
  const key = fields.get('key')
  if (key === undefined || key === '') throw s3Error('UserKeyMustBeSpecified', { ArgumentName: 'key' })
  if (key.includes('\0')) throw s3Error('InvalidArgument', { ArgumentName: 'key' })
  const headers = new Map<string, string>()
  const kept = fields.has(SIGNED_AT) ? KEPT_HEADERS : [...KEPT_HEADERS, SIGNED_AT, 'date']
  for (const name of kept) {
    const value = head.headers.raw(name)
    if (value !== undefined) headers.set(name, value)
  }
  for (const [field, value] of fields) {
    const name = headerOf(field)
    if (name === undefined) continue
    if (headers.has(name)) throw s3Error('InvalidArgument', { ArgumentName: field })
    headers.set(name, textToBytes(name === 'x-amz-tagging' ? tagging(value, dialect) : value))
  }
  return { ...head, address: { ...head.address, key }, headers: readHeaders([...headers].flat()) }
}

function headerOf(field: string): string | undefined {
  if (field.startsWith('x-amz-copy-source')) {
    throw s3Error('NotImplemented', {}, { message: `The form field ${field} is not implemented` })
  }
  if (field === 'tagging') return 'x-amz-tagging'
  const isHeader = OBJECT_FIELDS.has(field) || (HEADER_LIKE.test(field) && !OF_THE_SIGNATURE.test(field))
  return RENAMED.get(field) ?? (isHeader ? field : undefined)
}

/** A form has its tags as the document of PutObjectTagging; a header has them as a query. */
function tagging(text: string, dialect: Dialect): string {
  const limits = { max: dialect.objectTagsMax, what: 'Object', rule: dialect } as const
  const tags = readTagging(Buffer.from(text), limits)
  return tags.map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
}
