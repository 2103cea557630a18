import { s3Error } from '../../errors.ts'
import type { BucketRow, Versioning } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'

/** A bucket that has been versioned can be suspended, never be turned off again. */
export type VersioningChange = Exclude<Versioning, 'off'>

/**
 * Sets the bucket's versioning.
 * @throws S3Error NoSuchBucket; InvalidBucketState for suspending a bucket with object lock (recorded from RGW)
 */
export async function setVersioning(services: Services, bucket: BucketRow, change: VersioningChange): Promise<void> {
  await services.metadata.write(async (tx) => {
    const row = await tx.buckets.find(bucket)
    if (row === undefined || row.id !== bucket.id) throw s3Error('NoSuchBucket', { BucketName: bucket.name })
    if (row.objectLock && change === 'suspended') {
      throw s3Error(
        'InvalidBucketState',
        {},
        { message: 'bucket versioning cannot be disabled on buckets with object lock enabled' },
      )
    }
    await tx.buckets.setVersioning(row.id, change)
  })
}
