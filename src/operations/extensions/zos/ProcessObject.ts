import { bucketRefFor } from '../../../domain/access/bucket-ref.ts'
import type { Permission } from '../../../domain/access/permissions.ts'
import type { GivenAttributes } from '../../../domain/access/settle.ts'
import type { CustomerKey } from '../../../domain/encryption/customer-key.ts'
import type { EncryptionWish } from '../../../domain/encryption/protection.ts'
import { type PictureSource, storePicture } from '../../../domain/images/store.ts'
import type { Conditions } from '../../../domain/objects/conditions.ts'
import type { Copying } from '../../../domain/objects/copy.ts'
import type { GrantCheck } from '../../../domain/versions/locate.ts'
import { s3Error } from '../../../errors.ts'
import { PROCESS_BYTES_MAX, readProcessBody } from '../../../s3/documents/process.ts'
import { absentSource } from '../../../s3/headers/absent.ts'
import { readAttributes } from '../../../s3/headers/attributes.ts'
import { readCopyConditions, readWriteConditions } from '../../../s3/headers/conditions.ts'
import { readDirective } from '../../../s3/headers/directives.ts'
import { readEncryption, readSourceKey } from '../../../s3/headers/encryption.ts'
import { readChecksumAlgorithm } from '../../../s3/headers/multipart.ts'
import { objectAddress, onSource, writePermissions } from '../../../s3/headers/permissions.ts'
import {
  type GivenSource,
  givenInHead,
  type ProcessWish,
  readSourceInHead,
  requireProcess,
  requireSource,
  SOURCES,
} from '../../../s3/headers/process.ts'
import { readStorageClass } from '../../../s3/headers/storage-class.ts'
import { PROCESS } from '../../../s3/process/directive.ts'
import type { RequestHead } from '../../../s3/request.ts'
import type { ChecksumAlgorithm, VersionRow } from '../../../storage/metadata/rows.ts'
import type { Context, Operation } from '../../operation.ts'
import { PutObject } from '../../PutObject.ts'
import { pictureRequest } from './picture.ts'

interface Input extends Copying {
  readonly key: string
  readonly source: GivenSource
  readonly process: ProcessWish
  readonly sourceConditions: Conditions
  readonly expectedSourceOwner: string | undefined
  readonly sourceKey: CustomerKey | undefined
  readonly conditions: Conditions
  readonly attributes: GivenAttributes
  readonly storageClass: string | undefined
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined
  readonly encryption: EncryptionWish
}

/**
 * process_object of ZOS's manual (4.1): a plain POST on the key where the result is to be stored. What the manual lists
 * as what can be asked for includes `info`, so that its answer can be stored, too, as the JSON document that it is.
 */
export const ProcessObject: Operation<Input, VersionRow> = {
  name: 'ProcessObject',
  needs: (head) => [...sourcePermissions(head), ...writePermissions(head)],
  payload: { document: { maxBytes: PROCESS_BYTES_MAX } },
  read(wire) {
    const { head, dialect, document } = wire
    const given = [...givenInHead(head, [PROCESS, ...SOURCES]), ...readProcessBody(document, head)]
    return {
      key: objectAddress(head).key,
      source: requireSource(given),
      process: requireProcess(given),
      sourceConditions: readCopyConditions(head, dialect),
      expectedSourceOwner: head.headers.get('x-amz-source-expected-bucket-owner'),
      sourceKey: readSourceKey(wire),
      conditions: readWriteConditions(head, dialect),
      attributes: readAttributes(wire),
      metadataDirective: readDirective(head, 'x-amz-metadata-directive'),
      taggingDirective: readDirective(head, 'x-amz-tagging-directive'),
      storageClass: readStorageClass(wire),
      checksumAlgorithm: readChecksumAlgorithm(head),
      encryption: readEncryption(wire),
    }
  },
  async run(context, input) {
    const { services, caller, dialect, signal, teller } = context
    const { checksumAlgorithm: algorithm } = input
    const checksum = algorithm === undefined ? undefined : { algorithm, value: undefined, inTrailer: false }
    const write = {
      ...input,
      picture: await pictureOf(context, input),
      bucket: context.bucket(),
      caller,
      integrity: { contentMd5: undefined, checksum },
      ifMatchOnMissing: dialect.ifMatchOnMissing,
      teller,
    }
    return await storePicture(services, write, signal)
  },
  // The manual's sample has the headers of a PUT's answer.
  write: (version, context) => PutObject.write(version, context),
}

/** A source that only the body names is asked for when it is known. */
function sourcePermissions(head: RequestHead): Permission[] {
  const source = readSourceInHead(head)
  return source === undefined ? [] : [onSource(source)]
}

async function pictureOf(context: Context, input: Input): Promise<PictureSource> {
  const { caller, dialect } = context
  const { tenant, bucket: name, key, versionId } = input.source
  const assertGranted = await grantSource(context, input.source)
  const bucket = bucketRefFor(caller, { tenant, name })
  return {
    bucket,
    conditions: input.sourceConditions,
    expectedOwner: input.expectedSourceOwner,
    absent: (isMarker) => absentSource(dialect, { key, versionId, isMarker }),
    request: ({ id: bucketId }) =>
      pictureRequest(context, {
        bucket,
        source: { bucketId, key, versionId, assertGranted },
        offer: { key: input.sourceKey, rules: dialect.encryption },
        process: input.process,
      }),
  }
}

/**
 * Whoever holds a presigned URL has the rights of its signer for what the signature covers. It covers no body, and of
 * the headers those that begin with x-amz-, in the URL or beside it: another source would be an object of his choice.
 */
async function grantSource(context: Context, source: GivenSource): Promise<GrantCheck> {
  const { place, name } = source.given
  if (context.authentication.presigned && !(place === 'header' && name.startsWith('x-amz-'))) {
    const message = `In a presigned URL the source has to be signed, as ${SOURCES[0]}`
    throw s3Error('AccessDenied', {}, { message, reason: 'the signature does not cover the source' })
  }
  return place === 'body' ? await context.authorizeAlso([onSource(source)], 'caller') : context.assertStillGranted
}
