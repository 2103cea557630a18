import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

/**
 * x-amz-expected-bucket-owner: the client wants nothing done to a bucket that is not the owner's it names. RGW ignores
 * the header; here it is honoured in every dialect, as it can only prevent an accident.
 * @throws S3Error AccessDenied if the bucket belongs to another
 */
export function assertExpectedOwner(head: RequestHead, ownerId: string): void {
  const expected = head.headers.get('x-amz-expected-bucket-owner')
  if (expected !== undefined && expected !== ownerId) throw s3Error('AccessDenied')
}

/** The same for the bucket that a copy reads from. */
export function assertExpectedSourceOwner(head: RequestHead, ownerId: string): void {
  const expected = head.headers.get('x-amz-source-expected-bucket-owner')
  if (expected !== undefined && expected !== ownerId) throw s3Error('AccessDenied')
}
