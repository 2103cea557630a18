import type { Integrity } from '../domain/bytes/integrity.ts'
import { receive } from '../domain/bytes/receive.ts'
import { openUpload, storePart } from '../domain/multipart/part.ts'
import { partIntegrity } from '../domain/multipart/part-integrity.ts'
import { s3Error } from '../errors.ts'
import { readIntegrity } from '../s3/headers/integrity.ts'
import { readPartNumber, readUploadId } from '../s3/headers/multipart.ts'
import { objectAddress, onObject } from '../s3/headers/permissions.ts'
import type { PartRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly uploadId: string
  readonly partNumber: number
  readonly integrity: Integrity
}

export const UploadPart: Operation<Input, PartRow> = {
  name: 'UploadPart',
  needs: (head) => [onObject(head, 's3:PutObject')],
  payload: 'stream',
  read({ head }) {
    return {
      key: objectAddress(head).key,
      uploadId: readUploadId(head),
      partNumber: readPartNumber(head),
      integrity: readIntegrity(head),
    }
  },
  async run(context, { integrity, ...input }) {
    const { services, body, dialect, signal } = context
    if (body.sizeBytes === undefined) throw s3Error('MissingContentLength')
    const ref = { ...input, bucketId: context.bucket().id }
    const upload = await openUpload(services, ref)
    const received = await receive(services, body, {
      integrity: partIntegrity(integrity, upload, dialect.demandsPartChecksums),
      signal,
      maxBytes: services.limits.putBytesMax,
    })
    return await storePart(services, ref, received)
  },
  write({ etag, checksum }) {
    return {
      headers: [
        ['Content-Length', 0],
        ['ETag', `"${etag}"`],
        ['Accept-Ranges', 'bytes'],
        ...(checksum === undefined
          ? []
          : [[`x-amz-checksum-${checksum.algorithm.toLowerCase()}`, checksum.value] as const]),
      ],
    }
  },
}
