import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { untold } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { deleteVersion } from '../versions/delete.ts'
import { DELETE_BATCH_KEYS } from '../versions/delete-many.ts'
import { removeBucket } from './remove.ts'

/**
 * Removes a bucket with all versions and delete markers in it, in transactions of bounded size. What has been removed
 * before it fails, or is aborted, stays removed.
 * @throws S3Error NoSuchBucket; AccessDenied for a version that a lock protects; BucketNotEmpty when somebody goes on
 *   writing into it
 */
export async function purgeBucket(services: Services, bucket: BucketRow, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const removed = await services.metadata.write((tx) => removeBatch(tx, services, bucket))
    if (removed < DELETE_BATCH_KEYS) break
  }
  await removeBucket(services, bucket)
}

async function removeBatch(tx: WriteTransaction, services: Services, bucket: BucketRow): Promise<number> {
  const range = { bucketId: bucket.id, prefix: '', from: undefined, olderThanId: undefined, limit: DELETE_BATCH_KEYS }
  const versions = await tx.versions.listAll(range)
  for (const { key, versionId } of versions) {
    await deleteVersion(tx, {
      services,
      bucket,
      key,
      versionId,
      conditions: {},
      bypassGovernance: false,
      ownerId: bucket.ownerId,
      tell: untold,
    })
  }
  return versions.length
}

/**
 * Purges every bucket of this owner.
 * @throws S3Error as purgeBucket does
 */
export async function purgeBucketsOf(services: Services, ownerId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const bucket = await services.metadata.read(async (tx) => {
      const [first] = await tx.buckets.list({ ownerId, prefix: '', after: undefined, limit: 1 })
      return first === undefined ? undefined : await tx.buckets.find(first)
    })
    if (bucket === undefined) return
    await purgeBucket(services, bucket, signal)
  }
}
