import { s3Error } from '../errors.ts'
import { unsetReplication } from '../s3/documents/unset.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

/** No bucket has one: PutBucketReplication is not served. */
export const GetBucketReplication: Operation<undefined, undefined> = {
  name: 'GetBucketReplication',
  needs: (head) => [onBucket(head, 's3:GetReplicationConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run({ dialect }) {
    if (!dialect.answersUnsetReplication) throw s3Error('ReplicationConfigurationNotFoundError')
    return undefined
  },
  write: () => ({ body: unsetReplication() }),
}
