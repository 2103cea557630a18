import { createHmac, type KeyObject } from 'node:crypto'
import { s3Error } from '../../errors.ts'
import { textToBytes } from '../percent.ts'
import type { Query, RequestHead } from '../request.ts'
import { canonicalQuery, canonicalRequest, pathReadings, queryReadings, type Reading, sha256Hex } from './canonical.ts'
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
  for (const part of authorization.slice(ALGORITHM_V4.length).split(',')) {
    const piece = part.trim()
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
  return { presigned: false, ...credentialParts(credential), signedHeaders: withHost(signedHeaders), signature }
}

/**
 * The `X-Amz-*` parameters of a presigned URL, in S3's spelling or in lower case, as Ceph takes them.
 * @throws S3Error AccessDenied for a missing or unknown part (recorded from Ceph 16.2; AWS has
 * AuthorizationQueryParametersError, 400), InvalidArgument for a credential that is none
 */
export function queryClaim(query: Query): ClaimV4 {
  const algorithm = presignParameter(query, 'X-Amz-Algorithm')
  if (algorithm !== ALGORITHM_V4) {
    throw s3Error('AccessDenied', {}, { message: `X-Amz-Algorithm only supports "${ALGORITHM_V4}"` })
  }
  const [credential = '', signedHeaders = '', signature = ''] = ['Credential', 'SignedHeaders', 'Signature'].map(
    (name) => presignParameter(query, `X-Amz-${name}`),
  )
  if (credential === '' || signedHeaders === '' || signature === '') {
    throw s3Error(
      'AccessDenied',
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

function credentialParts(credential: string): Pick<ClaimV4, 'accessKey' | 'day' | 'region' | 'service'> {
  const parts = credential.split('/')
  const [day = '', region = '', service = '', terminator] = parts.slice(-4)
  const accessKey = parts.slice(0, -4).join('/')
  if (accessKey === '') {
    throw s3Error(
      'InvalidArgument',
      { ArgumentName: 'Credential' },
      { message: 'The Credential must be "<access key>/YYYYMMDD/REGION/SERVICE/aws4_request".' },
    )
  }
  if (DAY.test(day) && terminator === 'aws4_request') return { accessKey, day, region, service }
  throw s3Error(
    'AuthorizationHeaderMalformed',
    {},
    { message: 'The Credential must end in "/YYYYMMDD/REGION/SERVICE/aws4_request".' },
  )
}

/** Without a signed host, a request could be sent to another server that knows the same keys. */
function withHost(signedHeaders: string): string {
  if (signedHeaders === 'host' || signedHeaders.split(';').includes('host')) return signedHeaders
  throw s3Error(
    'AccessDenied',
    { HeadersNotSigned: 'host' },
    { message: 'There were headers present in the request which were not signed' },
  )
}

export interface CheckV4 {
  readonly head: RequestHead
  readonly claim: ClaimV4
  readonly signingKey: KeyObject
  /** `20130524T000000Z` */
  readonly date: string
  /** What may stand for the payload in the canonical request, the likely one first. */
  readonly payloadHashes: readonly string[]
}

/**
 * Tries a request's readings until one has the client's signature.
 * @throws S3Error SignatureDoesNotMatch with the first reading's canonical request
 */
export function verifyV4(check: CheckV4): void {
  const provided = signatureBytes(check.claim.signature)
  const { head } = check
  const first: Reading = {
    path: head.rawPath,
    query: canonicalQuery(head.rawQuery, { leaveOut: undefined, plus: '%20' }),
    host: head.hosts[0] ?? '',
    payloadHash: check.payloadHashes[0] ?? '',
  }
  const canonical = canonicalRequest(head, check.claim.signedHeaders, first)
  const text = stringToSign(check, canonical)
  if (provided !== undefined) {
    if (sameSignature(sign(check.signingKey, text), provided)) return
    for (const reading of otherReadings(check, first)) {
      const other = stringToSign(check, canonicalRequest(head, check.claim.signedHeaders, reading))
      if (sameSignature(sign(check.signingKey, other), provided)) return
    }
  }
  throw signatureMismatch({
    accessKey: check.claim.accessKey,
    provided: check.claim.signature,
    stringToSign: text,
    canonicalRequest: canonical,
  })
}

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

export function sign(key: KeyObject, latin1: string): Buffer {
  return createHmac('sha256', key).update(latin1, 'latin1').digest()
}

const HEX_SIGNATURE = /^[0-9a-f]{64}$/

/** Undefined for what cannot be a signature; the comparison would fail anyway. */
export function signatureBytes(hex: string): Buffer | undefined {
  return HEX_SIGNATURE.test(hex) ? Buffer.from(hex, 'hex') : undefined
}
