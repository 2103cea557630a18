import assert from 'node:assert/strict'
import { findBucket } from '../../../domain/buckets/find.ts'
import { linkBucket } from '../../../domain/buckets/link.ts'
import { s3Error } from '../../../errors.ts'
import { namedBucket } from '../../../s3/admin/bucket.ts'
import { namedUser, optionalText, unserved } from '../../../s3/admin/parameters.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly bucket: BucketRef
  readonly ownerId: string
}

/**
 * `POST /admin/bucket`: takes a bucket from a user. Ceph leaves it without an owner then, until it is linked again;
 * here the root account has it meanwhile, in the tenant that it was in.
 */
export const AdminUnlinkBucket: Operation<Input, undefined> = {
  name: 'AdminUnlinkBucket',
  needs: () => [{ capability: 'buckets', access: 'write' }],
  payload: 'none',
  read({ head }) {
    if (optionalText(head, 'account-id') !== undefined) throw unserved('account-id')
    return { bucket: namedBucket(head), ownerId: namedUser(head).id }
  },
  async run({ services }, input) {
    const bucket = await findBucket(services, input.bucket)
    if (bucket.ownerId !== input.ownerId) {
      const message = 'The user does not own the bucket'
      throw s3Error('InvalidArgument', { ArgumentName: 'uid', ArgumentValue: input.ownerId }, { message })
    }
    const { root } = services.accounts
    assert(root !== undefined, 'a server has a root account')
    await linkBucket(services, bucket, { ownerId: root.id, tenant: bucket.tenant })
    return undefined
  },
  write: () => ({}),
}
