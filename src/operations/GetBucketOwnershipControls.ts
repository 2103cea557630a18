import { s3Error } from '../errors.ts'
import { ownershipControlsDocument } from '../s3/documents/ownership-controls.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { ObjectOwnership } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetBucketOwnershipControls: Operation<undefined, ObjectOwnership> = {
  name: 'GetBucketOwnershipControls',
  needs: (head) => [onBucket(head, 's3:GetBucketOwnershipControls')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, settings } = context.bucket()
    if (settings.ownership === undefined) throw s3Error('OwnershipControlsNotFoundError', { BucketName: name })
    return settings.ownership
  },
  write: (ownership) => ({ body: ownershipControlsDocument(ownership) }),
}
