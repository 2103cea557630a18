import { s3Error } from '../../errors.ts'

/** A Range header's one range, before the object's size is known. */
export type ByteRange =
  | { readonly kind: 'from'; readonly firstByte: number; readonly lastByte: number | undefined }
  | { readonly kind: 'suffix'; readonly lengthBytes: number }

export interface ResolvedRange {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/**
 * The bytes that a range means in an object of this size, cut to its end. RFC 9110 section 14.1.2.
 * @throws S3Error InvalidRange when no byte of the object is in it
 */
export function resolveRange(range: ByteRange, sizeBytes: number): ResolvedRange {
  const offsetBytes = range.kind === 'from' ? range.firstByte : Math.max(0, sizeBytes - range.lengthBytes)
  const last = range.kind === 'from' ? Math.min(range.lastByte ?? sizeBytes - 1, sizeBytes - 1) : sizeBytes - 1
  if (offsetBytes > last) throw s3Error('InvalidRange', { ActualObjectSize: sizeBytes })
  return { offsetBytes, lengthBytes: last - offsetBytes + 1 }
}
