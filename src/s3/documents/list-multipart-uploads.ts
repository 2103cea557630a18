import type { Accounts } from '../../domain/accounts.ts'
import type { ListPage } from '../../domain/listing/list.ts'
import type { UploadRow } from '../../storage/metadata/rows.ts'
import { isoDate } from '../headers/names.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { commonPrefixElements, type Encoding, type EntryStyle, type ListingQuery } from './listing.ts'
import { person } from './person.ts'

export interface UploadsListing {
  readonly bucket: string
  readonly query: ListingQuery
  readonly keyMarker: string
  readonly uploadIdMarker: string
  readonly maxUploads: number
  readonly page: ListPage<UploadRow>
}

/**
 * ListMultipartUploadsResult; element order as RGW 16.2 prints it, which leaves out what the request did not give and
 * names the last entry on every page. AWS prints empty markers and prefixes too.
 */
export function listMultipartUploadsDocument(listing: UploadsListing, style: Omit<EntryStyle, 'nowMs'>): string {
  const { page, query } = listing
  const { encoding, dialect, accounts } = style
  const given = (value: string) => (value === '' && dialect.rgwExtensions ? undefined : value)
  return buildDocument('ListMultipartUploadsResult', {
    EncodingType: encoding.isUrl ? 'url' : undefined,
    Bucket: listing.bucket,
    Prefix: given(encoding.prefix(query.prefix)),
    KeyMarker: given(encoding.prefix(listing.keyMarker)),
    UploadIdMarker: given(listing.uploadIdMarker),
    ...nextMarkers(page, encoding),
    MaxUploads: listing.maxUploads,
    Delimiter: query.delimiter === '' ? undefined : encoding.prefix(query.delimiter),
    IsTruncated: page.isTruncated,
    Upload: page.items.map((upload) => uploadElement(upload, { encoding, accounts })),
    CommonPrefixes: commonPrefixElements(page.commonPrefixes, encoding),
  })
}

/** A page that ends with a common prefix names it as the key to go on behind; there is no upload to go on behind. */
function nextMarkers({ last }: ListPage<UploadRow>, encoding: Encoding): XmlContent {
  if (last === undefined) return {}
  if (last.kind === 'prefix') return { NextKeyMarker: encoding.prefix(last.prefix) }
  return { NextKeyMarker: encoding.prefix(last.item.key), NextUploadIdMarker: last.item.uploadId }
}

function uploadElement(
  upload: UploadRow,
  { encoding, accounts }: { encoding: Encoding; accounts: Accounts },
): XmlContent {
  const owner = person(accounts, upload.ownerId)
  return {
    Key: encoding.key(upload.key),
    UploadId: upload.uploadId,
    Initiator: owner,
    Owner: owner,
    StorageClass: upload.storageClass,
    Initiated: isoDate(upload.initiatedMs),
    ChecksumAlgorithm: upload.checksumAlgorithm,
    ChecksumType: upload.checksumType,
  }
}
