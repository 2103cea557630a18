import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** S3 has no permission for this of its own: whoever may set rules may remove them. */
export const DeleteBucketLifecycle: Operation<undefined, undefined> = {
  name: 'DeleteBucketLifecycle',
  needs: (head) => [onBucket(head, 's3:PutLifecycleConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'lifecycle', value: undefined })
    return undefined
  },
  // RGW names a type although there is no body (recorded: lifecycle.delete).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
