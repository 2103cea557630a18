import type { Permission } from '../domain/access/permissions.ts'
import { callerId } from '../domain/accounts.ts'
import { type DeleteOutcome, type DeleteTarget, deleteMany } from '../domain/versions/delete-many.ts'
import { S3Error, s3Error } from '../errors.ts'
import { type DeleteDocument, deleteResult, readDelete } from '../s3/documents/delete-objects.ts'
import { bucketAddress } from '../s3/headers/bucket.ts'
import { asksForBypass } from '../s3/headers/permissions.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Context, Operation } from './operation.ts'

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
    const { services, caller, dialect, teller } = context
    const common = {
      services,
      bucket: context.bucket(),
      ifMatchOnMissing: dialect.ifMatchOnMissing,
      bypassGovernance,
      ownerId: callerId(caller),
      teller,
    }
    const targets = await refuseDenied(context, document.targets, bypassGovernance)
    return { document, outcomes: await deleteMany(targets, common) }
  },
  write({ document, outcomes }, { dialect }) {
    const body = deleteResult(document, { outcomes, dialect })
    return { headers: [['Content-Type', 'application/xml']], body }
  },
}

/** The keys are in the body, which nobody reads before the caller is known to have a say in the bucket. */
function deleteManyPermissions(head: RequestHead): Permission[] {
  const { tenant, name: bucket } = bucketAddress(head)
  const inBody = { tenant, bucket, keys: 'in-body' } as const
  const permissions: Permission[] = [{ action: 's3:DeleteObject', ...inBody }]
  if (asksForBypass(head)) permissions.push({ action: 's3:BypassGovernanceRetention', ...inBody })
  return permissions
}

/**
 * Puts AccessDenied in the place of each key that the caller may not delete.
 * @throws S3Error AccessDenied where that is every key: RGW answers a stranger so (recorded: multi_delete.forbidden).
 *   The bucket's owner, whom only his own policy denies some key, always hears of each
 */
async function refuseDenied(
  context: Context,
  targets: readonly DeleteTarget[],
  bypassGovernance: boolean,
): Promise<(DeleteTarget | S3Error)[]> {
  const { caller } = context
  const { tenant, name: bucket, ownerId } = context.bucket()
  const asked = targets.flatMap(({ key, versionId }): Permission[] => {
    const on = versionId === undefined ? { tenant, bucket, key } : { tenant, bucket, key, versionId }
    const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
    return bypassGovernance
      ? [
          { action, ...on },
          { action: 's3:BypassGovernanceRetention', ...on },
        ]
      : [{ action, ...on }]
  })
  const decisions = await context.authorizeEach(asked)
  const perTarget = asked.length / targets.length
  const isDenied = (index: number): boolean =>
    decisions.slice(index * perTarget, (index + 1) * perTarget).some(({ verdict }) => verdict === 'deny')
  const judged = targets.map((target, index) => (isDenied(index) ? s3Error('AccessDenied') : target))
  const isOwner = callerId(caller) === ownerId || (caller.kind === 'account' && caller.account.isRoot)
  if (!isOwner && judged.every((target) => target instanceof S3Error)) {
    throw s3Error('AccessDenied', {}, { reason: 'the caller may delete none of the keys' })
  }
  return judged
}
