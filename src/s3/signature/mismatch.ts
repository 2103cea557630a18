import { timingSafeEqual } from 'node:crypto'
import type { S3Error } from '../../errors.ts'
import { s3Error } from '../../errors.ts'
import { bytesToText } from '../percent.ts'

export interface Mismatch {
  readonly accessKey: string
  readonly provided: string
  /** As signed, one character per byte. */
  readonly stringToSign: string
  /** SigV4 only. */
  readonly canonicalRequest?: string
}

/** What AWS tells about a wrong signature, so that a client's author can compare both sides. No secret is in it. */
export function signatureMismatch({ accessKey, provided, stringToSign, canonicalRequest }: Mismatch): S3Error {
  return s3Error('SignatureDoesNotMatch', {
    AWSAccessKeyId: accessKey,
    StringToSign: bytesToText(stringToSign),
    SignatureProvided: provided,
    StringToSignBytes: spacedHex(stringToSign),
    ...(canonicalRequest === undefined
      ? {}
      : { CanonicalRequest: bytesToText(canonicalRequest), CanonicalRequestBytes: spacedHex(canonicalRequest) }),
  })
}

function spacedHex(latin1: string): string {
  return Buffer.from(latin1, 'latin1')
    .toString('hex')
    .replace(/..(?!$)/g, '$& ')
}

/** Takes the same time whatever the first difference is. Lengths are no secret. */
export function sameSignature(computed: string, provided: string): boolean {
  if (computed.length !== provided.length) return false
  return timingSafeEqual(Buffer.from(computed, 'latin1'), Buffer.from(provided, 'latin1'))
}
