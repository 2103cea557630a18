import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { RequestedAcl } from '../access/acl.ts'
import { settleAcl } from '../access/settle.ts'
import { eventObject, type Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { type GrantCheck, locate } from '../versions/locate.ts'
import { presentBucket } from '../versions/write.ts'

export interface ObjectAclRequest {
  readonly bucket: BucketRow
  readonly key: string
  /** The latest version where it is undefined. */
  readonly versionId: string | undefined
  readonly requested: RequestedAcl
  readonly assertGranted: GrantCheck
  /** What is answered where there is no object: its codes are the dialect's. */
  readonly absent: (marker: VersionRow | undefined) => Error
  readonly teller: Teller
}

/**
 * Replaces the ACL of one version, in place: its date, its ETag and its id stay.
 * @throws S3Error NoSuchBucket, SlowDown, what `absent` and `assertGranted` make, and those of settleAcl
 */
export async function putObjectAcl(services: Services, request: ObjectAclRequest): Promise<void> {
  const { key, versionId, requested, assertGranted } = request
  await request.teller.write(async (tx, tell) => {
    const bucket = await presentBucket(tx, request.bucket)
    const row = await locate(tx, { bucketId: bucket.id, key, versionId, assertGranted })
    if (row?.kind !== 'object') throw request.absent(row)
    const acl = settleAcl(services.accounts, { bucket, ownerId: row.ownerId, requested })
    await tx.versions.setAttributes(row, { ...row.attributes, acl })
    await tell({ bucket, kind: 'acl:put', object: eventObject(bucket, row) })
  })
}
