import assert from 'node:assert/strict'
import type { Action, Permission } from '../../domain/access/permissions.ts'
import { assertKey } from '../../domain/objects/key.ts'
import type { RequestHead } from '../request.ts'
import { GRANT_HEADERS } from './acl.ts'
import { type CopySource, readCopySource } from './copy-source.ts'

/** An action on the object that the URL names, and on its version where one is named. */
export function onObject(head: RequestHead, action: Action): Permission {
  const { tenant, bucket, key } = objectAddress(head)
  const versionId = head.query.get('versionId')
  return versionId === undefined ? { action, tenant, bucket, key } : { action, tenant, bucket, key, versionId }
}

/**
 * An action on the key that the URL names, for operations that make an object or prepare one: those have no versions,
 * and a `versionId` that somebody adds must not make a policy look at another version than the one that is replaced.
 */
export function onKey(head: RequestHead, action: Action): Permission {
  return { ...objectAddress(head), action }
}

/**
 * The bucket and key of a request whose operation is at the object level.
 * @throws S3Error KeyTooLongError
 */
export function objectAddress(head: RequestHead): { tenant: string; bucket: string; key: string } {
  const { tenant, bucket, key } = head.address
  assert(bucket !== undefined && key !== undefined, 'an operation at the object level has a bucket and a key')
  assertKey(key)
  return { tenant, bucket, key }
}

/** What a read of an object needs, or of the version that the URL names. */
export function readPermissions(head: RequestHead): Permission[] {
  return [onObject(head, head.query.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject')]
}

/** What a copy needs of its source, which S3 asks for by another name where a version is named. */
export function onCopySource(head: RequestHead): Permission {
  return onSource(readCopySource(head))
}

/** The same for a source that has been read. */
export function onSource({ tenant, bucket, key, versionId }: CopySource): Permission {
  if (versionId === undefined) return { action: 's3:GetObject', tenant, bucket, key }
  return { action: 's3:GetObjectVersion', tenant, bucket, key, versionId }
}

/** Headers of a write that store something which has an operation, and so a permission, of its own. */
const WRITE_HEADERS: readonly (readonly [header: string, action: Action])[] = [
  ['x-amz-acl', 's3:PutObjectAcl'],
  ...Array.from(GRANT_HEADERS.keys(), (header) => [header, 's3:PutObjectAcl'] as const),
  ['x-amz-tagging', 's3:PutObjectTagging'],
  ['x-amz-object-lock-mode', 's3:PutObjectRetention'],
  ['x-amz-object-lock-retain-until-date', 's3:PutObjectRetention'],
  ['x-amz-object-lock-legal-hold', 's3:PutObjectLegalHold'],
]

/** What a write of an object needs: s3:PutObject, and what its headers ask for beside. */
export function writePermissions(head: RequestHead): Permission[] {
  const actions = new Set<Action>(['s3:PutObject'])
  for (const [header, action] of WRITE_HEADERS) if (head.headers.has(header)) actions.add(action)
  return Array.from(actions, (action) => onKey(head, action))
}

/** What a deletion needs of the key or of the named version, and to pass by GOVERNANCE where the header asks so. */
export function deletePermissions(head: RequestHead): Permission[] {
  const permissions = [onObject(head, head.query.has('versionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject')]
  if (asksForBypass(head)) permissions.push(onObject(head, 's3:BypassGovernanceRetention'))
  return permissions
}

/** Whether the caller agrees to pay for a request to a bucket whose owner does not. A presigned URL may say so too. */
export function agreesToPay(head: RequestHead): boolean {
  return head.headers.get('x-amz-request-payer')?.toLowerCase() === 'requester'
}

/** Whether the caller asks to remove what GOVERNANCE retention protects. */
export function asksForBypass(head: RequestHead): boolean {
  return head.headers.get('x-amz-bypass-governance-retention')?.toLowerCase() === 'true'
}
