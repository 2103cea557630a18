import type { Readable } from 'node:stream'
import { s3Error } from '../../errors.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { readInlineOrOpen } from '../bytes/open.ts'
import type { ResolvedRange } from '../bytes/range.ts'
import type { Services } from '../services.ts'
import { locate, type VersionRef } from '../versions/locate.ts'
import { type Conditions, evaluate } from './conditions.ts'
import { type Selected, type Selection, select } from './select.ts'

export interface ReadRequest extends VersionRef {
  readonly conditions: Conditions
  readonly selection: Selection
}

/** What a read finds. A delete marker is `absent` with its row. */
export type Found =
  | { readonly kind: 'absent'; readonly marker: VersionRow | undefined }
  | { readonly kind: 'not-modified'; readonly version: VersionRow }
  | { readonly kind: 'object'; readonly version: VersionRow; readonly selected: Selected }

/**
 * Inline segments that are fetched together with the version. An object of more pieces than this (many small appends)
 * is streamed.
 */
const INLINE_SEGMENTS_MAX = 4

/**
 * Finds a version and holds the conditions and the selection against it; no bytes are touched.
 * @throws S3Error PreconditionFailed, InvalidRange, InvalidPartNumber
 */
export async function findObject(services: Services, request: ReadRequest): Promise<Found> {
  return await services.metadata.read((tx) => find(tx, request))
}

/**
 * Like findObject, with the selected bytes: small inline ones come out of the same transaction, others as a stream, and
 * only a stream asks the reader for its signal, which is made when it is first asked for.
 * @throws S3Error PreconditionFailed, InvalidRange, InvalidPartNumber
 */
export async function openObject(
  services: Services,
  request: ReadRequest,
  reader: { readonly signal: AbortSignal },
): Promise<{ found: Found; body: Buffer | Readable | undefined }> {
  const { inlineBytesMax } = services.limits
  const { found, bytes } = await services.metadata.read(async (tx) => {
    const found = await find(tx, request)
    if (found.kind !== 'object' || found.selected.range.lengthBytes > inlineBytesMax) return { found, bytes: undefined }
    return { found, bytes: await inlineBytes(tx, found.version.manifestId, found.selected.range) }
  })
  if (found.kind !== 'object') return { found, body: undefined }
  if (bytes !== undefined) return { found, body: bytes }
  const { manifestId } = found.version
  return { found, body: await readInlineOrOpen(services, { manifestId, range: found.selected.range }, reader.signal) }
}

async function find(tx: ReadTransaction, request: ReadRequest): Promise<Found> {
  const version = await locate(tx, request)
  if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
  const verdict = evaluate(request.conditions, version)
  if (verdict === 'failed') throw s3Error('PreconditionFailed', { Condition: failedHeader(request.conditions) })
  if (verdict === 'not-modified') return { kind: 'not-modified', version }
  return { kind: 'object', version, selected: await select(tx, version, request.selection) }
}

/** The range's bytes if they lie in a few inline segments, else undefined. */
async function inlineBytes(
  tx: ReadTransaction,
  manifestId: number | undefined,
  range: ResolvedRange,
): Promise<Buffer | undefined> {
  if (range.lengthBytes === 0) return Buffer.alloc(0)
  if (manifestId === undefined) return undefined
  const segments = await tx.manifests.segments(manifestId, { ...range, limit: INLINE_SEGMENTS_MAX })
  const pieces: Buffer[] = []
  let lengthBytes = 0
  for (const segment of segments) {
    if (segment.place !== 'inline') return undefined
    pieces.push(segment.bytes)
    lengthBytes += segment.bytes.length
  }
  if (lengthBytes !== range.lengthBytes) return undefined
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, lengthBytes)
}

function failedHeader(conditions: Conditions): string {
  return conditions.ifMatch === undefined ? 'If-Unmodified-Since' : 'If-Match'
}
