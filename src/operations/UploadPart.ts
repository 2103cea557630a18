import type { Integrity } from '../domain/bytes/integrity.ts'
import { receive } from '../domain/bytes/receive.ts'
import type { CustomerKey } from '../domain/encryption/customer-key.ts'
import { partProtection } from '../domain/encryption/key-check.ts'
import { etagOf } from '../domain/encryption/protection.ts'
import { openUpload, storePart } from '../domain/multipart/part.ts'
import { partIntegrity } from '../domain/multipart/part-integrity.ts'
import { assertAnnounced } from '../domain/versions/announced.ts'
import { s3Error } from '../errors.ts'
import { encryptionHeaders, readOfferedKey } from '../s3/headers/encryption.ts'
import { readIntegrity } from '../s3/headers/integrity.ts'
import { assertDigest, isStoredLocked } from '../s3/headers/lock.ts'
import { readPartNumber, readUploadId } from '../s3/headers/multipart.ts'
import { objectAddress, onKey } from '../s3/headers/permissions.ts'
import type { EncryptionInfo, PartRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly uploadId: string
  readonly partNumber: number
  readonly integrity: Integrity
  readonly customerKey: CustomerKey | undefined
}

interface Output {
  readonly part: PartRow
  readonly encryption: EncryptionInfo | undefined
}

export const UploadPart: Operation<Input, Output> = {
  name: 'UploadPart',
  needs: (head) => [onKey(head, 's3:PutObject')],
  payload: 'stream',
  read({ head, dialect }) {
    return {
      key: objectAddress(head).key,
      uploadId: readUploadId(head),
      partNumber: readPartNumber(head),
      integrity: readIntegrity(head),
      customerKey: readOfferedKey({ head, dialect }),
    }
  },
  async run(context, { integrity, customerKey, ...input }) {
    const { services, body, dialect, signal } = context
    if (body.sizeBytes === undefined) throw s3Error('MissingContentLength')
    const bucket = context.bucket()
    const ref = { ...input, bucketId: bucket.id }
    const upload = await openUpload(services, ref)
    const isLocked = isStoredLocked(bucket, upload.attributes)
    assertDigest(integrity, { isLocked, dialect, what: 'Put Part' })
    const { encryption } = upload.attributes
    const protection = partProtection(encryption, customerKey)
    await assertAnnounced(services, { bucket, key: input.key, sizeBytes: body.sizeBytes, as: 'object' })
    const received = await receive(services, body, {
      integrity: partIntegrity(integrity, upload, dialect.demandsPartChecksums),
      signal,
      maxBytes: services.limits.putBytesMax,
      storageClass: upload.storageClass,
      protection,
    })
    const etag = etagOf(services.ids, received.md5, { protection, rules: dialect.encryption })
    return { part: await storePart(services, ref, { received, etag }), encryption }
  },
  write({ part: { etag, checksum }, encryption }) {
    return {
      headers: [
        ['Content-Length', 0],
        ['ETag', `"${etag}"`],
        ['Accept-Ranges', 'bytes'],
        ...(checksum === undefined
          ? []
          : [[`x-amz-checksum-${checksum.algorithm.toLowerCase()}`, checksum.value] as const]),
        ...encryptionHeaders(encryption, 'write'),
      ],
    }
  },
}
