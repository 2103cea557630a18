import { hasCapability } from '../../config/capabilities.ts'
import { s3Error } from '../../errors.ts'
import type { BucketRef, BucketRow, Tag, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import type { Caller } from '../accounts.ts'
import type { Services } from '../services.ts'
import { bucketRefFor } from './bucket-ref.ts'
import { NO_CONDITIONS, type RequestConditions } from './conditions.ts'
import { decide } from './decide.ts'
import { concernsObject, demandOf } from './demands.ts'
import { allow, type Decision, deny, type ObjectFacts, owns } from './facts.ts'
import type { Action, Permission } from './permissions.ts'
import type { Policy } from './policy/policy.ts'
import type { AccessRules } from './rules.ts'

/** Who asks, and what is known about the request beside the permissions that it needs. */
export interface Petition {
  readonly caller: Caller
  readonly rules: AccessRules
  /** What policies may ask about the request. */
  readonly conditions: RequestConditions
  /** Whether the request says that its sender pays for it: x-amz-request-payer. */
  readonly paysAsRequester: boolean
}

/** What is asked for on a bucket, or in one. */
export type BucketPermission = Extract<Permission, { bucket: string }>
type KeyPermission = Extract<Permission, { key: string }>

export function isOnBucket(permission: Permission): permission is BucketPermission {
  return 'bucket' in permission && permission.action !== 's3:CreateBucket'
}

/** Decides what is asked of no bucket, and what only names the one to be made. */
export function decideAlone({ caller, rules }: Petition, permission: Permission): Decision {
  if ('capability' in permission) return decideCapability(caller, permission)
  if ('topicAction' in permission) {
    return caller.kind === 'anonymous' ? deny('the caller is anonymous') : allow("it is for the topic's policy to say")
  }
  const { action } = permission
  const nothing = { bucket: undefined, key: undefined, object: undefined, policy: undefined }
  return decide({ caller, action, rules, ...nothing, conditions: NO_CONDITIONS, paysAsRequester: false })
}

function decideCapability(
  caller: Caller,
  { capability, access }: Extract<Permission, { capability: unknown }>,
): Decision {
  if (caller.kind === 'anonymous') return deny('the caller is anonymous')
  if (caller.account.isRoot) return allow('the root account may do everything')
  return hasCapability(caller.account.caps, capability, access)
    ? allow(`the caller's capability ${capability} includes ${access}`)
    : deny(`the caller has no capability ${capability}=${access}`)
}

/** Headers of a write that say something about the object that it makes have the action of setting it later. */
const DESCRIBING: ReadonlySet<Action> = new Set(['s3:PutObjectAcl', 's3:PutObjectTagging'])

/**
 * Decides what one request asks for, and looks up for it what matters, within one read transaction. Each bucket is
 * looked up once: most requests name the same one in the URL and in each permission.
 */
export class Hearing {
  readonly #services: Pick<Services, 'policies'>
  readonly #tx: ReadTransaction
  readonly #petition: Petition
  readonly #buckets: BucketRow[] = []
  readonly #looked: Sight[] = []

  constructor(services: Pick<Services, 'policies'>, tx: ReadTransaction, petition: Petition) {
    this.#services = services
    this.#tx = tx
    this.#petition = petition
  }

  /** @throws S3Error NoSuchBucket */
  async bucket(named: BucketRef): Promise<BucketRow> {
    const ref = bucketRefFor(this.#petition.caller, named)
    const known = this.#buckets.find((row) => row.name === ref.name && row.tenant === ref.tenant)
    if (known !== undefined) return known
    const row = await this.#tx.buckets.find(ref)
    if (row === undefined) throw s3Error('NoSuchBucket', { BucketName: ref.name })
    this.#buckets.push(row)
    return row
  }

  /** @throws S3Error NoSuchBucket */
  async decideAll(permissions: readonly Permission[]): Promise<Decision[]> {
    const decisions: Decision[] = []
    for (const permission of permissions) decisions.push(await this.#decide(permission, permissions))
    return decisions
  }

  /**
   * Decides one permission after the other, from the one at this place on and until the time is up, in milliseconds of
   * `performance.now`; at least one of them.
   * @throws S3Error NoSuchBucket
   */
  async decideSome(permissions: readonly Permission[], { from, untilMs }: Slice): Promise<Decision[]> {
    const decisions: Decision[] = []
    for (const permission of permissions.slice(from)) {
      decisions.push(await this.#decide(permission, permissions))
      if (performance.now() >= untilMs) break
    }
    return decisions
  }

  async #decide(permission: Permission, all: readonly Permission[]): Promise<Decision> {
    return isOnBucket(permission)
      ? await this.#decideOnBucket(permission, all)
      : decideAlone(this.#petition, permission)
  }

  async #decideOnBucket(permission: BucketPermission, all: readonly Permission[]): Promise<Decision> {
    const { caller, rules, paysAsRequester } = this.#petition
    const { action } = permission
    const bucket = await this.bucket({ tenant: permission.tenant, name: permission.bucket })
    const policy = this.#services.policies.of(bucket)
    const request = { caller, action, rules, bucket, policy, paysAsRequester }
    if (!('key' in permission)) {
      // A policy may speak of one key and not of another: the operation asks for each, once it knows them.
      if ('keys' in permission && policy !== undefined) return allow('the policy will be asked for each key')
      return decide({ ...request, key: undefined, object: undefined, conditions: this.#petition.conditions })
    }
    const { key } = permission
    const conditions = conditionsOn(permission, this.#petition)
    if (describesNew(permission, all)) return decide({ ...request, key, object: 'new', conditions })
    if (!objectMatters(action, { caller, bucket, policy })) {
      return decide({ ...request, key, object: undefined, conditions })
    }
    return this.#decideAbout(permission, bucket, await this.#object({ ...permission, bucketId: bucket.id }))
  }

  #decideAbout(permission: KeyPermission, bucket: BucketRow, object: TaggedObject | 'absent'): Decision {
    const { caller, rules, paysAsRequester } = this.#petition
    const { action, key } = permission
    const policy = this.#services.policies.of(bucket)
    const conditions = conditionsOn(permission, this.#petition, object === 'absent' ? undefined : object.tags)
    return decide({ caller, action, rules, bucket, policy, paysAsRequester, key, object, conditions })
  }

  /**
   * Holds the version that is worked on against what has been granted. Where that depended on the object, and this is
   * not the version that was looked up for it, it is decided again: the one may have come into being, or have taken the
   * other's place, while the request's body was on its way.
   * @throws S3Error AccessDenied
   */
  assertStillGranted(permissions: readonly Permission[], version: VersionRow): void {
    if (version.kind !== 'object') return
    const { id, bucketId, key } = version
    const bucket = this.#buckets.find((one) => one.id === bucketId)
    // Made anew under the same name.
    if (bucket === undefined) throw s3Error('AccessDenied', {}, { reason: 'the bucket is another one by now' })
    const looked = this.#looked.filter((one) => one.bucketId === bucketId && one.key === key)
    if (looked.length === 0 || looked.some((one) => one.id === id)) return
    for (const permission of permissions) {
      if (!this.#isAbout(permission, bucket, key) || describesNew(permission, permissions)) continue
      const { verdict, reason } = this.#decideAbout(permission, bucket, factsOf(version))
      if (verdict === 'deny')
        throw s3Error('AccessDenied', {}, { reason: `${reason}; the object has changed meanwhile` })
    }
  }

  /** Whether a permission is on this key, and concerns the object that bears it. */
  #isAbout(permission: Permission, bucket: BucketRow, key: string): permission is KeyPermission {
    if (!('key' in permission) || permission.key !== key || !concernsObject(demandOf(permission.action))) return false
    const ref = bucketRefFor(this.#petition.caller, { tenant: permission.tenant, name: permission.bucket })
    return ref.name === bucket.name && ref.tenant === bucket.tenant
  }

  /** A delete marker has no bytes to read: whether a caller may hear of it is decided as for a missing key. */
  async #object({ bucketId, key, versionId }: ObjectRef): Promise<TaggedObject | 'absent'> {
    const row = await (versionId === undefined
      ? this.#tx.versions.latest({ bucketId, key })
      : this.#tx.versions.find({ bucketId, key, versionId }))
    const object = row === undefined || row.kind === 'delete-marker' ? undefined : row
    this.#looked.push({ bucketId, key, id: object?.id })
    return object === undefined ? 'absent' : factsOf(object)
  }
}

/** What an object was found to be when it was decided about it. */
interface Sight {
  readonly bucketId: number
  readonly key: string
  /** The version's; undefined where there was none. */
  readonly id: number | undefined
}

function factsOf({ ownerId, attributes: { acl, tags } }: VersionRow): TaggedObject {
  return { ownerId, acl, tags }
}

interface Slice {
  readonly from: number
  readonly untilMs: number
}

interface ObjectRef {
  readonly bucketId: number
  readonly key: string
  readonly versionId?: string | undefined
}

interface TaggedObject extends ObjectFacts {
  readonly tags: readonly Tag[]
}

/** Whether the permission is about the object that the request itself is going to make. */
function describesNew({ action, ...on }: BucketPermission & { key: string }, all: readonly Permission[]): boolean {
  if (!DESCRIBING.has(action)) return false
  return all.some(
    (other) =>
      'key' in other &&
      other.action === 's3:PutObject' &&
      other.key === on.key &&
      other.bucket === on.bucket &&
      other.tenant === on.tenant,
  )
}

interface Circumstances {
  readonly caller: Caller
  readonly bucket: BucketRow
  readonly policy: Policy | undefined
}

/** Whether the decision depends on the object: looking it up is what makes a decision dear. */
function objectMatters(action: Action, { caller, bucket, policy }: Circumstances): boolean {
  if (policy?.asksForObjectTags === true) return true
  if (!concernsObject(demandOf(action))) return false
  if (caller.kind === 'account' && caller.account.isRoot) return false
  return !(bucket.settings.ownership === 'BucketOwnerEnforced' && owns(caller, bucket.ownerId))
}

/** What a policy asks about the tags that the object bears already. */
const EXISTING_TAG = 's3:existingobjecttag/'
/** The version that is asked for, which a copy names in a header and a deletion of many objects in its body. */
const VERSION_ID = 's3:versionid'

/** @param tags undefined where nobody has looked for the object, or where there is none */
function conditionsOn(
  { versionId }: KeyPermission,
  { conditions }: Petition,
  tags: readonly Tag[] = [],
): RequestConditions {
  return {
    get(key) {
      if (key === VERSION_ID) return versionId === undefined ? undefined : [versionId]
      if (!key.startsWith(EXISTING_TAG)) return conditions.get(key)
      const name = key.slice(EXISTING_TAG.length)
      const values = tags.filter((tag) => tag.key === name).map((tag) => tag.value)
      return values.length === 0 ? undefined : values
    },
    isPending: (key) => conditions.isPending?.(key) === true,
  }
}
