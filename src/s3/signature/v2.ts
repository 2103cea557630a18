import { createHmac, type KeyObject } from 'node:crypto'
import { s3Error } from '../../errors.ts'
import { textToBytes } from '../percent.ts'
import type { RequestHead } from '../request.ts'
import { SUBRESOURCES } from '../resolve.ts'
import { pathReadings } from './canonical.ts'
import { sameSignature, signatureMismatch } from './mismatch.ts'

// SigV2: what boto3's generate_presigned_url makes by default, and old clients sign with.

/** What a client says about its SigV2 signature. One character per byte. */
export interface ClaimV2 {
  readonly accessKey: string
  /** Base64. */
  readonly signature: string
  /** A presigned URL's Expires, in seconds, as sent: it takes the date's line. */
  readonly expires: string | undefined
}

/**
 * `AWS <access key>:<signature>`
 * @throws S3Error InvalidArgument
 */
export function headerClaimV2(authorization: string): ClaimV2 {
  const value = authorization.slice(3).trim()
  const colon = value.lastIndexOf(':')
  if (colon > 0 && colon < value.length - 1) {
    return { accessKey: value.slice(0, colon), signature: value.slice(colon + 1), expires: undefined }
  }
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'Authorization' },
    { message: 'AWS authorization header is invalid. Expected AwsAccessKeyId:signature' },
  )
}

/**
 * `AWSAccessKeyId`, `Expires` and `Signature` of a presigned URL.
 * @throws S3Error InvalidArgument without a signature, AccessDenied without one of the others or with an Expires that
 * is no number of seconds (all as recorded from Ceph 16.2)
 */
export function queryClaimV2({ query }: RequestHead): ClaimV2 {
  const [accessKey = '', signature = '', expires = ''] = ['AWSAccessKeyId', 'Signature', 'Expires'].map((name) =>
    textToBytes(query.get(name) ?? ''),
  )
  const message = 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters'
  if (signature === '') throw s3Error('InvalidArgument', { ArgumentName: 'Signature' }, { message })
  if (accessKey === '' || expires === '') throw s3Error('AccessDenied', {}, { message })
  if (!SECONDS.test(expires)) {
    throw s3Error('AccessDenied', {}, { message: `Invalid date (should be seconds since epoch): ${expires}` })
  }
  return { accessKey, signature, expires }
}

/** Up to the year 5138, so that the milliseconds are a date that Date can print. */
const SECONDS = /^\d{1,11}$/

/** Parameters that belong to the resource: Ceph's list (rgw_auth_s3.cc), in its order. */
const CEPH_LIST: readonly string[] = [
  'acl',
  'cors',
  'delete',
  'encryption',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
  'object-lock',
]

/** Ceph 16.2 had no encryption and no object-lock in it (probed), and so had the clients that were tested with it. */
const CEPH_16_LIST: readonly string[] = CEPH_LIST.filter((name) => name !== 'encryption' && name !== 'object-lock')

/** botocore's HmacV1Auth (1.29 to 1.44): Ceph's without three, and with its own; sorted by name. */
const BOTOCORE_LIST: readonly string[] = [
  ...CEPH_LIST.filter((name) => name !== 'encryption' && name !== 'policyStatus' && name !== 'publicAccessBlock'),
  'accelerate',
  'defaultObjectAcl',
  'restore',
  'storageClass',
  'replication',
  'analytics',
  'metrics',
  'inventory',
  'select',
  'select-type',
].sort()

const LISTS: readonly (readonly string[])[] = [CEPH_LIST, BOTOCORE_LIST, CEPH_16_LIST]

/**
 * The lists that a request's resource may be read by. A presigned URL goes through many hands, and no list has every
 * subresource: whoever holds one for a bucket's DELETE could make it remove the public access block. In such a URL each
 * subresource has to be signed. Whoever sends a signature in a header has the secret.
 */
function listsFor({ query }: RequestHead, { expires }: ClaimV2): readonly (readonly string[])[] {
  if (expires === undefined) return LISTS
  const named = query.entries.filter(({ name }) => SUBRESOURCES.has(name))
  return LISTS.filter((list) => named.every(({ name }) => list.includes(name)))
}

