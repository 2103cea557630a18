import { type Integrity, NO_INTEGRITY } from '../../domain/bytes/integrity.ts'
import { s3Error } from '../../errors.ts'
import type { Checksum, ChecksumAlgorithm } from '../../storage/metadata/rows.ts'
import type { RequestHead } from '../request.ts'

const PREFIX = 'x-amz-checksum-'
/** Names that begin like a checksum's and are none. */
const NO_CHECKSUMS: ReadonlySet<string> = new Set(['algorithm', 'mode', 'type'])

/** The algorithms by the end of their header's name, with the length of their digests in bytes. */
const ALGORITHMS: Readonly<Record<string, { readonly algorithm: ChecksumAlgorithm; readonly bytes: number }>> = {
  crc32: { algorithm: 'CRC32', bytes: 4 },
  crc32c: { algorithm: 'CRC32C', bytes: 4 },
  crc64nvme: { algorithm: 'CRC64NVME', bytes: 8 },
  sha1: { algorithm: 'SHA1', bytes: 20 },
  sha256: { algorithm: 'SHA256', bytes: 32 },
}
/** CRC64NVME exists for whole objects only; S3 computes SHA over parts only. */
const TYPES_OF: Readonly<Record<ChecksumAlgorithm, readonly Checksum['type'][]>> = {
  CRC32: ['COMPOSITE', 'FULL_OBJECT'],
  CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
  CRC64NVME: ['FULL_OBJECT'],
  SHA1: ['COMPOSITE'],
  SHA256: ['COMPOSITE'],
}

const MD5_BYTES = 16
const SDK_ALGORITHM = 'x-amz-sdk-checksum-algorithm'

/**
 * The digests that a request announces for its body.
 * @throws S3Error InvalidDigest for a Content-MD5 that is none; InvalidRequest for two checksums, an unknown
 *   algorithm, or a value that cannot be a checksum of its algorithm
 */
export function readIntegrity(head: RequestHead): Integrity {
  const contentMd5 = readContentMd5(head)
  const checksum = announced(head)
  return contentMd5 === undefined && checksum === undefined ? NO_INTEGRITY : { contentMd5, checksum }
}

/** @throws S3Error InvalidDigest for a Content-MD5 that is none */
export function readContentMd5(head: RequestHead): Buffer | undefined {
  const md5 = head.headers.get('content-md5')
  const contentMd5 = md5 === undefined ? undefined : decodeBase64(md5, MD5_BYTES)
  if (md5 !== undefined && contentMd5 === undefined) throw s3Error('InvalidDigest', { 'Content-MD5': md5 })
  return contentMd5
}

/**
 * The checksum of a whole object as CompleteMultipartUpload may name it: `<base64>` or `<base64>-<parts>`.
 * @throws S3Error InvalidRequest as readIntegrity
 */
export function readObjectChecksum(head: RequestHead): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const found = checksumFields(head)
  const [only] = found
  if (only === undefined) return undefined
  if (found.length > 1) throw severalChecksums()
  const known = algorithmOf(only.name)
  if (decodeBase64(only.value.replace(/-\d{1,5}$/, ''), known.bytes) === undefined) throw invalidValue(only.name)
  return { algorithm: known.algorithm, value: only.value }
}

/**
 * What CreateMultipartUpload chooses: x-amz-checksum-algorithm, and x-amz-checksum-type or the algorithm's default.
 * @throws S3Error InvalidRequest for an unknown algorithm, a type without one, or a type it does not have
 */
export function readChecksumChoice(
  head: RequestHead,
): { algorithm: ChecksumAlgorithm; type: Checksum['type'] } | undefined {
  const name = head.headers.get('x-amz-checksum-algorithm')
  const type = head.headers.get('x-amz-checksum-type')
  if (name === undefined) {
    if (type === undefined) return undefined
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
  }
  const { algorithm } = algorithmOf(PREFIX + name.toLowerCase())
  const chosen = type === undefined ? TYPES_OF[algorithm][0] : TYPES_OF[algorithm].find((known) => known === type)
  if (chosen === undefined) {
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`)
  }
  return { algorithm, type: chosen }
}

function announced(head: RequestHead): Integrity['checksum'] {
  const inHeader = checksumFields(head)
  const trailers = head.headers.get('x-amz-trailer')?.toLowerCase().split(',') ?? []
  const inTrailer = trailers.map((name) => name.trim()).filter((name) => name.startsWith(PREFIX))
  if (inHeader.length + inTrailer.length > 1) throw severalChecksums()
  const sdk = head.headers.get(SDK_ALGORITHM)
  const [given] = inHeader
  const name = given?.name ?? inTrailer[0]
  if (name === undefined && sdk === undefined) return undefined
  const { algorithm, bytes } = algorithmOf(name ?? PREFIX + (sdk ?? '').toLowerCase())
  if (sdk !== undefined && sdk.toUpperCase() !== algorithm) throw invalidValue(SDK_ALGORITHM)
  if (given !== undefined && decodeBase64(given.value, bytes) === undefined) throw invalidValue(given.name)
  return { algorithm, value: given?.value, inTrailer: inTrailer.length > 0 }
}

function checksumFields(head: RequestHead): readonly { readonly name: string; readonly value: string }[] {
  return head.headers.entries.filter(
    ({ name }) => name.startsWith(PREFIX) && !NO_CHECKSUMS.has(name.slice(PREFIX.length)),
  )
}

function algorithmOf(header: string): { readonly algorithm: ChecksumAlgorithm; readonly bytes: number } {
  const name = header.slice(PREFIX.length)
  const known = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined
  if (known === undefined) {
    throw invalidRequest('Checksum algorithm provided is unsupported. Use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.')
  }
  return known
}

/**
 * The decoded bytes if the text is base64 of exactly so many, else undefined: Buffer.from alone ignores what it cannot
 * read.
 */
function decodeBase64(text: string, bytes: number): Buffer | undefined {
  const decoded = Buffer.from(text, 'base64')
  return decoded.length === bytes && decoded.toString('base64') === text ? decoded : undefined
}

function severalChecksums(): Error {
  return invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
}

function invalidValue(header: string): Error {
  return invalidRequest(`Value for ${header} header is invalid.`)
}

function invalidRequest(message: string): Error {
  return s3Error('InvalidRequest', {}, { message })
}
