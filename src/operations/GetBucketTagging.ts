import { s3Error } from '../errors.ts'
import { taggingDocument } from '../s3/documents/tagging.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Tag } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

export const GetBucketTagging: Operation<undefined, readonly Tag[]> = {
  name: 'GetBucketTagging',
  needs: (head) => [onBucket(head, 's3:GetBucketTagging')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, settings } = context.bucket()
    if (settings.tags === undefined) throw s3Error('NoSuchTagSet', { BucketName: name })
    return settings.tags
  },
  write: (tags, { dialect }) => ({ body: taggingDocument(tags, dialect) }),
}
