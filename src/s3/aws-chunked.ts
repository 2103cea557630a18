import { createHash, type Hash } from 'node:crypto'
import { s3Error } from '../errors.ts'
import { sha256Hex } from './signature/canonical.ts'
import { sameSignature, signatureMismatch } from './signature/mismatch.ts'
import { type ChunkSeed, EMPTY_SHA256 } from './signature/payload-auth.ts'

/** A chunk's line is its size and a signature: 100 bytes. More is no client of S3's. */
const LINE_BYTES_MAX = 1024
/** A trailer is a checksum or two and a signature. */
const TRAILER_BYTES_MAX = 8 * 1024
const TRAILER_LINES_MAX = 32

export interface ChunkedOptions {
  /** X-Amz-Decoded-Content-Length. */
  readonly sizeBytes: number
  /** Undefined where chunks bear no signatures, or none that can be checked. */
  readonly seed: ChunkSeed | undefined
  /** Whether the trailer has to be signed as well. */
  readonly signedTrailer: boolean
  readonly accessKey: string | undefined
  /** The names that x-amz-trailer announces, in lower case. */
  readonly announced: readonly string[]
}

type State = 'line' | 'data' | 'data-end' | 'trailer' | 'done'

/**
 * Takes the frames off an aws-chunked body, however its bytes are cut. Data is handed on as it comes, as views of the
 * input; a wrong chunk signature is found at that chunk's end, which is before the body's end: nothing may be
 * committed earlier.
 */
export class ChunkedDecoder {
  readonly trailers = new Map<string, string>()
  readonly #options: ChunkedOptions
  readonly #hand: (data: Buffer) => void
  #state: State = 'line'
  /** An unfinished line, or the piece of one. */
  #pending: Buffer = NOTHING
  #chunkLeft = 0
  #bodyLeft: number
  #chunkHash: Hash | undefined
  #chunkSignature = ''
  /** The signature before: the request's, then each chunk's. */
  #previous: string
  #trailerBytes = 0
  #trailerSignature: string | undefined

  /** @param hand called with each piece of data */
  constructor(options: ChunkedOptions, hand: (data: Buffer) => void) {
    this.#options = options
    this.#hand = hand
    this.#bodyLeft = options.sizeBytes
    this.#previous = options.seed?.signature ?? ''
  }

