import { s3Error } from '../../errors.ts'
import { createDigest } from '../../lib/checksums.ts'
import type {
  BucketRef,
  BucketRow,
  Checksum,
  ChecksumAlgorithm,
  ObjectAttributes,
  VersionRow,
} from '../../storage/metadata/rows.ts'
import type { ReadTransaction, WriteTransaction } from '../../storage/metadata/store.ts'
import { assertExpectedOwner } from '../access/authorize.ts'
import { type Caller, callerId } from '../accounts.ts'
import { openManifest } from '../bytes/open.ts'
import { assertLockable } from '../locks/guard.ts'
import type { Services } from '../services.ts'
import { locate } from '../versions/locate.ts'
import { type MissingKeyCode, NULL_VERSION, PLACE, writeVersion } from '../versions/write.ts'
import { type Conditions, evaluate } from './conditions.ts'
import { assertKey } from './key.ts'

/** S3's ceiling for one CopyObject; larger objects are copied by parts. */
export const COPY_BYTES_MAX = 5 * 1024 ** 3

/**
 * A new checksum is computed from bytes read outside the transaction; if the source is overwritten meanwhile it is
 * computed again, at most this often.
 */
const CHECKSUM_ATTEMPTS_MAX = 3

export type Directive = 'COPY' | 'REPLACE'

export interface CopySource extends BucketRef {
  readonly key: string
  readonly versionId: string | undefined
  readonly conditions: Conditions
  /** The owner that the client expects the source's bucket to have, if any. */
  readonly expectedOwner: string | undefined
}

export interface CopyRequest {
  readonly source: CopySource
  readonly bucket: BucketRow
  readonly key: string
  readonly caller: Caller
  readonly conditions: Conditions
  readonly ifMatchOnMissing: MissingKeyCode
  /** What the request gives of its own; the directives decide which of it counts. */
  readonly attributes: ObjectAttributes
  readonly metadataDirective: Directive
  readonly taggingDirective: Directive
  /** The destination bucket's own where it is undefined. */
  readonly storageClass: string | undefined
  /** The checksum that the copy is to have; the source's is kept where it is undefined. */
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined
  /** What a source that is not there answers, or that a delete marker hides: its codes are the dialect's. */
  readonly absent: (isMarker: boolean) => Error
}

export interface Copied {
  readonly version: VersionRow
  readonly source: VersionRow
}

/**
 * Copies an object within one transaction: both versions refer to one manifest, no bytes move.
 * @throws S3Error NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, InvalidRequest (onto itself without a
 *   change, larger than 5 GiB), those of writeVersion, and OperationAborted when the source never holds still
 */
export async function copyObject(services: Services, request: CopyRequest, signal: AbortSignal): Promise<Copied> {
  assertKey(request.key)
  assertLockable(request.bucket, request.attributes, services.clock.now())
  let known = await computeChecksum(services, request, signal)
  for (let attempt = 1; ; attempt += 1) {
    const copied = await services.metadata.write((tx) => copyWithin(tx, { services, request, known }))
    if (copied !== 'source-changed') return copied
    if (attempt === CHECKSUM_ATTEMPTS_MAX) throw s3Error('OperationAborted')
    known = await computeChecksum(services, request, signal)
  }
}

/** A checksum computed from the bytes of one version. */
interface KnownChecksum {
  readonly sourceId: number
  readonly checksum: Checksum
}

async function computeChecksum(
  services: Services,
  request: CopyRequest,
  signal: AbortSignal,
): Promise<KnownChecksum | undefined> {
  const { checksumAlgorithm: algorithm } = request
  if (algorithm === undefined) return undefined
  const {
    id: sourceId,
    manifestId,
    sizeBytes,
    checksum,
  } = await services.metadata.read((tx) => findSource(tx, request))
  if (checksum?.algorithm === algorithm && checksum.type === 'FULL_OBJECT') return { sourceId, checksum }
  const digest = createDigest(algorithm)
  const range = { offsetBytes: 0, lengthBytes: sizeBytes }
  for await (const bytes of openManifest(services, { manifestId, range }, signal)) digest.update(bytes)
  return { sourceId, checksum: { algorithm, value: digest.base64(), type: 'FULL_OBJECT' } }
}

