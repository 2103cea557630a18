import type { Integrity } from '../domain/bytes/integrity.ts'
import type { Conditions } from '../domain/objects/conditions.ts'
import { putObject } from '../domain/objects/put.ts'
import { NULL_VERSION } from '../domain/versions/write.ts'
import { s3Error } from '../errors.ts'
import { readAttributes } from '../s3/headers/attributes.ts'
import { checksumHeaders } from '../s3/headers/checksum.ts'
import { readWriteConditions } from '../s3/headers/conditions.ts'
import { readIntegrity } from '../s3/headers/integrity.ts'
import { objectAddress, writePermissions } from '../s3/headers/permissions.ts'
import { readStorageClass } from '../s3/headers/storage-class.ts'
import type { ObjectAttributes, VersionRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

export interface PutObjectInput {
  readonly key: string
  readonly attributes: ObjectAttributes
  readonly storageClass: string | undefined
  readonly integrity: Integrity
  readonly conditions: Conditions
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
    }
  },
  async run(context, input) {
    const { services, caller, body } = context
    // S3 stores nothing whose length is not announced; RGW answers the same to a bare chunked body.
    if (body.sizeBytes === undefined) throw s3Error('MissingContentLength')
    const put = {
      ...input,
      bucket: context.bucket(),
      caller,
      body,
      ifMatchOnMissing: context.dialect.ifMatchOnMissing,
    }
    return await putObject(services, put, context.signal)
  },
  write(version) {
    return {
      headers: [
        ['Content-Length', 0],
        ['ETag', `"${version.etag}"`],
        ['Accept-Ranges', 'bytes'],
        ['x-amz-version-id', version.versionId === NULL_VERSION ? undefined : version.versionId],
        ...checksumHeaders(version.checksum),
      ],
    }
  },
}
