import type { BucketRow } from '../../storage/metadata/rows.ts'
import { assertPolicyNotBlocked } from '../access/blocks.ts'
import type { Policy } from '../access/policy/policy.ts'
import type { Services } from '../services.ts'
import { presentBucket } from '../versions/write.ts'

export interface PutPolicy {
  /** The document as it was put. */
  readonly text: string
  /** The same, read. */
  readonly policy: Policy
}

/**
 * Puts a policy in the place of the bucket's.
 * @throws S3Error NoSuchBucket when the bucket has gone since the request was authorized; AccessDenied for a public
 *   policy that the bucket blocks
 */
export async function putPolicy(services: Services, bucket: BucketRow, { text, policy }: PutPolicy): Promise<void> {
  await services.metadata.write(async (tx) => {
    const present = await presentBucket(tx, bucket)
    assertPolicyNotBlocked(present, policy)
    await tx.buckets.setSetting(present.id, 'policy', text)
  })
}
