import type { GivenAttributes } from '../domain/access/settle.ts'
import type { EncryptionWish } from '../domain/encryption/protection.ts'
import { createUpload, type UploadChecksum } from '../domain/multipart/uploads.ts'
import { assertKey } from '../domain/objects/key.ts'
import { initiateMultipartUploadDocument } from '../s3/documents/initiate-multipart-upload.ts'
import { readAttributes } from '../s3/headers/attributes.ts'
import { encryptionHeaders, readEncryption } from '../s3/headers/encryption.ts'
import { readChecksumChoice } from '../s3/headers/integrity.ts'
import { abortHeaders } from '../s3/headers/lifecycle.ts'
import { objectAddress, writePermissions } from '../s3/headers/permissions.ts'
import { readStorageClass } from '../s3/headers/storage-class.ts'
import type { EncryptionInfo } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly attributes: GivenAttributes
  readonly storageClass: string | undefined
  readonly checksum: UploadChecksum | undefined
  readonly encryption: EncryptionWish
}

interface Output {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
  readonly checksum: UploadChecksum | undefined
  readonly initiatedMs: number
  readonly encryption: EncryptionInfo | undefined
}

export const CreateMultipartUpload: Operation<Input, Output> = {
  name: 'CreateMultipartUpload',
  needs: writePermissions,
  payload: 'none',
  read(wire) {
    const { head } = wire
    return {
      key: objectAddress(head).key,
      attributes: readAttributes(wire),
      storageClass: readStorageClass(wire),
      checksum: readChecksumChoice(head),
      encryption: readEncryption(wire),
    }
  },
  async run(context, input) {
    assertKey(input.key)
    const { services, caller } = context
    const bucket = context.bucket()
    const storageClass = input.storageClass ?? bucket.storageClass
    const upload = await createUpload(services, { ...input, bucket, caller, storageClass })
    const { uploadId, initiatedMs } = upload
    const { encryption } = upload.attributes
    return { bucket: bucket.name, key: input.key, uploadId, checksum: input.checksum, initiatedMs, encryption }
  },
  write(upload, context) {
    const { dialect, services } = context
    return {
      headers: [
        ['x-amz-checksum-algorithm', upload.checksum?.algorithm],
        ['x-amz-checksum-type', upload.checksum?.type],
        ...encryptionHeaders(upload.encryption, 'write'),
        ...abortHeaders(context.bucket(), upload, { dayMs: services.dayMs, dialect }),
      ],
      body: initiateMultipartUploadDocument(upload),
    }
  },
}
