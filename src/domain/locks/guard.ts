import { s3Error } from '../../errors.ts'
import type { BucketRow, ObjectAttributes, VersionRow } from '../../storage/metadata/rows.ts'

export interface Removal {
  /** The server's time, against which retention dates are held. */
  readonly nowMs: number
  /** The caller asked to bypass GOVERNANCE retention and may. Nothing bypasses COMPLIANCE or a legal hold. */
  readonly bypassGovernance: boolean
}

/**
 * Whether a version may be taken away or overwritten. Delete markers bear no lock.
 * Source: the S3 user guide's "How S3 Object Lock works"; RGW's message as recorded from 16.2.
 * @throws S3Error AccessDenied for a version under legal hold or retention
 */
export function assertRemovable(row: VersionRow, removal: Removal): void {
  const { retention, legalHold } = row.attributes
  if (legalHold === true) throw locked()
  if (retention === undefined || retention.retainUntilMs <= removal.nowMs) return
  if (retention.mode === 'GOVERNANCE' && removal.bypassGovernance) return
  throw locked()
}

/**
 * Whether a request may ask for these locks: for a bucket with object lock, and until a date that lies ahead.
 * @throws S3Error InvalidRequest in a bucket without object lock, InvalidArgument for a date that has passed
 */
export function assertLockable(bucket: BucketRow, attributes: ObjectAttributes, nowMs: number): void {
  assertKeepsLocks(bucket, attributes)
  const { retention } = attributes
  if (retention === undefined || retention.retainUntilMs > nowMs) return
  throw s3Error('InvalidArgument', {}, { message: 'The retain until date must be in the future!' })
}

/**
 * Whether a bucket can store a version with these locks. Their date was checked when they were asked for: an upload
 * that outlasts its own retention is stored all the same.
 * @throws S3Error InvalidRequest in a bucket without object lock
 */
export function assertKeepsLocks(bucket: BucketRow, { retention, legalHold }: ObjectAttributes): void {
  if (bucket.objectLock || (retention === undefined && legalHold === undefined)) return
  throw s3Error('InvalidRequest', {}, { message: 'Bucket is missing Object Lock Configuration' })
}

function locked() {
  return s3Error('AccessDenied', {}, { message: 'forbidden by object lock' })
}
