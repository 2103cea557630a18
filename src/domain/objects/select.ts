import { s3Error } from '../../errors.ts'
import type { ObjectPart, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { type ByteRange, type ResolvedRange, resolveRange } from '../bytes/range.ts'

/** Which bytes of an object a read asks for. */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'range'; readonly range: ByteRange }
  | { readonly kind: 'part'; readonly partNumber: number }

export interface Selected {
  readonly range: ResolvedRange
  /** Whether the answer is a part of the object (206) rather than all of it as such (200). */
  readonly partial: boolean
  /** The part of a multipart object that was asked for by its number. */
  readonly part?: ObjectPart
}

/**
 * The bytes that a selection means in this object. An object that was put whole is its own part 1, as on AWS; an empty
 * one has no range that a Content-Range could name, so it is answered whole.
 * @throws S3Error InvalidRange, InvalidPartNumber
 */
export async function select(tx: ReadTransaction, row: VersionRow, selection: Selection): Promise<Selected> {
  if (selection.kind === 'part' && row.partCount > 0) return await selectPart(tx, row, selection.partNumber)
  return selectOfOne(selection, row.sizeBytes)
}

/**
 * The same of bytes that came whole.
 * @throws S3Error InvalidRange, InvalidPartNumber
 */
export function selectOfOne(selection: Selection, sizeBytes: number): Selected {
  const whole: ResolvedRange = { offsetBytes: 0, lengthBytes: sizeBytes }
  switch (selection.kind) {
    case 'whole':
      return { range: whole, partial: false }
    case 'range':
      return { range: resolveRange(selection.range, sizeBytes), partial: true }
    case 'part':
      if (selection.partNumber !== 1) throw noSuchPart(selection.partNumber, 1)
      return { range: whole, partial: sizeBytes > 0 }
  }
}

async function selectPart(tx: ReadTransaction, row: VersionRow, partNumber: number): Promise<Selected> {
  const { manifestId } = row
  const [part] =
    manifestId === undefined ? [] : await tx.versions.parts(manifestId, { afterPartNumber: partNumber - 1, limit: 1 })
  if (part?.partNumber !== partNumber) throw noSuchPart(partNumber, row.partCount)
  return {
    range: { offsetBytes: part.startBytes, lengthBytes: part.sizeBytes },
    partial: part.sizeBytes > 0,
    part,
  }
}

function noSuchPart(partNumber: number, partCount: number) {
  return s3Error('InvalidPartNumber', { PartNumberRequested: partNumber, ActualPartCount: partCount })
}
