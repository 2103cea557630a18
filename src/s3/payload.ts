import { createHash, type Hash, hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { S3Error, s3Error } from '../errors.ts'
import { ChunkedDecoder } from './aws-chunked.ts'
import type { RequestHead } from './request.ts'
import type { Authentication } from './signature/authenticate.ts'
import type { PayloadAuth } from './signature/payload-auth.ts'

/** A request body, freed of its transfer framing. */
export interface DecodedBody {
  /** Fails with the S3Error of a bad chunk signature, payload hash, trailer, or length, before its end is reached. */
  readonly stream: Readable
  /** Content-Length, or X-Amz-Decoded-Content-Length for aws-chunked; undefined where the client announced none. */
  readonly sizeBytes: number | undefined
  /** The trailing headers, in lower case; complete once the stream has ended. */
  trailers(): ReadonlyMap<string, string>
}

/**
 * The body of an authenticated request. `raw` is read only while the result is read; what is left of it when the
 * result is destroyed stays unread and paused, and is the caller's to drain or to cut off.
 * @throws S3Error MissingContentLength and InvalidArgument for the lengths that an aws-chunked body announces
 */
export function decodeBody(head: RequestHead, authentication: Authentication, raw: Readable): DecodedBody {
  const { payload } = authentication
  if (!isChunked(head, payload)) {
    const stream = new BodyStream(raw, payload)
    return { stream, sizeBytes: contentLength(head), trailers: () => NO_TRAILERS }
  }
  const sizeBytes = decodedLength(head)
  const signed = payload.kind === 'signed-chunks' ? payload : undefined
  const stream = new BodyStream(raw, payload)
  const decoder = new ChunkedDecoder(
    {
      sizeBytes,
      seed: signed?.seed,
      signedTrailer: signed?.trailer === true,
      accessKey: authentication.accessKey,
      announced: announcedTrailers(head),
    },
    (data) => stream.hand(data),
  )
  stream.decodeWith(decoder)
  return { stream, sizeBytes, trailers: () => decoder.trailers }
}

/**
 * For operations that store a body: S3 and Ceph 16.2 both refuse a body of unknown length with 411, also where it
 * comes with Transfer-Encoding, unless aws-chunked announces the length of what it frames.
 * @throws S3Error MissingContentLength
 */
export function requireLength({ headers }: RequestHead): void {
  if (headers.has('content-length') && !headers.has('transfer-encoding')) return
  if (headers.has('transfer-encoding') && headers.has(DECODED_LENGTH)) return
  throw s3Error('MissingContentLength')
}

const NO_TRAILERS: ReadonlyMap<string, string> = new Map()
const DECODED_LENGTH = 'x-amz-decoded-content-length'
/** Fifteen digits are exact in a number, and a thousand times S3's largest object. */
const LENGTH = /^\d{1,15}$/

/** Old clients send the framing's headers one by one: IBM's only the decoded length, others only the encoding. */
function isChunked({ headers }: RequestHead, payload: PayloadAuth): boolean {
  if (payload.kind === 'signed-chunks' || payload.kind === 'unsigned-chunks') return true
  if (headers.has(DECODED_LENGTH)) return true
  const encoding = headers.get('content-encoding')
  return encoding?.split(',').some((token) => token.trim().toLowerCase() === 'aws-chunked') === true
}

function decodedLength({ headers }: RequestHead): number {
  const text = headers.get(DECODED_LENGTH)
  if (text === undefined) {
    const message = 'You must provide the x-amz-decoded-content-length header.'
    throw s3Error('MissingContentLength', {}, { message })
  }
  if (LENGTH.test(text)) return Number(text)
  throw s3Error('InvalidArgument', { ArgumentName: DECODED_LENGTH, ArgumentValue: text })
}

function contentLength({ headers }: RequestHead): number | undefined {
  const text = headers.raw('content-length')
  return text !== undefined && LENGTH.test(text) ? Number(text) : undefined
}

function announcedTrailers({ headers }: RequestHead): readonly string[] {
  const names = (headers.get('x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '')
}

/** The SHA-256 of a body. One that came in one piece, as small ones do, needs no native object for its state. */
class BodyHash {
  #first: Buffer | undefined
  #state: Hash | undefined

  update(bytes: Buffer): void {
    if (this.#state !== undefined) this.#state.update(bytes)
    else if (this.#first === undefined) this.#first = bytes
    else this.#state = createHash('sha256').update(this.#first).update(bytes)
  }

  /** To be asked once, when all pieces have passed. */
  hex(): string {
    return this.#state?.digest('hex') ?? hash('sha256', this.#first ?? '', 'hex')
  }
}

/** One stream between the socket and the reader; a Transform would be a second pair of buffers. */
class BodyStream extends Readable {
  readonly #raw: Readable
  readonly #payload: PayloadAuth
  readonly #hash: BodyHash | undefined
  #decoder: ChunkedDecoder | undefined
  #started = false
  #ended = false

  constructor(raw: Readable, payload: PayloadAuth) {
    super()
    this.#raw = raw
    this.#payload = payload
    this.#hash = payload.kind === 'sha256' || payload.kind === 'body-hash-signed' ? new BodyHash() : undefined
  }

  decodeWith(decoder: ChunkedDecoder): void {
    this.#decoder = decoder
  }

  /** Passes data on to the reader, and stops the socket when the reader has enough. */
  hand(data: Buffer): void {
    if (!this.push(data)) this.#raw.pause()
  }

  override _read(): void {
    if (this.#started) this.#raw.resume()
    else this.#start()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#started) {
      this.#raw.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
      this.#raw.pause()
    }
    callback(error)
  }

  #start(): void {
    this.#started = true
    // The listener for errors stays for good: an error of the socket after the reader has gone is nobody's.
    this.#raw.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
    // A request that broke off before anybody read it says so no more.
    if (this.#raw.destroyed && !this.#raw.readableEnded) this.#onClose()
  }

  readonly #onData = (bytes: Buffer): void => {
    try {
      this.#hash?.update(bytes)
      if (this.#decoder === undefined) this.hand(bytes)
      else this.#decoder.push(bytes)
    } catch (error) {
      this.destroy(asError(error))
    }
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    try {
      this.#decoder?.end()
      this.#checkHash()
      this.push(null)
    } catch (error) {
      this.destroy(asError(error))
    }
  }

  readonly #onError = (cause: Error): void => {
    if (!this.destroyed) this.destroy(cause instanceof S3Error ? cause : s3Error('IncompleteBody', {}, { cause }))
  }

  /** Node closes a request without an end when the client goes away in the middle of it. */
  readonly #onClose = (): void => {
    if (!(this.#ended || this.destroyed)) this.destroy(s3Error('IncompleteBody'))
  }

  #checkHash(): void {
    const computed = this.#hash?.hex()
    if (computed === undefined) return
    if (this.#payload.kind === 'body-hash-signed') this.#payload.verify(computed)
    else if (this.#payload.kind === 'sha256' && computed !== this.#payload.hex) {
      throw s3Error('XAmzContentSHA256Mismatch', {
        ClientComputedContentSHA256: this.#payload.hex,
        S3ComputedContentSHA256: computed,
      })
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
