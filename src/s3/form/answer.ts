import { NULL_VERSION } from '../../domain/versions/write.ts'
import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { checksumHeaders } from '../headers/checksum.ts'
import { encryptionHeaders } from '../headers/encryption.ts'
import { uriEncode } from '../percent.ts'
import type { RequestHead } from '../request.ts'
import type { WireResponse } from '../response.ts'
import { buildDocument } from '../xml/build.ts'

/** What a form wants to hear when its file has been stored. */
export interface FormAnswer {
  readonly status: 200 | 201 | 204
  /** Where the browser is sent; undefined to answer with the status. */
  readonly redirect: string | undefined
}

const STATUSES: ReadonlyMap<string | undefined, FormAnswer['status']> = new Map([
  ['200', 200],
  ['201', 201],
])

/**
 * success_action_status (204 for anything but 200 and 201, recorded: post.v2.status_junk) and success_action_redirect,
 * whose old name is `redirect`. S3 takes a URL that it cannot read for none.
 */
export function readFormAnswer({ headers }: RequestHead): FormAnswer {
  const redirect = headers.get('success_action_redirect') ?? headers.get('redirect') ?? ''
  return {
    status: STATUSES.get(headers.get('success_action_status')) ?? 204,
    redirect: /^https?:\/\//i.test(redirect) && URL.canParse(redirect) ? redirect : undefined,
  }
}

export interface Posted {
  readonly answer: FormAnswer
  readonly version: VersionRow
  readonly bucket: BucketRow
}

/** A PostResponse document goes with 201 only. RGW prints its ETag without quotes (rgw_rest_s3.cc), AWS with them. */
export function formResponse({ answer, version, bucket }: Posted, head: RequestHead, dialect: Dialect): WireResponse {
  const { etag } = version
  const location = locationOf(head, version.key, dialect)
  const describing = dialect.forms.describesObject ? etag : undefined
  const shared = [
    ['ETag', describing === undefined ? undefined : `"${describing}"`],
    ['Accept-Ranges', 'bytes'],
    ['x-amz-version-id', version.versionId === NULL_VERSION ? undefined : version.versionId],
    ...checksumHeaders(version.checksum),
    ...encryptionHeaders(version.attributes.encryption, 'write'),
  ] as const
  if (answer.redirect !== undefined) {
    return {
      status: 303,
      headers: [['Location', redirectTo(answer.redirect, { bucket, key: version.key, etag })], ...shared],
    }
  }
  const headers = [['Location', describing === undefined ? undefined : location] as const, ...shared]
  if (answer.status !== 201) return { status: answer.status, headers }
  const body = buildDocument(
    'PostResponse',
    {
      Location: location,
      Bucket: bucket.name,
      Key: version.key,
      ETag: dialect.rgwExtensions ? etag : `"${etag}"`,
    },
    { namespace: undefined },
  )
  return { status: 201, headers, body }
}

/** The URL of the object, in the style in which the client addresses its bucket. The key's slashes are encoded, too. */
function locationOf(head: RequestHead, key: string, dialect: Dialect): string {
  const scheme = dialect.locationsHaveScheme ? `${head.protocol}://` : ''
  const bucket = head.rawPath.replace(/\/+$/, '')
  return `${scheme}${head.hosts[0] ?? ''}${bucket}/${uriEncode(key)}`
}

/** The parameters stand behind those that the URL has already, and before its fragment. RGW adds a second `?`. */
function redirectTo(url: string, stored: { bucket: BucketRow; key: string; etag: string }): string {
  const { tenant, name } = stored.bucket
  const pairs = [
    ...(tenant === '' ? [] : [['tenant', tenant] as const]),
    ['bucket', name] as const,
    ['key', stored.key] as const,
    ['etag', `"${stored.etag}"`] as const,
  ]
  const added = pairs.map(([parameter, value]) => `${parameter}=${uriEncode(value)}`).join('&')
  const hash = url.indexOf('#')
  const [start, fragment] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)]
  return `${start}${start.includes('?') ? '&' : '?'}${added}${fragment}`
}
