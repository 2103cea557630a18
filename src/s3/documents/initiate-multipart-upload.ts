import { buildDocument } from '../xml/build.ts'

/** InitiateMultipartUploadResult; element order as RGW 16.2 prints it. */
export function initiateMultipartUploadDocument(upload: { bucket: string; key: string; uploadId: string }): string {
  return buildDocument('InitiateMultipartUploadResult', {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
  })
}
