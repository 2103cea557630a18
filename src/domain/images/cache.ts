import { Readable } from 'node:stream'
import { CorruptChunk, MissingChunk } from '../../storage/chunks/store.ts'
import type { RenderingRow } from '../../storage/metadata/rendering-store.ts'
import { readInlineOrOpen } from '../bytes/open.ts'
import type { ResolvedRange } from '../bytes/range.ts'
import { deletableAtMs } from '../limits.ts'
import type { Services } from '../services.ts'
import { md5Of, PIECE_BYTES, piecesOf } from './pieces.ts'
import { type RenderingRequest, renderingRef } from './rendering-ref.ts'
import { nameOf } from './renderings.ts'
import { storeRendering } from './store-rendering.ts'

/** A result as it has been rendered. */
export interface Rendered {
  readonly bytes: Buffer
  readonly contentType: string
}

/** A result that was kept, or that has just been made. */
export interface Rendering {
  readonly contentType: string
  /** MD5 of its bytes in hex, however it came. */
  readonly etag: string
  readonly sizeBytes: number
  readonly place:
    | { readonly kind: 'memory'; readonly bytes: Buffer }
    | { readonly kind: 'kept'; readonly row: RenderingRow }
}

export interface RenderingMaker {
  /**
   * Called where the result is not kept. Whoever asks for the same meanwhile gets what this makes: the caller has seen
   * to it that each of them may. Its signal aborts when nobody wants the result any more.
   */
  readonly render: (signal: AbortSignal) => Promise<Rendered>
  /** The caller's. */
  readonly signal: AbortSignal
}

/** What of the services this needs. */
type RenderingServices = Pick<
  Services,
  'chunks' | 'clock' | 'ids' | 'keyRing' | 'limits' | 'metadata' | 'pins' | 'renderings'
>

/**
 * What a directive makes of a picture: from the cache, or rendered now and then kept where it may be. Results of
 * pictures that do not change are the same bytes each time they are asked for, as long as they are kept.
 * @throws what `render` throws; the signal's reason
 */
export async function renderOnce(
  services: RenderingServices,
  request: RenderingRequest,
  maker: RenderingMaker,
): Promise<Rendering> {
  const ref = renderingRef(request)
  const make = async (signal: AbortSignal) =>
    (await findRendering(services, request)) ?? (await renderAndKeep(services, request, await maker.render(signal)))
  return await services.renderings.underWay.run(nameOf(ref), make, maker.signal)
}

/** The result, if it has been kept. */
export async function findRendering(
  { metadata, renderings }: Pick<RenderingServices, 'metadata' | 'renderings'>,
  request: RenderingRequest,
): Promise<Rendering | undefined> {
  if (renderings.cacheBytes === 0) return undefined
  const ref = renderingRef(request)
  const row = await metadata.read((tx) => tx.renderings.find(ref))
  if (row === undefined) return undefined
  renderings.noteUse(row)
  const { contentType, etag, sizeBytes } = row
  return { contentType, etag, sizeBytes, place: { kind: 'kept', row } }
}

/**
 * Behind this, the next one to ask finds it in the cache. This one too, where it is large: what lies on the disk need
 * not be in memory until the slowest client has fetched it.
 */
async function renderAndKeep(
  services: RenderingServices,
  request: RenderingRequest,
  { bytes, contentType }: Rendered,
): Promise<Rendering> {
  const etag = await md5Of(bytes)
  try {
    const row = await storeRendering(services, request, { bytes, contentType, etag })
    if (row !== undefined && bytes.length > PIECE_BYTES) {
      return { contentType, etag, sizeBytes: bytes.length, place: { kind: 'kept', row } }
    }
  } catch (cause) {
    services.renderings.notKept(cause)
  }
  return { contentType, etag, sizeBytes: bytes.length, place: { kind: 'memory', bytes } }
}

/**
 * The bytes of a range. Kept ones are pinned until the stream closes, so whoever takes a stream consumes or destroys
 * it; a picture that is deleted meanwhile does not end it.
 *
 * A result whose bytes have gone bad is forgotten: this answer fails, the next request renders it anew.
 * @throws CorruptChunk, MissingChunk
 */
export async function openRendering(
  services: RenderingServices,
  { rendering: { place }, range }: { rendering: Rendering; range: ResolvedRange },
  signal: AbortSignal,
): Promise<Buffer | Readable> {
  if (place.kind === 'memory') return openHeld(services, place.bytes, range)
  const { row } = place
  try {
    const body = await readInlineOrOpen(services, { manifestId: row.manifestId, range }, signal)
    return Buffer.isBuffer(body) ? body : body.once('error', (cause) => void forgetBad(services, row, cause))
  } catch (cause) {
    await forgetBad(services, row, cause)
    throw cause
  }
}

/** In pieces, so that neither TLS nor a digest takes all of a large result at once. */
function openHeld(
  { renderings }: Pick<RenderingServices, 'renderings'>,
  bytes: Buffer,
  { offsetBytes, lengthBytes }: ResolvedRange,
): Buffer | Readable {
  const wanted = bytes.subarray(offsetBytes, offsetBytes + lengthBytes)
  // A copy, so that it does not keep the rest of it in memory.
  if (wanted.length <= PIECE_BYTES) return wanted.length === bytes.length ? bytes : Buffer.from(wanted)
  return Readable.from(piecesOf(wanted), { objectMode: false }).once('close', renderings.held.hold(bytes))
}

async function forgetBad(services: RenderingServices, row: RenderingRow, cause: unknown): Promise<void> {
  if (!(cause instanceof CorruptChunk || cause instanceof MissingChunk)) return
  // The request has its own failure to tell of; where this fails too, the row stays as bad as it is.
  await services.metadata.write((tx) => tx.renderings.remove([row], deletableAtMs(services))).catch(() => undefined)
}
