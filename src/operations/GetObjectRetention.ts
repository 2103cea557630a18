import { describeObject } from '../domain/objects/attributes.ts'
import { s3Error } from '../errors.ts'
import { retentionDocument } from '../s3/documents/retention.ts'
import { absentError } from '../s3/headers/absent.ts'
import { type LockedRef, lockingBucket, readLockedRef } from '../s3/headers/lock.ts'
import { onObject } from '../s3/headers/permissions.ts'
import type { Retention } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

export const GetObjectRetention: Operation<LockedRef, Retention> = {
  name: 'GetObjectRetention',
  needs: (head) => [onObject(head, 's3:GetObjectRetention')],
  payload: 'none',
  read: readLockedRef,
  async run({ services, bucket, dialect, assertStillGranted }, asked) {
    const { id: bucketId } = lockingBucket(bucket(), { dialect, rgwMessage: 'bucket object lock not configured' })
    const ref = { ...asked, bucketId, assertGranted: assertStillGranted }
    const found = await describeObject(services, ref, undefined)
    if (found.kind === 'absent') throw absentError(dialect, { ...asked, marker: found.marker })
    const { retention } = found.version.attributes
    if (retention === undefined) throw s3Error(dialect.locks.unset, { Key: asked.key })
    return retention
  },
  write: (retention, { dialect }) => ({ body: retentionDocument(retention, dialect) }),
}
