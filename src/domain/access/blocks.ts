import { s3Error } from '../../errors.ts'
import type { Acl, BucketRow } from '../../storage/metadata/rows.ts'
import type { PublicAccessBlock } from '../../storage/metadata/settings.ts'
import type { Policy } from './policy/policy.ts'
import { isPublicPolicy } from './policy/public.ts'

/** What a bucket without a public access block has. */
export const NO_BLOCKS: PublicAccessBlock = {
  blockPublicAcls: false,
  ignorePublicAcls: false,
  blockPublicPolicy: false,
  restrictPublicBuckets: false,
}

type Settings = Pick<BucketRow, 'settings'>

export function blocksOf({ settings }: Settings): PublicAccessBlock {
  return settings.publicAccessBlock ?? NO_BLOCKS
}

const PUBLIC_CANNED: readonly Acl[] = ['public-read', 'public-read-write', 'authenticated-read']

/**
 * Whether an ACL grants anything to everybody, or to everybody who has an account. S3 user guide, "The meaning of
 * public".
 */
export function isPublicAcl(acl: Acl): boolean {
  if (typeof acl === 'string') return PUBLIC_CANNED.includes(acl)
  return acl.grants.some(({ grantee }) => grantee.kind === 'all-users' || grantee.kind === 'authenticated-users')
}

/**
 * For whoever puts an ACL on a bucket or on an object in it, by whatever operation (recorded:
 * bucket.put_acl.blocked_by_pab).
 * @throws S3Error AccessDenied if the ACL is public and the bucket has BlockPublicAcls
 */
export function assertAclNotBlocked(bucket: Settings, acl: Acl): void {
  if (blocksOf(bucket).blockPublicAcls && isPublicAcl(acl)) {
    throw s3Error('AccessDenied', {}, { reason: 'BlockPublicAcls of the bucket refuses a public ACL' })
  }
}

/**
 * For whoever puts a policy on a bucket.
 * @throws S3Error AccessDenied if the policy is public and the bucket has BlockPublicPolicy
 */
export function assertPolicyNotBlocked(bucket: Settings, policy: Policy): void {
  if (blocksOf(bucket).blockPublicPolicy && isPublicPolicy(policy)) {
    throw s3Error('AccessDenied', {}, { reason: 'BlockPublicPolicy of the bucket refuses a public policy' })
  }
}
