import { s3Error } from '../../errors.ts'
import { textToBytes } from '../percent.ts'
import type { Query, RequestHead } from '../request.ts'
import { canonicalQuery, canonicalRequest, pathReadings, queryReadings, type Reading, sha256Hex } from './canonical.ts'
import type { HmacKey } from './hmac.ts'
import { sameSignature, signatureMismatch } from './mismatch.ts'

export const ALGORITHM_V4 = 'AWS4-HMAC-SHA256'

/** What a client says about its SigV4 signature, before any of it is believed. One character per byte. */
export interface ClaimV4 {
  readonly presigned: boolean
  readonly accessKey: string
  readonly day: string
  readonly region: string
  readonly service: string
  /** As the client lists them: `host;x-amz-date`. */
  readonly signedHeaders: string
  readonly signature: string
}

/**
 * `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order, with or without blanks.
 * @throws S3Error InvalidArgument for a missing part (recorded from Ceph 16.2; AWS says AuthorizationHeaderMalformed,
 * with the same status), AuthorizationHeaderMalformed for a scope that is none, AccessDenied without a signed host
 */
export function headerClaim(authorization: string): ClaimV4 {
  let credential = ''
  let signedHeaders = ''
  let signature = ''
  for (let from = ALGORITHM_V4.length; from < authorization.length; ) {
    const comma = authorization.indexOf(',', from)
    const end = comma < 0 ? authorization.length : comma
    const piece = authorization.slice(from, end).trim()
    from = end + 1
    if (piece.startsWith('Credential=')) credential = piece.slice(11)
    else if (piece.startsWith('SignedHeaders=')) signedHeaders = piece.slice(14)
    else if (piece.startsWith('Signature=')) signature = piece.slice(10)
  }
  if (credential === '' || signedHeaders === '' || signature === '') {
    throw s3Error(
      'InvalidArgument',
      { ArgumentName: 'Authorization' },
      { message: 'The authorization header needs Credential, SignedHeaders and Signature.' },
    )
  }
  const { accessKey, day, region, service } = credentialParts(credential)
  return { presigned: false, accessKey, day, region, service, signedHeaders: withHost(signedHeaders), signature }
}

/**
 * The `X-Amz-*` parameters of a presigned URL, in S3's spelling or in lower case, as Ceph takes them.
 * @throws S3Error AuthorizationQueryParametersError for a missing or unknown part (AccessDenied on the wire of Ceph
 *   16.2, as recorded), InvalidArgument for a credential that is none
 */