export interface CheckV2 {
  readonly head: RequestHead
  readonly claim: ClaimV2
  readonly key: KeyObject
}

/**
 * Tries a request's readings until one has the client's signature.
 * @throws S3Error SignatureDoesNotMatch with the first reading's string to sign
 */
export function verifyV2({ head, claim, key }: CheckV2): void {
  // A `+` that a client forgot to encode has become a space; Base64 has none.
  const provided = claim.signature.replaceAll(' ', '+')
  const first = `${fixedLines(head, claim.expires)}${resource(head, head.rawPath, CEPH_LIST)}`
  const lists = listsFor(head, claim)
  if (lists.includes(CEPH_LIST) && sameSignature(sign(key, first), provided)) return
  for (const text of otherReadings(head, claim, lists)) if (sameSignature(sign(key, text), provided)) return
  throw signatureMismatch({ accessKey: claim.accessKey, provided: claim.signature, stringToSign: first })
}

function otherReadings(
  head: RequestHead,
  { expires }: ClaimV2,
  lists: readonly (readonly string[])[],
): ReadonlySet<string> {
  const starts = [fixedLines(head, expires)]
  const amzDate = head.headers.raw('x-amz-date')
  // AWS's own DELETE example has x-amz-date in the date's line and not among the headers.
  if (expires === undefined && amzDate !== undefined) starts.push(fixedLines(head, amzDate, ['x-amz-date']))
  const readings = new Set<string>()
  for (const start of starts) {
    for (const path of resourcePaths(head)) {
      for (const list of lists) readings.add(`${start}${resource(head, path, list)}`)
    }
  }
  return readings
}

/** Compared as Base64 text: several texts decode to the same bytes, and one of them is the signature. */
function sign(key: KeyObject, latin1: string): string {
  return createHmac('sha1', key).update(latin1, 'latin1').digest('base64')
}

/** @param dateLine what the date's line has where it is not the Date header */
function fixedLines(head: RequestHead, dateLine: string | undefined, leaveOut: readonly string[] = []): string {
  const { headers } = head
  // x-amz-date stands in the block below, and the date's own line is empty then.
  const date = dateLine ?? (headers.raw('x-amz-date') === undefined ? (headers.raw('date') ?? '') : '')
  const md5 = headers.raw('content-md5') ?? ''
  return `${head.method}\n${md5}\n${headers.raw('content-type') ?? ''}\n${date}\n${amzBlock(head, leaveOut)}`
}

/** The `x-amz-*` headers, and those that a presigned URL bears as parameters: all of them are signed. */
function amzBlock({ headers }: RequestHead, leaveOut: readonly string[]): string {
  const names = new Set<string>()
  for (const { name } of headers.entries) if (name.startsWith('x-amz-') && !leaveOut.includes(name)) names.add(name)
  let block = ''
  for (const name of [...names].sort()) {
    const hoisted = headers.hoisted?.get(name)
    block += `${name}:${hoisted === undefined ? (headers.raw(name) ?? '') : textToBytes(hoisted)}\n`
  }
  return block
}

function resource({ address, query }: RequestHead, path: string, list: readonly string[]): string {
  const bucket = address.style === 'virtual-host' ? `/${address.bucket ?? ''}` : ''
  let parameters = ''
  for (const name of query.entries.length === 0 ? [] : list) {
    const value = query.get(name)
    if (value === undefined) continue
    // An empty value counts as none; others are decoded.
    parameters += `${parameters === '' ? '?' : '&'}${name}${value === '' ? '' : `=${textToBytes(value)}`}`
  }
  return `${bucket}${path}${parameters}`
}

/**
 * The path as sent and as S3 encodes it; and for a bucket in path style also with the slash that boto3 signs and does
 * not send (`/bucket` signed as `/bucket/`, seen in botocore 1.29 and 1.44; Ceph 16.2 refuses it).
 */
function resourcePaths({ rawPath, address }: RequestHead): readonly string[] {
  const paths = pathReadings(rawPath)
  if (address.style !== 'path' || address.bucket === undefined || address.key !== undefined) return paths
  return [...paths, ...paths.map((path) => (path.endsWith('/') ? path.slice(0, -1) : `${path}/`))]
}
