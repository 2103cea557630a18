import { type RequestedLogging, setLogging } from '../domain/buckets/logging.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readLogging } from '../s3/documents/logging.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const PutBucketLogging: Operation<RequestedLogging | undefined, undefined> = {
  name: 'PutBucketLogging',
  needs: (head) => [onBucket(head, 's3:PutBucketLogging')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readLogging(document, dialect),
  async run({ services, caller, dialect, signal, bucket }, requested) {
    await setLogging(services, bucket(), { requested, caller, rules: dialect, signal })
    return undefined
  },
  write: () => ({}),
}
