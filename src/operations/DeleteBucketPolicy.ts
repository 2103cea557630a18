import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const DeleteBucketPolicy: Operation<undefined, undefined> = {
  name: 'DeleteBucketPolicy',
  needs: (head) => [onBucket(head, 's3:DeleteBucketPolicy')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'policy', value: undefined })
    return undefined
  },
  write: (_output, { dialect }) => ({ status: dialect.deletePolicyStatus }),
}
