import { bucketRefFor } from '../domain/access/bucket-ref.ts'
import type { GivenAttributes } from '../domain/access/settle.ts'
import type { CustomerKey } from '../domain/encryption/customer-key.ts'
import type { EncryptionWish } from '../domain/encryption/protection.ts'
import type { Conditions } from '../domain/objects/conditions.ts'
import { type Copied, copyObject, type Directive } from '../domain/objects/copy.ts'
import { NULL_VERSION } from '../domain/versions/write.ts'
import { copyObjectResult } from '../s3/documents/copy-result.ts'
import { absentSource } from '../s3/headers/absent.ts'
import { readAttributes } from '../s3/headers/attributes.ts'
import { readCopyConditions, readWriteConditions } from '../s3/headers/conditions.ts'
import { type CopySource, readCopySource } from '../s3/headers/copy-source.ts'
import { readDirective } from '../s3/headers/directives.ts'
import { encryptionHeaders, readEncryption, readSourceKey } from '../s3/headers/encryption.ts'
import { expirationHeader } from '../s3/headers/lifecycle.ts'
import { readChecksumAlgorithm } from '../s3/headers/multipart.ts'
import { objectAddress, onCopySource, writePermissions } from '../s3/headers/permissions.ts'
import { readStorageClass } from '../s3/headers/storage-class.ts'
import type { ChecksumAlgorithm } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly key: string
  readonly source: CopySource
  readonly sourceConditions: Conditions
  readonly expectedSourceOwner: string | undefined
  readonly conditions: Conditions
  readonly attributes: GivenAttributes
  readonly metadataDirective: Directive
  readonly taggingDirective: Directive
  readonly storageClass: string | undefined
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined
  readonly encryption: EncryptionWish
  readonly sourceKey: CustomerKey | undefined
}

export const CopyObject: Operation<Input, Copied> = {
  name: 'CopyObject',
  needs: (head) => [onCopySource(head), ...writePermissions(head)],
  payload: 'none',
  read(wire) {
    const { head, dialect } = wire
    return {
      key: objectAddress(head).key,
      source: readCopySource(head),
      sourceConditions: readCopyConditions(head, dialect),
      expectedSourceOwner: head.headers.get('x-amz-source-expected-bucket-owner'),
      conditions: readWriteConditions(head, dialect),
      attributes: readAttributes(wire),
      metadataDirective: readDirective(head, 'x-amz-metadata-directive'),
      taggingDirective: readDirective(head, 'x-amz-tagging-directive'),
      storageClass: readStorageClass(wire),
      checksumAlgorithm: readChecksumAlgorithm(head),
      encryption: readEncryption(wire),
      sourceKey: readSourceKey(wire),
    }
  },
  async run(context, input) {
    const { services, caller, dialect, signal, teller } = context
    const { tenant, bucket: name, key, versionId } = input.source
    const source = {
      ...bucketRefFor(caller, { tenant, name }),
      key,
      versionId,
      conditions: input.sourceConditions,
      expectedOwner: input.expectedSourceOwner,
      offer: { key: input.sourceKey, rules: dialect.encryption },
      assertGranted: context.assertStillGranted,
    }
    const request = {
      ...input,
      source,
      bucket: context.bucket(),
      caller,
      ifMatchOnMissing: dialect.ifMatchOnMissing,
      absent: (isMarker: boolean) => absentSource(dialect, { key, versionId, isMarker }),
      teller,
    }
    return await copyObject(services, request, signal)
  },
  write({ version, source }, context) {
    const { dialect, services } = context
    const isVersioned = (versionId: string) => (versionId === NULL_VERSION ? undefined : versionId)
    return {
      headers: [
        ['x-amz-copy-source-version-id', isVersioned(source.versionId)],
        ['x-amz-version-id', isVersioned(version.versionId)],
        expirationHeader(context.bucket(), version, services.dayMs),
        ...encryptionHeaders(version.attributes.encryption, 'write'),
        ['Content-Type', 'application/xml'],
      ],
      body: copyObjectResult(version, dialect),
    }
  },
}
