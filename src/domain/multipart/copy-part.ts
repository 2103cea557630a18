import { createHash } from 'node:crypto'
import { s3Error } from '../../errors.ts'
import { createDigest } from '../../lib/checksums.ts'
import type { Checksum, ChecksumAlgorithm, PartRow, UploadRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { assertExpectedOwner } from '../access/authorize.ts'
import { openManifest } from '../bytes/open.ts'
import { type ByteRange, type ResolvedRange, resolveRange } from '../bytes/range.ts'
import { evaluate } from '../objects/conditions.ts'
import type { CopySource } from '../objects/copy.ts'
import type { Services } from '../services.ts'
import { locate } from '../versions/locate.ts'
import { type PartRef, putPart } from './part.ts'
import { findOpen } from './uploads.ts'

export interface PartCopy {
  readonly part: PartRef
  readonly source: PartSource
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
}

/** A source that is overwritten while it is read is read again, at most this often. */
const ATTEMPTS_MAX = 3

/**
 * Makes a range of an object a part. No bytes move: the part's manifest is a slice of the source's. They are read once
 * where the part's MD5 or checksum is not known yet.
 * @throws S3Error NoSuchUpload, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, AccessDenied (another owner
 *   than expected), InvalidRange, InvalidRequest (larger than a part may be), OperationAborted (the source never holds
 *   still)
 */
export async function copyPart(services: Services, copy: PartCopy): Promise<CopiedPart> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const copied = await copyOnce(services, copy)
    if (copied !== 'source-changed') return copied
  }
  throw s3Error('OperationAborted')
}

async function copyOnce(services: Services, copy: PartCopy): Promise<CopiedPart | 'source-changed'> {
  const { part: ref, source, signal } = copy
  const { upload, version } = await services.metadata.read(async (tx) => ({
    upload: await findOpen(tx, ref),
    version: await findSource(tx, source),
  }))
  const range = partRange(source.range, version.sizeBytes, services.limits.putBytesMax)
  const content = known(version, range, upload) ?? (await digest(services, { version, range, upload, signal }))
  return await services.metadata.write(async (tx) => {
    // The bytes of a row that has gone are garbage, which nothing may refer to any more.
    const { id, bucketId, key, versionId, manifestId } = version
    if ((await tx.versions.find({ bucketId, key, versionId }))?.id !== id) return 'source-changed'
    const isEmpty = manifestId === undefined || range.lengthBytes === 0
    const own = isEmpty ? await tx.manifests.create([]) : await tx.manifests.slice(manifestId, range)
    return { part: await putPart(tx, { services, ref, content: { ...content, manifestId: own } }), source: version }
  })
}

async function findSource(tx: ReadTransaction, source: PartSource): Promise<VersionRow> {
  const bucket = await tx.buckets.find({ tenant: source.tenant, name: source.name })
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: source.name })
  assertExpectedOwner(source.expectedOwner, bucket)
  const version = await locate(tx, { bucketId: bucket.id, key: source.key, versionId: source.versionId })
  if (version === undefined) throw source.absent(false)
  if (version.kind === 'delete-marker') throw source.absent(true)
  // A copy has no "not modified": S3 answers 412 to each of the four conditions.
  if (evaluate(source.conditions, version) !== 'proceed') throw s3Error('PreconditionFailed')
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
type PartChecksum = Pick<UploadRow, 'checksumAlgorithm'>

/** An entity tag that is an MD5 of all bytes, which neither a multipart object's nor one of several appends is. */
const MD5_ETAG = /^[0-9a-f]{32}$/

/** What is known of the part without reading it: a whole object may bear its own MD5 and the checksum wanted. */
function known(version: VersionRow, range: ResolvedRange, upload: PartChecksum): Content | undefined {
  const isWhole = range.lengthBytes === version.sizeBytes
  if (!isWhole || version.partCount > 0 || !MD5_ETAG.test(version.etag)) return undefined
  const checksum = wholeChecksum(version.checksum, upload.checksumAlgorithm)
  if (upload.checksumAlgorithm !== undefined && checksum === undefined) return undefined
  return { sizeBytes: range.lengthBytes, etag: version.etag, checksum }
}

function wholeChecksum(checksum: Checksum | undefined, algorithm: ChecksumAlgorithm | undefined): Checksum | undefined {
  return checksum?.type === 'FULL_OBJECT' && checksum.algorithm === algorithm ? checksum : undefined
}

interface DigestRequest {
  readonly version: VersionRow
  readonly range: ResolvedRange
  readonly upload: PartChecksum
  readonly signal: AbortSignal
}

/** Reads the range once, in the blocks of the store, and keeps nothing of it. */
async function digest(services: Services, { version, range, upload, signal }: DigestRequest): Promise<Content> {
  const md5 = createHash('md5')
  const algorithm = upload.checksumAlgorithm
  const checksum = algorithm === undefined ? undefined : createDigest(algorithm)
  const bytes = openManifest(services, { manifestId: version.manifestId, range }, signal)
  for await (const block of bytes as AsyncIterable<Buffer>) {
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
