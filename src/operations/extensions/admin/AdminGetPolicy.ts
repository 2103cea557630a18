import { grantsOf } from '../../../domain/access/grants.ts'
import { findBucket } from '../../../domain/buckets/find.ts'
import { s3Error } from '../../../errors.ts'
import { aclValue, type ShownAcl } from '../../../s3/admin/acl.ts'
import { namedBucket } from '../../../s3/admin/bucket.ts'
import { optionalText } from '../../../s3/admin/parameters.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly bucket: BucketRef
  readonly key: string | undefined
}

/** `GET /admin/bucket?policy`: what Ceph calls a policy here is the ACL of a bucket, or of an object in it. */
export const AdminGetPolicy: Operation<Input, ShownAcl> = {
  name: 'AdminGetPolicy',
  needs: () => [{ capability: 'buckets', access: 'read' }],
  payload: 'none',
  read: ({ head }) => ({ bucket: namedBucket(head), key: optionalText(head, 'object') }),
  async run({ services }, { bucket: ref, key }) {
    const bucket = await findBucket(services, ref)
    const bucketOwnerId = bucket.ownerId
    if (key === undefined) {
      return { ownerId: bucketOwnerId, grants: grantsOf(bucket.acl, { ownerId: bucketOwnerId, bucketOwnerId }) }
    }
    const version = await services.metadata.read((tx) => tx.versions.latest({ bucketId: bucket.id, key }))
    if (version === undefined || version.kind === 'delete-marker') throw s3Error('NoSuchKey', { Key: key })
    const { ownerId, attributes } = version
    return { ownerId, grants: grantsOf(attributes.acl, { ownerId, bucketOwnerId }) }
  },
  write: (acl, { head, services }) => adminAnswer(head, 'policy', aclValue(acl, services.accounts)),
}
