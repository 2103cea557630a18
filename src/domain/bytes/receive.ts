import { createHash, hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { s3Error } from '../../errors.ts'
import { checksum, createDigest } from '../../lib/checksums.ts'
import { untilAborted } from '../../lib/until-aborted.ts'
import type { Checksum, NewChunk } from '../../storage/metadata/rows.ts'
import { type DataKey, newDataKey, renewWrapping } from '../encryption/data-key.ts'
import type { Protection } from '../encryption/protection.ts'
import type { Services } from '../services.ts'
import { collect } from './collect.ts'
import type { Integrity } from './integrity.ts'
import { sealBytes, sealStream } from './seal.ts'
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
  /** Of the object that the bytes are for: says which folder they go to. */
  readonly storageClass: string
  /** How the bytes are encrypted where they are kept; undefined for as they are. */
  readonly protection: Protection | undefined
}

/** What of the services this needs. */
type ReceivingServices = Pick<Services, 'chunks' | 'ids' | 'keyRing' | 'limits'>

/**
 * Takes a body in: to memory up to limits.inlineBytesMax, unless its class has a folder of its own, else to a chunk
 * file, with its digests computed on the way.
 * On any failure nothing stays, and the stream is not destroyed, so that the error can be answered on its connection.
 * @throws S3Error BadDigest, MalformedTrailerError, InvalidRequest, EntityTooLarge, IncompleteBody, ServiceUnavailable,
 *   those of newDataKey; what the stream fails with, unchanged
 */
export async function receive(
  services: ReceivingServices,
  body: IncomingBody,
  options: ReceiveOptions,
): Promise<Received> {
  const { sizeBytes } = body
  try {
    if (sizeBytes !== undefined && sizeBytes > options.maxBytes) throw tooLarge(sizeBytes, options)
    const dataKey = await dataKeyFor(services, body, options)
    if (sizeBytes === undefined || sizeBytes > inlineBytesMax(services, options)) {
      return await receiveStream(services, body, { ...options, dataKey })
    }
    const bytes = await collect(body.stream, sizeBytes, options.signal)
    return receiveSmall(bytes, body, { ...options, dataKey: await freshly(services, dataKey) })
  } catch (cause) {
    // Nobody listens to the stream any more, and an error event without a listener would end the process.
    body.stream.on('error', ignore)
    throw cause
  }
}

/** Before the first byte is taken: who names a key that cannot be used hears of it at once. */
async function dataKeyFor(
  { keyRing }: ReceivingServices,
  body: IncomingBody,
  { protection }: ReceiveOptions,
): Promise<DataKey | undefined> {
  if (protection === undefined) return undefined
  // A ring may have to ask somebody, and nobody else listens to the stream meanwhile.
  body.stream.on('error', ignore)
  try {
    return await newDataKey(keyRing, protection)
  } finally {
    body.stream.off('error', ignore)
  }
}

/** What lies in the database lies in the data directory: not the bytes of a class that has a folder elsewhere. */
function inlineBytesMax({ chunks, limits }: ReceivingServices, { storageClass }: ReceiveOptions): number {
  return chunks.storeOf(storageClass) === '' ? limits.inlineBytesMax : 0
}

interface KeyedOptions extends ReceiveOptions {
  readonly dataKey: DataKey | undefined
}

/** The whole body is there: each digest is one native call. */
function receiveSmall(bytes: Buffer, body: IncomingBody, { integrity, dataKey }: KeyedOptions): Received {
  const algorithm = integrity.checksum?.algorithm
  const digests: Digests = {
    md5: hash('md5', bytes),
    checksum: algorithm === undefined ? undefined : checksum(algorithm, bytes),
  }
  const verified = verifyDigests(integrity, digests, body)
  return received({ bytes, md5: digests.md5, checksum: verified, dataKey })
}

