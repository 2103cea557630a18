import { setOwnership } from '../domain/buckets/acl.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** Makes the bucket's ownership as if it had never been set: objects belong to their writers. */
export const DeleteBucketOwnershipControls: Operation<undefined, undefined> = {
  name: 'DeleteBucketOwnershipControls',
  // S3 has no permission for the deletion alone.
  needs: (head) => [onBucket(head, 's3:PutBucketOwnershipControls')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    await setOwnership(context.services, context.bucket(), undefined)
    return undefined
  },
  write: () => ({}),
}
