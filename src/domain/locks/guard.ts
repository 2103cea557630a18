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
 * Whether a bucket may store a version with these attributes: lock settings need a bucket with object lock.
 * @throws S3Error InvalidRequest in a bucket without object lock, InvalidArgument for a date that has passed
 */
export function assertLockable(bucket: BucketRow, attributes: ObjectAttributes, nowMs: number): void {
  const { retention, legalHold } = attributes
  if (retention === undefined && legalHold === undefined) return
  if (!bucket.objectLock) {
    throw s3Error('InvalidRequest', {}, { message: 'Bucket is missing Object Lock Configuration' })
  }
  if (retention !== undefined && retention.retainUntilMs <= nowMs) {
    throw s3Error('InvalidArgument', {}, { message: 'The retain until date must be in the future!' })
  }
}

function locked() {
  return s3Error('AccessDenied', {}, { message: 'forbidden by object lock' })
}
