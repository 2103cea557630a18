import { findBucket } from '../../../domain/buckets/find.ts'
import { deleteVersion } from '../../../domain/versions/delete.ts'
import { s3Error } from '../../../errors.ts'
import { namedBucket } from '../../../s3/admin/bucket.ts'
import { requiredText } from '../../../s3/admin/parameters.ts'
import type { BucketRef } from '../../../storage/metadata/rows.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly bucket: BucketRef
  readonly key: string
}

/** `DELETE /admin/bucket?object`: as DeleteObject does it, except that what is not there is told. */
export const AdminDeleteObject: Operation<Input, undefined> = {
  name: 'AdminDeleteObject',
  needs: () => [{ capability: 'buckets', access: 'write' }],
  payload: 'none',
  read: ({ head }) => ({ bucket: namedBucket(head), key: requiredText(head, 'object') }),
  async run({ services, teller }, { bucket: ref, key }) {
    const bucket = await findBucket(services, ref)
    await teller.write(async (tx, tell) => {
      const latest = await tx.versions.latest({ bucketId: bucket.id, key })
      if (latest === undefined || latest.kind === 'delete-marker') throw s3Error('NoSuchKey', { Key: key })
      await deleteVersion(tx, {
        services,
        bucket,
        key,
        versionId: undefined,
        conditions: {},
        bypassGovernance: false,
        ownerId: bucket.ownerId,
        tell,
      })
    })
    return undefined
  },
  write: () => ({}),
}
