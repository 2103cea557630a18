import { s3Error } from '../../errors.ts'
import type { Acl, BucketRow, Grant, ObjectAttributes } from '../../storage/metadata/rows.ts'
import type { BucketSettings, ObjectOwnership, PublicAccessBlock } from '../../storage/metadata/settings.ts'
import { type Accounts, type Caller, callerId } from '../accounts.ts'
import { grantsToOthers, type RequestedAcl, resolveAcl } from './acl.ts'
import { assertAclNotBlocked, isPublicAcl } from './blocks.ts'
import { grantsOf } from './grants.ts'
import type { AccessRules } from './rules.ts'

/** What a write says about its object, its ACL as it asks for it; undefined where it asks for none. */
export type GivenAttributes = Omit<ObjectAttributes, 'acl'> & { readonly acl: RequestedAcl | undefined }

/** Whom something belongs to, and its ACL. */
export interface Owned {
  readonly ownerId: string
  readonly acl: Acl
}

/** What applies to a bucket where nobody has said anything, and in all providers before AWS's ownership controls. */
const UNSET_OWNERSHIP: ObjectOwnership = 'ObjectWriter'

function ownershipOf({ settings }: Pick<BucketRow, 'settings'>): ObjectOwnership {
  return settings.ownership ?? UNSET_OWNERSHIP
}

const ALL_BLOCKED: PublicAccessBlock = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
}

/** The settings that a bucket is born with. What is as if nothing were set is not set, as in buckets of old. */
export function newBucketSettings(rules: AccessRules, requested?: ObjectOwnership): BucketSettings {
  const born = rules.newBucketOwnership === UNSET_OWNERSHIP ? undefined : rules.newBucketOwnership
  const ownership = requested ?? born
  return {
    ...(ownership === undefined ? {} : { ownership }),
    ...(rules.newBucketsBlockPublicAccess ? { publicAccessBlock: ALL_BLOCKED } : {}),
  }
}

/**
 * Whether a bucket can be born with this ACL: one without ACLs, or with public access blocked, has no use for it.
 * @throws S3Error InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError
 */
export function assertNewBucketAcl({ ownerId, acl }: Owned, { ownership, publicAccessBlock }: BucketSettings): void {
  if (ownership === 'BucketOwnerEnforced') assertOwnersAlone({ ownerId, acl })
  if (publicAccessBlock?.blockPublicAcls === true && isPublicAcl(acl)) {
    throw s3Error('InvalidBucketAclWithBlockPublicAccessError')
  }
}

/**
 * Whether ACLs can be switched off: grants to others would lose their effect unnoticed.
 * @throws S3Error InvalidBucketAclWithObjectOwnership
 */
export function assertOwnersAlone({ ownerId, acl }: Owned): void {
  if (grantsToOthers(acl, ownerId)) throw s3Error('InvalidBucketAclWithObjectOwnership')
}

/** An ACL that is to be put on a bucket, or on an object in it. */
export interface AclChange {
  readonly bucket: BucketRow
  /** The owner of the bucket or of the object. */
  readonly ownerId: string
  readonly requested: RequestedAcl
}

/**
 * The ACL to store for a PUT of an ACL.
 * @throws S3Error AccessControlListNotSupported in a bucket that has none; those of resolveAcl; AccessDenied for a
 *   public one where those are blocked
 */
export function settleAcl(accounts: Accounts, { bucket, ownerId, requested }: AclChange): Acl {
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') throw s3Error('AccessControlListNotSupported')
  const acl = resolveAcl(accounts, requested, ownerId)
  assertAclNotBlocked(bucket, acl)
  return acl
}

export interface ObjectWrite {
  readonly bucket: BucketRow
  readonly caller: Caller
  readonly attributes: Pick<GivenAttributes, 'acl'>
}

/**
 * Whom a new object belongs to, and its ACL. S3 user guide, "Controlling ownership of objects".
 * @throws S3Error AccessControlListNotSupported where ACLs are switched off, but for one that says what is so anyway;
 *   those of settleAcl
 */
export function settleObject(accounts: Accounts, { bucket, caller, attributes }: ObjectWrite): Owned {
  const requested = attributes.acl
  const writerId = callerId(caller)
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') {
    if (!isOwnersFullControl(accounts, bucket, requested)) throw s3Error('AccessControlListNotSupported')
    return { ownerId: bucket.ownerId, acl: 'private' }
  }
  const acl = settleAcl(accounts, { bucket, ownerId: writerId, requested: requested ?? 'private' })
  return { ownerId: newOwner(bucket, { ownerId: writerId, acl }), acl }
}

/** Whom an object belongs to that this writer makes with this ACL: the bucket's ownership decides. */
export function newOwner(bucket: BucketRow, { ownerId, acl }: Owned): string {
  const ownership = ownershipOf(bucket)
  const handsOver = ownership === 'BucketOwnerPreferred' && acl === 'bucket-owner-full-control'
  return handsOver || ownership === 'BucketOwnerEnforced' ? bucket.ownerId : ownerId
}

/** No ACL at all, or the one that AWS allows where ACLs are switched off, in any of its forms. */
function isOwnersFullControl(accounts: Accounts, bucket: BucketRow, requested: RequestedAcl | undefined): boolean {
  if (requested === undefined || requested === 'bucket-owner-full-control') return true
  if (typeof requested === 'string') return false
  const acl = resolveAcl(accounts, requested, bucket.ownerId)
  const isFullControl = requested.grants.every(({ permission }) => permission === 'FULL_CONTROL')
  return isFullControl && !grantsToOthers(acl, bucket.ownerId)
}

/** What GET of an ACL tells. Without ACLs everything is the bucket owner's, which reading one still says. */
export function shownAcl(bucket: BucketRow, { ownerId, acl }: Owned): { ownerId: string; grants: readonly Grant[] } {
  const bucketOwnerId = bucket.ownerId
  if (ownershipOf(bucket) !== 'BucketOwnerEnforced') {
    return { ownerId, grants: grantsOf(acl, { ownerId, bucketOwnerId }) }
  }
  return { ownerId: bucketOwnerId, grants: grantsOf('private', { ownerId: bucketOwnerId, bucketOwnerId }) }
}
