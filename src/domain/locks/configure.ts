import { s3Error } from '../../errors.ts'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { DefaultRetention } from '../../storage/metadata/settings.ts'
import type { Services } from '../services.ts'
import { presentBucket } from '../versions/write.ts'

export interface LockConfiguration {
  /** What new versions are retained by; undefined for nothing. */
  readonly retention: DefaultRetention | undefined
  /** Whether a bucket that was created without object lock may get it now. */
  readonly canEnable: boolean
}

/**
 * Sets a bucket's default retention, and gives it object lock where it has none yet and keeps all versions. Versions
 * that are there already stay as they are.
 * @throws S3Error NoSuchBucket; InvalidBucketState for a bucket that has no object lock and cannot get it
 */
export async function configureLock(
  services: Services,
  bucket: BucketRow,
  { retention, canEnable }: LockConfiguration,
): Promise<void> {
  await services.metadata.write(async (tx) => {
    const { id, objectLock, versioning } = await presentBucket(tx, bucket)
    if (!objectLock) {
      if (!canEnable || versioning !== 'enabled') throw notLockable(canEnable)
      await tx.buckets.enableObjectLock(id)
    }
    await tx.buckets.setSetting(id, 'objectLockRetention', retention)
  })
}

/** RGW's words as recorded (object_lock.put.not_enabled_bucket), and AWS's. */
function notLockable(canEnable: boolean): Error {
  const message = canEnable
    ? "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
    : "object lock configuration can't be set if bucket object lock not enabled"
  return s3Error('InvalidBucketState', {}, { message })
}
