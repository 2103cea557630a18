import assert from 'node:assert/strict'
import type { Action, Permission } from '../../domain/access/permissions.ts'
import type { BucketRef, BucketRow } from '../../storage/metadata/rows.ts'
import type { RequestHead } from '../request.ts'
import { assertExpectedOwner } from './expected-owner.ts'

/** The bucket of a request whose operation is at the bucket level. */
export function bucketAddress(head: RequestHead): BucketRef {
  const { tenant, bucket } = head.address
  assert(bucket !== undefined, 'an operation at the bucket level has a bucket')
  return { tenant, name: bucket }
}

/** An action on the bucket that the URL names. */
export function onBucket(head: RequestHead, action: Action): Permission {
  const { tenant, name } = bucketAddress(head)
  return { action, tenant, bucket: name }
}

/**
 * The bucket that the request names, held against the owner that the client expects.
 * @throws S3Error AccessDenied if x-amz-expected-bucket-owner names another owner; NoSuchBucket
 */
export function expectedBucket({ head, bucket }: { head: RequestHead; bucket: () => BucketRow }): BucketRow {
  const row = bucket()
  assertExpectedOwner(head, row.ownerId)
  return row
}
