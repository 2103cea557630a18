import type { GrantPermission } from '../../storage/metadata/rows.ts'
import { blocksOf } from './blocks.ts'
import { concernsObject, type Demand } from './demands.ts'
import { allow, type BucketFacts, type Decision, deny, type Facts, type ObjectFacts, ownerOf, owns } from './facts.ts'
import { findGrant, granteeName, grantsOf } from './grants.ts'

export interface Question {
  readonly bucket: BucketFacts
  readonly demand: Demand
}

/** What ownership and the ACLs say. */
export function byOwnership(facts: Facts, { bucket, demand }: Question): Decision {
  const { caller, object, rules } = facts
  if (bucket.settings.ownership === 'BucketOwnerEnforced' || demand === 'bucket-owner') {
    return owns(caller, bucket.ownerId)
      ? allow('the caller owns the bucket')
      : deny('neither the policy nor ownership of the bucket allows it')
  }
  const permission = NEEDED[demand]
  if (permission === undefined) return deny('the action is on no bucket')
  const aboutNew = object === 'new' || !concernsObject(demand)
  if (aboutNew) return byAcl(facts, { permission: concernsObject(demand) ? 'WRITE' : permission, bucket })
  if (typeof object !== 'object') return deny('nothing is known about the object')
  const isDetail = demand === 'detail-read' || demand === 'detail-write'
  if (isDetail && !rules.aclsCoverDetails) {
    const isOwner = owns(caller, bucket.ownerId) || owns(caller, ownerOf(object, bucket))
    return isOwner ? allow('the caller owns the bucket or the object') : deny('only an owner may')
  }
  return byAcl(facts, { permission, bucket, object })
}

/** The permission in an ACL that meets a demand. */
const NEEDED: Readonly<Partial<Record<Demand, GrantPermission>>> = {
  'bucket-read': 'READ',
  'bucket-write': 'WRITE',
  'bucket-read-acp': 'READ_ACP',
  'bucket-write-acp': 'WRITE_ACP',
  'object-read': 'READ',
  'object-read-acp': 'READ_ACP',
  'object-write-acp': 'WRITE_ACP',
  'detail-read': 'READ',
  'detail-write': 'WRITE',
}

interface AclQuestion {
  readonly permission: GrantPermission
  readonly bucket: BucketFacts
  /** The object whose ACL is asked; the bucket's is where it is undefined. */
  readonly object?: ObjectFacts
}

function byAcl({ caller, rules }: Facts, { permission, bucket, object }: AclQuestion): Decision {
  const resource = object === undefined ? 'bucket' : 'object'
  const ownerId = object === undefined ? bucket.ownerId : ownerOf(object, bucket)
  const isImplied = !rules.ownersNeedGrants || permission === 'READ_ACP' || permission === 'WRITE_ACP'
  if (isImplied && owns(caller, ownerId)) return allow(`the caller owns the ${resource}`)
  const grants = grantsOf((object ?? bucket).acl, { ownerId, bucketOwnerId: bucket.ownerId })
  const ignoresGroups = blocksOf(bucket).ignorePublicAcls
  const grant = findGrant(grants, { caller, permission, ignoresGroups })
  if (grant !== undefined) {
    return allow(`the ${resource}'s ACL grants ${grant.permission} to ${granteeName(grant.grantee)}`)
  }
  const ignored = ignoresGroups ? ', groups ignored by IgnorePublicAcls' : ''
  return deny(`the ${resource}'s ACL does not grant ${permission}${ignored}`)
}
