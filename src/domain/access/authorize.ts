import { s3Error } from '../../errors.ts'
import type { BucketRef, BucketRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import type { Caller } from '../accounts.ts'
import type { Services } from '../services.ts'
import { type Decision, decide, demandOf, type ObjectFacts } from './decide.ts'
import type { Permission } from './permissions.ts'

export interface AuthorizationRequest {
  readonly caller: Caller
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
  /** For the log: the rule that allowed the last of the permissions. */
  readonly reason: string
}

/**
 * Loads what the decision needs, in one read transaction, and decides. An owner's request costs one bucket lookup; a
 * read of an object one version lookup more, because an object belongs to whoever wrote it. The root account needs
 * none.
 * @throws S3Error UserSuspended; NoSuchBucket (also towards anonymous callers, as S3 and RGW do); AccessDenied, also
 *   for a bucket of another owner than the expected one
 */
export async function authorize(services: Services, request: AuthorizationRequest): Promise<Authorization> {
  const { caller, permissions } = request
  if (caller.kind === 'account' && caller.account.suspended) throw s3Error('UserSuspended')
  if (!permissions.some((permission) => 'bucket' in permission && permission.action !== 's3:CreateBucket')) {
    return { bucket: undefined, reason: granted(permissions.map((permission) => decideWithout(caller, permission))) }
  }
  return services.metadata.read(async (tx) => {
    const buckets = new BucketLookup(tx, caller)
    const bucket = request.bucket === undefined ? undefined : await buckets.get(request.bucket)
    const decisions: Decision[] = []
    for (const permission of permissions) decisions.push(await decideOne(tx, { caller, permission, buckets }))
    const reason = granted(decisions)
    if (bucket !== undefined) assertExpectedOwner(request.expectedOwner, bucket)
    return { bucket, reason }
  })
}

/**
 * A bucket named without a tenant is one of the caller's own tenant, as in RGW; anonymous callers and accounts without
 * a tenant mean the default one.
 */
export function bucketRefFor(caller: Caller, { tenant, name }: BucketRef): BucketRef {
  return tenant === '' && caller.kind === 'account' ? { tenant: caller.account.tenant, name } : { tenant, name }
}

/**
 * `x-amz-expected-bucket-owner`, and its source twin: a client's guard against a bucket that changed hands.
 * @throws S3Error AccessDenied if the bucket is not this owner's; undefined expects nobody
 */
export function assertExpectedOwner(expected: string | undefined, bucket: Pick<BucketRow, 'ownerId'>): void {
  if (expected !== undefined && expected !== bucket.ownerId) throw s3Error('AccessDenied')
}

/** The reason of the last of the decisions. */
function granted(decisions: readonly Decision[]): string {
  if (decisions.some((decision) => decision.verdict === 'deny')) throw s3Error('AccessDenied')
  const last = decisions.at(-1)
  if (last === undefined) throw s3Error('AccessDenied')
  return last.reason
}

function decideWithout(caller: Caller, { action }: Permission): Decision {
  return decide({ caller, action, bucket: undefined, object: undefined })
}

async function decideOne(
  tx: ReadTransaction,
  { caller, permission, buckets }: { caller: Caller; permission: Permission; buckets: BucketLookup },
): Promise<Decision> {
  if (!('bucket' in permission) || permission.action === 's3:CreateBucket') return decideWithout(caller, permission)
  const bucket = await buckets.get({ tenant: permission.tenant, name: permission.bucket })
  const isRoot = caller.kind === 'account' && caller.account.isRoot
  const matters = 'key' in permission && demandOf(permission.action) === 'object-read' && !isRoot
  const object = matters ? await objectFacts(tx, { ...permission, bucketId: bucket.id }) : undefined
  return decide({ caller, action: permission.action, bucket, object })
}

/** A delete marker has no bytes to read: whether a caller may hear of it is decided as for a missing key. */
async function objectFacts(
  tx: ReadTransaction,
  { bucketId, key, versionId }: { bucketId: number; key: string; versionId?: string | undefined },
): Promise<ObjectFacts | 'absent'> {
  const row = await (versionId === undefined
    ? tx.versions.latest({ bucketId, key })
    : tx.versions.find({ bucketId, key, versionId }))
  if (row === undefined || row.kind === 'delete-marker') return 'absent'
  return { ownerId: row.ownerId, acl: row.attributes.acl }
}

/**
 * The buckets of one request, each looked up once: most requests name the same one in the URL and in each permission.
 */
class BucketLookup {
  readonly #tx: ReadTransaction
  readonly #caller: Caller
  readonly #rows: BucketRow[] = []

  constructor(tx: ReadTransaction, caller: Caller) {
    this.#tx = tx
    this.#caller = caller
  }

  /** @throws S3Error NoSuchBucket */
  async get(named: BucketRef): Promise<BucketRow> {
    const ref = bucketRefFor(this.#caller, named)
    const known = this.#rows.find((row) => row.name === ref.name && row.tenant === ref.tenant)
    if (known !== undefined) return known
    const row = await this.#tx.buckets.find(ref)
    if (row === undefined) throw s3Error('NoSuchBucket', { BucketName: ref.name })
    this.#rows.push(row)
    return row
  }
}
