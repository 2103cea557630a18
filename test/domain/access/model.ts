import type { Action } from '../../../src/domain/access/permissions.ts'

// A second opinion on who may do what, for the decision suite. It knows no order of questions: it puts together the
// set of those who may from the sets that each voice names. Sources: S3 user guide, "How Amazon S3 authorizes a
// request", "Block public access settings", "Mapping of ACL permissions and access policy permissions"; Ceph's
// op_to_perm and verify_*_permission.

export const EVERYBODY = ['root', 'owner', 'writer', 'other', 'anonymous'] as const
export type Who = (typeof EVERYBODY)[number]
type People = ReadonlySet<Who>

/** `all READ`: a group or a person, and a permission. `holder` is whoever owns the thing that the ACL is on. */
export type Line = `${'all' | 'accounts' | 'logs' | 'holder' | 'bucket-owner' | Who} ${Right | 'FULL'}`
export type Right = 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP'

export interface ModelStatement {
  readonly effect: 'Allow' | 'Deny'
  /** `public` is everybody by name of everybody. */
  readonly who: 'public' | readonly Who[]
  readonly butNot?: readonly Who[]
  readonly actions: readonly Action[]
}

export interface Case {
  readonly provider: 'rgw' | 'aws'
  readonly action: Action
  readonly bucketAcl: readonly Line[]
  readonly object: { readonly owner: Who; readonly acl: readonly Line[] } | 'absent' | 'new' | 'none'
  readonly policy: readonly ModelStatement[]
  readonly ignoresPublicAcls: boolean
  readonly restrictsPublic: boolean
  readonly enforced: boolean
  readonly payer: 'owner' | 'requester'
  readonly agreesToPay: boolean
}

const NOBODY: People = new Set()
const ACCOUNTS: People = new Set<Who>(['root', 'owner', 'writer', 'other'])
const ALL: People = new Set(EVERYBODY)

/** Which actions an ACL speaks of: on what, and which right. Every other one is the bucket owner's. */
const SPEECH: readonly (readonly [on: 'bucket' | 'object' | 'detail', right: Right, actions: string])[] = [
  ['bucket', 'READ', 'ListBucket ListBucketVersions ListBucketMultipartUploads'],
  ['bucket', 'WRITE', 'PutObject DeleteObject DeleteObjectVersion AbortMultipartUpload ListMultipartUploadParts'],
  ['bucket', 'READ_ACP', 'GetBucketAcl'],
  ['bucket', 'WRITE_ACP', 'PutBucketAcl'],
  ['object', 'READ', 'GetObject GetObjectVersion GetObjectAttributes GetObjectVersionAttributes'],
  ['object', 'READ', 'GetObjectTorrent GetObjectVersionTorrent'],
  ['object', 'READ_ACP', 'GetObjectAcl GetObjectVersionAcl'],
  ['object', 'WRITE_ACP', 'PutObjectAcl PutObjectVersionAcl'],
  ['detail', 'READ', 'GetObjectTagging GetObjectVersionTagging GetObjectRetention GetObjectLegalHold'],
  ['detail', 'WRITE', 'PutObjectTagging PutObjectVersionTagging DeleteObjectTagging DeleteObjectVersionTagging'],
  ['detail', 'WRITE', 'RestoreObject'],
]

function speechOf(action: Action) {
  return SPEECH.find(([, , actions]) => actions.split(' ').includes(action.slice('s3:'.length)))
}

/** Whether the action is on what belongs to an object. */
export function isOnObject(action: Action): boolean {
  const on = speechOf(action)?.[0]
  return on === 'object' || on === 'detail'
}

/** Everybody who may. */
export function whoMay(one: Case): People {
  const allowed = without(union(whoMayUnlessForbidden(one), ['root']), spoken(one, 'Deny'))
  const isOfPolicy = /^s3:(?:Get|Put|Delete)BucketPolicy$/.test(one.action)
  return isOfPolicy ? union(allowed, ['root', 'owner']) : allowed
}

