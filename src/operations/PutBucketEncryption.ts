import { changeSetting } from '../domain/buckets/settings.ts'
import { BUCKET_DOCUMENT_BYTES_MAX } from '../s3/documents/bucket-document.ts'
import { readEncryptionConfiguration } from '../s3/documents/encryption.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { DefaultEncryption } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

/** What is in the bucket already stays as it is. A key is asked for when it is used, as on AWS. */
export const PutBucketEncryption: Operation<DefaultEncryption, undefined> = {
  name: 'PutBucketEncryption',
  needs: (head) => [onBucket(head, 's3:PutEncryptionConfiguration')],
  payload: { document: { maxBytes: BUCKET_DOCUMENT_BYTES_MAX } },
  read: ({ document, dialect }) => readEncryptionConfiguration(document, dialect),
  async run(context, encryption) {
    await changeSetting(context.services, context.bucket(), { name: 'encryption', value: encryption })
    return undefined
  },
  write: () => ({}),
}
