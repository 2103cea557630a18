import { describeObject } from '../domain/objects/attributes.ts'
import { s3Error } from '../errors.ts'
import { legalHoldDocument } from '../s3/documents/legal-hold.ts'
import { absentError } from '../s3/headers/absent.ts'
import { type LockedRef, lockingBucket, readLockedRef } from '../s3/headers/lock.ts'
import { onObject } from '../s3/headers/permissions.ts'
import type { Operation } from './operation.ts'

export const GetObjectLegalHold: Operation<LockedRef, boolean> = {
  name: 'GetObjectLegalHold',
  needs: (head) => [onObject(head, 's3:GetObjectLegalHold')],
  payload: 'none',
  read: readLockedRef,
  async run({ services, bucket, dialect, assertStillGranted }, asked) {
    const { id: bucketId } = lockingBucket(bucket(), { dialect, rgwMessage: 'bucket object lock not configured' })
    const ref = { ...asked, bucketId, assertGranted: assertStillGranted }
    const found = await describeObject(services, ref, undefined)
    if (found.kind === 'absent') throw absentError(dialect, { ...asked, marker: found.marker })
    const { legalHold } = found.version.attributes
    if (legalHold === undefined) throw s3Error(dialect.locks.unset, { Key: asked.key })
    return legalHold
  },
  write: (isHeld, { dialect }) => ({ body: legalHoldDocument(isHeld, dialect.locks) }),
}
