import type { KeyObject } from 'node:crypto'
import { Readable } from 'node:stream'
import { type LentBytes, MissingChunk } from '../../storage/chunks/store.ts'
import type { ReadSegment, SealedSegment } from '../../storage/metadata/rows.ts'
import type { CustomerKey } from '../encryption/customer-key.ts'
import { openDataKey } from '../encryption/data-key.ts'
import type { Services } from '../services.ts'
import type { ResolvedRange } from './range.ts'
import { openBytes, openStream, storedRange } from './seal.ts'

/** Segments of one metadata read: the manifest of the largest multipart object has 10,000. */
const SEGMENTS_PER_PAGE = 16

/** Bytes of an object: undefined stands for the manifest of an empty one. */
export interface ManifestRange {
  readonly manifestId: number | undefined
  readonly range: ResolvedRange
  /** The customer's, of an object that was encrypted with one. */
  readonly key?: CustomerKey | undefined
}

/** What of the services this needs. */
type ReadingServices = Pick<Services, 'chunks' | 'keyRing' | 'metadata' | 'pins'>

/** A segment, and the data key of its chunk where that is sealed. */
type OpenSegment = Exclude<ReadSegment, SealedSegment> | (SealedSegment & { readonly key: KeyObject })

/**
 * The bytes of a range, read as they are consumed. The manifest is pinned from now until the stream closes, so whoever
 * takes the stream consumes or destroys it.
 *
 * The stream fails with CorruptChunk or MissingChunk rather than give a wrong byte, and with an S3Error where a key
 * cannot be used.
 */
export function openManifest(services: ReadingServices, manifest: ManifestRange, signal: AbortSignal): Readable {
  const { manifestId, range, key } = manifest
  if (manifestId === undefined || range.lengthBytes === 0) return Readable.from([], { objectMode: false })
  const unpin = services.pins.pin(manifestId)
  return stream(services, { manifestId, range, key, unpin, first: undefined }, signal)
}

/**
 * The bytes of a range for who is done with each piece before the next: a piece is only good until then, as its memory
 * is used again. The manifest is pinned from the first piece to the last.
 * @throws CorruptChunk and MissingChunk rather than give a wrong byte; S3Error where a key cannot be used; the signal's
 *   reason
 */
export async function* lendManifest(
  services: ReadingServices,
  manifest: ManifestRange,
  signal: AbortSignal,
): LentBytes {
  const { manifestId, range, key } = manifest
  if (manifestId === undefined || range.lengthBytes === 0) return
  const unpin = services.pins.pin(manifestId)
  try {
    const pinned = { manifestId, range, key, first: undefined }
    for await (const segment of segmentsOf(services, pinned)) yield* lendSegment(services, segment, signal)
  } finally {
    unpin()
  }
}

/**
 * As openManifest, for who can use a Buffer: the whole range where it lies in the database, which one read fetches. The
 * keys of the first bytes have been found: an answer may begin.
 * @throws MissingChunk when the manifest is not there or too short; S3Error where a key cannot be used
 */
export async function readInlineOrOpen(
  services: ReadingServices,
  manifest: ManifestRange,
  signal: AbortSignal,
): Promise<Buffer | Readable> {
  const { manifestId, range, key } = manifest
  if (manifestId === undefined || range.lengthBytes === 0) return Buffer.alloc(0)
  const unpin = services.pins.pin(manifestId)
  try {
    const first = await unlock(services, await readPage(services, manifestId, range), key)
    const inline = wholeInline(first, range.lengthBytes)
    if (inline === undefined) return stream(services, { manifestId, range, key, unpin, first }, signal)
    unpin()
    return inline
  } catch (cause) {
    unpin()
    throw cause
  }
}

/**
 * The bytes of segments that have been read already, if all of the range lies in the database.
 * @throws S3Error where a key cannot be used
 */
export async function joinInline(
  services: ReadingServices,
  segments: readonly ReadSegment[],
  { range, key }: Omit<ManifestRange, 'manifestId'>,
): Promise<Buffer | undefined> {
  if (!segments.every(isInline)) return undefined
  return wholeInline(await unlock(services, segments, key), range.lengthBytes)
}

interface PinnedRange extends ManifestRange {
  readonly manifestId: number
  readonly unpin: () => void
  /** The first page of segments, if it has been read. */
  readonly first: readonly OpenSegment[] | undefined
}

