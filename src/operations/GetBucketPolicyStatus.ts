import { isPublicAcl } from '../domain/access/blocks.ts'
import { isPublicPolicy } from '../domain/access/policy/public.ts'
import { s3Error } from '../errors.ts'
import { policyStatusDocument } from '../s3/documents/policy-status.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const GetBucketPolicyStatus: Operation<undefined, boolean> = {
  name: 'GetBucketPolicyStatus',
  needs: (head) => [onBucket(head, 's3:GetBucketPolicyStatus')],
  payload: 'none',
  read: () => undefined,
  async run({ services, dialect, bucket }) {
    const row = bucket()
    const policy = services.policies.of(row)
    const isPublic = policy !== undefined && isPublicPolicy(policy)
    if (dialect.answersUnsetPolicyStatus) return isPublic || isPublicAcl(row.acl)
    if (policy === undefined) throw s3Error('NoSuchBucketPolicy', { BucketName: row.name })
    return isPublic
  },
  write: (isPublic) => ({ body: policyStatusDocument(isPublic) }),
}
