import { bucketRefFor } from '../domain/access/bucket-ref.ts'
import type { Permission } from '../domain/access/permissions.ts'
import type { ByteRange } from '../domain/bytes/range.ts'
import type { CustomerKey } from '../domain/encryption/customer-key.ts'
import { type CopiedPart, copyPart } from '../domain/multipart/copy-part.ts'
import type { Conditions } from '../domain/objects/conditions.ts'
import { NULL_VERSION } from '../domain/versions/write.ts'
import { copyPartResultDocument } from '../s3/documents/copy-part-result.ts'
import { absentSource } from '../s3/headers/absent.ts'
import { readCopyConditions } from '../s3/headers/conditions.ts'
import { type CopySource, readCopySource } from '../s3/headers/copy-source.ts'
import { encryptionHeaders, readOfferedKey, readSourceKey } from '../s3/headers/encryption.ts'
import { readPartNumber, readUploadId } from '../s3/headers/multipart.ts'
import { objectAddress, onKey } from '../s3/headers/permissions.ts'
import { readCopyRange } from '../s3/headers/range.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly uploadId: string
  readonly partNumber: number
  readonly source: CopySource
  readonly conditions: Conditions
  readonly expectedOwner: string | undefined
  readonly range: ByteRange | undefined
  readonly sourceKey: CustomerKey | undefined
  readonly customerKey: CustomerKey | undefined
}

export const UploadPartCopy: Operation<Input, CopiedPart> = {
  name: 'UploadPartCopy',
  needs: (head) => [onKey(head, 's3:PutObject'), sourcePermission(head)],
  payload: 'none',
  read({ head, dialect }) {
    return {
      key: objectAddress(head).key,
      uploadId: readUploadId(head),
      partNumber: readPartNumber(head),
      source: readCopySource(head),
      conditions: readCopyConditions(head, dialect),
      expectedOwner: head.headers.get('x-amz-source-expected-bucket-owner'),
      range: readCopyRange(head),
      sourceKey: readSourceKey({ head, dialect }),
      customerKey: readOfferedKey({ head, dialect }),
    }
  },
  async run(context, { key: target, uploadId, partNumber, source, ...input }) {
    const { services, caller, dialect, signal } = context
    const { key, versionId } = source
    const { conditions, expectedOwner, range, sourceKey, customerKey } = input
    return await copyPart(services, {
      part: { key: target, uploadId, partNumber, bucketId: context.bucket().id },
      source: {
        ...bucketRefFor(caller, { tenant: source.tenant, name: source.bucket }),
        key,
        versionId,
        conditions,
        expectedOwner,
        offer: { key: sourceKey, rules: dialect.encryption },
        assertGranted: context.assertStillGranted,
        range,
        absent: (isMarker) => absentSource(dialect, { key, versionId, isMarker }),
      },
      customerKey,
      signal,
    })
  },
  write({ part, source, encryption }, { dialect }) {
    const sourceVersionId = source.versionId === NULL_VERSION ? undefined : source.versionId
    return {
      headers: [['x-amz-copy-source-version-id', sourceVersionId] as const, ...encryptionHeaders(encryption, 'write')],
      body: copyPartResultDocument(part, dialect),
    }
  },
}

/** Read access to what is copied; S3 has its own permission for a version that is named. */
function sourcePermission(head: RequestHead): Permission {
  const { tenant, bucket, key, versionId } = readCopySource(head)
  if (versionId === undefined) return { action: 's3:GetObject', tenant, bucket, key }
  return { action: 's3:GetObjectVersion', tenant, bucket, key, versionId }
}
