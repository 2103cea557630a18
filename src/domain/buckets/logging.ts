import { S3Error, s3Error } from '../../errors.ts'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { LoggingGrant, LoggingTarget } from '../../storage/metadata/settings.ts'
import { type RequestedGrantee, resolveGrantee } from '../access/acl.ts'
import type { AccessRules } from '../access/rules.ts'
import { settleAcl } from '../access/settle.ts'
import { type Caller, callerId } from '../accounts.ts'
import { assertKey } from '../objects/key.ts'
import { type DeliveryRules, deliverAll } from '../recording/deliver.ts'
import { logKey, openTarget } from '../recording/target.ts'
import type { Services } from '../services.ts'
import { changeSetting } from './settings.ts'

/** What PutBucketLogging asks for. */
export interface RequestedLogging extends Pick<LoggingTarget, 'bucket' | 'prefix' | 'namesKeyFormat'> {
  readonly grants: readonly RequestedLoggingGrant[]
}

export interface RequestedLoggingGrant extends Pick<LoggingGrant, 'permission'> {
  readonly grantee: RequestedGrantee
}

export interface LoggingChange {
  /** Undefined: no log any more. */
  readonly requested: RequestedLogging | undefined
  readonly caller: Caller
  readonly rules: DeliveryRules
  readonly signal: AbortSignal
}

/**
 * Says where the log of a bucket goes from now on. What has been recorded until now still goes where it went.
 * @throws S3Error InvalidTargetBucketForLogging where there is no such bucket or the caller may not write into it;
 *   KeyTooLongError; those of resolveGrantee and settleAcl; NoSuchBucket
 */
export async function setLogging(services: Services, bucket: BucketRow, change: LoggingChange): Promise<void> {
  const { requested, caller, rules, signal } = change
  const value =
    requested === undefined ? undefined : await settle(services, { bucket, requested, caller, rules: rules.access })
  // Also where there was no log: the request that switched one off has left its line.
  await deliverAll(services, bucket, { rules, signal })
  await changeSetting(services, bucket, { name: 'logging', value })
}

interface Settlement {
  readonly bucket: BucketRow
  readonly requested: RequestedLogging
  readonly caller: Caller
  readonly rules: AccessRules
}

async function settle(services: Services, { bucket, requested, caller, rules }: Settlement): Promise<LoggingTarget> {
  const { accounts } = services
  const grants = requested.grants.map(({ grantee, permission }) => {
    return { grantee: resolveGrantee(accounts, grantee), permission }
  })
  const logging: LoggingTarget = { ...requested, grants, setBy: callerId(caller) }
  const key = logKey(services, logging)
  assertKey(key)
  const target = await openTarget(services, { source: bucket, logging, key, rules }).catch((cause: unknown) => {
    if (!(cause instanceof S3Error) || cause.status >= 500) throw cause
    throw s3Error('InvalidTargetBucketForLogging', { TargetBucket: logging.bucket }, { cause })
  })
  if (grants.length > 0) settleAcl(accounts, { bucket: target, ownerId: target.ownerId, requested: { grants } })
  return logging
}
