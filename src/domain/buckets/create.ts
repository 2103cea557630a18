import { isDeepStrictEqual } from 'node:util'
import { s3Error } from '../../errors.ts'
import type { BucketRow, NewBucket } from '../../storage/metadata/rows.ts'
import type { BucketSettings, ObjectOwnership } from '../../storage/metadata/settings.ts'
import { UniqueViolation, type WriteTransaction } from '../../storage/metadata/store.ts'
import { isSameAcl } from '../access/acl.ts'
import { assertNewBucketAcl } from '../access/settle.ts'
import { type Account, mayOwnAnother } from '../accounts.ts'
import type { Services } from '../services.ts'

export interface BucketRequest {
  /** The tenant is already resolved: see bucketRefFor in domain/access. */
  readonly bucket: Omit<NewBucket, 'ownerId' | 'createdMs' | 'versioning'> & { readonly settings: BucketSettings }
  readonly creator: Account
  /** What the request itself says of it; the bucket's settings have the provider's custom beside. */
  readonly ownership?: ObjectOwnership | undefined
  /** Whether the owner may create the bucket again without harm: RGW says yes, AWS in its oldest region only. */
  readonly recreateSucceeds: boolean
}

/**
 * Creates the bucket, or finds that the same owner has it already. Of many creators at one time exactly one inserts the
 * row. An object-lock bucket is born with versioning enabled, as S3 demands.
 * @throws S3Error BucketAlreadyExists, BucketAlreadyOwnedByYou, TooManyBuckets, AccessDenied for another tenant's
 *   names, those of assertNewBucketAcl
 */
export async function createBucket(services: Services, request: BucketRequest): Promise<BucketRow> {
  const { bucket, creator } = request
  if (bucket.tenant !== creator.tenant && !creator.isRoot) throw s3Error('AccessDenied')
  assertNewBucketAcl({ ownerId: creator.id, acl: bucket.acl }, bucket.settings)
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
    if (!mayOwnAnother(creator, await tx.buckets.count(creator.id))) throw s3Error('TooManyBuckets')
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
 * it answers with is BucketAlreadyExists in its dialect). Asking for a lock, for tags or for an ownership that the
 * bucket does not have is refused likewise: it would not be honoured.
 */
function recreated(existing: BucketRow, request: BucketRequest): BucketRow {
  const { bucket, creator, ownership, recreateSucceeds } = request
  const details = { BucketName: existing.name }
  if (existing.ownerId !== creator.id) throw s3Error('BucketAlreadyExists', details)
  const { tags } = bucket.settings
  const isSame =
    isSameAcl(existing.acl, bucket.acl, creator.id) &&
    (existing.objectLock || !bucket.objectLock) &&
    (ownership === undefined || ownership === existing.settings.ownership) &&
    (tags === undefined || isDeepStrictEqual(tags, existing.settings.tags))
  if (!recreateSucceeds || !isSame) throw s3Error('BucketAlreadyOwnedByYou', details)
  return existing
}
