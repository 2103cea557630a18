import type { BucketRow, CannedAcl } from '../../storage/metadata/rows.ts'
import { ANONYMOUS_ID, type Caller } from '../accounts.ts'
import { cannedGrants, type GrantPermission, isGranted } from './grants.ts'
import type { Action } from './permissions.ts'

/**
 * What is known about a request when it is decided. Whatever decides in future (policies, blocks) becomes a field here.
 */
export interface Facts {
  readonly caller: Caller
  readonly action: Action
  /** The bucket the action is on; undefined for actions on none, and for CreateBucket. */
  readonly bucket: BucketFacts | undefined
  /**
   * The object the action is on: `absent` when there is none; undefined when its facts do not matter (see demandOf).
   */
  readonly object: ObjectFacts | 'absent' | undefined
}

export type BucketFacts = Pick<BucketRow, 'ownerId' | 'acl'>

export interface ObjectFacts {
  readonly ownerId: string
  readonly acl: CannedAcl
}

export interface Decision {
  readonly verdict: 'allow' | 'deny'
  /** For the log: which rule decided. Never shown to the client. */
  readonly reason: string
}

/**
 * What an action demands as long as only ACLs speak:
 * - `anyone`: nothing; `account`: not anonymous;
 * - `bucket-read`, `bucket-write`: READ or WRITE in the bucket's ACL;
 * - `bucket-owner`: the bucket's configuration and what protects its objects belong to its owner;
 * - `object-read`: READ in the object's ACL. Writing and deleting objects is decided by the bucket's ACL alone.
 */
export type Demand = 'anyone' | 'account' | 'bucket-read' | 'bucket-write' | 'bucket-owner' | 'object-read'

/** S3 user guide, "Mapping of ACL permissions and access policy permissions"; RGW maps them likewise. */
const DEMANDS = {
  // RGW answers an anonymous caller with an empty list; a dialect that refuses it does so in the operation.
  's3:ListAllMyBuckets': 'anyone',
  's3:CreateBucket': 'account',
  's3:DeleteBucket': 'bucket-owner',
  's3:ListBucket': 'bucket-read',
  's3:ListBucketVersions': 'bucket-read',
  's3:ListBucketMultipartUploads': 'bucket-read',
  's3:GetBucketLocation': 'bucket-owner',
  's3:GetBucketVersioning': 'bucket-owner',
  's3:PutBucketVersioning': 'bucket-owner',
  's3:GetObject': 'object-read',
  's3:GetObjectVersion': 'object-read',
  's3:GetObjectAttributes': 'object-read',
  's3:GetObjectVersionAttributes': 'object-read',
  's3:PutObject': 'bucket-write',
  // As headers of a PUT they describe the new object, which is its writer's.
  's3:PutObjectAcl': 'bucket-write',
  's3:PutObjectTagging': 'bucket-write',
  // A stranger with WRITE must not be able to lock bytes into somebody else's bucket, nor to unlock them.
  's3:PutObjectRetention': 'bucket-owner',
  's3:PutObjectLegalHold': 'bucket-owner',
  's3:BypassGovernanceRetention': 'bucket-owner',
  's3:DeleteObject': 'bucket-write',
  's3:DeleteObjectVersion': 'bucket-write',
  's3:AbortMultipartUpload': 'bucket-write',
  // Whoever may upload parts may see them.
  's3:ListMultipartUploadParts': 'bucket-write',
} as const satisfies Record<Action, Demand>

export function demandOf(action: Action): Demand {
  return DEMANDS[action]
}

/** May this caller do this? Facts in, a word and its reason out; loading the facts is authorize's part. */
export function decide(facts: Facts): Decision {
  const { caller, bucket } = facts
  if (caller.kind === 'account' && caller.account.isRoot) return allow('the root account may do everything')
  switch (DEMANDS[facts.action]) {
    case 'anyone':
      return allow('the action is open to everyone')
    case 'account':
      return caller.kind === 'account' ? allow('any account may do it') : deny('the caller is anonymous')
    case 'bucket-owner':
      return owns(caller, bucket?.ownerId)
        ? allow('the caller owns the bucket')
        : deny('only the owner of the bucket may')
    case 'bucket-read':
      return byBucketAcl(facts, 'READ')
    case 'bucket-write':
      return byBucketAcl(facts, 'WRITE')
    case 'object-read':
      return byObject(facts)
  }
}

function byBucketAcl({ caller, bucket }: Facts, permission: GrantPermission): Decision {
  if (bucket === undefined) return deny('there is no bucket')
  const grants = cannedGrants(bucket.acl, { ownerId: bucket.ownerId, bucketOwnerId: bucket.ownerId })
  return isGranted(grants, caller, permission)
    ? allow(`the bucket's ACL grants ${permission}`)
    : deny(`the bucket's ACL does not grant ${permission}`)
}

/**
 * READ on an object. Its owner may; the bucket's owner may not by that alone (recorded from RGW: 403), except where
 * the writer was anonymous (recorded: 200). Whether a key exists is only told to those who may list the bucket.
 */
function byObject(facts: Facts): Decision {
  const { caller, bucket, object } = facts
  if (bucket === undefined || object === undefined) return deny('nothing is known about the object')
  if (object === 'absent') {
    return byBucketAcl(facts, 'READ').verdict === 'allow'
      ? allow('the object is missing and the caller may know it')
      : deny('the object is missing and the caller may not list the bucket')
  }
  const ownerId = object.ownerId === ANONYMOUS_ID ? bucket.ownerId : object.ownerId
  if (owns(caller, ownerId)) return allow('the caller owns the object')
  const grants = cannedGrants(object.acl, { ownerId, bucketOwnerId: bucket.ownerId })
  return isGranted(grants, caller, 'READ')
    ? allow("the object's ACL grants READ")
    : deny("the object's ACL does not grant READ")
}

function owns(caller: Caller, ownerId: string | undefined): boolean {
  return caller.kind === 'account' && caller.account.id === ownerId
}

function allow(reason: string): Decision {
  return { verdict: 'allow', reason }
}

function deny(reason: string): Decision {
  return { verdict: 'deny', reason }
}
