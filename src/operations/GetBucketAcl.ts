import { shownAcl } from '../domain/access/settle.ts'
import { aclDocument } from '../s3/documents/acl.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

type Output = ReturnType<typeof shownAcl>

export const GetBucketAcl: Operation<undefined, Output> = {
  name: 'GetBucketAcl',
  needs: (head) => [onBucket(head, 's3:GetBucketAcl')],
  payload: 'none',
  read: () => undefined,
  async run(context) {
    const bucket = context.bucket()
    return shownAcl(bucket, bucket)
  },
  write: (acl, { services, dialect }) => ({ body: aclDocument(acl, { accounts: services.accounts, dialect }) }),
}
