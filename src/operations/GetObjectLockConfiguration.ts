import { s3Error } from '../errors.ts'
import { objectLockDocument } from '../s3/documents/object-lock.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { DefaultRetention } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetObjectLockConfiguration: Operation<undefined, DefaultRetention | undefined> = {
  name: 'GetObjectLockConfiguration',
  needs: (head) => [onBucket(head, 's3:GetBucketObjectLockConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const { name, objectLock, settings } = context.bucket()
    if (!objectLock) throw s3Error('ObjectLockConfigurationNotFoundError', { BucketName: name })
    return settings.objectLockRetention
  },
  write: (retention, { dialect }) => ({ body: objectLockDocument(retention, dialect.locks) }),
}
