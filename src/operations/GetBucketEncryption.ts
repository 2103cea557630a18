import { s3Error } from '../errors.ts'
import { encryptionDocument } from '../s3/documents/encryption.ts'
import { onBucket } from '../s3/headers/bucket.ts'
import type { DefaultEncryption } from '../storage/metadata/settings.ts'
import type { Operation } from './operation.ts'

export const GetBucketEncryption: Operation<undefined, DefaultEncryption> = {
  name: 'GetBucketEncryption',
  needs: (head) => [onBucket(head, 's3:GetEncryptionConfiguration')],
  payload: 'none',
  read: () => undefined,
  async run({ bucket, dialect }) {
    const { name, settings } = bucket()
    const { always, unset } = dialect.encryption
    if (settings.encryption !== undefined) return settings.encryption
    // To AWS every bucket has a default.
    if (always !== undefined) return { algorithm: always }
    throw s3Error(unset, { BucketName: name })
  },
  write: (encryption, { dialect }) => ({ body: encryptionDocument(encryption, dialect) }),
}
