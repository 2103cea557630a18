import { unsetAcceleration } from '../s3/documents/unset.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has it: PutBucketAccelerateConfiguration is not served. */
export const GetBucketAccelerateConfiguration: Operation<undefined, undefined> = {
  name: 'GetBucketAccelerateConfiguration',
  needs: (head) => [onBucket(head, 's3:GetAccelerateConfiguration')],
  payload: 'none',
  read: () => undefined,
  run: async () => undefined,
  write: () => ({ body: unsetAcceleration() }),
}
