import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { LifecycleConfiguration } from '../../storage/metadata/settings.ts'
import { changeSetting } from '../buckets/settings.ts'
import type { Services } from '../services.ts'

/**
 * Sets a bucket's rules. They are first carried out at the end of the day: a mistake in them can be mended until then.
 * @throws S3Error NoSuchBucket when the bucket has gone since the request was authorized
 */
export async function putLifecycle(
  services: Services,
  bucket: BucketRow,
  configuration: Omit<LifecycleConfiguration, 'putMs'>,
): Promise<void> {
  const putMs = services.clock.now()
  await changeSetting(services, bucket, { name: 'lifecycle', value: { ...configuration, putMs } })
}
