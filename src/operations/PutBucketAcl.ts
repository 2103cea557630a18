import type { RequestedAcl } from '../domain/access/acl.ts'
import { putBucketAcl } from '../domain/buckets/acl.ts'
import { ACL_DOCUMENT_BYTES_MAX, readAcl } from '../s3/documents/acl.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const PutBucketAcl: Operation<RequestedAcl, undefined> = {
  name: 'PutBucketAcl',
  needs: (head) => [onBucket(head, 's3:PutBucketAcl')],
  payload: { document: { maxBytes: ACL_DOCUMENT_BYTES_MAX } },
  read: (wire) => readAcl(wire, 'bucket'),
  async run(context, requested) {
    await putBucketAcl(context.services, context.bucket(), requested)
    return undefined
  },
  // RGW names a type although there is no body (recorded: bucket.put_acl.canned_public-read).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
