import { s3Error } from '../../errors.ts'
import type { UploadRow } from '../../storage/metadata/rows.ts'
import type { Integrity } from '../bytes/integrity.ts'

/**
 * What a part's body is checked with. A part of an upload that has an algorithm always gets a checksum of it, since the
 * object's is made of them: where the client gives none, it is computed. AWS refuses a missing one for COMPOSITE
 * uploads only, which `demanded` asks for.
 * @throws S3Error InvalidRequest when the part comes with another algorithm than the upload's
 */
export function partIntegrity(
  integrity: Integrity,
  upload: Pick<UploadRow, 'checksumAlgorithm' | 'checksumType'>,
  demanded: boolean,
): Integrity {
  const expected = upload.checksumAlgorithm
  if (expected === undefined) return integrity
  const given = integrity.checksum?.algorithm
  if (given === expected) return integrity
  if (given !== undefined || (demanded && upload.checksumType === 'COMPOSITE')) {
    const pair = `expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${given?.toLowerCase() ?? 'null'}`
    throw s3Error('InvalidRequest', {}, { message: `Checksum Type mismatch occurred, ${pair}` })
  }
  return { ...integrity, checksum: { algorithm: expected, value: undefined, inTrailer: false } }
}
