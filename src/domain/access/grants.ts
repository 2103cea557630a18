import type { CannedAcl } from '../../storage/metadata/rows.ts'
import { ANONYMOUS_ID, type Caller } from '../accounts.ts'

export type GrantPermission = 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP' | 'FULL_CONTROL'

export type Grantee =
  | { readonly kind: 'account'; readonly id: string }
  | { readonly kind: 'all-users' }
  | { readonly kind: 'authenticated-users' }

/** One line of an ACL. Canned ACLs are kept by name and computed into grants where they are evaluated or shown. */
export interface Grant {
  readonly grantee: Grantee
  readonly permission: GrantPermission
}

/** Who owns the resource that the ACL is on, and the bucket that it lies in; both are the same for a bucket's ACL. */
export interface Ownership {
  readonly ownerId: string
  readonly bucketOwnerId: string
}

/** The grants a canned ACL stands for, in the order in which RGW prints them. S3 user guide, "Canned ACL". */
export function cannedGrants(acl: CannedAcl, { ownerId, bucketOwnerId }: Ownership): readonly Grant[] {
  const owner: Grant = { grantee: { kind: 'account', id: ownerId }, permission: 'FULL_CONTROL' }
  switch (acl) {
    case 'private':
      return [owner]
    case 'public-read':
      return [owner, { grantee: { kind: 'all-users' }, permission: 'READ' }]
    case 'public-read-write':
      return [
        owner,
        { grantee: { kind: 'all-users' }, permission: 'READ' },
        { grantee: { kind: 'all-users' }, permission: 'WRITE' },
      ]
    case 'authenticated-read':
      return [owner, { grantee: { kind: 'authenticated-users' }, permission: 'READ' }]
    case 'bucket-owner-read':
      return [owner, ...toBucketOwner('READ', { ownerId, bucketOwnerId })]
    case 'bucket-owner-full-control':
      return [owner, ...toBucketOwner('FULL_CONTROL', { ownerId, bucketOwnerId })]
  }
}

/** The owner of both needs no second line. */
function toBucketOwner(permission: GrantPermission, { ownerId, bucketOwnerId }: Ownership): Grant[] {
  return ownerId === bucketOwnerId ? [] : [{ grantee: { kind: 'account', id: bucketOwnerId }, permission }]
}

/** Whether some grant gives the caller this permission; FULL_CONTROL gives every one. */
export function isGranted(grants: readonly Grant[], caller: Caller, permission: GrantPermission): boolean {
  return grants.some(
    (grant) =>
      (grant.permission === permission || grant.permission === 'FULL_CONTROL') && covers(grant.grantee, caller),
  )
}

function covers(grantee: Grantee, caller: Caller): boolean {
  switch (grantee.kind) {
    case 'all-users':
      return true
    case 'authenticated-users':
      return caller.kind === 'account'
    case 'account':
      // Nobody in particular is an anonymous caller: a grant to the anonymous id gives strangers nothing.
      return caller.kind === 'account' && grantee.id !== ANONYMOUS_ID && caller.account.id === grantee.id
  }
}
