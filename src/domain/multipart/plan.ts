import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { s3Error } from '../../errors.ts'
import { combineCrc, compositeChecksum } from '../../lib/checksums.ts'
import type { Checksum, ChecksumAlgorithm, PartRow, UploadRow } from '../../storage/metadata/rows.ts'
import { OBJECT_BYTES_MAX } from '../limits.ts'

/** A part as the client lists it when it completes an upload. */
export interface ListedPart {
  readonly partNumber: number
  /** Without quotes. */
  readonly etag: string
  /** Base64, by algorithm, as far as given. */
  readonly checksums: Partial<Record<ChecksumAlgorithm, string>>
}

/** What a completion claims about the whole object, to be checked against what the parts make. */
export interface Claims {
  readonly parts: readonly ListedPart[]
  /** x-amz-mp-object-size. */
  readonly objectBytes: number | undefined
  /** x-amz-checksum-<algorithm> and x-amz-checksum-type, of the whole object. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined
  readonly checksumType: Checksum['type'] | undefined
  /** Whether parts of a COMPOSITE upload must be listed with their checksums: AWS refuses a list without them. */
  readonly demandsPartChecksums: boolean
}

/** The object that the listed parts make. */
export interface Plan {
  readonly parts: readonly PartRow[]
  readonly sizeBytes: number
  readonly etag: string
  readonly checksum: Checksum | undefined
}

type PlannedUpload = Pick<UploadRow, 'uploadId' | 'checksumAlgorithm' | 'checksumType'>

/**
 * Holds a completion's list against the stored parts and works out the object. Pure.
 * @throws S3Error InvalidPartOrder, InvalidPart, EntityTooSmall, EntityTooLarge, InvalidRequest, BadDigest
 */
export function planCompletion(
  upload: PlannedUpload,
  stored: ReadonlyMap<number, PartRow>,
  { claims, partBytesMin }: { claims: Claims; partBytesMin: number },
): Plan {
  assertOrder(claims.parts)
  const parts = claims.parts.map((listed) => matchingPart(upload, stored.get(listed.partNumber), { listed, claims }))
  const sizeBytes = partSizes(parts, partBytesMin)
  if (claims.objectBytes !== undefined && claims.objectBytes !== sizeBytes) {
    const message = `The x-amz-mp-object-size header says ${claims.objectBytes} bytes, the parts have ${sizeBytes}.`
    throw s3Error('InvalidRequest', {}, { message })
  }
  const checksum = objectChecksum(upload, parts)
  assertChecksum(checksum, claims)
  return { parts, sizeBytes, etag: multipartEtag(parts), checksum }
}

/** Ascending, no number twice. RGW sorts instead; S3 refuses, since the list states the object's order. */
function assertOrder(parts: readonly ListedPart[]): void {
  let last = 0
  for (const [index, { partNumber }] of parts.entries()) {
    if (index > 0 && partNumber <= last) throw s3Error('InvalidPartOrder', { PartNumber: partNumber })
    last = partNumber
  }
}

function matchingPart(
  upload: PlannedUpload,
  part: PartRow | undefined,
  { listed, claims }: { listed: ListedPart; claims: Claims },
): PartRow {
  const details = { UploadId: upload.uploadId, PartNumber: listed.partNumber, ETag: listed.etag }
  if (part === undefined || part.etag !== listed.etag) throw s3Error('InvalidPart', details)
  for (const [algorithm, value] of Object.entries(listed.checksums)) {
    const matches = part.checksum?.algorithm === algorithm && part.checksum.value === value
    if (!matches) throw s3Error('InvalidPart', details)
  }
  const algorithm = upload.checksumAlgorithm
  const isDemanded = claims.demandsPartChecksums && upload.checksumType === 'COMPOSITE' && algorithm !== undefined
  if (isDemanded && listed.checksums[algorithm] === undefined) {
    const message =
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the ` +
      `checksum for each part. It was missing for part ${listed.partNumber} in the request.`
    throw s3Error('InvalidRequest', {}, { message })
  }
  return part
}

/** The object's size, if every part but the last is large enough and the whole is not too large. */
export function partSizes(
  parts: readonly Pick<PartRow, 'partNumber' | 'sizeBytes' | 'etag'>[],
  minBytes: number,
): number {
  const small = parts.slice(0, -1).find((part) => part.sizeBytes < minBytes)
  if (small !== undefined) {
    throw s3Error('EntityTooSmall', {
      ProposedSize: small.sizeBytes,
      MinSizeAllowed: minBytes,
      PartNumber: small.partNumber,
      ETag: small.etag,
    })
  }
  const totalBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  if (totalBytes > OBJECT_BYTES_MAX) {
    throw s3Error('EntityTooLarge', { ProposedSize: totalBytes, MaxSizeAllowed: OBJECT_BYTES_MAX })
  }
  return totalBytes
}

/** The MD5 of the parts' raw MD5s, and their number: what S3 gives every object that was uploaded in parts. */
export function multipartEtag(parts: readonly Pick<PartRow, 'etag'>[]): string {
  const md5 = createHash('md5')
  for (const part of parts) md5.update(part.etag, 'hex')
  return `${md5.digest('hex')}-${parts.length}`
}

/**
 * The object's checksum out of its parts': a CRC of all bytes by arithmetic, or the digest of the digests. An upload
 * without an algorithm has none, whatever its parts came with.
 */
function objectChecksum(upload: PlannedUpload, parts: readonly PartRow[]): Checksum | undefined {
  const { checksumAlgorithm: algorithm, checksumType: type } = upload
  if (algorithm === undefined || type === undefined) return undefined
  const pieces = parts.map(({ checksum, sizeBytes }) => {
    assert(checksum?.algorithm === algorithm, 'every part of an upload with an algorithm is stored with its checksum')
    return { value: checksum.value, sizeBytes }
  })
  if (type === 'COMPOSITE') {
    const values = pieces.map((piece) => piece.value)
    return { algorithm, type, value: compositeChecksum(algorithm, values) }
  }
  assert(algorithm !== 'SHA1' && algorithm !== 'SHA256', 'chooseChecksum gives a SHA no type but COMPOSITE')
  return { algorithm, type, value: combineCrc(algorithm, pieces) }
}

/** A composite value may be claimed with or without its `-<parts>`. */
function assertChecksum(checksum: Checksum | undefined, { checksum: claimed, checksumType }: Claims): void {
  if (checksumType !== undefined && checksumType !== checksum?.type) {
    const message = `The upload was created with checksum type ${checksum?.type ?? 'null'}, not ${checksumType}.`
    throw s3Error('InvalidRequest', {}, { message })
  }
  if (claimed === undefined) return
  const name = claimed.algorithm.toLowerCase()
  if (checksum?.algorithm !== claimed.algorithm) {
    const expected = checksum?.algorithm.toLowerCase() ?? 'null'
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${name}`
    throw s3Error('InvalidRequest', {}, { message })
  }
  if (claimed.value === checksum.value || claimed.value === checksum.value.split('-')[0]) return
  throw s3Error('BadDigest', {}, { message: `The ${name} you specified did not match the calculated checksum.` })
}
