import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const DeletePublicAccessBlock: Operation<undefined, undefined> = {
  name: 'DeletePublicAccessBlock',
  // S3 has no permission for the deletion alone.
  needs: (head) => [onBucket(head, 's3:PutBucketPublicAccessBlock')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'publicAccessBlock', value: undefined })
    return undefined
  },
  write: () => ({}),
}
