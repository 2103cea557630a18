import { abortUpload } from '../domain/multipart/uploads.ts'
import { readUploadId } from '../s3/headers/multipart.ts'
import { objectAddress, onKey } from '../s3/headers/permissions.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly uploadId: string
}

export const AbortMultipartUpload: Operation<Input, void> = {
  name: 'AbortMultipartUpload',
  needs: (head) => [onKey(head, 's3:AbortMultipartUpload')],
  payload: 'none',
  read({ head }) {
    return { key: objectAddress(head).key, uploadId: readUploadId(head) }
  },
  async run(context, input) {
    await abortUpload(context.services, { ...input, bucketId: context.bucket().id })
  },
  write() {
    return {}
  },
}
