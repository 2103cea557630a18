import { type Payer, requestPaymentDocument } from '../s3/documents/request-payment.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { Operation } from './operation.ts'

export const GetBucketRequestPayment: Operation<undefined, Payer> = {
  name: 'GetBucketRequestPayment',
  needs: (head) => [onBucket(head, 's3:GetBucketRequestPayment')],
  payload: 'none',
  read: () => undefined,
  run: async (context) => context.bucket().settings.requestPayer ?? 'BucketOwner',
  write: (payer) => ({ body: requestPaymentDocument(payer) }),
}
