import { s3Error } from '../../errors.ts'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import { UniqueViolation } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import { presentBucket } from '../versions/write.ts'

export interface NewOwner {
  readonly ownerId: string
  /** The tenant that the bucket is in from now on. */
  readonly tenant: string
}

/**
 * Gives a bucket another owner. Its ACL is made anew, as Ceph does (RGWBucketAdminOp::link): it granted everything to
 * the old one. Objects keep their owners.
 * @throws S3Error NoSuchBucket; BucketAlreadyExists when the tenant has another bucket of this name
 */
export async function linkBucket(services: Services, bucket: BucketRow, owner: NewOwner): Promise<void> {
  await services.metadata.write(async (tx) => {
    const { id, name } = await presentBucket(tx, bucket)
    try {
      await tx.buckets.setOwner(id, owner)
    } catch (cause) {
      if (!(cause instanceof UniqueViolation)) throw cause
      throw s3Error('BucketAlreadyExists', { BucketName: name }, { cause })
    }
    await tx.buckets.setAcl(id, 'private')
  })
}
