import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** S3 has no permission for this of its own: whoever may set rules may remove them. */
export const DeleteBucketCors: Operation<undefined, undefined> = {
  name: 'DeleteBucketCors',
  needs: (head) => [onBucket(head, 's3:PutBucketCORS')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'cors', value: undefined })
    return undefined
  },
  write: () => ({}),
}
