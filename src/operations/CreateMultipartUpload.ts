import { createUpload, type UploadChecksum } from '../domain/multipart/uploads.ts'
import { assertKey } from '../domain/objects/key.ts'
import { initiateMultipartUploadDocument } from '../s3/documents/initiate-multipart-upload.ts'
import { readAttributes } from '../s3/headers/attributes.ts'
import { readChecksumChoice } from '../s3/headers/integrity.ts'
import { objectAddress, writePermissions } from '../s3/headers/permissions.ts'
import { readStorageClass } from '../s3/headers/storage-class.ts'
import type { ObjectAttributes } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly attributes: ObjectAttributes
  readonly storageClass: string | undefined
  readonly checksum: UploadChecksum | undefined
}

interface Output {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
  readonly checksum: UploadChecksum | undefined
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
    }
  },
  async run(context, input) {
    assertKey(input.key)
    const { services, caller } = context
    const bucket = context.bucket()
    const storageClass = input.storageClass ?? bucket.storageClass
    const uploadId = await createUpload(services, { ...input, bucket, caller, storageClass })
    return { bucket: bucket.name, key: input.key, uploadId, checksum: input.checksum }
  },
  write(upload) {
    return {
      headers: [
        ['x-amz-checksum-algorithm', upload.checksum?.algorithm],
        ['x-amz-checksum-type', upload.checksum?.type],
      ],
      body: initiateMultipartUploadDocument(upload),
    }
  },
}
