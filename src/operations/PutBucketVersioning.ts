import { setVersioning, type VersioningChange } from '../domain/buckets/versioning.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readVersioning } from '../s3/documents/versioning.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const PutBucketVersioning: Operation<VersioningChange, undefined> = {
  name: 'PutBucketVersioning',
  needs: (head) => [onBucket(head, 's3:PutBucketVersioning')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readVersioning(document, dialect),
  async run(context, change) {
    await setVersioning(context.services, context.bucket(), change)
    return undefined
  },
  // RGW names a type although there is no body (recorded: versioning.put.enabled).
  write: (_output, { dialect }) => ({
    headers: [['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined]],
  }),
}
