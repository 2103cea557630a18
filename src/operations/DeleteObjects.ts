import assert from 'node:assert/strict'
import type { Permission } from '../domain/access/permissions.ts'
import { callerId } from '../domain/accounts.ts'
import { type DeleteOutcome, deleteMany } from '../domain/versions/delete-many.ts'
import { type DeleteDocument, deleteResult, readDelete } from '../s3/documents/delete-objects.ts'
import { asksForBypass } from '../s3/headers/permissions.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Operation } from './operation.ts'

/** 1,000 keys of 1,024 bytes, with their version ids and elements; escapes have some room. */
const DOCUMENT_BYTES_MAX = 2 * 1024 * 1024

interface Input {
  readonly document: DeleteDocument
  readonly bypassGovernance: boolean
}

interface Output {
  readonly document: DeleteDocument
  readonly outcomes: readonly DeleteOutcome[]
}

export const DeleteObjects: Operation<Input, Output> = {
  name: 'DeleteObjects',
  needs: deleteManyPermissions,
  payload: { document: { maxBytes: DOCUMENT_BYTES_MAX } },
  read({ head, document }) {
    return { document: readDelete(document), bypassGovernance: asksForBypass(head) }
  },
  async run(context, { document, bypassGovernance }) {
    const { services, caller, dialect } = context
    const common = {
      services,
      bucket: context.bucket(),
      ifMatchOnMissing: dialect.ifMatchOnMissing,
      bypassGovernance,
      ownerId: callerId(caller),
    }
    return { document, outcomes: await deleteMany(document.targets, common) }
  },
  write({ document, outcomes }, { dialect }) {
    const body = deleteResult(document, { outcomes, dialect })
    return { headers: [['Content-Type', 'application/xml']], body }
  },
}

/** The keys are in the body, which nobody reads before the caller is known to have a say in the bucket. */
function deleteManyPermissions(head: RequestHead): Permission[] {
  const { tenant, bucket } = head.address
  assert(bucket !== undefined, 'an operation at the bucket level has a bucket')
  const everyKey = { tenant, bucket, key: '*' }
  const permissions: Permission[] = [{ action: 's3:DeleteObject', ...everyKey }]
  if (asksForBypass(head)) permissions.push({ action: 's3:BypassGovernanceRetention', ...everyKey })
  return permissions
}
