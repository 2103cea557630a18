import type { GivenAttributes } from '../../domain/access/settle.ts'
import { s3Error } from '../../errors.ts'
import type { Dialect } from '../dialect.ts'
import type { Wire } from '../request.ts'
import { readAclHeaders } from './acl.ts'
import { readRedirectLocation } from './location.ts'
import { parseLegalHold, parseRetention } from './lock.ts'
import { safeHeaderValue } from './names.ts'
import { parseTagging } from './tagging.ts'

const META = 'x-amz-meta-'

/** Headers that are kept with an object as they came, or parsed below. */
const KEPT: ReadonlySet<string> = new Set([
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
  'x-amz-tagging',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
])

/**
 * What a PUT, copy or multipart upload says about the object beside its bytes. Metadata values are kept as sent: an RFC
 * 2047 word is not decoded, as S3 hands it back the way it came.
 * @throws S3Error MetadataTooLarge, InvalidArgument for tags or a lock that cannot be, InvalidTag,
 *   InvalidRedirectLocation, those of readAclHeaders
 */
export function readAttributes({ head, dialect }: Pick<Wire, 'head' | 'dialect'>): GivenAttributes {
  const kept = new Map<string, string>()
  const metadata: Record<string, string> = {}
  for (const { name, value } of head.headers.entries) {
    if (name.startsWith(META)) addMetadata(metadata, name.slice(META.length), value)
    else if (KEPT.has(name)) kept.set(name, safeHeaderValue(name, head.headers.get(name) ?? value))
  }
  checkMetadata(metadata, dialect)
  const lock = {
    mode: kept.get('x-amz-object-lock-mode'),
    until: kept.get('x-amz-object-lock-retain-until-date'),
    hold: kept.get('x-amz-object-lock-legal-hold'),
  }
  return {
    contentType: given(kept, 'content-type'),
    cacheControl: given(kept, 'cache-control'),
    contentDisposition: given(kept, 'content-disposition'),
    contentEncoding: storedEncoding(kept.get('content-encoding')),
    contentLanguage: given(kept, 'content-language'),
    expires: given(kept, 'expires'),
    websiteRedirectLocation: readRedirectLocation(kept.get('x-amz-website-redirect-location')),
    metadata,
    tags: parseTagging(kept.get('x-amz-tagging') ?? '', dialect),
    acl: readAclHeaders({ head, dialect }, 'object'),
    retention: parseRetention(lock),
    legalHold: parseLegalHold(lock),
  }
}

/** A repeated field is one with its values joined, as SigV4 signs it and RFC 9110 reads it. */
function addMetadata(metadata: Record<string, string>, name: string, value: string): void {
  const before = Object.hasOwn(metadata, name) ? metadata[name] : undefined
  const joined = before === undefined ? value : `${before},${value}`
  // A plain assignment to `__proto__` would set the prototype and lose the value.
  Object.defineProperty(metadata, name, { value: joined, enumerable: true, writable: true, configurable: true })
}

/** What may stand in a header's name: RFC 9110 section 5.6.2. A presigned URL's parameters can have any name. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]*$/

function checkMetadata(metadata: Readonly<Record<string, string>>, dialect: Dialect): void {
  let sizeBytes = 0
  for (const [name, value] of Object.entries(metadata)) {
    if (!TOKEN.test(name)) throw s3Error('InvalidArgument', { ArgumentName: META + name })
    safeHeaderValue(META + name, value)
    sizeBytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  const max = dialect.metadataBytesMax
  if (sizeBytes > max) throw s3Error('MetadataTooLarge', { Size: sizeBytes, MaxSizeAllowed: max })
}

function given(kept: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = kept.get(name)
  return value === '' ? undefined : value
}

/** aws-chunked describes the transfer and is not the object's own encoding. */
function storedEncoding(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (!value.includes('aws-chunked')) return value
  const rest = value.split(',').map((coding) => coding.trim())
  return rest.filter((coding) => coding !== 'aws-chunked' && coding !== '').join(',') || undefined
}
