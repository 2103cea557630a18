import type { Permission } from '../domain/access/permissions.ts'
import { changeLock } from '../domain/locks/change.ts'
import { readLegalHold } from '../s3/documents/legal-hold.ts'
import { LOCK_BYTES_MAX } from '../s3/documents/retention.ts'
import { absentError } from '../s3/headers/absent.ts'
import { type LockedRef, lockingBucket, readLockedRef } from '../s3/headers/lock.ts'
import { onObject } from '../s3/headers/permissions.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly asked: LockedRef
  readonly legalHold: boolean
}

export const PutObjectLegalHold: Operation<Input, undefined> = {
  name: 'PutObjectLegalHold',
  needs,
  payload: { document: { maxBytes: LOCK_BYTES_MAX } },
  read: (wire) => ({ asked: readLockedRef(wire), legalHold: readLegalHold(wire.document) }),
  async run({ services, bucket, dialect, head, authorizeBody, assertStillGranted }, { asked, legalHold }) {
    await authorizeBody(needs(head), { legalHold })
    const rgwMessage = "object legal hold can't be set if bucket object lock not enabled"
    const changed = await changeLock(services, {
      ...asked,
      assertGranted: assertStillGranted,
      bucket: lockingBucket(bucket(), { dialect, rgwMessage }),
      lock: { legalHold },
      bypassGovernance: false,
    })
    if (changed.kind === 'absent') throw absentError(dialect, { ...asked, marker: changed.marker, method: 'PUT' })
    return undefined
  },
  write: () => ({}),
}

function needs(head: RequestHead): Permission[] {
  return [onObject(head, 's3:PutObjectLegalHold')]
}
