import type { Readable } from 'node:stream'
import { s3Error } from '../../errors.ts'
import type { ReadSegment, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { joinInline, readInlineOrOpen } from '../bytes/open.ts'
import type { ResolvedRange } from '../bytes/range.ts'
import { assertKeyFits, type KeyOffer } from '../encryption/key-check.ts'
import type { Services } from '../services.ts'
import { assertReadable } from '../storage-classes/archive.ts'
import { locate, type VersionRef } from '../versions/locate.ts'
import { type Conditions, evaluate, type Validators } from './conditions.ts'
import { type Selected, type Selection, select } from './select.ts'

export interface ReadRequest extends VersionRef {
  readonly conditions: Conditions
  readonly selection: Selection
  /** The key that an object may have been encrypted with. */
  readonly offer: KeyOffer
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
 * @throws S3Error PreconditionFailed, InvalidRange, InvalidPartNumber, those of assertKeyFits
 */
export async function findObject(services: Services, request: ReadRequest): Promise<Found> {
  return await services.metadata.read((tx) => find(tx, request))
}

/**
 * Like findObject, with the selected bytes: small inline ones come out of the same transaction, others as a stream, and
 * only a stream asks the reader for its signal, which is made when it is first asked for.
 * @throws S3Error PreconditionFailed, InvalidObjectState (archived), InvalidRange, InvalidPartNumber, those of
 *   assertKeyFits; of a KMS key that cannot be used
 */
export async function openObject(
  services: Services,
  request: ReadRequest,
  reader: { readonly signal: AbortSignal },
): Promise<{ found: Found; body: Buffer | Readable | undefined }> {
  const { inlineBytesMax } = services.limits
  const { found, segments } = await services.metadata.read(async (tx) => {
    const found = await find(tx, request, (version) => assertReadable(version, { nowMs: services.clock.now() }))
    const isSmall = found.kind === 'object' && found.selected.range.lengthBytes <= inlineBytesMax
    return { found, segments: isSmall ? await firstSegments(tx, found.version.manifestId, found.selected.range) : [] }
  })
  if (found.kind !== 'object') return { found, body: undefined }
  const { manifestId } = found.version
  const bytes = { manifestId, range: found.selected.range, key: request.offer.key }
  const inline = segments.length === 0 ? undefined : await joinInline(services, segments, bytes)
  return { found, body: inline ?? (await readInlineOrOpen(services, bytes, reader.signal)) }
}

async function find(
  tx: ReadTransaction,
  request: ReadRequest,
  assertOpen: (version: VersionRow) => void = () => undefined,
): Promise<Found> {
  const version = await locate(tx, request)
  if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
  assertKeyFits(version.attributes.encryption, request.offer)
  if (!isWanted(request.conditions, version)) return { kind: 'not-modified', version }
  assertOpen(version)
  return { kind: 'object', version, selected: await select(tx, version, request.selection) }
}

/** What a small range is made of, unless it is of very many pieces: then the last ones are missing. */
async function firstSegments(
  tx: ReadTransaction,
  manifestId: number | undefined,
  range: ResolvedRange,
): Promise<ReadSegment[]> {
  if (manifestId === undefined || range.lengthBytes === 0) return []
  return await tx.manifests.segments(manifestId, { ...range, limit: INLINE_SEGMENTS_MAX })
}

/**
 * Whether the reader has not got the object already.
 * @throws S3Error PreconditionFailed
 */
export function isWanted(conditions: Conditions, object: Validators): boolean {
  const verdict = evaluate(conditions, object)
  if (verdict === 'failed') throw s3Error('PreconditionFailed', { Condition: failedHeader(conditions) })
  return verdict === 'proceed'
}

function failedHeader(conditions: Conditions): string {
  return conditions.ifMatch === undefined ? 'If-Unmodified-Since' : 'If-Match'
}
