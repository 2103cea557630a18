import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { s3Error } from '../errors.ts'
import { checksum as checksumOf } from '../lib/checksums.ts'
import type { AnyOperation, Body } from '../operations/operation.ts'
import { readContentMd5, readIntegrity } from '../s3/headers/integrity.ts'
import { decodeBody, requireLength } from '../s3/payload.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Authentication } from '../s3/signature/authenticate.ts'
import type { Exchange } from './exchange.ts'

export interface Payload {
  /** The whole body of an operation that takes a document; empty for the others. */
  readonly document: Buffer
  /** The body of an operation that takes a stream; an empty one for the others. */
  readonly body: Body
}

/** A body that its operation has no use for, but whose hash is signed. */
const UNUSED_BYTES_MAX = 64 * 1024
export const NO_DOCUMENT = Buffer.alloc(0)
const NO_TRAILERS: ReadonlyMap<string, string> = new Map()

/** For operations without a streamed body: ends at once, and is made only if somebody looks. */
const NO_BODY: Body = {
  get stream() {
    return Readable.from([])
  },
  sizeBytes: 0,
  trailers: () => NO_TRAILERS,
}
export const NO_PAYLOAD: Payload = { document: NO_DOCUMENT, body: NO_BODY }

/**
 * The body in the form that the operation asks for.
 * @throws S3Error MissingContentLength for a stream of untold length, MaxMessageLengthExceeded for a document beyond
 *   its limit, BadDigest and XAmzContentChecksumMismatch for one that is not what its digests say
 */
export async function takePayload(
  exchange: Exchange,
  request: { head: RequestHead; authentication: Authentication; payload: AnyOperation['payload'] },
): Promise<Payload> {
  const { head, authentication, payload } = request
  if (payload === 'none') {
    // Such a signature covers the body, so the caller is not known before its end.
    if (authentication.payload.kind === 'body-hash-signed')
      await collect(decodeBody(head, authentication, exchange.body()), UNUSED_BYTES_MAX)
    return NO_PAYLOAD
  }
  assert(payload !== 'form' && payload !== 'action', 'a form is read before its sender is authorized')
  if (payload === 'stream') {
    requireLength(head)
    return { document: NO_DOCUMENT, body: decodeBody(head, authentication, exchange.body()) }
  }
  const body = decodeBody(head, authentication, exchange.body())
  const document = await collect(body, payload.document.maxBytes)
  verifyMd5(document, head)
  if (payload.document.describesObject !== true) verifyChecksum(document, head, body.trailers())
  return { document, body: NO_BODY }
}

/** @throws S3Error MaxMessageLengthExceeded */
export async function collect({ stream, sizeBytes }: Body, maxBytes: number): Promise<Buffer> {
  if (sizeBytes !== undefined && sizeBytes > maxBytes) throw tooLong(maxBytes)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxBytes) throw tooLong(maxBytes)
    parts.push(part)
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, bytes)
}

function tooLong(maxBytes: number): Error {
  return s3Error('MaxMessageLengthExceeded', { MaxMessageLengthBytes: maxBytes })
}

function verifyMd5(document: Buffer, head: RequestHead): void {
  const contentMd5 = readContentMd5(head)
  if (contentMd5 !== undefined && hash('md5', document, 'base64') !== contentMd5.toString('base64'))
    throw s3Error('BadDigest')
}

function verifyChecksum(document: Buffer, head: RequestHead, trailers: ReadonlyMap<string, string>): void {
  const { checksum } = readIntegrity(head)
  if (checksum === undefined) return
  const { algorithm, value, inTrailer } = checksum
  const expected = inTrailer ? trailers.get(`x-amz-checksum-${algorithm.toLowerCase()}`) : value
  if (expected === undefined) {
    if (inTrailer) throw s3Error('MalformedTrailerError')
    return
  }
  if (checksumOf(algorithm, document) !== expected) throw s3Error('XAmzContentChecksumMismatch')
}
