import { s3Error } from '../errors.ts'
import type { BucketRow, BucketUsage, NewVersion, VersionRow } from '../storage/metadata/rows.ts'
import type { Quota } from '../storage/metadata/settings.ts'
import type { ReadTransaction } from '../storage/metadata/store.ts'
import type { Services } from './services.ts'

/** The quotas that hold for a bucket; undefined where none is enabled. */
export interface Quotas {
  /** For the bucket alone: its own, or else the one that its owner's account has for each of its buckets. */
  readonly bucket: Quota | undefined
  /** For all buckets of its owner together. */
  readonly user: Quota | undefined
}

/**
 * Ceph's rule (RGWOp::init_quota): a bucket's own quota takes the place of its owner's for buckets once it is enabled,
 * and whoever writes, it is the owner's account that is measured.
 */
export function quotasOf({ accounts }: Pick<Services, 'accounts'>, bucket: BucketRow): Quotas {
  const owner = accounts.find(bucket.ownerId)
  return {
    bucket: enabled(bucket.settings.quota) ?? enabled(owner?.bucketQuota),
    user: enabled(owner?.quota),
  }
}

function enabled(quota: Quota | undefined): Quota | undefined {
  return quota?.enabled === true ? quota : undefined
}

export interface Write {
  readonly services: Pick<Services, 'accounts'>
  readonly bucket: BucketRow
  /** What comes to be there. */
  readonly version: Pick<NewVersion, 'kind' | 'sizeBytes'>
  /** What stops being there; undefined where it stays as an old version, or there is nothing. */
  readonly replaced: Pick<VersionRow, 'kind' | 'sizeBytes'> | undefined
}

/**
 * Refuses a write that would leave more than a quota allows. To be called in the transaction that writes, before it
 * does: only then are the last places given out once. Sizes are exact; RGW rounds each object up to 4 KiB, which a
 * client cannot see. A write that adds nothing to what is measured is never refused, however full the bucket is.
 * @throws S3Error QuotaExceeded
 */
export async function assertWithinQuota(tx: ReadTransaction, write: Write): Promise<void> {
  const { bucket: bucketQuota, user: userQuota } = quotasOf(write.services, write.bucket)
  if (bucketQuota === undefined && userQuota === undefined) return
  const growth = growthOf(write)
  if (growth.objects <= 0 && growth.bytes <= 0) return
  const { id, ownerId } = write.bucket
  if (bucketQuota !== undefined) assertRoom(await tx.buckets.usage(id), growth, bucketQuota)
  if (userQuota !== undefined) assertRoom(await tx.buckets.usageOfOwner(ownerId), growth, userQuota)
}

/** What a write adds, which is negative where it replaces something larger. */
function growthOf({ version, replaced }: Write): BucketUsage {
  const added = usageOf(version)
  const gone = replaced === undefined ? NOTHING : usageOf(replaced)
  return { objects: added.objects - gone.objects, bytes: added.bytes - gone.bytes }
}

const NOTHING: BucketUsage = { objects: 0, bytes: 0 }

function usageOf({ kind, sizeBytes }: Pick<NewVersion, 'kind' | 'sizeBytes'>): BucketUsage {
  return kind === 'object' ? { objects: 1, bytes: sizeBytes } : NOTHING
}

function assertRoom(usage: BucketUsage, growth: BucketUsage, { maxObjects, maxBytes }: Quota): void {
  const tooMany = maxObjects !== undefined && growth.objects > 0 && usage.objects + growth.objects > maxObjects
  const tooLarge = maxBytes !== undefined && growth.bytes > 0 && usage.bytes + growth.bytes > maxBytes
  if (tooMany || tooLarge) throw s3Error('QuotaExceeded')
}