  /** @throws S3Error for broken frames, wrong signatures, and more data than announced */
  push(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#state === 'data') rest = this.#takeData(rest)
      else rest = this.#takeLine(rest)
    }
  }

  /**
   * To be called at the end of the raw body.
   * @throws S3Error IncompleteBody when the last chunk or its trailer has not been seen
   */
  end(): void {
    if (this.#state !== 'done') {
      throw s3Error('IncompleteBody', {}, { message: 'The request body terminated unexpectedly' })
    }
  }

  #takeData(bytes: Buffer): Buffer {
    const data = bytes.length > this.#chunkLeft ? bytes.subarray(0, this.#chunkLeft) : bytes
    this.#chunkHash?.update(data)
    this.#hand(data)
    this.#chunkLeft -= data.length
    if (this.#chunkLeft === 0) {
      this.#checkChunk()
      this.#state = 'data-end'
    }
    return bytes.subarray(data.length)
  }

  /** Consumes up to the next line feed, or keeps what there is of a line. */
  #takeLine(bytes: Buffer): Buffer {
    if (this.#state === 'done') throw broken('Bytes follow the last chunk.')
    const feed = bytes.indexOf(LINE_FEED)
    const taken = feed < 0 ? bytes : bytes.subarray(0, feed)
    if (this.#pending.length + taken.length > LINE_BYTES_MAX) throw broken('A line of the framing is too long.')
    const whole = this.#pending.length === 0 ? taken : Buffer.concat([this.#pending, taken])
    if (feed < 0) {
      // A copy, so that a byte of a line does not keep a whole buffer of the socket's.
      this.#pending = Buffer.from(whole)
      return NOTHING
    }
    this.#pending = NOTHING
    const line = whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole
    if (this.#state === 'line') this.#chunkLine(line.toString('latin1'))
    else if (this.#state === 'data-end') this.#dataEnd(line)
    else this.#trailerLine(line.toString('latin1'))
    return bytes.subarray(feed + 1)
  }

  /** `10000;chunk-signature=…`. Extensions of other names mean nothing to S3. */
  #chunkLine(line: string): void {
    const [size = '', ...extensions] = line.split(';')
    if (!CHUNK_SIZE.test(size)) throw broken('A chunk does not begin with its size in hex.')
    this.#chunkLeft = Number.parseInt(size, 16)
    if (this.#chunkLeft > this.#bodyLeft) {
      throw broken('The chunks hold more bytes than x-amz-decoded-content-length announces.')
    }
    this.#bodyLeft -= this.#chunkLeft
    if (this.#options.seed !== undefined) {
      this.#chunkSignature = extensions.find((text) => text.startsWith(SIGNATURE))?.slice(SIGNATURE.length) ?? ''
      this.#chunkHash = this.#chunkLeft === 0 ? undefined : createHash('sha256')
    }
    if (this.#chunkLeft > 0) this.#state = 'data'
    else this.#lastChunk()
  }

  #lastChunk(): void {
    if (this.#bodyLeft > 0) {
      const message = `The chunks hold ${this.#bodyLeft} bytes less than x-amz-decoded-content-length announces.`
      throw s3Error('IncompleteBody', {}, { message })
    }
    this.#checkChunk()
    this.#state = 'trailer'
  }

  #dataEnd(line: Buffer): void {
    if (line.length > 0) throw broken('A chunk is longer than its size.')
    this.#state = 'line'
  }

  #checkChunk(): void {
    const { seed } = this.#options
    if (seed === undefined) return
    const dataHash = this.#chunkHash?.digest('hex') ?? EMPTY_SHA256
    const text =
      `AWS4-HMAC-SHA256-PAYLOAD\n${seed.date}\n${seed.scope}\n` + `${this.#previous}\n${EMPTY_SHA256}\n${dataHash}`
    this.#checkSignature(seed, text, this.#chunkSignature)
    this.#previous = this.#chunkSignature
  }

  #checkSignature(seed: ChunkSeed, stringToSign: string, provided: string): void {
    if (sameSignature(seed.signingKey.sign(stringToSign), provided)) return
    throw signatureMismatch({ accessKey: this.#options.accessKey ?? '', provided, stringToSign })
  }

  #trailerLine(line: string): void {
    if (line === '') {
      this.#endOfTrailer()
      return
    }
    this.#trailerBytes += line.length
    if (this.#trailerBytes > TRAILER_BYTES_MAX || this.trailers.size >= TRAILER_LINES_MAX) {
      throw s3Error('MalformedTrailerError', {}, { message: 'The trailer is too long.' })
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === TRAILER_SIGNATURE && this.#trailerSignature === undefined) {
      this.#trailerSignature = value
      return
    }
    // A header behind the signature would not be covered by it.
    const misplaced = this.#trailerSignature !== undefined || this.trailers.has(name)
    if (name === '' || misplaced || !this.#options.announced.includes(name)) {
      throw s3Error('MalformedTrailerError', { Trailer: name })
    }
    this.trailers.set(name, value)
  }

  #endOfTrailer(): void {
    const missing = this.#options.announced.find((name) => !this.trailers.has(name))
    if (missing !== undefined) throw s3Error('MalformedTrailerError', { Trailer: missing })
    const { seed, signedTrailer } = this.#options
    if (signedTrailer && seed !== undefined) {
      if (this.#trailerSignature === undefined) {
        throw s3Error('MalformedTrailerError', { Trailer: TRAILER_SIGNATURE })
      }
      let lines = ''
      for (const name of [...this.trailers.keys()].sort()) lines += `${name}:${this.trailers.get(name)}\n`
      const text = `AWS4-HMAC-SHA256-TRAILER\n${seed.date}\n${seed.scope}\n${this.#previous}\n${sha256Hex(lines)}`
      this.#checkSignature(seed, text, this.#trailerSignature)
    }
    this.#state = 'done'
  }
}

const NOTHING = Buffer.alloc(0)
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SIGNATURE = 'chunk-signature='
const TRAILER_SIGNATURE = 'x-amz-trailer-signature'
/** Thirteen hex digits are all of the integers that a number holds exactly. */
const CHUNK_SIZE = /^[0-9a-fA-F]{1,13}$/

function broken(message: string) {
  return s3Error('InvalidRequest', {}, { message })
}
