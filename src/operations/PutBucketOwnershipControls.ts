import { setOwnership } from '../domain/buckets/acl.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readOwnershipControls } from '../s3/documents/ownership-controls.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { ObjectOwnership } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const PutBucketOwnershipControls: Operation<ObjectOwnership, undefined> = {
  name: 'PutBucketOwnershipControls',
  needs: (head) => [onBucket(head, 's3:PutBucketOwnershipControls')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readOwnershipControls(document, dialect),
  async run(context, ownership) {
    await setOwnership(context.services, context.bucket(), ownership)
    return undefined
  },
  write: () => ({}),
}
