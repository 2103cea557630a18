import { createHash } from 'node:crypto'
import { s3Error } from '../../errors.ts'
import { createDigest } from '../../lib/checksums.ts'
import type {
  Checksum,
  ChecksumAlgorithm,
  EncryptionInfo,
  PartRow,
  UploadRow,
  VersionRow,
} from '../../storage/metadata/rows.ts'
import type { ReadTransaction, WriteTransaction } from '../../storage/metadata/store.ts'
import { assertExpectedOwner } from '../access/authorize.ts'
import { commitReceived } from '../bytes/commit.ts'
import { lendManifest } from '../bytes/open.ts'
import { type ByteRange, type ResolvedRange, resolveRange } from '../bytes/range.ts'
import { rewrite } from '../bytes/rewrite.ts'
import type { CustomerKey } from '../encryption/customer-key.ts'
import { assertKeyFits, partProtection } from '../encryption/key-check.ts'
import { etagOf, isSameProtection, type Protection } from '../encryption/protection.ts'
import { evaluate } from '../objects/conditions.ts'
import type { CopySource } from '../objects/copy.ts'
import type { Services } from '../services.ts'
import { assertReadable } from '../storage-classes/archive.ts'
import { moveBytes } from '../storage-classes/move.ts'
import { locate } from '../versions/locate.ts'
import { type PartRef, putPart } from './part.ts'
import { findOpen } from './uploads.ts'

export interface PartCopy {
  readonly part: PartRef
  readonly source: PartSource
  /** The upload's, where it has one. */
  readonly customerKey: CustomerKey | undefined
  readonly signal: AbortSignal
}

export interface PartSource extends CopySource {
  /** Undefined: the whole object. */
  readonly range: ByteRange | undefined
  /** What a source that is not there, or is a delete marker, answers. */
  readonly absent: (isMarker: boolean) => Error
}

export interface CopiedPart {
  readonly part: PartRow
  readonly source: VersionRow
  readonly encryption: EncryptionInfo | undefined
}

/** A source that is overwritten while it is read is read again, at most this often. */
const ATTEMPTS_MAX = 3

/**
 * Makes a range of an object a part. No bytes move where both are encrypted alike and lie in one folder: the part's
 * manifest is a slice of the source's. They are read once where the part's MD5 or checksum is not known yet. What is
 * cut out of sealed bytes for another folder is sealed anew. So all parts lie where the object's class belongs, and
 * nothing is left to be moved when the upload is completed.
 * @throws S3Error NoSuchUpload, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, AccessDenied (another owner
 *   than expected), InvalidObjectState (archived), InvalidRange, InvalidRequest (larger than a part may be),
 *   OperationAborted (the source never holds still), those of assertKeyFits, partProtection and newDataKey
 */
export async function copyPart(services: Services, copy: PartCopy): Promise<CopiedPart> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const copied = await copyOnce(services, copy)
    if (copied !== 'source-changed') return copied
  }
  throw s3Error('OperationAborted')
}

async function copyOnce(services: Services, copy: PartCopy): Promise<CopiedPart | 'source-changed'> {
  const { part: ref, source, customerKey } = copy
  const { upload, version } = await services.metadata.read(async (tx) => ({
    upload: await findOpen(tx, ref),
    version: await findSource(tx, source, services.clock.now()),
  }))
  const { encryption } = upload.attributes
  const protection = partProtection(encryption, customerKey)
  const range = partRange(source.range, version.sizeBytes, services.limits.putBytesMax)
  const step = { services, copy, upload, version, range, protection }
  const isAlike = isSameProtection(version.attributes.encryption, encryption)
  const part = isAlike && !isCutElsewhere(step) ? await share(step) : await writeAnew(step)
  return part === 'source-changed' ? part : { part, source: version, encryption }
}

interface PartStep {
  readonly services: Services
  readonly copy: PartCopy
  readonly upload: UploadRow
  readonly version: VersionRow
  readonly range: ResolvedRange
  readonly protection: Protection | undefined
}

/** Sealed chunks move as a whole: a thousand ranges of one, each as a part, would move it a thousand times. */
function isCutElsewhere({ services: { chunks }, upload, version, range }: PartStep): boolean {
  const isSlice = upload.attributes.encryption !== undefined && range.lengthBytes < version.sizeBytes
  return isSlice && chunks.storeOf(version.storageClass) !== chunks.storeOf(upload.storageClass)
}

/** The part's manifest is a slice of the source's, or of its bytes where those belong. */
async function share(step: PartStep): Promise<PartRow | 'source-changed'> {
  const { services, copy, upload, version, range } = step
  const content = known(step) ?? (await digest(step))
  const etag = partEtag(step, content.etag)
  const { manifestId } = version
  const store = services.chunks.storeOf(upload.storageClass)
  const moved =
    manifestId === undefined ? undefined : await moveBytes(services, { manifestId, range, store }, copy.signal)
  const write = async (tx: WriteTransaction) => {
    if (!(await isStillThere(tx, version))) return 'source-changed'
    const own = moved === undefined ? await sliceOf(tx, version, range) : await tx.manifests.create(moved.chunks)
    return await putPart(tx, { services, ref: copy.part, content: { ...content, etag, manifestId: own } })
  }
  if (moved === undefined) return await services.metadata.write(write)
  const part = await commitReceived(services.metadata, moved, write)
  if (part === 'source-changed') await moved.discard()
  return part
}

