import { S3Error, s3Error } from '../../errors.ts'
import type { Acl, BucketRow } from '../../storage/metadata/rows.ts'
import type { LoggingTarget } from '../../storage/metadata/settings.ts'
import { authorize } from '../access/authorize.ts'
import { NO_CONDITIONS } from '../access/conditions.ts'
import type { AccessRules } from '../access/rules.ts'
import { settleAcl } from '../access/settle.ts'
import type { Services } from '../services.ts'

/** Bytes of the random end of a key, 16 digits in hex: AWS's length. */
const UNIQUE_BYTES = 8

/** `<prefix>YYYY-MM-DD-HH-MM-SS-<16 hex digits>`, in UTC: S3 user guide, "Log object key format". */
export function logKey({ clock, ids }: Pick<Services, 'clock' | 'ids'>, { prefix }: LoggingTarget): string {
  const time = new Date(clock.now()).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace(/[T:]/g, '-')
  return `${prefix}${time}-${ids.hex(UNIQUE_BYTES).toUpperCase()}`
}

export interface TargetRequest {
  /** The bucket that the log is about. */
  readonly source: Pick<BucketRow, 'tenant'>
  readonly logging: LoggingTarget
  readonly key: string
  readonly rules: AccessRules
}

/**
 * The bucket that a log goes to, if whoever set it may write there.
 * @throws S3Error NoSuchBucket, AccessDenied, UserSuspended
 */
export async function openTarget(services: Services, request: TargetRequest): Promise<BucketRow> {
  const { source, logging, key, rules } = request
  const account = services.accounts.find(logging.setBy)
  if (account === undefined) throw s3Error('AccessDenied', {}, { reason: 'the account that set the log is gone' })
  const ref = targetRef(source, logging)
  const { bucket } = await authorize(services, {
    caller: { kind: 'account', account },
    permissions: [{ action: 's3:PutObject', tenant: ref.tenant, bucket: ref.name, key }],
    bucket: ref,
    rules,
    conditions: NO_CONDITIONS,
    paysAsRequester: true,
  })
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: ref.name })
  return bucket
}

/** Without a tenant it is a bucket of the one that the log is about. */
function targetRef({ tenant }: Pick<BucketRow, 'tenant'>, { bucket }: LoggingTarget): { tenant: string; name: string } {
  const colon = bucket.indexOf(':')
  return colon < 0 ? { tenant, name: bucket } : { tenant: bucket.slice(0, colon), name: bucket.slice(colon + 1) }
}

/**
 * The ACL of a log's object: its owner is the target's, and has everything (ZOS manual, 1.25). Where the target takes
 * no such ACL any more the log is its owner's alone.
 */
export function logAcl({ accounts }: Pick<Services, 'accounts'>, target: BucketRow, logging: LoggingTarget): Acl {
  if (logging.grants.length === 0) return 'private'
  const { ownerId } = target
  const owners = { grantee: { kind: 'account', id: ownerId }, permission: 'FULL_CONTROL' } as const
  try {
    return settleAcl(accounts, { bucket: target, ownerId, requested: { grants: [owners, ...logging.grants] } })
  } catch (cause) {
    if (cause instanceof S3Error) return 'private'
    throw cause
  }
}