function whoMayUnlessForbidden(one: Case): People {
  if (isOnObject(one.action)) {
    if (one.object === 'absent') return whoMay({ ...one, action: 's3:ListBucket', object: 'none' })
    if (one.object === 'new' && one.provider === 'rgw')
      return whoMay({ ...one, action: 's3:PutObject', object: 'none' })
  }
  const closed = one.policy.length > 0 && one.restrictsPublic && one.policy.some(isPublic)
  const admitted = closed ? new Set<Who>(['owner']) : payers(one)
  return intersection(admitted, union(named(one), opened(one)))
}

/** Whoever pays, or is not asked to. */
function payers({ action, payer, agreesToPay }: Case): People {
  if (payer === 'owner' || speechOf(action) === undefined) return ALL
  return agreesToPay ? ACCOUNTS : new Set<Who>(['owner'])
}

/** Whom ownership and the ACLs name. */
function named(one: Case): People {
  const speech = speechOf(one.action)
  const [on, right] = speech ?? ['bucket', undefined]
  if (one.enforced || right === undefined) return new Set<Who>(['owner'])
  // "When the grantee is the bucket owner": AWS's mapping of WRITE to s3:DeleteObjectVersion.
  if (one.provider === 'aws' && one.action === 's3:DeleteObjectVersion') return new Set<Who>(['owner'])
  if (on === 'bucket') return granted(one, right, { owner: 'owner', acl: one.bucketAcl })
  if (one.object === 'new') return granted(one, 'WRITE', { owner: 'owner', acl: one.bucketAcl })
  if (typeof one.object === 'string') return NOBODY
  if (on === 'detail' && one.provider === 'aws') return new Set<Who>(['owner', holderOf(one.object.owner)])
  return granted(one, right, one.object)
}

/** What nobody wrote is the bucket owner's. */
function holderOf(owner: Who): Who {
  return owner === 'anonymous' ? 'owner' : owner
}

function granted(one: Case, right: Right, { owner, acl }: { owner: Who; acl: readonly Line[] }): People {
  const holder = holderOf(owner)
  const keepsAll = one.provider === 'aws' || right.endsWith('_ACP')
  const people = acl.flatMap((line) => {
    const [grantee = '', given] = line.split(' ')
    if (given !== right && given !== 'FULL') return []
    if (grantee === 'all') return one.ignoresPublicAcls ? [] : EVERYBODY
    if (grantee === 'accounts') return one.ignoresPublicAcls ? [] : [...ACCOUNTS]
    if (grantee === 'logs' || grantee === 'anonymous') return []
    return grantee === 'holder' ? [holder] : grantee === 'bucket-owner' ? (['owner'] as const) : [grantee as Who]
  })
  return new Set([...people, ...(keepsAll ? [holder] : [])])
}

/** Whom the policy lets in. AWS's lets nobody to objects that are not the bucket owner's. */
function opened(one: Case): People {
  const isForeign = typeof one.object === 'object' && isOnObject(one.action) && holderOf(one.object.owner) !== 'owner'
  return one.provider === 'aws' && isForeign && !one.enforced ? NOBODY : spoken(one, 'Allow')
}

/** Whom the policy names with this effect. */
function spoken({ policy, action }: Case, effect: 'Allow' | 'Deny'): People {
  const about = policy.filter((statement) => statement.effect === effect && statement.actions.includes(action))
  return new Set(
    about.flatMap(({ who, butNot }) => {
      if (butNot !== undefined) return EVERYBODY.filter((one) => !butNot.includes(one))
      return who === 'public' ? EVERYBODY : who.filter((one) => one !== 'anonymous')
    }),
  )
}

function isPublic({ effect, who, butNot }: ModelStatement): boolean {
  return effect === 'Allow' && (who === 'public' || butNot !== undefined)
}

function union(one: People, other: Iterable<Who>): People {
  return new Set([...one, ...other])
}

function without(one: People, other: People): People {
  return new Set([...one].filter((who) => !other.has(who)))
}

function intersection(one: People, other: People): People {
  return new Set([...one].filter((who) => other.has(who)))
}
