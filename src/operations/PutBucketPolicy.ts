import { POLICY_BYTES_MAX, parsePolicy } from '../domain/access/policy/parse.ts'
import { isKnown } from '../domain/access/policy/principals.ts'
import { putPolicy } from '../domain/buckets/policy.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readPolicyText } from '../s3/documents/policy.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const PutBucketPolicy: Operation<string, undefined> = {
  name: 'PutBucketPolicy',
  // x-amz-confirm-remove-self-bucket-access has nothing to confirm: whatever a policy says, the bucket's owner may
  // read, replace and delete it (domain/access/decide.ts).
  needs: (head) => [onBucket(head, 's3:PutBucketPolicy')],
  // More than a policy may have, so that one which is too large hears why.
  payload: { document: { maxBytes: Math.max(BUCKET_DOCUMENT_BYTES_MAX, POLICY_BYTES_MAX) } },
  read: ({ document }) => readPolicyText(document),
  async run(context, text) {
    const { services, dialect } = context
    const bucket = context.bucket()
    const policy = parsePolicy(text, {
      rules: dialect.access,
      bucket: bucket.name,
      tenant: bucket.tenant,
      isKnownPrincipal: (principal) => isKnown(principal, services.accounts),
    })
    await putPolicy(services, bucket, { text, policy })
    return undefined
  },
  // Recorded: policy.put; AWS's samples say the same.
  write: () => ({ status: 204 }),
}
