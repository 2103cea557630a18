import { changeSetting } from '../domain/buckets/settings.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const DeleteBucketWebsite: Operation<undefined, undefined> = {
  name: 'DeleteBucketWebsite',
  needs: (head) => [onBucket(head, 's3:DeleteBucketWebsite')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await changeSetting(context.services, context.bucket(), { name: 'website', value: undefined })
    return undefined
  },
  // RGW names a type although there is no body (recorded: website.delete).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
