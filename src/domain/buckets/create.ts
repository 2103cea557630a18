import { s3Error } from '../../errors.ts'
import type { BucketRow, NewBucket } from '../../storage/metadata/rows.ts'
import { UniqueViolation, type WriteTransaction } from '../../storage/metadata/store.ts'
import type { Account } from '../accounts.ts'
import type { Services } from '../services.ts'

export interface BucketRequest {
  /** The tenant is already resolved: see bucketRefFor in domain/access. */
  readonly bucket: Omit<NewBucket, 'ownerId' | 'createdMs' | 'versioning'>
  readonly creator: Account
  /** Whether the owner may create the bucket again without harm: RGW says yes, AWS in its oldest region only. */
  readonly recreateSucceeds: boolean
}

/**
 * Creates the bucket, or finds that the same owner has it already. Of many creators at one time exactly one inserts the
 * row. An object-lock bucket is born with versioning enabled, as S3 demands.
 * @throws S3Error BucketAlreadyExists, BucketAlreadyOwnedByYou, TooManyBuckets, AccessDenied for another tenant's names
 */
export async function createBucket(services: Services, request: BucketRequest): Promise<BucketRow> {
  const { bucket, creator } = request
  if (bucket.tenant !== creator.tenant && !creator.isRoot) throw s3Error('AccessDenied')
  const row: NewBucket = {
    ...bucket,
    ownerId: creator.id,
    createdMs: services.clock.now(),
    versioning: bucket.objectLock ? 'enabled' : 'off',
  }
  return services.metadata.write(async (tx) => {
    // 1. The name decides before the quota: whoever has the bucket already needs no room for another.
    const existing = await tx.buckets.find(bucket)
    if (existing !== undefined) return recreated(existing, request)
    // 2. Counted inside the transaction, so that two creators cannot share the last place.
    if ((await tx.buckets.count(creator.id)) >= creator.maxBuckets) throw s3Error('TooManyBuckets')
    return insert(tx, row, request)
  })
}

/** An engine with several writers may learn only at the insert that another one was faster. */
async function insert(tx: WriteTransaction, row: NewBucket, request: BucketRequest): Promise<BucketRow> {
  try {
    return await tx.buckets.insert(row)
  } catch (cause) {
    if (!(cause instanceof UniqueViolation)) throw cause
    const winner = await tx.buckets.find(row)
    if (winner === undefined) throw cause
    return recreated(winner, request)
  }
}

/**
 * RGW answers the same owner as if the bucket were new, but refuses one that asks for another ACL (recorded; the code
 * it answers with is BucketAlreadyExists in its dialect). Asking for a lock that the bucket does not have is refused
 * likewise: it would not be honoured.
 */
function recreated(existing: BucketRow, { bucket, creator, recreateSucceeds }: BucketRequest): BucketRow {
  const details = { BucketName: existing.name }
  if (existing.ownerId !== creator.id) throw s3Error('BucketAlreadyExists', details)
  const isSame = existing.acl === bucket.acl && (existing.objectLock || !bucket.objectLock)
  if (!recreateSucceeds || !isSame) throw s3Error('BucketAlreadyOwnedByYou', details)
  return existing
}
