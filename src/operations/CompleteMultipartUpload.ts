import { completeUpload } from '../domain/multipart/complete.ts'
import type { Claims } from '../domain/multipart/plan.ts'
import type { Conditions } from '../domain/objects/conditions.ts'
import { NULL_VERSION } from '../domain/versions/write.ts'
import {
  completeMultipartUploadDocument,
  readCompleteMultipartUpload,
} from '../s3/documents/complete-multipart-upload.ts'
import { readWriteConditions } from '../s3/headers/conditions.ts'
import { encryptionHeaders, readOfferedKey } from '../s3/headers/encryption.ts'
import { readObjectChecksum } from '../s3/headers/integrity.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { readChecksumType, readObjectBytes, readUploadId } from '../s3/headers/multipart.ts'
import { objectAddress, onKey } from '../s3/headers/permissions.ts'
import type { CompletedUpload, VersionRow } from '../storage/metadata/rows.ts'
import type { Context, Operation } from './operation.ts'

/** 10,000 parts of 300 bytes: number, quoted ETag, the longest checksum and the names of all elements. */
const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024

interface Input {
  readonly key: string
  readonly uploadId: string
  readonly claims: Claims
  readonly conditions: Conditions
}

interface Output {
  readonly key: string
  readonly completed: CompletedUpload
  /** Looked up where the bucket has rules that its answer may have to tell of. */
  readonly version: VersionRow | undefined
}

export const CompleteMultipartUpload: Operation<Input, Output> = {
  name: 'CompleteMultipartUpload',
  needs: (head) => [onKey(head, 's3:PutObject')],
  payload: { document: { maxBytes: DOCUMENT_BYTES_MAX, describesObject: true } },
  read({ head, document, dialect }) {
    // AWS asks for it with some checksums; the parts have been encrypted already.
    readOfferedKey({ head, dialect })
    return {
      key: objectAddress(head).key,
      uploadId: readUploadId(head),
      claims: {
        parts: readCompleteMultipartUpload(document, dialect),
        objectBytes: readObjectBytes(head),
        checksum: readObjectChecksum(head),
        checksumType: readChecksumType(head),
        demandsPartChecksums: dialect.demandsPartChecksums,
      },
      conditions: readWriteConditions(head, dialect),
    }
  },
  async run(context, { key, uploadId, claims, conditions }) {
    const bucket = context.bucket()
    const completed = await completeUpload(context.services, {
      bucket,
      upload: { uploadId, bucketId: bucket.id, key },
      claims,
      conditions,
      ifMatchOnMissing: context.dialect.ifMatchOnMissing,
      teller: context.teller,
    })
    const version =
      bucket.settings.lifecycle === undefined
        ? undefined
        : await context.services.metadata.read((tx) =>
            tx.versions.find({ bucketId: bucket.id, key, versionId: completed.versionId }),
          )
    return { key, completed, version }
  },
  write({ key, completed, version }, context) {
    const { services } = context
    const bucket = context.bucket().name
    const expiration = version === undefined ? undefined : expirationHeader(context.bucket(), version, services.dayMs)
    const versionId = completed.versionId === NULL_VERSION ? undefined : completed.versionId
    return {
      headers: [
        ['x-amz-version-id', versionId] as const,
        ...(expiration === undefined ? [] : [expiration]),
        ...encryptionHeaders(completed.encryption, 'write'),
      ],
      body: completeMultipartUploadDocument({ location: locationOf(context), bucket, key, completed }, context.dialect),
    }
  },
}

/** The URL of the object as the client addresses it. */
function locationOf({ head, dialect }: Context): string {
  const scheme = dialect.locationsHaveScheme ? `${head.protocol}://` : ''
  return `${scheme}${head.hosts[0] ?? ''}${head.rawPath}`
}
