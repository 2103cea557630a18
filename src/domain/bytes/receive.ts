import { createHash, hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { s3Error } from '../../errors.ts'
import { checksum, createDigest } from '../../lib/checksums.ts'
import { untilAborted } from '../../lib/until-aborted.ts'
import type { Checksum, NewChunk } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'
import { collect } from './collect.ts'
import type { Integrity } from './integrity.ts'
import { type Digests, verifyDigests } from './verify.ts'

/** A body that has come in whole, is durable or small, and is what the client announced. */
export interface Received {
  /** Undefined for zero bytes. */
  readonly chunk: NewChunk | undefined
  readonly sizeBytes: number
  /** Hex. */
  readonly md5: string
  /** The checksum that the client asked for, whether it gave a value or not. */
  readonly checksum: Checksum | undefined
  /** For whoever fails to refer to the chunk in a row. Never throws: what it misses the scrub finds. */
  discard(): Promise<void>
}

export interface IncomingBody {
  readonly stream: Readable
  readonly sizeBytes: number | undefined
  trailers(): ReadonlyMap<string, string>
}

export interface ReceiveOptions {
  readonly integrity: Integrity
  readonly signal: AbortSignal
  readonly maxBytes: number
}

/** What of the services this needs. */
type ReceivingServices = Pick<Services, 'chunks' | 'ids' | 'limits'>

/**
 * Takes a body in: to memory up to limits.inlineBytesMax, else to a chunk file, with its digests computed on the way.
 * On any failure nothing stays, and the stream is not destroyed, so that the error can be answered on its connection.
 * @throws S3Error BadDigest, MalformedTrailerError, InvalidRequest, EntityTooLarge, IncompleteBody, ServiceUnavailable;
 *   what the stream fails with, unchanged
 */
export async function receive(
  services: ReceivingServices,
  body: IncomingBody,
  options: ReceiveOptions,
): Promise<Received> {
  const { sizeBytes } = body
  try {
    if (sizeBytes !== undefined && sizeBytes > options.maxBytes) throw tooLarge(sizeBytes, options)
    if (sizeBytes === undefined || sizeBytes > services.limits.inlineBytesMax) {
      return await receiveStream(services, body, options)
    }
    return receiveSmall(await collect(body.stream, sizeBytes, options.signal), body, options)
  } catch (cause) {
    // Nobody listens to the stream any more, and an error event without a listener would end the process.
    body.stream.on('error', ignore)
    throw cause
  }
}

/** The whole body is there: each digest is one native call. */
function receiveSmall(bytes: Buffer, body: IncomingBody, { integrity }: ReceiveOptions): Received {
  const algorithm = integrity.checksum?.algorithm
  const digests: Digests = {
    md5: hash('md5', bytes),
    checksum: algorithm === undefined ? undefined : checksum(algorithm, bytes),
  }
  return received(bytes, digests, verifyDigests(integrity, digests, body))
}

async function receiveStream(
  services: ReceivingServices,
  body: IncomingBody,
  options: ReceiveOptions,
): Promise<Received> {
  const intake = new Intake(body, options)
  const pieces = intake.pieces()
  const head: Buffer[] = []
  if (
    body.sizeBytes === undefined &&
    (await gather(pieces, { into: head, maxBytes: services.limits.inlineBytesMax }))
  ) {
    const digests = intake.digests()
    return received(Buffer.concat(head), digests, verifyDigests(options.integrity, digests, body))
  }
  const name = services.ids.chunkName()
  const { sizeBytes } = await services.chunks.put(name, behindEachOther(head, pieces), { signal: options.signal })
  const discard = () => services.chunks.remove([name]).catch(ignore)
  try {
    const digests = intake.digests()
    const verified = verifyDigests(options.integrity, digests, body)
    return { chunk: { place: 'file', name, sizeBytes }, sizeBytes, md5: digests.md5, checksum: verified, discard }
  } catch (cause) {
    await discard()
    throw cause
  }
}

function received(bytes: Buffer, { md5 }: Digests, verified: Checksum | undefined): Received {
  const chunk = bytes.length === 0 ? undefined : ({ place: 'inline', bytes } as const)
  return { chunk, sizeBytes: bytes.length, md5, checksum: verified, discard: nothingToDiscard }
}

/** A body on its way to a file: counts and digests what passes. */
class Intake {
  readonly #body: IncomingBody
  readonly #options: ReceiveOptions
  readonly #md5 = createHash('md5')
  readonly #checksum: ReturnType<typeof createDigest> | undefined

  constructor(body: IncomingBody, options: ReceiveOptions) {
    const algorithm = options.integrity.checksum?.algorithm
    this.#body = body
    this.#options = options
    this.#checksum = algorithm === undefined ? undefined : createDigest(algorithm)
  }

  async *pieces(): AsyncGenerator<Buffer, void, void> {
    const { stream, sizeBytes: announcedBytes } = this.#body
    const source = { [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) }
    let cameBytes = 0
    for await (const piece of untilAborted<Buffer>(source, this.#options.signal)) {
      cameBytes += piece.length
      if (cameBytes > this.#options.maxBytes) throw tooLarge(cameBytes, this.#options)
      this.#md5.update(piece)
      this.#checksum?.update(piece)
      yield piece
    }
    // The layer that unframes a body sees to this too; a truncated object must not depend on one check.
    if (announcedBytes !== undefined && announcedBytes !== cameBytes) throw s3Error('IncompleteBody')
  }

  /** To be asked once, when all pieces have passed. */
  digests(): Digests {
    return { md5: this.#md5.digest('hex'), checksum: this.#checksum?.base64() }
  }
}

/** Takes pieces until they are more than `maxBytes`; whether they ended before. */
async function gather(
  pieces: AsyncGenerator<Buffer, void, void>,
  { into, maxBytes }: { into: Buffer[]; maxBytes: number },
): Promise<boolean> {
  for (let bytes = 0; bytes <= maxBytes; ) {
    const step = await pieces.next()
    if (step.done === true) return true
    into.push(step.value)
    bytes += step.value.length
  }
  return false
}

async function* behindEachOther(head: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  yield* head.splice(0)
  yield* rest
}

function tooLarge(proposedBytes: number, { maxBytes }: ReceiveOptions): Error {
  return s3Error('EntityTooLarge', { ProposedSize: proposedBytes, MaxSizeAllowed: maxBytes })
}

async function nothingToDiscard(): Promise<void> {}

function ignore(): void {}
