import type { GivenAttributes } from '../domain/access/settle.ts'
import type { Integrity } from '../domain/bytes/integrity.ts'
import type { EncryptionWish } from '../domain/encryption/protection.ts'
import type { Conditions } from '../domain/objects/conditions.ts'
import { type PutRequest, putObject } from '../domain/objects/put.ts'
import { NULL_VERSION } from '../domain/versions/write.ts'
import { s3Error } from '../errors.ts'
import { readAttributes } from '../s3/headers/attributes.ts'
import { checksumHeaders } from '../s3/headers/checksum.ts'
import { readWriteConditions } from '../s3/headers/conditions.ts'
import { encryptionHeaders, readEncryption } from '../s3/headers/encryption.ts'
import { readIntegrity } from '../s3/headers/integrity.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { assertDigest, isStoredLocked } from '../s3/headers/lock.ts'
import { objectAddress, writePermissions } from '../s3/headers/permissions.ts'
import { readStorageClass } from '../s3/headers/storage-class.ts'
import type { VersionRow } from '../storage/metadata/rows.ts'
import type { Context, Operation } from './operation.ts'

export interface PutObjectInput {
  readonly key: string
  readonly attributes: GivenAttributes
  readonly storageClass: string | undefined
  readonly integrity: Integrity
  readonly conditions: Conditions
  readonly encryption: EncryptionWish
}

export const PutObject: Operation<PutObjectInput, VersionRow> = {
  name: 'PutObject',
  needs: writePermissions,
  payload: 'stream',
  read(wire) {
    const { head, dialect } = wire
    return {
      key: objectAddress(head).key,
      attributes: readAttributes(wire),
      storageClass: readStorageClass(wire),
      integrity: readIntegrity(head),
      conditions: readWriteConditions(head, dialect),
      encryption: readEncryption(wire),
    }
  },
  async run(context, input) {
    // S3 stores nothing whose length is not announced; RGW answers the same to a bare chunked body.
    if (context.body.sizeBytes === undefined) throw s3Error('MissingContentLength')
    const isLocked = isStoredLocked(context.bucket(), input.attributes)
    assertDigest(input.integrity, { isLocked, dialect: context.dialect, what: 'Put Object' })
    return await storeObject(context, input, 'created:put')
  },
  write(version, context) {
    return {
      headers: [
        ['Content-Length', 0],
        ['ETag', `"${version.etag}"`],
        ['Accept-Ranges', 'bytes'],
        ['x-amz-version-id', version.versionId === NULL_VERSION ? undefined : version.versionId],
        expirationHeader(context.bucket(), version, context.services.dayMs),
        ...checksumHeaders(version.checksum),
        ...encryptionHeaders(version.attributes.encryption, 'write'),
      ],
    }
  },
}

/** Stores the body that the context has. */
export async function storeObject(
  context: Context,
  input: PutObjectInput,
  kind: PutRequest['kind'],
): Promise<VersionRow> {
  const { services, caller, body, dialect, teller } = context
  const { ifMatchOnMissing } = dialect
  const put = { ...input, bucket: context.bucket(), caller, body, ifMatchOnMissing, teller, kind }
  return await putObject(services, put, context.signal)
}
