import { s3Error } from '../errors.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const GetBucketPolicy: Operation<undefined, string> = {
  name: 'GetBucketPolicy',
  needs: (head) => [onBucket(head, 's3:GetBucketPolicy')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, settings } = context.bucket()
    if (settings.policy === undefined) throw s3Error('NoSuchBucketPolicy', { BucketName: name })
    return settings.policy
  },
  write: (policy) => ({ headers: [['Content-Type', 'application/json']], body: policy }),
}
