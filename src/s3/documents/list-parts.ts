import type { PartsPage } from '../../domain/multipart/list-parts.ts'
import type { Dialect } from '../dialect.ts'
import { isoDate } from '../headers/names.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { partChecksumElement } from './complete-multipart-upload.ts'
import type { Person } from './person.ts'

export interface PartsListing {
  readonly bucket: string
  readonly key: string
  readonly marker: number
  readonly maxParts: number
  readonly page: PartsPage
  readonly owner: Person
}

/** ListPartsResult; element order as RGW 16.2 prints it. */
export function listPartsDocument(listing: PartsListing, dialect: Dialect): string {
  const { page, owner } = listing
  return buildDocument('ListPartsResult', {
    Bucket: listing.bucket,
    Key: listing.key,
    UploadId: page.upload.uploadId,
    StorageClass: page.upload.storageClass,
    PartNumberMarker: listing.marker,
    NextPartNumberMarker: page.nextMarker,
    MaxParts: listing.maxParts,
    IsTruncated: page.isTruncated,
    ...(dialect.rgwExtensions ? RGW_OWNER : { Initiator: owner, Owner: owner }),
    ChecksumAlgorithm: page.upload.checksumAlgorithm,
    ChecksumType: page.upload.checksumType,
    Part: page.parts.map((part) => ({
      LastModified: isoDate(part.lastModifiedMs),
      PartNumber: part.partNumber,
      ETag: `"${part.etag}"`,
      Size: part.sizeBytes,
      ...partChecksumElement(part.checksum),
    })),
  })
}

/** RGW 16.2 leaves the owner empty, and so does the answer that the ZOS manual prints for list_parts. */
const RGW_OWNER: XmlContent = { Owner: { ID: '', DisplayName: '' } }