function stream(services: ReadingServices, pinned: PinnedRange, signal: AbortSignal): Readable {
  const [only] = pinned.first ?? []
  // An object put whole is one file: its stream needs no other around it.
  if (only?.place === 'file' && only.lengthBytes === pinned.range.lengthBytes) {
    return services.chunks.read(only, only, { signal }).once('close', pinned.unpin)
  }
  if (only?.place === 'sealed' && only.stored.place === 'file' && only.lengthBytes === pinned.range.lengthBytes) {
    return openStream(only.key, only, services.chunks.read(only.stored, storedRange(only), { signal })).once(
      'close',
      pinned.unpin,
    )
  }
  // One piece ahead, and none copied together with another.
  const options = { objectMode: true, highWaterMark: 1, signal }
  return Readable.from(bytesOf(services, pinned, signal), options).once('close', pinned.unpin)
}

async function* bytesOf(services: ReadingServices, pinned: PinnedRange, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const segment of segmentsOf(services, pinned)) yield* bytesOfSegment(services, segment, signal)
}

async function* segmentsOf(
  services: ReadingServices,
  pinned: Omit<PinnedRange, 'unpin'>,
): AsyncGenerator<OpenSegment, void, void> {
  let { offsetBytes, lengthBytes } = pinned.range
  let page = pinned.first
  while (lengthBytes > 0) {
    page ??= await unlock(
      services,
      await readPage(services, pinned.manifestId, { offsetBytes, lengthBytes }),
      pinned.key,
    )
    for (const segment of page) {
      // Before it is handed out: whoever gets its bytes may free them.
      offsetBytes += sizeOf(segment)
      lengthBytes -= sizeOf(segment)
      yield segment
    }
    page = undefined
  }
}

async function* bytesOfSegment(
  { chunks }: ReadingServices,
  segment: OpenSegment,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const inline = inlineBytes(segment)
  if (inline !== undefined) yield inline
  else if (segment.place === 'file') yield* chunks.read(segment, segment, { signal })
  else if (segment.place === 'sealed' && segment.stored.place === 'file') {
    yield* openStream(segment.key, segment, chunks.read(segment.stored, storedRange(segment), { signal }))
  }
}

/** A sealed one's bytes come out of the cipher in memory of their own. */
async function* lendSegment(services: ReadingServices, segment: OpenSegment, signal: AbortSignal): LentBytes {
  if (segment.place === 'file') yield* services.chunks.lend(segment, segment, { signal })
  else yield* bytesOfSegment(services, segment, signal)
}

/** The next segments of the range, at least one. */
async function readPage(services: ReadingServices, manifestId: number, range: ResolvedRange): Promise<ReadSegment[]> {
  const { offsetBytes, lengthBytes } = range
  const segments = await services.metadata.read((tx) =>
    tx.manifests.segments(manifestId, { offsetBytes, lengthBytes, limit: SEGMENTS_PER_PAGE }),
  )
  if (segments.length > 0) return segments
  throw new MissingChunk(`Manifest ${manifestId} has no bytes from ${offsetBytes} on.`)
}

/** All at once: a ring may have to ask somebody else for each key. */
async function unlock(
  { keyRing }: ReadingServices,
  segments: readonly ReadSegment[],
  customerKey: CustomerKey | undefined,
): Promise<readonly OpenSegment[]> {
  const isPlain = (segment: ReadSegment) => segment.place !== 'sealed'
  if (segments.every(isPlain)) return segments
  return await Promise.all(
    segments.map(async (segment) =>
      segment.place === 'sealed'
        ? { ...segment, key: await openDataKey(keyRing, segment.sealing, customerKey) }
        : segment,
    ),
  )
}

function wholeInline(segments: readonly OpenSegment[], lengthBytes: number): Buffer | undefined {
  const pieces: Buffer[] = []
  let bytes = 0
  for (const segment of segments) {
    const piece = inlineBytes(segment)
    if (piece === undefined) return undefined
    pieces.push(piece)
    bytes += piece.length
  }
  if (bytes !== lengthBytes) return undefined
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, bytes)
}

/** The plain bytes of a segment that lies in the database. */
function inlineBytes(segment: OpenSegment): Buffer | undefined {
  if (segment.place === 'inline') return segment.bytes
  if (segment.place === 'file' || segment.stored.place === 'file') return undefined
  return openBytes(segment.key, segment, segment.stored.bytes)
}

function isInline(segment: ReadSegment): boolean {
  return segment.place === 'sealed' ? segment.stored.place === 'inline' : segment.place === 'inline'
}

function sizeOf(segment: ReadSegment): number {
  return segment.place === 'inline' ? segment.bytes.length : segment.lengthBytes
}
