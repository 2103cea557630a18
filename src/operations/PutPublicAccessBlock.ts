import { changeSetting } from '../domain/buckets/settings.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readPublicAccessBlock } from '../s3/documents/public-access-block.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { PublicAccessBlock } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const PutPublicAccessBlock: Operation<PublicAccessBlock, undefined> = {
  name: 'PutPublicAccessBlock',
  needs: (head) => [onBucket(head, 's3:PutBucketPublicAccessBlock')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readPublicAccessBlock(document, dialect),
  async run(context, value) {
    await changeSetting(context.services, context.bucket(), { name: 'publicAccessBlock', value })
    return undefined
  },
  write: () => ({}),
}
