import type { ObjectAttributes, VersionRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import type { HeaderValue } from '../response.ts'
import { checksumHeaders } from './checksum.ts'
import { encryptionHeaders } from './encryption.ts'
import { httpDate } from './names.ts'

export interface ObjectView {
  readonly dialect: Dialect
  /** Whether the client asked for the checksum (x-amz-checksum-mode: ENABLED). */
  readonly checksums: boolean
  /** Headers by response-* parameters, names in lower case: see readOverrides. */
  readonly overrides: Readonly<Record<string, string>>
  /** Whether the bucket has, or had, versioning: only then is a version id printed. */
  readonly versioned: boolean
}

type Header = [string, HeaderValue]

/**
 * The headers of GET and HEAD that come from the object, in RGW's order (recorded: object.get.*,
 * object.head.lock_headers). Content-Length, Content-Range and x-amz-mp-parts-count depend on the request and are the
 * operation's. Values are text; http/reply writes what is beyond ASCII as UTF-8.
 */
export function objectHeaders(version: VersionRow, view: ObjectView): Header[] {
  const { attributes } = version
  const { dialect, overrides } = view
  const headers: Header[] = [
    ...encryptionHeaders(attributes.encryption, 'read'),
    ['Accept-Ranges', 'bytes'],
    ['Last-Modified', httpDate(version.lastModifiedMs)],
  ]
  if (view.versioned) headers.push(['x-amz-version-id', version.versionId])
  if (dialect.rgwExtensions) pushObjectType(headers, version)
  headers.push(['ETag', `"${version.etag}"`])
  pushLock(headers, attributes, dialect)
  if (dialect.printsStandardClass || version.storageClass !== 'STANDARD') {
    headers.push(['x-amz-storage-class', version.storageClass])
  }
  for (const name in attributes.metadata) headers.push([`x-amz-meta-${name}`, attributes.metadata[name]])
  if (attributes.tags.length > 0) headers.push(['x-amz-tagging-count', attributes.tags.length])
  if (view.checksums) headers.push(...checksumHeaders(version.checksum))
  push(headers, 'x-amz-website-redirect-location', attributes.websiteRedirectLocation)
  push(headers, 'Cache-Control', overrides['cache-control'] ?? attributes.cacheControl)
  push(headers, 'Content-Disposition', overrides['content-disposition'] ?? attributes.contentDisposition)
  push(headers, 'Content-Encoding', overrides['content-encoding'] ?? attributes.contentEncoding)
  push(headers, 'Content-Language', overrides['content-language'] ?? attributes.contentLanguage)
  push(headers, 'Expires', overrides['expires'] ?? attributes.expires)
  push(headers, 'Content-Type', overrides['content-type'] ?? attributes.contentType ?? dialect.defaultContentType)
  return headers
}

/** RGW's `2026-11-21T05:19:04.000000000Z`, AWS's `2026-11-21T05:19:04.000Z`. */
export function retainUntilDate(ms: number, dialect: Pick<Dialect, 'rgwExtensions'>): string {
  const date = new Date(ms).toISOString()
  return dialect.rgwExtensions ? date.replace('Z', '000000Z') : date
}

function push(headers: Header[], name: string, value: string | undefined): void {
  if (value !== undefined) headers.push([name, value])
}

function pushObjectType(headers: Header[], version: VersionRow): void {
  headers.push(['x-rgw-object-type', version.appends > 0 ? 'Appendable' : 'Normal'])
  if (version.appends > 0) headers.push(['x-rgw-next-append-position', version.sizeBytes])
}

function pushLock(headers: Header[], { legalHold, retention }: ObjectAttributes, dialect: Dialect): void {
  if (legalHold !== undefined) headers.push(['x-amz-object-lock-legal-hold', legalHold ? 'ON' : 'OFF'])
  if (retention === undefined) return
  headers.push(['x-amz-object-lock-mode', retention.mode])
  headers.push(['x-amz-object-lock-retain-until-date', retainUntilDate(retention.retainUntilMs, dialect)])
}