export function queryClaim(query: Query): ClaimV4 {
  const algorithm = presignParameter(query, 'X-Amz-Algorithm')
  if (algorithm !== ALGORITHM_V4) {
    throw s3Error(
      'AuthorizationQueryParametersError',
      {},
      { message: `X-Amz-Algorithm only supports "${ALGORITHM_V4}"` },
    )
  }
  const [credential = '', signedHeaders = '', signature = ''] = ['Credential', 'SignedHeaders', 'Signature'].map(
    (name) => presignParameter(query, `X-Amz-${name}`),
  )
  if (credential === '' || signedHeaders === '' || signature === '') {
    throw s3Error(
      'AuthorizationQueryParametersError',
      {},
      {
        message:
          'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
          'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      },
    )
  }
  return {
    presigned: true,
    ...credentialParts(textToBytes(credential)),
    signedHeaders: withHost(textToBytes(signedHeaders)),
    signature: textToBytes(signature),
  }
}

export function presignParameter(query: Query, name: string): string | undefined {
  return query.get(name) ?? query.get(name.toLowerCase())
}

const DAY = /^\d{8}$/

/**
 * `<access key>/<YYYYMMDD>/<region>/<service>/aws4_request`
 * @throws S3Error InvalidArgument, AuthorizationHeaderMalformed
 */
export function credentialParts(credential: string): Pick<ClaimV4, 'accessKey' | 'day' | 'region' | 'service'> {
  // From the end: an access key may contain slashes.
  const inTerminator = credential.lastIndexOf('/')
  const inService = credential.lastIndexOf('/', inTerminator - 1)
  const inRegion = credential.lastIndexOf('/', inService - 1)
  const inDay = credential.lastIndexOf('/', inRegion - 1)
  if (inDay <= 0) {
    throw s3Error(
      'InvalidArgument',
      { ArgumentName: 'Credential' },
      { message: 'The Credential must be "<access key>/YYYYMMDD/REGION/SERVICE/aws4_request".' },
    )
  }
  const accessKey = credential.slice(0, inDay)
  const day = credential.slice(inDay + 1, inRegion)
  const region = credential.slice(inRegion + 1, inService)
  const service = credential.slice(inService + 1, inTerminator)
  if (DAY.test(day) && credential.endsWith('/aws4_request')) return { accessKey, day, region, service }
  throw s3Error(
    'AuthorizationHeaderMalformed',
    {},
    { message: 'The Credential must end in "/YYYYMMDD/REGION/SERVICE/aws4_request".' },
  )
}

/** Without a signed host, a request could be sent to another server that knows the same keys. */
function withHost(signedHeaders: string): string {
  const first = signedHeaders.startsWith('host;') || signedHeaders === 'host'
  if (first || signedHeaders.includes(';host;') || signedHeaders.endsWith(';host')) return signedHeaders
  throw notSigned('host')
}

/** They stand elsewhere in what is signed: the body's hash and the date have lines of their own. */
const SIGNED_ELSEWHERE: ReadonlySet<string> = new Set(['x-amz-content-sha256', 'x-amz-date'])

/**
 * Every `x-amz-*` header must be signed, as AWS demands: whoever holds a presigned PUT could otherwise add
 * x-amz-copy-source and x-amz-acl to it, and publish any object that the signer may read. Those in the URL are signed
 * with the query.
 * @throws S3Error AccessDenied that names the header
 */
export function assertAmzSigned({ headers }: RequestHead, { signedHeaders }: ClaimV4): void {
  const names = `;${signedHeaders};`
  for (const { name } of headers.entries) {
    if (!name.startsWith('x-amz-') || names.includes(`;${name};`) || SIGNED_ELSEWHERE.has(name)) continue
    if (headers.hoisted?.has(name) !== true) throw notSigned(name)
  }
}

function notSigned(name: string): Error {
  const message = 'There were headers present in the request which were not signed'
  return s3Error('AccessDenied', { HeadersNotSigned: name }, { message })
}

export interface CheckV4 {
  readonly head: RequestHead
  readonly claim: ClaimV4
  readonly signingKey: HmacKey
  /** `20130524T000000Z` */
  readonly date: string
  /** What may stand for the payload in the canonical request, the likely one first. */
  readonly payloadHashes: readonly string[]
}

/**
 * Tries a request's readings until one has the client's signature, and returns that.
 * @throws S3Error SignatureDoesNotMatch with the first reading's canonical request
 */
export function verifyV4(check: CheckV4): Reading {
  const { head } = check
  const first: Reading = {
    path: head.rawPath,
    query: canonicalQuery(head.rawQuery, { leaveOut: undefined, plus: '%20' }),
    host: head.hosts[0] ?? '',
    payloadHash: check.payloadHashes[0] ?? '',
  }
  const canonical = canonicalRequest(head, check.claim.signedHeaders, first)
  const text = stringToSign(check, canonical)
  const provided = check.claim.signature
  if (sameSignature(check.signingKey.sign(text), provided)) return first
  if (provided.length === SIGNATURE_LENGTH) {
    for (const reading of otherReadings(check, first)) {
      const other = stringToSign(check, canonicalRequest(head, check.claim.signedHeaders, reading))
      if (sameSignature(check.signingKey.sign(other), provided)) return reading
    }
  }
  throw signatureMismatch({
    accessKey: check.claim.accessKey,
    provided,
    stringToSign: text,
    canonicalRequest: canonical,
  })
}

/** Characters of a signature, in hex. */
const SIGNATURE_LENGTH = 64

/** A guess costs the server one hash and one HMAC per reading; configured host names alone could make it many. */
const READINGS_MAX = 64

function otherReadings({ head, claim, payloadHashes }: CheckV4, first: Reading): readonly Reading[] {
  const readings: Reading[] = []
  for (const payloadHash of payloadHashes) {
    for (const query of queryReadings(head.rawQuery, claim.presigned)) {
      for (const path of pathReadings(head.rawPath)) {
        for (const host of head.hosts) readings.push({ path, query, host, payloadHash })
      }
    }
  }
  const isFirst = (reading: Reading) =>
    reading.path === first.path &&
    reading.query === first.query &&
    reading.host === first.host &&
    reading.payloadHash === first.payloadHash
  return readings.filter((reading) => !isFirst(reading)).slice(0, READINGS_MAX)
}

/** The scope of the string to sign: `20130524/us-east-1/s3/aws4_request`. */
export function scopeOf({ day, region, service }: ClaimV4): string {
  return `${day}/${region}/${service}/aws4_request`
}

function stringToSign({ claim, date }: CheckV4, canonical: string): string {
  return `${ALGORITHM_V4}\n${date}\n${scopeOf(claim)}\n${sha256Hex(canonical)}`
}
