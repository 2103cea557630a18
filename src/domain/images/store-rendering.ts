import type { RenderingRow } from '../../storage/metadata/rendering-store.ts'
import type { NewChunk } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { commitReceived } from '../bytes/commit.ts'
import type { Received } from '../bytes/receive.ts'
import { deletableAtMs } from '../limits.ts'
import type { Services } from '../services.ts'
import { piecesOf } from './pieces.ts'
import { type RenderingRequest, renderingRef } from './rendering-ref.ts'

/** The largest part of the cache that one result may take: many small ones are of more use than one large one. */
export const SHARE_MAX = 1 / 16
/** What a rendering costs beside its bytes, in rows and in a file's last block. Bounds their number too. */
export const OVERHEAD_BYTES = 1024
/**
 * Of one picture: they go in one transaction with it, and for every one of a batch of deletions. Above it the least
 * recently used makes room.
 */
export const RENDERINGS_OF_SOURCE_MAX = 500
/** Renderings that one transaction drops to make room: small enough that a PUT never waits long for the writer. */
export const DROP_BATCH = 500
/** Such transactions that a result is worth: with more in its way it is not kept. */
const DROP_BATCHES_MAX = 20

/** What of the services this needs. */
export type KeepingServices = Pick<Services, 'chunks' | 'clock' | 'ids' | 'limits' | 'metadata' | 'renderings'>

export interface StoredRendering {
  readonly bytes: Buffer
  readonly contentType: string
  readonly etag: string
}

/**
 * Keeps a result: bytes first, into the default store whatever the picture's class, then the row. Undefined where it is
 * not kept: the cache is off or the result too large for it; the picture, or one laid over it, is encrypted (its pixels
 * would lie on the disk in plain text); the picture has gone meanwhile.
 * @throws S3Error ServiceUnavailable, and what else the stores throw; nothing stays then
 */
export async function storeRendering(
  services: KeepingServices,
  request: RenderingRequest,
  rendered: StoredRendering,
): Promise<RenderingRow | undefined> {
  if (!mayKeep(services, request, rendered)) return undefined
  const written = await write(services, rendered.bytes)
  const insertion = { services, request, rendered, chunk: written.chunk }
  for (let batch = 0; batch < DROP_BATCHES_MAX; batch += 1) {
    const outcome = await commitReceived(services.metadata, written, (tx) => insert(tx, insertion))
    if (outcome === 'gone') break
    if (outcome !== 'no-room-yet') return outcome
  }
  await written.discard()
  return undefined
}

function mayKeep({ renderings }: KeepingServices, request: RenderingRequest, { bytes }: StoredRendering): boolean {
  if (bytes.length === 0 || costOf(1, bytes.length) > renderings.cacheBytes * SHARE_MAX) return false
  return [request.source, ...request.overlays].every(({ attributes }) => attributes.encryption === undefined)
}

/** Nobody's signal: what has been rendered is worth keeping although nobody waits for it any more. */
async function write(
  { chunks, ids, limits }: KeepingServices,
  bytes: Buffer,
): Promise<Pick<Received, 'discard'> & { readonly chunk: NewChunk }> {
  if (bytes.length <= limits.inlineBytesMax)
    return { chunk: { place: 'inline', bytes }, discard: async () => undefined }
  const file = { name: ids.chunkName(), store: '' }
  const { signal } = new AbortController()
  const { sizeBytes } = await chunks.put(file, piecesOf(bytes), { signal })
  const discard = () => chunks.remove([file]).catch(() => undefined)
  return { chunk: { place: 'file', ...file, sizeBytes }, discard }
}

interface Insertion {
  readonly services: KeepingServices
  readonly request: RenderingRequest
  readonly rendered: StoredRendering
  readonly chunk: NewChunk
}

async function insert(tx: WriteTransaction, insertion: Insertion): Promise<RenderingRow | 'gone' | 'no-room-yet'> {
  const { services, request, rendered, chunk } = insertion
  const { bytes, contentType, etag } = rendered
  const { renderings } = services
  // 1. The picture is still there, and not encrypted: nothing would drop the result otherwise, nor may it lie here.
  const { bucketId, key, versionId, id } = request.source
  const source = await tx.versions.find({ bucketId, key, versionId })
  if (source?.id !== id || source.attributes.encryption !== undefined) return 'gone'
  // 2. There is room for it.
  const deletable = deletableAtMs(services)
  if ((await tx.renderings.countOf(id)) >= RENDERINGS_OF_SOURCE_MAX) {
    const oldest = await tx.renderings.leastUsedOf(id)
    if (oldest !== undefined) await tx.renderings.remove([oldest], deletable)
  }
  const keepBytes = renderings.cacheBytes - costOf(1, bytes.length)
  if (!(await shrink(tx, { keepBytes, deletableAtMs: deletable }))) return 'no-room-yet'
  // 3. The row takes over the reference to the bytes.
  const manifestId = await tx.manifests.create([chunk])
  const kept = { manifestId, sizeBytes: bytes.length, contentType, etag, usedMs: renderings.now() }
  const row = { ...renderingRef(request), ...kept }
  await tx.renderings.put(row, deletable)
  return row
}

/**
 * Drops the least recently used renderings until the others cost no more than `keepBytes`; a batch of them at most.
 * @returns whether they do
 */
export async function shrink(
  tx: WriteTransaction,
  { keepBytes, deletableAtMs }: { keepBytes: number; deletableAtMs: number },
): Promise<boolean> {
  const total = await tx.renderings.total()
  let tooMuch = costOf(total.count, total.bytes) - keepBytes
  if (tooMuch <= 0) return true
  const dropped: RenderingRow[] = []
  for (const row of await tx.renderings.leastUsed(DROP_BATCH)) {
    if (tooMuch <= 0) break
    tooMuch -= costOf(1, row.sizeBytes)
    dropped.push(row)
  }
  await tx.renderings.remove(dropped, deletableAtMs)
  return tooMuch <= 0
}

/** What so many renderings of so many bytes together count for against the bound. */
export function costOf(count: number, bytes: number): number {
  return bytes + count * OVERHEAD_BYTES
}
