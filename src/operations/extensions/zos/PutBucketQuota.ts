import { changeSetting } from '../../../domain/buckets/settings.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../../../s3/documents/bucket-document.ts'
import { readQuota } from '../../../s3/documents/quota.ts'
import { onBucket } from '../../../s3/headers/bucket.ts'
import type { Quota } from '../../../storage/metadata/settings.ts'
import type { Operation } from '../../operation.ts'

/** `PUT ?quota`: ZOS's own. What is in the bucket already stays, also where it is more than the quota allows. */
export const PutBucketQuota: Operation<Quota, undefined> = {
  name: 'PutBucketQuota',
  needs: (head) => [onBucket(head, 's3:PutBucketQuota')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readQuota(document, dialect),
  async run(context, quota) {
    await changeSetting(context.services, context.bucket(), { name: 'quota', value: quota })
    return undefined
  },
  write: () => ({}),
}
