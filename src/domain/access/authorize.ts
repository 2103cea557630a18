import { setImmediate } from 'node:timers/promises'
import { s3Error } from '../../errors.ts'
import type { BucketRef, BucketRow } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'
import type { GrantCheck } from '../versions/locate.ts'
import { type Decision, owns } from './facts.ts'
import { decideAlone, Hearing, isOnBucket, type Petition } from './hearing.ts'
import type { Permission } from './permissions.ts'

export interface AuthorizationRequest extends Petition {
  /** All of them must be granted; an empty list is denied. */
  readonly permissions: readonly Permission[]
  /** The bucket that the URL names. */
  readonly bucket: BucketRef | undefined
  /** Whose that bucket has to be: x-amz-expected-bucket-owner. RGW ignores it; it can only prevent an accident. */
  readonly expectedOwner?: string | undefined
}

export interface Authorization {
  /** The bucket that the URL names; undefined if it names none, and for CreateBucket. */
  readonly bucket: BucketRow | undefined
  /** For the log: how each of the permissions was granted. */
  readonly decisions: readonly Decision[]
  /** Whether the request is charged to its sender instead of the bucket's owner. */
  readonly isCharged: boolean
  /** See Hearing.assertStillGranted. */
  readonly assertStillGranted: GrantCheck
}

/**
 * Loads what the decision needs, in one read transaction, and decides. A request costs one bucket lookup; where the
 * object's owner, ACL or tags matter, one version lookup more. The root account needs the latter only for a policy
 * that asks for tags.
 * @throws S3Error UserSuspended; NoSuchBucket (also towards anonymous callers, as S3 and RGW do); AccessDenied with its
 *   reason, also for a bucket of another owner than the expected one
 */
export async function authorize(services: Services, request: AuthorizationRequest): Promise<Authorization> {
  const { caller, permissions } = request
  if (caller.kind === 'account' && caller.account.suspended) throw s3Error('UserSuspended')
  if (!permissions.some(isOnBucket)) {
    const decisions = permissions.map((permission) => decideAlone(request, permission))
    assertGranted(decisions)
    return { bucket: undefined, decisions, isCharged: false, assertStillGranted: () => undefined }
  }
  return services.metadata.read(async (tx) => {
    const hearing = new Hearing(services, tx, request)
    const bucket = request.bucket === undefined ? undefined : await hearing.bucket(request.bucket)
    const decisions = await hearing.decideAll(permissions)
    assertGranted(decisions)
    if (bucket !== undefined) assertExpectedOwner(request.expectedOwner, bucket)
    const assertStillGranted: GrantCheck = (version) => hearing.assertStillGranted(permissions, version)
    return { bucket, decisions, isCharged: bucket !== undefined && isCharged(request, bucket), assertStillGranted }
  })
}

/** Whoever is not the owner and got this far has agreed to pay, unless he is root. */
function isCharged({ caller, paysAsRequester }: Petition, { settings, ownerId }: BucketRow): boolean {
  return settings.requestPayer === 'Requester' && paysAsRequester && !owns(caller, ownerId)
}

export interface EachRequest extends Petition {
  readonly permissions: readonly Permission[]
}

/** How long decisions may go on before others have their turn: a policy of 20 KiB can make one take milliseconds. */
const TURN_MS = 10

/**
 * Decides each of the permissions by itself, in their order: for operations that learn from the body what they are
 * about. A thousand keys may take seconds, so that each turn of it has a read transaction of its own.
 * @throws S3Error NoSuchBucket
 */
export async function authorizeEach(services: Services, request: EachRequest): Promise<readonly Decision[]> {
  const { permissions } = request
  const decisions: Decision[] = []
  for (;;) {
    const slice = { from: decisions.length, untilMs: performance.now() + TURN_MS }
    const decided = await services.metadata.read((tx) => {
      return new Hearing(services, tx, request).decideSome(permissions, slice)
    })
    decisions.push(...decided)
    if (decisions.length === permissions.length) return decisions
    await setImmediate()
  }
}

/**
 * `x-amz-expected-bucket-owner`, and its source twin: a client's guard against a bucket that changed hands.
 * @throws S3Error AccessDenied if the bucket is not this owner's; undefined expects nobody
 */
export function assertExpectedOwner(expected: string | undefined, bucket: Pick<BucketRow, 'ownerId'>): void {
  if (expected === undefined || expected === bucket.ownerId) return
  throw s3Error('AccessDenied', {}, { reason: 'the bucket is not the expected owner’s' })
}

/** @throws S3Error AccessDenied with the reason of the first denial */
function assertGranted(decisions: readonly Decision[]): void {
  const denied = decisions.find((decision) => decision.verdict === 'deny')
  if (denied !== undefined) throw s3Error('AccessDenied', {}, { reason: denied.reason })
  if (decisions.length === 0) throw s3Error('AccessDenied', {}, { reason: 'the operation names no permission' })
}
