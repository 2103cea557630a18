import { changeSetting } from '../domain/buckets/settings.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { type Payer, readRequestPayment } from '../s3/documents/request-payment.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const PutBucketRequestPayment: Operation<Payer, undefined> = {
  name: 'PutBucketRequestPayment',
  needs: (head) => [onBucket(head, 's3:PutBucketRequestPayment')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readRequestPayment(document, dialect),
  async run(context, payer) {
    await changeSetting(context.services, context.bucket(), { name: 'requestPayer', value: payer })
    return undefined
  },
  write: () => ({}),
}
