import { s3Error } from '../errors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketAnalyticsConfiguration is not served. */
export const GetBucketAnalyticsConfiguration: Operation<undefined, never> = {
  name: 'GetBucketAnalyticsConfiguration',
  needs: (head) => [onBucket(head, 's3:GetAnalyticsConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run() {
    throw s3Error('NoSuchConfiguration')
  },
  write: (configuration) => configuration,
}