interface CopyStep {
  readonly services: Services
  readonly request: CopyRequest
  readonly known: KnownChecksum | undefined
}

async function copyWithin(tx: WriteTransaction, step: CopyStep): Promise<Copied | 'source-changed'> {
  const { services, request, known } = step
  // 1. The source as it is now; its conditions hold inside this transaction.
  const source = await findSource(tx, request)
  if (known !== undefined && known.sourceId !== source.id) return 'source-changed'
  // 2. The copy's own reference comes first: the row that the copy replaces may be the source itself.
  if (source.manifestId !== undefined) await tx.manifests.share(source.manifestId)
  const version = await writeVersion(tx, {
    services,
    bucket: request.bucket,
    conditions: request.conditions,
    ifMatchOnMissing: request.ifMatchOnMissing,
    version: {
      key: request.key,
      kind: 'object',
      lastModifiedMs: services.clock.now(),
      ownerId: callerId(request.caller),
      sizeBytes: source.sizeBytes,
      etag: source.etag,
      storageClass: request.storageClass ?? request.bucket.storageClass,
      // RGW: the copy of an appendable object is appendable.
      appends: source.appends,
      manifestId: source.manifestId,
      checksum: known?.checksum ?? source.checksum,
      partCount: source.partCount,
      attributes: copiedAttributes(source, request),
    },
  })
  return { version, source }
}

async function findSource(tx: ReadTransaction, request: CopyRequest): Promise<VersionRow> {
  const { tenant, name, key, versionId, conditions, expectedOwner } = request.source
  const bucket = await tx.buckets.find({ tenant, name })
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: name })
  assertExpectedOwner(expectedOwner, bucket)
  const row = await locate(tx, { bucketId: bucket.id, key, versionId })
  if (row === undefined) throw request.absent(false)
  if (row.kind === 'delete-marker') throw request.absent(true)
  // A copy has no "not modified": S3 answers 412 to each of the four conditions.
  if (evaluate(conditions, row) !== 'proceed') throw s3Error('PreconditionFailed')
  if (row.sizeBytes > COPY_BYTES_MAX) {
    const message = 'The specified copy source is larger than the maximum allowable size for a copy source'
    throw s3Error('InvalidRequest', {}, { message: `${message}: ${COPY_BYTES_MAX}` })
  }
  if (bucket.id === request.bucket.id && key === request.key && isItself(row, { bucket, versionId })) {
    assertChange(request)
  }
  return row
}

/**
 * A version named by its id may be copied onto its own key, to become the current one; but not a null version that the
 * copy would replace by itself.
 */
function isItself(
  row: VersionRow,
  { bucket, versionId }: { bucket: BucketRow; versionId: string | undefined },
): boolean {
  return versionId === undefined || (row.versionId === NULL_VERSION && PLACE[bucket.versioning] === 'null-version')
}

/** What a copy onto itself has to change, in S3's words. */
function assertChange(request: CopyRequest): void {
  if (request.metadataDirective === 'REPLACE' || request.storageClass !== undefined) return
  if (request.attributes.websiteRedirectLocation !== undefined || request.checksumAlgorithm !== undefined) return
  const message =
    'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
    "object's metadata, storage class, website redirect location or encryption attributes."
  throw s3Error('InvalidRequest', {}, { message })
}

/** ACL, locks and the website redirect come from the request, as S3 documents; metadata and tags by directive. */
function copiedAttributes(source: VersionRow, request: CopyRequest): ObjectAttributes {
  const given = request.attributes
  const described = request.metadataDirective === 'REPLACE' ? given : source.attributes
  return {
    contentType: described.contentType,
    cacheControl: described.cacheControl,
    contentDisposition: described.contentDisposition,
    contentEncoding: described.contentEncoding,
    contentLanguage: described.contentLanguage,
    expires: described.expires,
    metadata: described.metadata,
    tags: (request.taggingDirective === 'REPLACE' ? given : source.attributes).tags,
    websiteRedirectLocation: given.websiteRedirectLocation,
    acl: given.acl,
    retention: given.retention,
    legalHold: given.legalHold,
  }
}
