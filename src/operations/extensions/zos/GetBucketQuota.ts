import { quotaDocument } from '../../../s3/documents/quota.ts'
import { onBucket } from '../../../s3/headers/bucket.ts'
import type { Quota } from '../../../storage/metadata/settings.ts'
import type { Operation } from '../../operation.ts'

/** `GET ?quota`: ZOS's own, and the bucket's own quota, whatever its owner's account allows for each of its buckets. */
export const GetBucketQuota: Operation<undefined, Quota | undefined> = {
  name: 'GetBucketQuota',
  needs: (head) => [onBucket(head, 's3:GetBucketQuota')],
  payload: 'none',
  read: () => undefined,
  run: async (context) => context.bucket().settings.quota,
  write: (quota) => ({ body: quotaDocument(quota) }),
}
