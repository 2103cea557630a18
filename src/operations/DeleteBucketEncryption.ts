import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** S3 has no permission for this of its own: whoever may set a default may remove it. */
export const DeleteBucketEncryption: Operation<undefined, undefined> = {
  name: 'DeleteBucketEncryption',
  needs: (head) => [onBucket(head, 's3:PutEncryptionConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'encryption', value: undefined })
    return undefined
  },
  write: () => ({}),
}
