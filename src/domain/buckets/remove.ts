import { s3Error } from '../../errors.ts'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import { deletableAtMs } from '../limits.ts'
import type { Services } from '../services.ts'

/**
 * Removes a bucket without versions and delete markers. Open uploads do not keep it (recorded from RGW): they are
 * aborted with it, and their parts become garbage.
 * @throws S3Error NoSuchBucket if another request was faster; BucketNotEmpty
 */
export async function removeBucket(services: Services, bucket: BucketRow): Promise<void> {
  await services.metadata.write(async (tx) => {
    const row = await tx.buckets.find(bucket)
    // A bucket of that name which is another row was created after this request had been authorized for the old one.
    if (row === undefined || row.id !== bucket.id) throw s3Error('NoSuchBucket', { BucketName: bucket.name })
    if (!(await tx.buckets.isEmpty(row.id))) throw s3Error('BucketNotEmpty', { BucketName: bucket.name })
    await tx.buckets.remove(row.id, deletableAtMs(services))
  })
}
