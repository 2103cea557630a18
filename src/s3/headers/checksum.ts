import type { Checksum } from '../../storage/metadata/rows.ts'
import type { HeaderValue } from '../response.ts'

/** A checksum as response headers: its value under its algorithm's name, and what it covers. */
export function checksumHeaders(checksum: Checksum | undefined): [string, HeaderValue][] {
  if (checksum === undefined) return []
  return [
    [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`, checksum.value],
    ['x-amz-checksum-type', checksum.type],
  ]
}

/** A checksum as elements of a document, in S3's order: ChecksumCRC32 and so on, then ChecksumType. */
export function checksumElements(checksum: Checksum | undefined): Readonly<Record<string, string>> {
  if (checksum === undefined) return {}
  return { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }
}
