import { s3Error } from '../../errors.ts'
import type { BucketRow, ObjectAttributes, Retention, VersionRow } from '../../storage/metadata/rows.ts'

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

type Locks = Pick<ObjectAttributes, 'retention' | 'legalHold'>

/**
 * Whether a request may ask for these locks: for a bucket with object lock, and until a date that lies ahead.
 * @throws S3Error InvalidRequest in a bucket without object lock, InvalidArgument for a date that has passed
 */
export function assertLockable(bucket: BucketRow, attributes: Locks, nowMs: number): void {
  assertKeepsLocks(bucket, attributes)
  assertAhead(attributes.retention, nowMs)
}

/** @throws S3Error InvalidArgument for retention until a date that has passed (recorded: retention.put.past) */
export function assertAhead(retention: Retention | undefined, nowMs: number): void {
  if (retention === undefined || retention.retainUntilMs > nowMs) return
  throw s3Error('InvalidArgument', {}, { message: 'The retain until date must be in the future!' })
}

/**
 * Whether a version's retention may become another. Nobody is asked while it only grows, and nothing holds any more
 * when its date has passed. COMPLIANCE lets nothing else happen; under GOVERNANCE a bypass is needed to shorten it, to
 * take it away, and to make it COMPLIANCE.
 *
 * Sources: the S3 user guide's "Retention modes"; RGW as recorded (retention.put.shorten, shorten_bypass), which since
 * 17.2 has the same rule about modes, found by trying S3 (Ceph's pull request 42505).
 * @throws S3Error AccessDenied
 */
export function assertRetentionChange(
  { before, after }: { readonly before: Retention | undefined; readonly after: Retention | undefined },
  { nowMs, bypassGovernance }: Removal,
): void {
  if (before === undefined || before.retainUntilMs <= nowMs) return
  if (after?.mode === before.mode && after.retainUntilMs >= before.retainUntilMs) return
  if (before.mode === 'GOVERNANCE' && bypassGovernance) return
  const message =
    after?.mode === before.mode
      ? 'proposed retain-until date shortens an existing retention period and governance bypass check failed'
      : 'an existing retention mode cannot be changed and governance bypass check failed'
  throw s3Error('AccessDenied', {}, { message })
}

/**
 * Whether a bucket can store a version with these locks. Their date was checked when they were asked for: an upload
 * that outlasts its own retention is stored all the same.
 * @throws S3Error InvalidRequest in a bucket without object lock
 */
export function assertKeepsLocks(bucket: BucketRow, { retention, legalHold }: Locks): void {
  if (bucket.objectLock || (retention === undefined && legalHold === undefined)) return
  throw s3Error('InvalidRequest', {}, { message: 'Bucket is missing Object Lock Configuration' })
}

function locked() {
  return s3Error('AccessDenied', {}, { message: 'forbidden by object lock' })
}
