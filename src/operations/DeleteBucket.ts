import { removeBucket } from '../domain/buckets/remove.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const DeleteBucket: Operation<undefined, undefined> = {
  name: 'DeleteBucket',
  needs: (head) => [onBucket(head, 's3:DeleteBucket')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await removeBucket(context.services, context.bucket())
    return undefined
  },
  write: () => ({}),
}
