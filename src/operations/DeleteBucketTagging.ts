import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const DeleteBucketTagging: Operation<undefined, undefined> = {
  name: 'DeleteBucketTagging',
  // S3 has no permission of its own for it; the ZOS manual (1.19) says the same.
  needs: (head) => [onBucket(head, 's3:PutBucketTagging')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'tags', value: undefined })
    return undefined
  },
  // RGW names a type although there is no body (recorded: bucket_tagging.delete.none).
  write: (_output, { dialect }) => ({
    status: dialect.bucketTaggingStatus,
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
