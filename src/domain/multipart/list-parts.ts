import type { PartRow, UploadRow } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'
import type { UploadRef } from './uploads.ts'

export interface PartsPage {
  readonly upload: UploadRow
  readonly parts: readonly PartRow[]
  readonly isTruncated: boolean
  /** Where the next page starts: the last part's number, or the given marker on an empty page. */
  readonly nextMarker: number
}

/** A page of an open upload's parts, in the order of their numbers; undefined if there is no such upload. */
export function listParts(
  services: Services,
  ref: UploadRef,
  { afterPartNumber, limit }: { afterPartNumber: number; limit: number },
): Promise<PartsPage | undefined> {
  return services.metadata.read(async (tx) => {
    const upload = await tx.uploads.find(ref)
    if (upload?.state !== 'open') return undefined
    // One more than asked for tells whether there is more.
    const found = await tx.uploads.parts(ref.uploadId, { afterPartNumber, limit: limit + 1 })
    const parts = found.slice(0, limit)
    return {
      upload,
      parts,
      isTruncated: found.length > limit,
      nextMarker: parts.at(-1)?.partNumber ?? afterPartNumber,
    }
  })
}