async function receiveStream(
  services: ReceivingServices,
  body: IncomingBody,
  options: KeyedOptions,
): Promise<Received> {
  const { dataKey } = options
  const intake = new Intake(body, options)
  const pieces = intake.pieces()
  const head: Buffer[] = []
  if (
    body.sizeBytes === undefined &&
    (await gather(pieces, { into: head, maxBytes: inlineBytesMax(services, options) }))
  ) {
    const digests = intake.digests()
    const verified = verifyDigests(options.integrity, digests, body)
    const fresh = await freshly(services, dataKey)
    return received({ bytes: Buffer.concat(head), md5: digests.md5, checksum: verified, dataKey: fresh })
  }
  const file = { name: services.ids.chunkName(), store: services.chunks.storeOf(options.storageClass) }
  const plain = behindEachOther(head, pieces)
  const stored = dataKey === undefined ? plain : sealStream(dataKey.key, plain)
  await services.chunks.put(file, stored, { signal: options.signal })
  const discard = () => services.chunks.remove([file]).catch(ignore)
  try {
    const digests = intake.digests()
    const verified = verifyDigests(options.integrity, digests, body)
    const { sizeBytes } = intake
    const fresh = await freshly(services, dataKey)
    const chunk = { place: 'file', ...file, sizeBytes, sealing: fresh?.sealing } as const
    return { chunk, sizeBytes, md5: digests.md5, checksum: verified, discard }
  } catch (cause) {
    await discard()
    throw cause
  }
}

/** A body may take hours, be it a small one, and the keys may have been rotated meanwhile. */
async function freshly({ keyRing }: ReceivingServices, dataKey: DataKey | undefined): Promise<DataKey | undefined> {
  if (dataKey === undefined) return undefined
  const sealedKey = await renewWrapping(keyRing, dataKey.sealing.sealedKey)
  return sealedKey === undefined ? dataKey : { ...dataKey, sealing: { sealedKey } }
}

interface SmallBody extends Pick<Received, 'md5' | 'checksum'> {
  readonly bytes: Buffer
  readonly dataKey: DataKey | undefined
}

function received({ bytes, md5, checksum, dataKey }: SmallBody): Received {
  const sizeBytes = bytes.length
  return { chunk: inlineChunk(bytes, dataKey), sizeBytes, md5, checksum, discard: nothingToDiscard }
}

function inlineChunk(bytes: Buffer, dataKey: DataKey | undefined): NewChunk | undefined {
  if (bytes.length === 0) return undefined
  if (dataKey === undefined) return { place: 'inline', bytes }
  const { key, sealing } = dataKey
  return { place: 'inline', bytes: sealBytes(key, bytes), sizeBytes: bytes.length, sealing }
}

/** A body on its way to a file: counts and digests what passes. */
class Intake {
  readonly #body: IncomingBody
  readonly #options: ReceiveOptions
  readonly #md5 = createHash('md5')
  readonly #checksum: ReturnType<typeof createDigest> | undefined
  #sizeBytes = 0

  constructor(body: IncomingBody, options: ReceiveOptions) {
    const algorithm = options.integrity.checksum?.algorithm
    this.#body = body
    this.#options = options
    this.#checksum = algorithm === undefined ? undefined : createDigest(algorithm)
  }

  /** What has passed. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  async *pieces(): AsyncGenerator<Buffer, void, void> {
    const { stream, sizeBytes: announcedBytes } = this.#body
    const source = { [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }) }
    for await (const piece of untilAborted<Buffer>(source, this.#options.signal)) {
      this.#sizeBytes += piece.length
      if (this.#sizeBytes > this.#options.maxBytes) throw tooLarge(this.#sizeBytes, this.#options)
      this.#md5.update(piece)
      this.#checksum?.update(piece)
      yield piece
    }
    // The layer that unframes a body sees to this too; a truncated object must not depend on one check.
    if (announcedBytes !== undefined && announcedBytes !== this.#sizeBytes) throw s3Error('IncompleteBody')
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
