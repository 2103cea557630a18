import { findBucket } from '../../../domain/buckets/find.ts'
import { purgeBucket } from '../../../domain/buckets/purge.ts'
import { removeBucket } from '../../../domain/buckets/remove.ts'
import { namedBucket } from '../../../s3/admin/bucket.ts'
import { flag } from '../../../s3/admin/parameters.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly bucket: BucketRef
  readonly purgeObjects: boolean
}

/** `DELETE /admin/bucket`: an empty one, or with `purge-objects` all versions in it first. */
export const AdminDeleteBucket: Operation<Input, undefined> = {
  name: 'AdminDeleteBucket',
  needs: () => [{ capability: 'buckets', access: 'write' }],
  payload: 'none',
  read: ({ head }) => ({ bucket: namedBucket(head), purgeObjects: flag(head, 'purge-objects') ?? false }),
  async run({ services, signal }, input) {
    const bucket = await findBucket(services, input.bucket)
    if (input.purgeObjects) await purgeBucket(services, bucket, signal)
    else await removeBucket(services, bucket)
    return undefined
  },
  write: () => ({}),
}
