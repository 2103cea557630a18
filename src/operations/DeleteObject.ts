import { callerId } from '../domain/accounts.ts'
import type { Conditions } from '../domain/objects/conditions.ts'
import { type Deleted, deleteVersion } from '../domain/versions/delete.ts'
import { readWriteConditions } from '../s3/headers/conditions.ts'
import { asksForBypass, deletePermissions, objectAddress } from '../s3/headers/permissions.ts'
import { readVersionId } from '../s3/headers/version-id.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly versionId: string | undefined
  readonly conditions: Conditions
  readonly bypassGovernance: boolean
}

export const DeleteObject: Operation<Input, Deleted> = {
  name: 'DeleteObject',
  needs: deletePermissions,
  payload: 'none',
  read({ head, dialect }) {
    return {
      key: objectAddress(head).key,
      versionId: readVersionId({ head, dialect }),
      conditions: readWriteConditions(head),
      bypassGovernance: asksForBypass(head),
    }
  },
  async run(context, input) {
    const { services, caller, dialect, teller } = context
    const deletion = {
      ...input,
      services,
      bucket: context.bucket(),
      ifMatchOnMissing: dialect.ifMatchOnMissing,
      ownerId: callerId(caller),
    }
    return await teller.write((tx, tell) => deleteVersion(tx, { ...deletion, tell }))
  },
  write({ versionId, deleteMarker }) {
    return {
      headers: [
        ['x-amz-version-id', versionId],
        ['x-amz-delete-marker', deleteMarker ? 'true' : undefined],
      ],
    }
  },
}
