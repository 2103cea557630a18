import { s3Error } from '../errors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketInventoryConfiguration is not served. */
export const GetBucketInventoryConfiguration: Operation<undefined, never> = {
  name: 'GetBucketInventoryConfiguration',
  needs: (head) => [onBucket(head, 's3:GetInventoryConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run() {
    throw s3Error('NoSuchConfiguration')
  },
  write: (configuration) => configuration,
}
