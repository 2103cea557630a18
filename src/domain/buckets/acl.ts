import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { ObjectOwnership } from '../../storage/metadata/settings.ts'
import type { RequestedAcl } from '../access/acl.ts'
import { assertOwnersAlone, settleAcl } from '../access/settle.ts'
import type { Services } from '../services.ts'
import { presentBucket } from '../versions/write.ts'

/**
 * Replaces the bucket's ACL. Its ownership and its blocks count as of now, inside the transaction.
 * @throws S3Error NoSuchBucket and those of settleAcl
 */
export async function putBucketAcl(services: Services, bucket: BucketRow, requested: RequestedAcl): Promise<void> {
  await services.metadata.write(async (tx) => {
    const present = await presentBucket(tx, bucket)
    const { id, ownerId } = present
    await tx.buckets.setAcl(id, settleAcl(services.accounts, { bucket: present, ownerId, requested }))
  })
}

/**
 * Sets whom new objects of the bucket belong to; undefined makes it as if it had never been set.
 * @throws S3Error NoSuchBucket; InvalidBucketAclWithObjectOwnership where ACLs are to be switched off and the bucket's
 *   own still grants something to others
 */
export async function setOwnership(
  services: Services,
  bucket: BucketRow,
  ownership: ObjectOwnership | undefined,
): Promise<void> {
  await services.metadata.write(async (tx) => {
    const present = await presentBucket(tx, bucket)
    if (ownership === 'BucketOwnerEnforced') assertOwnersAlone(present)
    await tx.buckets.setSetting(present.id, 'ownership', ownership)
  })
}
