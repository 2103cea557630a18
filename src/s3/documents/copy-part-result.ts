import type { PartRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { isoDate } from '../headers/names.ts'
import { buildDocument } from '../xml/build.ts'
import { partChecksumElement } from './complete-multipart-upload.ts'

/** CopyPartResult. RGW prints the ETag of a copy without quotes (recorded from 16.2), AWS with them. */
export function copyPartResultDocument(part: PartRow, dialect: Dialect): string {
  return buildDocument('CopyPartResult', {
    LastModified: isoDate(part.lastModifiedMs),
    ETag: dialect.rgwExtensions ? part.etag : `"${part.etag}"`,
    ...partChecksumElement(part.checksum),
  })
}