async function sliceOf(tx: WriteTransaction, { manifestId }: VersionRow, range: ResolvedRange): Promise<number> {
  const isEmpty = manifestId === undefined || range.lengthBytes === 0
  return isEmpty ? await tx.manifests.create([]) : await tx.manifests.slice(manifestId, range)
}

/** Source and upload are encrypted differently. */
async function writeAnew(step: PartStep): Promise<PartRow | 'source-changed'> {
  const { services, copy, upload, version, range, protection } = step
  const bytes = { manifestId: version.manifestId, range, key: copy.source.offer.key }
  const { storageClass, checksumAlgorithm: algorithm } = upload
  const received = await rewrite(services, bytes, { algorithm, protection, storageClass, signal: copy.signal })
  const { chunk, sizeBytes, md5, checksum } = received
  const etag = partEtag(step, md5)
  const part = await commitReceived(services.metadata, received, async (tx) => {
    if (!(await isStillThere(tx, version))) return 'source-changed'
    const manifestId = await tx.manifests.create(chunk === undefined ? [] : [chunk])
    return await putPart(tx, { services, ref: copy.part, content: { sizeBytes, etag, checksum, manifestId } })
  })
  if (part === 'source-changed') await received.discard()
  return part
}

function partEtag({ services, copy, protection }: PartStep, md5: string): string {
  return etagOf(services.ids, md5, { protection, rules: copy.source.offer.rules })
}

/** Bytes of a row that has gone, or has moved, are garbage, which nothing may refer to any more. */
async function isStillThere(tx: ReadTransaction, version: VersionRow): Promise<boolean> {
  const { id, bucketId, key, versionId, manifestId } = version
  const now = await tx.versions.find({ bucketId, key, versionId })
  return now?.id === id && now.manifestId === manifestId
}

async function findSource(tx: ReadTransaction, source: PartSource, nowMs: number): Promise<VersionRow> {
  const bucket = await tx.buckets.find({ tenant: source.tenant, name: source.name })
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: source.name })
  assertExpectedOwner(source.expectedOwner, bucket)
  const version = await locate(tx, { ...source, bucketId: bucket.id })
  if (version === undefined) throw source.absent(false)
  if (version.kind === 'delete-marker') throw source.absent(true)
  // A copy has no "not modified": S3 answers 412 to each of the four conditions.
  if (evaluate(source.conditions, version) !== 'proceed') throw s3Error('PreconditionFailed')
  assertKeyFits(version.attributes.encryption, source.offer)
  assertReadable(version, { nowMs, as: 'copy-source' })
  return version
}

/** Unlike a GET's, a copy's range must lie within the object: RGW 16.2 answers InvalidRange when it ends beyond. */
function partRange(range: ByteRange | undefined, sizeBytes: number, maxBytes: number): ResolvedRange {
  const endsBeyond = range?.kind === 'from' && range.lastByte !== undefined && range.lastByte >= sizeBytes
  if (endsBeyond) throw s3Error('InvalidRange', { ActualObjectSize: sizeBytes })
  const resolved = range === undefined ? { offsetBytes: 0, lengthBytes: sizeBytes } : resolveRange(range, sizeBytes)
  if (resolved.lengthBytes <= maxBytes) return resolved
  const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${maxBytes}`
  throw s3Error('InvalidRequest', {}, { message })
}

type Content = Pick<PartRow, 'sizeBytes' | 'etag' | 'checksum'>

/** An entity tag that is an MD5 of all bytes, which neither a multipart object's nor one of several appends is. */
const MD5_ETAG = /^[0-9a-f]{32}$/

/** What is known of the part without reading it: a whole object may bear its own MD5 and the checksum wanted. */
function known({ version, range, upload }: PartStep): Content | undefined {
  const isWhole = range.lengthBytes === version.sizeBytes
  const { encryption } = version.attributes
  const hasMd5 = encryption === undefined || encryption.algorithm === 'AES256'
  if (!isWhole || version.partCount > 0 || !hasMd5 || !MD5_ETAG.test(version.etag)) return undefined
  const checksum = wholeChecksum(version.checksum, upload.checksumAlgorithm)
  if (upload.checksumAlgorithm !== undefined && checksum === undefined) return undefined
  return { sizeBytes: range.lengthBytes, etag: version.etag, checksum }
}

function wholeChecksum(checksum: Checksum | undefined, algorithm: ChecksumAlgorithm | undefined): Checksum | undefined {
  return checksum?.type === 'FULL_OBJECT' && checksum.algorithm === algorithm ? checksum : undefined
}

/** Reads the range once, in the blocks of the store, and keeps nothing of it. */
async function digest({ services, copy, version, range, upload }: PartStep): Promise<Content> {
  const md5 = createHash('md5')
  const algorithm = upload.checksumAlgorithm
  const checksum = algorithm === undefined ? undefined : createDigest(algorithm)
  const bytes = lendManifest(
    services,
    { manifestId: version.manifestId, range, key: copy.source.offer.key },
    copy.signal,
  )
  for await (const block of bytes) {
    md5.update(block)
    checksum?.update(block)
  }
  return {
    sizeBytes: range.lengthBytes,
    etag: md5.digest('hex'),
    checksum:
      algorithm === undefined || checksum === undefined
        ? undefined
        : { algorithm, value: checksum.base64(), type: 'FULL_OBJECT' },
  }
}
