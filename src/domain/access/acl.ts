import { s3Error } from '../../errors.ts'
import type { Acl, CannedAcl, Grantee, GrantPermission } from '../../storage/metadata/rows.ts'
import type { Accounts } from '../accounts.ts'
import { grantsOf } from './grants.ts'

/** Grants of one ACL; S3's documented limit, and RGW's (recorded: bucket.put_acl.xml_too_many). */
export const GRANTS_MAX = 100

/** Whom a request names. An e-mail address is looked up and stored as the id of the account that has it. */
export type RequestedGrantee = Grantee | { readonly kind: 'email'; readonly email: string }

export interface RequestedGrant {
  readonly grantee: RequestedGrantee
  readonly permission: GrantPermission
}

/** An ACL given as grants, by headers or as a document. */
export interface RequestedGrants {
  readonly grants: readonly RequestedGrant[]
  /** Whom the document calls the owner; headers call nobody so. */
  readonly ownerId?: string | undefined
  /** What a grantee who is nobody answers in place of the code that says so. */
  readonly unknownGrantee?: 'NoSuchKey' | undefined
}

/** An ACL as a request asks for it. Amazon's log delivery is a canned ACL there and kept as its grants here. */
export type RequestedAcl = CannedAcl | 'log-delivery-write' | RequestedGrants

/**
 * The ACL to store: its grantees exist, and are named by their ids.
 * @throws S3Error AccessDenied when it names another owner than the resource's; UnresolvableGrantByEmailAddress and
 *   InvalidArgument for grantees that are nobody
 */
export function resolveAcl(accounts: Accounts, requested: RequestedAcl, ownerId: string): Acl {
  if (requested === 'log-delivery-write') return logDeliveryAcl(ownerId)
  if (typeof requested === 'string') return requested
  if (requested.ownerId !== undefined && requested.ownerId !== ownerId) throw s3Error('AccessDenied')
  const grants = requested.grants.map(({ grantee, permission }) => {
    return { grantee: resolveGrantee(accounts, grantee, requested.unknownGrantee), permission }
  })
  return { grants }
}

/** S3 user guide, "Canned ACL". */
function logDeliveryAcl(ownerId: string): Acl {
  const grantee: Grantee = { kind: 'log-delivery' }
  return {
    grants: [
      { grantee: { kind: 'account', id: ownerId }, permission: 'FULL_CONTROL' },
      { grantee, permission: 'WRITE' },
      { grantee, permission: 'READ_ACP' },
    ],
  }
}

/**
 * The grantee by its id.
 * @throws S3Error UnresolvableGrantByEmailAddress, InvalidArgument, or `unknown` in place of both
 */
export function resolveGrantee(accounts: Accounts, grantee: RequestedGrantee, unknown?: 'NoSuchKey'): Grantee {
  if (grantee.kind === 'email') {
    const account = accounts.findByEmail(grantee.email)
    if (account !== undefined) return { kind: 'account', id: account.id }
    throw s3Error(unknown ?? 'UnresolvableGrantByEmailAddress')
  }
  if (grantee.kind !== 'account' || accounts.find(grantee.id) !== undefined) return grantee
  if (unknown !== undefined) throw s3Error(unknown)
  // The message is S3's and RGW's (recorded: bucket.put_acl.xml_unknown_id).
  const details = { ArgumentName: 'CanonicalUser/ID', ArgumentValue: grantee.id }
  throw s3Error('InvalidArgument', details, { message: 'Invalid id' })
}

/** Whether somebody beside the owner is granted anything. */
export function grantsToOthers(acl: Acl, ownerId: string): boolean {
  const grants = grantsOf(acl, { ownerId, bucketOwnerId: ownerId })
  return grants.some(({ grantee }) => grantee.kind !== 'account' || grantee.id !== ownerId)
}

/** Whether two ACLs of resources of this owner grant the same, in whatever form and order. */
export function isSameAcl(one: Acl, other: Acl, ownerId: string): boolean {
  const lines = (acl: Acl): string => {
    const grants = grantsOf(acl, { ownerId, bucketOwnerId: ownerId })
    const named = grants.map(({ grantee, permission }) => `${JSON.stringify(grantee)} ${permission}`)
    return [...new Set(named)].sort().join()
  }
  return lines(one) === lines(other)
}
