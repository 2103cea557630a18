import { s3Error } from '../../errors.ts'
import { isChecksum } from '../../lib/checksums.ts'
import type { Checksum } from '../../storage/metadata/rows.ts'
import type { Integrity } from './integrity.ts'

/** What the bytes turned out to be. */
export interface Digests {
  /** Hex. */
  readonly md5: string
  /** Base64, of the algorithm that the integrity names. */
  readonly checksum: string | undefined
}

/**
 * Compares what the client announced with what came, and returns the checksum to store. Codes and messages are those
 * of S3: a wrong checksum is BadDigest, with the algorithm in the message, as AWS answers it.
 * @throws S3Error BadDigest, MalformedTrailerError, InvalidRequest
 */
export function verifyDigests(
  integrity: Integrity,
  digests: Digests,
  body: { trailers(): ReadonlyMap<string, string> },
): Checksum | undefined {
  verifyMd5(integrity.contentMd5, digests.md5)
  const { checksum: announced } = integrity
  if (announced === undefined || digests.checksum === undefined) return undefined
  const { algorithm } = announced
  const expected = announced.inTrailer ? valueInTrailer(algorithm, body.trailers()) : announced.value
  if (expected !== undefined && expected !== digests.checksum) {
    throw s3Error('BadDigest', {}, { message: `The ${algorithm} you specified did not match the calculated checksum.` })
  }
  return { algorithm, value: digests.checksum, type: 'FULL_OBJECT' }
}

function verifyMd5(expected: Buffer | undefined, md5: string): void {
  if (expected === undefined || expected.toString('hex') === md5) return
  throw s3Error(
    'BadDigest',
    { ExpectedDigest: expected.toString('base64'), CalculatedDigest: Buffer.from(md5, 'hex').toString('base64') },
    { message: 'The Content-MD5 you specified did not match what we received.' },
  )
}

function valueInTrailer(algorithm: Checksum['algorithm'], trailers: ReadonlyMap<string, string>): string {
  const name = `x-amz-checksum-${algorithm.toLowerCase()}`
  const value = trailers.get(name)
  if (value === undefined) throw s3Error('MalformedTrailerError')
  if (isChecksum(algorithm, value)) return value
  throw s3Error('InvalidRequest', {}, { message: `Value for ${name} trailing header is invalid.` })
}
