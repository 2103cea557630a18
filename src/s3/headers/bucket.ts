import assert from 'node:assert/strict'
import type { Action, Permission } from '../../domain/access/permissions.ts'
import type { BucketRef } from '../../storage/metadata/rows.ts'
import type { RequestHead } from '../request.ts'

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
