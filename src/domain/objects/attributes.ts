import type { ObjectPart, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import { locate, type VersionRef } from '../versions/locate.ts'

/** One page of the parts of a multipart object. */
export interface PartsPage {
  readonly afterPartNumber: number
  readonly maxParts: number
  readonly parts: readonly ObjectPart[]
  readonly isTruncated: boolean
}

export interface PartsRange {
  readonly afterPartNumber: number
  readonly maxParts: number
}

export type Described =
  | { readonly kind: 'absent'; readonly marker: VersionRow | undefined }
  | { readonly kind: 'object'; readonly version: VersionRow; readonly parts: PartsPage | undefined }

/** A version with a page of its parts where `range` asks for them and it has any. */
export async function describeObject(
  services: Services,
  ref: VersionRef,
  range: PartsRange | undefined,
): Promise<Described> {
  return await services.metadata.read(async (tx) => {
    const version = await locate(tx, ref)
    if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
    const hasParts = version.partCount > 0 && version.manifestId !== undefined
    if (range === undefined || !hasParts) return { kind: 'object', version, parts: undefined }
    return { kind: 'object', version, parts: await pageOfParts(tx, version.manifestId, range) }
  })
}

async function pageOfParts(tx: ReadTransaction, manifestId: number, range: PartsRange): Promise<PartsPage> {
  const { afterPartNumber, maxParts } = range
  const found = await tx.versions.parts(manifestId, { afterPartNumber, limit: maxParts + 1 })
  return { afterPartNumber, maxParts, parts: found.slice(0, maxParts), isTruncated: found.length > maxParts }
}
