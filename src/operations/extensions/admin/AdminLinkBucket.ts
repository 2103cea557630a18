import { findBucket } from '../../../domain/buckets/find.ts'
import { linkBucket } from '../../../domain/buckets/link.ts'
import { s3Error } from '../../../errors.ts'
import { bucketId, namedBucket } from '../../../s3/admin/bucket.ts'
import { namedUser, optionalText, unserved } from '../../../s3/admin/parameters.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly bucket: BucketRef
  readonly ownerId: string
  /** Which bucket of this name it has to be, where the request says so. */
  readonly bucketId: string | undefined
}

/** `PUT /admin/bucket`: gives a bucket to a user, and moves it into the user's tenant. */
export const AdminLinkBucket: Operation<Input, undefined> = {
  name: 'AdminLinkBucket',
  needs: () => [{ capability: 'buckets', access: 'write' }],
  payload: 'none',
  read({ head }) {
    if (optionalText(head, 'new-bucket-name') !== undefined) throw unserved('new-bucket-name')
    if (optionalText(head, 'account-id') !== undefined) throw unserved('account-id')
    return { bucket: namedBucket(head), ownerId: namedUser(head).id, bucketId: optionalText(head, 'bucket-id') }
  },
  async run({ services }, input) {
    const owner = services.accounts.find(input.ownerId)
    if (owner === undefined) throw s3Error('NoSuchUser')
    const bucket = await findBucket(services, input.bucket)
    if (input.bucketId !== undefined && input.bucketId !== bucketId(bucket, services.region)) {
      throw s3Error('InvalidArgument', { ArgumentName: 'bucket-id', ArgumentValue: input.bucketId })
    }
    await linkBucket(services, bucket, { ownerId: owner.id, tenant: owner.tenant })
    return undefined
  },
  write: () => ({}),
}
