import { s3Error } from '../errors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketIntelligentTieringConfiguration is not served. */
export const GetBucketIntelligentTieringConfiguration: Operation<undefined, never> = {
  name: 'GetBucketIntelligentTieringConfiguration',
  needs: (head) => [onBucket(head, 's3:GetIntelligentTieringConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run() {
    throw s3Error('NoSuchConfiguration')
  },
  write: (configuration) => configuration,
}
