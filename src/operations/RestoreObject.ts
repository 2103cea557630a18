import { restoreObject } from '../domain/storage-classes/restore.ts'
import { RESTORE_BYTES_MAX, type RestoreDocument, readRestoreRequest } from '../s3/documents/restore.ts'
import { absentError } from '../s3/headers/absent.ts'
import { onObject } from '../s3/headers/permissions.ts'
import { readTaggedRef, type TaggedRef } from '../s3/headers/tagged-object.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly asked: TaggedRef
  readonly restore: RestoreDocument
}

export const RestoreObject: Operation<Input, 'started' | 'extended'> = {
  name: 'RestoreObject',
  needs: (head) => [onObject(head, 's3:RestoreObject')],
  payload: { document: { maxBytes: RESTORE_BYTES_MAX } },
  read: (wire) => ({ asked: readTaggedRef(wire), restore: readRestoreRequest(wire.document, wire.dialect) }),
  async run({ services, bucket, dialect, assertStillGranted, teller }, { asked, restore }) {
    const request = { ...asked, ...restore, bucket: bucket(), assertGranted: assertStillGranted, teller }
    const outcome = await restoreObject(services, request)
    if (outcome.kind === 'absent') throw absentError(dialect, { ...asked, marker: outcome.marker, method: 'POST' })
    return outcome.kind
  },
  // S3: 202 when the restore begins, 200 when a restored copy is kept for another time.
  write: (outcome) => ({ status: outcome === 'started' ? 202 : 200, headers: [['Content-Length', 0]] }),
}
