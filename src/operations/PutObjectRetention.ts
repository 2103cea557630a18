import type { Permission } from '../domain/access/permissions.ts'
import { changeLock } from '../domain/locks/change.ts'
import { LOCK_BYTES_MAX, readRetention } from '../s3/documents/retention.ts'
import { absentError } from '../s3/headers/absent.ts'
import { type LockedRef, lockingBucket, readLockedRef } from '../s3/headers/lock.ts'
import { asksForBypass, onObject } from '../s3/headers/permissions.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Retention } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly asked: LockedRef
  readonly retention: Retention | undefined
}

export const PutObjectRetention: Operation<Input, undefined> = {
  name: 'PutObjectRetention',
  needs,
  payload: { document: { maxBytes: LOCK_BYTES_MAX } },
  read: (wire) => ({ asked: readLockedRef(wire), retention: readRetention(wire.document) }),
  async run({ services, bucket, dialect, head, authorizeBody, assertStillGranted }, { asked, retention }) {
    await authorizeBody(needs(head), { retention })
    const rgwMessage = "object retention can't be set if bucket object lock not configured"
    const changed = await changeLock(services, {
      ...asked,
      assertGranted: assertStillGranted,
      bucket: lockingBucket(bucket(), { dialect, rgwMessage }),
      lock: { retention },
      bypassGovernance: asksForBypass(head),
    })
    if (changed.kind === 'absent') throw absentError(dialect, { ...asked, marker: changed.marker, method: 'PUT' })
    return undefined
  },
  write: () => ({}),
}

function needs(head: RequestHead): Permission[] {
  const permissions = [onObject(head, 's3:PutObjectRetention')]
  if (asksForBypass(head)) permissions.push(onObject(head, 's3:BypassGovernanceRetention'))
  return permissions
}
