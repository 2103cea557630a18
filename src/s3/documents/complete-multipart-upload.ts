import { PART_NUMBER_MAX } from '../../domain/limits.ts'
import type { ListedPart } from '../../domain/multipart/plan.ts'
import { s3Error } from '../../errors.ts'
import type { Checksum, ChecksumAlgorithm, CompletedUpload } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { checksumElements } from '../headers/checksum.ts'
import { ALGORITHMS } from '../headers/multipart.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { parseDocument, type XmlElement } from '../xml/parse.ts'

/** A part's checksum as an element; a part has no type of its own. */
export function partChecksumElement(checksum: Checksum | undefined): XmlContent {
  return checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value }
}

/**
 * The parts of a CompleteMultipartUpload document, in its order.
 * @throws S3Error MalformedXML, also for an empty list, for more than 10,000 parts and for a part without its number or
 *   its ETag; for no document at all what the dialect says
 */
export function readCompleteMultipartUpload(document: Buffer, dialect: Pick<Dialect, 'missingPartList'>): ListedPart[] {
  if (document.length === 0 && dialect.missingPartList === 'InvalidRequest') {
    throw s3Error('InvalidRequest', {}, { message: 'You must specify at least one part' })
  }
  const parts = parseDocument(document, 'CompleteMultipartUpload').children('Part')
  if (parts.length === 0 || parts.length > PART_NUMBER_MAX) throw s3Error('MalformedXML')
  return parts.map(readPart)
}

function readPart(part: XmlElement): ListedPart {
  const number = part.child('PartNumber')?.text.trim() ?? ''
  const etag = part.child('ETag')?.text.trim()
  if (!/^-?\d{1,9}$/.test(number) || etag === undefined) throw s3Error('MalformedXML')
  const checksums: Partial<Record<ChecksumAlgorithm, string>> = {}
  for (const algorithm of ALGORITHMS) {
    const value = part.child(`Checksum${algorithm}`)?.text.trim()
    if (value !== undefined && value !== '') checksums[algorithm] = value
  }
  return { partNumber: Number(number), etag: unquoted(etag), checksums }
}

/** Clients send the ETag header's value with its quotes, or without them. */
function unquoted(etag: string): string {
  return etag.length >= 2 && etag.startsWith('"') && etag.endsWith('"') ? etag.slice(1, -1) : etag
}

/** CompleteMultipartUploadResult. RGW prints the ETag without quotes here (recorded from 16.2), AWS with them. */
export function completeMultipartUploadDocument(
  result: { location: string; bucket: string; key: string; completed: CompletedUpload },
  dialect: Dialect,
): string {
  const { etag, checksum } = result.completed
  return buildDocument('CompleteMultipartUploadResult', {
    Location: result.location,
    Bucket: result.bucket,
    Key: result.key,
    ETag: dialect.rgwExtensions ? etag : `"${etag}"`,
    ...checksumElements(checksum),
  })
}
