import { configureLock } from '../domain/locks/configure.ts'
import { OBJECT_LOCK_BYTES_MAX, readObjectLock } from '../s3/documents/object-lock.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { DefaultRetention } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

/**
 * A document without a rule takes the default retention away, and enables object lock all the same. The header
 * x-amz-bucket-object-lock-token, which AWS's support once handed out for that, is needed no more and means nothing.
 */
export const PutObjectLockConfiguration: Operation<DefaultRetention | undefined, undefined> = {
  name: 'PutObjectLockConfiguration',
  needs: (head) => [onBucket(head, 's3:PutBucketObjectLockConfiguration')],
  payload: { document: { maxBytes: OBJECT_LOCK_BYTES_MAX } },
  read: ({ document, dialect }) => readObjectLock(document, dialect.locks),
  async run({ services, bucket, dialect }, retention) {
    await configureLock(services, bucket(), { retention, canEnable: dialect.locks.canEnableLater })
    return undefined
  },
  write: () => ({}),
}
