import type { Accounts } from '../../domain/accounts.ts'
import type { ListPage } from '../../domain/listing/list.ts'
import type { UploadRow } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { encodeKey, encodePrefix, isoDate } from '../headers/names.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { person } from './person.ts'

export interface UploadsListing {
  readonly bucket: string
  readonly prefix: string
  readonly delimiter: string
  readonly keyMarker: string
  readonly uploadIdMarker: string
  readonly maxUploads: number
  readonly urlEncoded: boolean
  readonly page: ListPage<UploadRow>
  readonly accounts: Accounts
}

/**
 * ListMultipartUploadsResult; element order as RGW 16.2 prints it, which leaves out what the request did not give and
 * names the last entry on every page. AWS prints empty markers and prefixes too.
 */
export function listMultipartUploadsDocument(listing: UploadsListing, dialect: Dialect): string {
  const { page, urlEncoded } = listing
  const key = urlEncoded ? encodeKey : same
  const place = urlEncoded ? encodePrefix : same
  const given = (value: string) => (value === '' && dialect.rgwExtensions ? undefined : value)
  return buildDocument('ListMultipartUploadsResult', {
    EncodingType: urlEncoded ? 'url' : undefined,
    Bucket: listing.bucket,
    Prefix: given(place(listing.prefix)),
    KeyMarker: given(place(listing.keyMarker)),
    UploadIdMarker: given(listing.uploadIdMarker),
    ...nextMarkers(page, place),
    MaxUploads: listing.maxUploads,
    Delimiter: listing.delimiter === '' ? undefined : place(listing.delimiter),
    IsTruncated: page.isTruncated,
    Upload: page.items.map((upload) => uploadElement(upload, { key, accounts: listing.accounts })),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: place(prefix) })),
  })
}

function same(text: string): string {
  return text
}

/** A page that ends with a common prefix names it as the key to go on behind; there is no upload to go on behind. */
function nextMarkers({ last }: ListPage<UploadRow>, place: (text: string) => string): XmlContent {
  if (last === undefined) return {}
  if (last.kind === 'prefix') return { NextKeyMarker: place(last.prefix) }
  return { NextKeyMarker: place(last.item.key), NextUploadIdMarker: last.item.uploadId }
}

function uploadElement(
  upload: UploadRow,
  { key, accounts }: { key: (text: string) => string; accounts: Accounts },
): XmlContent {
  const owner = person(accounts, upload.ownerId)
  return {
    Key: key(upload.key),
    UploadId: upload.uploadId,
    Initiator: owner,
    Owner: owner,
    StorageClass: upload.storageClass,
    Initiated: isoDate(upload.initiatedMs),
    ChecksumAlgorithm: upload.checksumAlgorithm,
    ChecksumType: upload.checksumType,
  }
}
