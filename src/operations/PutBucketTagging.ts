import { changeSetting } from '../domain/buckets/settings.ts'
import { readTagging, TAGGING_BYTES_MAX } from '../s3/documents/tagging.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Tag } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

export const PutBucketTagging: Operation<readonly Tag[], undefined> = {
  name: 'PutBucketTagging',
  needs: (head) => [onBucket(head, 's3:PutBucketTagging')],
  payload: { document: { maxBytes: TAGGING_BYTES_MAX } },
  read: ({ document, dialect }) => readTagging(document, { max: dialect.bucketTagsMax, what: 'Bucket', rule: dialect }),
  async run(context, tags) {
    const isNone = tags.length === 0 && !context.dialect.keepsEmptyTagSet
    await changeSetting(context.services, context.bucket(), { name: 'tags', value: isNone ? undefined : tags })
    return undefined
  },
  // RGW names a type although there is no body (recorded: bucket_tagging.put).
  write: (_output, { dialect }) => ({
    status: dialect.bucketTaggingStatus,
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
