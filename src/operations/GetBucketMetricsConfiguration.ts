import { s3Error } from '../errors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketMetricsConfiguration is not served. */
export const GetBucketMetricsConfiguration: Operation<undefined, never> = {
  name: 'GetBucketMetricsConfiguration',
  needs: (head) => [onBucket(head, 's3:GetMetricsConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run() {
    throw s3Error('NoSuchConfiguration')
  },
  write: (configuration) => configuration,
}
