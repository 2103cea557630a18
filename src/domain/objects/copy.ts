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
import { type GivenAttributes, type Owned, settleObject } from '../access/settle.ts'
import type { Caller } from '../accounts.ts'
import { commitReceived } from '../bytes/commit.ts'
import { lendManifest, type ManifestRange } from '../bytes/open.ts'
import type { Received } from '../bytes/receive.ts'
import { rewrite } from '../bytes/rewrite.ts'
import { assertKeyFits, type KeyOffer } from '../encryption/key-check.ts'
import {
  type EncryptionWish,
  etagOf,
  infoOf,
  isSameProtection,
  type Protection,
  settleProtection,
} from '../encryption/protection.ts'
import { assertLockable } from '../locks/guard.ts'
import type { Tell, Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { assertReadable } from '../storage-classes/archive.ts'
import { type Moved, moveBytes } from '../storage-classes/move.ts'
import { type GrantCheck, locate } from '../versions/locate.ts'
import { type MissingKeyCode, NULL_VERSION, PLACE, releaseManifest, writeVersion } from '../versions/write.ts'
import { type Conditions, evaluate } from './conditions.ts'
import { assertKey } from './key.ts'

/** S3's ceiling for one CopyObject; larger objects are copied by parts. */
export const COPY_BYTES_MAX = 5 * 1024 ** 3

/** Bytes are read outside the transaction: if the source is overwritten meanwhile again, at most so often. */
const READ_ATTEMPTS_MAX = 3

export type Directive = 'COPY' | 'REPLACE'

export interface CopySource extends BucketRef {
  readonly key: string
  readonly versionId: string | undefined
  readonly conditions: Conditions
  /** The owner that the client expects the source's bucket to have, if any. */
  readonly expectedOwner: string | undefined
  /** The key that the source may have been encrypted with. */
  readonly offer: KeyOffer
  readonly assertGranted?: GrantCheck | undefined
}

export interface CopyRequest {
  readonly source: CopySource
  readonly bucket: BucketRow
  readonly key: string
  readonly caller: Caller
  readonly conditions: Conditions
  readonly ifMatchOnMissing: MissingKeyCode
  /** What the request gives of its own; the directives decide which of it counts. */
  readonly attributes: GivenAttributes
  readonly metadataDirective: Directive
  readonly taggingDirective: Directive
  /** The destination bucket's own where it is undefined. */
  readonly storageClass: string | undefined
  /** The checksum that the copy is to have; the source's is kept where it is undefined. */
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined
  readonly encryption: EncryptionWish
  /** What a source that is not there answers, or that a delete marker hides: its codes are the dialect's. */
  readonly absent: (isMarker: boolean) => Error
  readonly teller: Teller
}

/** What a request says about what is copied beside the bytes. */
export type Copying = Pick<CopyRequest, 'attributes' | 'metadataDirective' | 'taggingDirective'>

export interface Copied {
  readonly version: VersionRow
  readonly source: VersionRow
}

/**
 * Copies an object. Where source and copy are encrypted alike both refer to one manifest, and no bytes move unless they
 * belong into another folder; else they are read and written anew, before the transaction.
 * @throws S3Error NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, InvalidRequest (onto itself without a
 *   change, larger than 5 GiB), InvalidObjectState (archived), those of assertKeyFits, newDataKey and writeVersion, and
 *   OperationAborted when the source never holds still
 */
export async function copyObject(services: Services, request: CopyRequest, signal: AbortSignal): Promise<Copied> {
  assertKey(request.key)
  assertLockable(request.bucket, request.attributes, services.clock.now())
  const owned = settleObject(services.accounts, request)
  const protection = settleProtection(request.bucket.settings, request.encryption)
  for (let attempt = 1; attempt <= READ_ATTEMPTS_MAX; attempt += 1) {
    const ready = await readAhead(services, { request, protection }, signal)
    const copied = await commitCopy({ services, request, owned, protection, ready })
    if (copied !== 'source-changed') return copied
  }
  throw s3Error('OperationAborted')
}

interface Reading {
  readonly request: CopyRequest
  readonly protection: Protection | undefined
}

/** What has been found out of the source's bytes, or made of them, before the transaction. */
interface Ready {
  /** The version that was read; undefined where none had to be. */
  readonly sourceId?: number
  readonly checksum?: Checksum | undefined
  /** The bytes, encrypted as the copy is to be. */
  readonly received?: Received
  /** The bytes as they are, in the folder of the copy's class. */
  readonly moved?: Moved | undefined
}

interface HashedBytes {
  readonly algorithm: ChecksumAlgorithm | undefined
  readonly bytes: ManifestRange
}

async function readAhead(services: Services, { request, protection }: Reading, signal: AbortSignal): Promise<Ready> {
  const { checksumAlgorithm: algorithm, source: from } = request
  const source = await services.metadata.read((tx) => findSource(tx, request, services.clock.now()))
  const { id: sourceId, manifestId, sizeBytes, checksum } = source
  const bytes = { manifestId, range: { offsetBytes: 0, lengthBytes: sizeBytes }, key: from.offer.key }
  if (!isSameProtection(source.attributes.encryption, infoOf(protection))) {
    const received = await rewrite(services, bytes, {
      algorithm: algorithm ?? checksum?.algorithm,
      protection,
      storageClass: request.storageClass ?? request.bucket.storageClass,
      signal,
    })
    return { sourceId, received, checksum: received.checksum }
  }
  const wanted = await checksumOf(services, { algorithm, checksum, bytes }, signal)
  const moved = await moveSource(services, { request, source }, signal)
  return wanted === undefined && moved === undefined ? {} : { sourceId, checksum: wanted, moved }
}

/** The checksum that the request asks for, which the source may have already. */
async function checksumOf(
  services: Services,
  { algorithm, checksum, bytes }: Pick<VersionRow, 'checksum'> & HashedBytes,
  signal: AbortSignal,
): Promise<Checksum | undefined> {
  if (algorithm === undefined) return undefined
  if (checksum?.algorithm === algorithm && checksum.type === 'FULL_OBJECT') return checksum
  const digest = createDigest(algorithm)
  for await (const piece of lendManifest(services, bytes, signal)) digest.update(piece)
  return { algorithm, value: digest.base64(), type: 'FULL_OBJECT' }
}

async function moveSource(
  services: Services,
  { request, source }: { request: CopyRequest; source: VersionRow },
  signal: AbortSignal,
): Promise<Moved | undefined> {
  const { manifestId, sizeBytes } = source
  if (manifestId === undefined) return undefined
  const store = services.chunks.storeOf(request.storageClass ?? request.bucket.storageClass)
  return await moveBytes(services, { manifestId, range: { offsetBytes: 0, lengthBytes: sizeBytes }, store }, signal)
}

interface CopyStep extends Reading {
  readonly services: Services
  readonly owned: Owned
  readonly ready: Ready
}

async function commitCopy(step: CopyStep): Promise<Copied | 'source-changed'> {
  const { ready } = step
  const written = ready.received ?? ready.moved
  const write = (tx: WriteTransaction, tell: Tell) => copyWithin(tx, { ...step, tell })
  if (written === undefined) return await step.request.teller.write(write)
  const copied = await commitReceived(step.request.teller, written, write)
  if (copied === 'source-changed') await written.discard()
  return copied
}

async function copyWithin(tx: WriteTransaction, step: CopyStep & { tell: Tell }): Promise<Copied | 'source-changed'> {
  const { services, request, owned, protection, ready } = step
  const encryption = infoOf(protection)
  // 1. The source as it is now; its conditions hold inside this transaction.
  const source = await findSource(tx, request, services.clock.now())
  if (ready.sourceId !== undefined && ready.sourceId !== source.id) return 'source-changed'
  const isShared = ready.received === undefined
  if (isShared && !isSameProtection(source.attributes.encryption, encryption)) return 'source-changed'
  // 2. The copy's own reference comes first: the row that the copy replaces may be the source itself.
  const bytes = await bytesOf(tx, source, step)
  const version = await writeVersion(tx, {
    services,
    bucket: request.bucket,
    conditions: request.conditions,
    ifMatchOnMissing: request.ifMatchOnMissing,
    tell: step.tell,
    kind: 'created:copy',
    version: {
      key: request.key,
      kind: 'object',
      lastModifiedMs: services.clock.now(),
      ownerId: owned.ownerId,
      sizeBytes: source.sizeBytes,
      storageClass: request.storageClass ?? request.bucket.storageClass,
      // RGW: the copy of an appendable object is appendable.
      appends: source.appends,
      checksum: ready.checksum ?? source.checksum,
      ...bytes,
      attributes: { ...copiedAttributes(source, request), acl: owned.acl, encryption },
    },
  })
  // 3. Moved bytes take the place of the shared ones; the sizes of the parts come along.
  const settled = ready.moved === undefined ? version : await settleMoved(tx, { services, version, moved: ready.moved })
  return { version: settled, source }
}

async function settleMoved(
  tx: WriteTransaction,
  { services, version, moved }: { services: Services; version: VersionRow; moved: Moved },
): Promise<VersionRow> {
  const { storageClass } = version
  const manifestId = await tx.manifests.create(moved.chunks)
  await tx.versions.setStorage(version, { storageClass, manifestId })
  // The source's own reference is gone already where the copy has replaced it: there may be readers to wait for.
  await releaseManifest(tx, { row: version, services })
  return { ...version, manifestId }
}

/** Bytes that were written anew are one piece, whatever they were before. */
async function bytesOf(
  tx: WriteTransaction,
  source: VersionRow,
  { services, request, protection, ready: { received } }: CopyStep,
): Promise<Pick<VersionRow, 'manifestId' | 'etag' | 'partCount'>> {
  const { manifestId, etag, partCount } = source
  if (received === undefined) {
    if (manifestId !== undefined) await tx.manifests.share(manifestId)
    return { manifestId, etag, partCount }
  }
  const { chunk, md5 } = received
  return {
    manifestId: chunk === undefined ? undefined : await tx.manifests.create([chunk]),
    etag: etagOf(services.ids, md5, { protection, rules: request.encryption.rules }),
    partCount: 0,
  }
}

async function findSource(tx: ReadTransaction, request: CopyRequest, nowMs: number): Promise<VersionRow> {
  const { tenant, name, key, versionId, conditions, expectedOwner, assertGranted } = request.source
  const bucket = await tx.buckets.find({ tenant, name })
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: name })
  assertExpectedOwner(expectedOwner, bucket)
  const row = await locate(tx, { bucketId: bucket.id, key, versionId, assertGranted })
  if (row === undefined) throw request.absent(false)
  if (row.kind === 'delete-marker') throw request.absent(true)
  assertKeyFits(row.attributes.encryption, request.source.offer)
  // A copy has no "not modified": S3 answers 412 to each of the four conditions.
  if (evaluate(conditions, row) !== 'proceed') throw s3Error('PreconditionFailed')
  assertReadable(row, { nowMs, as: 'copy-source' })
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
  if (request.encryption.asked !== undefined) return
  const message =
    'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
    "object's metadata, storage class, website redirect location or encryption attributes."
  throw s3Error('InvalidRequest', {}, { message })
}

/** ACL, locks and the website redirect come from the request, as S3 documents; metadata and tags by directive. */
export function copiedAttributes(source: VersionRow, request: Copying): Omit<ObjectAttributes, 'acl'> {
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
    retention: given.retention,
    legalHold: given.legalHold,
  }
}
