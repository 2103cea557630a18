import type { Acl, CannedAcl, Grant, Grantee, GrantPermission } from '../../storage/metadata/rows.ts'
import { ANONYMOUS_ID, type Caller } from '../accounts.ts'

/** Who owns the resource that the ACL is on, and the bucket that it lies in; both are the same for a bucket's ACL. */
export interface Ownership {
  readonly ownerId: string
  readonly bucketOwnerId: string
}

/** The grants of an ACL, in the order in which they were given or in which RGW prints those of a canned one. */
export function grantsOf(acl: Acl, ownership: Ownership): readonly Grant[] {
  return typeof acl === 'string' ? cannedGrants(acl, ownership) : acl.grants
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

export interface Wanted {
  readonly caller: Caller
  readonly permission: GrantPermission
  /** Whether grants to groups count for nothing: IgnorePublicAcls. */
  readonly ignoresGroups: boolean
}

/** The first grant that gives the caller this permission; FULL_CONTROL gives every one. */
export function findGrant(grants: readonly Grant[], { caller, permission, ignoresGroups }: Wanted): Grant | undefined {
  return grants.find(
    (grant) =>
      (grant.permission === permission || grant.permission === 'FULL_CONTROL') &&
      covers(grant.grantee, caller) &&
      !(ignoresGroups && grant.grantee.kind !== 'account'),
  )
}

function covers(grantee: Grantee, caller: Caller): boolean {
  switch (grantee.kind) {
    case 'all-users':
      return true
    case 'authenticated-users':
      return caller.kind === 'account'
    case 'log-delivery':
      // A group of Amazon's own: no caller of this server is in it. Access logs ask the log's target instead.
      return false
    case 'account':
      // Nobody in particular is an anonymous caller: a grant to the anonymous id gives strangers nothing.
      return caller.kind === 'account' && grantee.id !== ANONYMOUS_ID && caller.account.id === grantee.id
  }
}

/** A grantee in words, for the log. */
export function granteeName(grantee: Grantee): string {
  switch (grantee.kind) {
    case 'all-users':
      return 'all users'
    case 'authenticated-users':
      return 'authenticated users'
    case 'log-delivery':
      return 'the log delivery group'
    case 'account':
      return grantee.id
  }
}
