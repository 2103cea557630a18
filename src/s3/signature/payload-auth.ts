import { s3Error } from '../../errors.ts'
import type { HmacKey } from './hmac.ts'

/** How a request's body is bound to its signature. s3/payload.ts acts on it. */
export type PayloadAuth =
  | { readonly kind: 'unsigned' }
  /** The whole body's SHA-256 in lower-case hex, to be checked at its end. */
  | { readonly kind: 'sha256'; readonly hex: string }
  /** Every chunk of an aws-chunked body bears a signature; so does its trailer, if there is one. */
  | { readonly kind: 'signed-chunks'; readonly trailer: boolean; readonly seed: ChunkSeed }
  /** aws-chunked without signatures, usually with a checksum in its trailer. */
  | { readonly kind: 'unsigned-chunks' }
  /**
   * The signature covers the body's SHA-256, but the request does not say which: the caller is proved only when
   * `verify` has been called with the hash of all of the body. Nothing may be done for the caller before that.
   * Only a form posted to the service itself (SNS's actions) is taken so.
   */
  | { readonly kind: 'body-hash-signed'; readonly verify: (hex: string) => void }

/** What the first chunk's signature is chained to. */
export interface ChunkSeed {
  readonly signature: string
  readonly signingKey: HmacKey
  /** `20130524/us-east-1/s3/aws4_request` */
  readonly scope: string
  /** `20130524T000000Z` */
  readonly date: string
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const SIGNED_CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
const SIGNED_CHUNKS_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'
const UNSIGNED_CHUNKS_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'

const HEX_SHA256 = /^[0-9a-fA-F]{64}$/

/**
 * What x-amz-content-sha256 announces.
 * @param seed undefined where the request is not signed by SigV4: signed chunks have nothing to be chained to
 * @throws S3Error InvalidArgument for a value that S3 does not know, InvalidRequest for signed chunks without SigV4,
 * NotImplemented for SigV4A's chunks
 */
export function payloadAuth(declared: string | undefined, seed: () => ChunkSeed | undefined): PayloadAuth {
  if (declared === undefined || declared === UNSIGNED_PAYLOAD) return { kind: 'unsigned' }
  if (HEX_SHA256.test(declared)) return { kind: 'sha256', hex: declared.toLowerCase() }
  if (declared === UNSIGNED_CHUNKS_TRAILER) return { kind: 'unsigned-chunks' }
  if (declared === SIGNED_CHUNKS || declared === SIGNED_CHUNKS_TRAILER) {
    const chain = seed()
    if (chain !== undefined) return { kind: 'signed-chunks', trailer: declared === SIGNED_CHUNKS_TRAILER, seed: chain }
    throw s3Error('InvalidRequest', {}, { message: `${declared} needs a request signed with AWS4-HMAC-SHA256.` })
  }
  if (declared.startsWith('STREAMING-AWS4-ECDSA')) {
    throw s3Error('NotImplemented', { Header: 'x-amz-content-sha256' }, { message: `${declared} is not served.` })
  }
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'x-amz-content-sha256', ArgumentValue: declared },
    { message: 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value, or a SHA-256 in hex.' },
  )
}
