import { Readable } from 'node:stream'
import { MissingChunk } from '../../storage/chunks/store.ts'
import type { ReadSegment } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'
import type { ResolvedRange } from './range.ts'

/** Segments of one metadata read: the manifest of the largest multipart object has 10,000. */
const SEGMENTS_PER_PAGE = 16

/** Bytes of an object: undefined stands for the manifest of an empty one. */
export interface ManifestRange {
  readonly manifestId: number | undefined
  readonly range: ResolvedRange
}

/** What of the services this needs. */
type ReadingServices = Pick<Services, 'chunks' | 'metadata' | 'pins'>

/**
 * The bytes of a range, read as they are consumed. The manifest is pinned from now until the stream closes, so whoever
 * takes the stream consumes or destroys it.
 *
 * The stream fails with CorruptChunk or MissingChunk rather than give a wrong byte.
 */
export function openManifest(services: ReadingServices, manifest: ManifestRange, signal: AbortSignal): Readable {
  const { manifestId, range } = manifest
  if (manifestId === undefined || range.lengthBytes === 0) return Readable.from([], { objectMode: false })
  const unpin = services.pins.pin(manifestId)
  return stream(services, { manifestId, range, unpin, first: undefined }, signal)
}

/**
 * The same for who can use a Buffer: the whole range where it lies in the database, which one read fetches.
 * @throws MissingChunk when the manifest is not there or too short
 */
export async function readInlineOrOpen(
  services: ReadingServices,
  manifest: ManifestRange,
  signal: AbortSignal,
): Promise<Buffer | Readable> {
  const { manifestId, range } = manifest
  if (manifestId === undefined || range.lengthBytes === 0) return Buffer.alloc(0)
  const unpin = services.pins.pin(manifestId)
  try {
    const first = await readPage(services, manifestId, range)
    const inline = wholeInline(first, range.lengthBytes)
    if (inline === undefined) return stream(services, { manifestId, range, unpin, first }, signal)
    unpin()
    return inline
  } catch (cause) {
    unpin()
    throw cause
  }
}

interface PinnedRange {
  readonly manifestId: number
  readonly range: ResolvedRange
  readonly unpin: () => void
  /** The first page of segments, if it has been read. */
  readonly first: readonly ReadSegment[] | undefined
}

function stream(services: ReadingServices, pinned: PinnedRange, signal: AbortSignal): Readable {
  const [only] = pinned.first ?? []
  // An object put whole is one file: its stream needs no other around it.
  if (only?.place === 'file' && only.lengthBytes === pinned.range.lengthBytes) {
    return services.chunks.read(only.name, only, { signal }).once('close', pinned.unpin)
  }
  return Readable.from(bytesOf(services, pinned, signal), { objectMode: false, signal }).once('close', pinned.unpin)
}

async function* bytesOf(services: ReadingServices, pinned: PinnedRange, signal: AbortSignal): AsyncGenerator<Buffer> {
  let { offsetBytes, lengthBytes } = pinned.range
  let page = pinned.first
  while (lengthBytes > 0) {
    page ??= await readPage(services, pinned.manifestId, { offsetBytes, lengthBytes })
    for (const segment of page) {
      if (segment.place === 'inline') yield segment.bytes
      else yield* services.chunks.read(segment.name, segment, { signal })
      offsetBytes += sizeOf(segment)
      lengthBytes -= sizeOf(segment)
    }
    page = undefined
  }
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

function wholeInline(segments: readonly ReadSegment[], lengthBytes: number): Buffer | undefined {
  const [only] = segments
  if (only?.place === 'inline' && only.bytes.length === lengthBytes) return only.bytes
  const pieces: Buffer[] = []
  let bytes = 0
  for (const segment of segments) {
    if (segment.place !== 'inline') return undefined
    pieces.push(segment.bytes)
    bytes += segment.bytes.length
  }
  return bytes === lengthBytes ? Buffer.concat(pieces, bytes) : undefined
}

function sizeOf(segment: ReadSegment): number {
  return segment.place === 'inline' ? segment.bytes.length : segment.lengthBytes
}
