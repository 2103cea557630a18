import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { checksumElements } from '../headers/checksum.ts'
import { isoDate } from '../headers/names.ts'
import { buildDocument } from '../xml/build.ts'

/** CopyObject's answer. RGW and the ZOS manual's sample print the ETag without quotes, AWS with them. */
export function copyObjectResult(version: VersionRow, dialect: Dialect): string {
  return buildDocument('CopyObjectResult', {
    LastModified: isoDate(version.lastModifiedMs),
    ETag: dialect.rgwExtensions ? version.etag : `"${version.etag}"`,
    ...checksumElements(version.checksum),
  })
}
