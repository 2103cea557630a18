import type { ListPage } from '../../domain/listing/list.ts'
import type { BucketRow, ListedVersion } from '../../storage/metadata/rows.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
import { encodeToken } from './continuation-token.ts'
import {
  awsBounds,
  awsName,
  commonPrefixElements,
  type EntryStyle,
  type ListingQuery,
  listedDate,
  objectElements,
  ownerElements,
  rgwHead,
} from './listing.ts'

export interface ObjectsListing {
  readonly bucket: Pick<BucketRow, 'name' | 'tenant'>
  readonly page: ListPage<ListedVersion>
  readonly query: ListingQuery
}

/** What V1 prints beside the page. */
export interface MarkerListing extends ObjectsListing {
  readonly marker: string
}

/** What V2 prints beside the page. */
export interface TokenListing extends ObjectsListing {
  readonly startAfter: string | undefined
  readonly continuationToken: string | undefined
  readonly fetchOwner: boolean
}

/**
 * ListBucketResult of ListObjects. RGW prints NextMarker on every truncated page, AWS only where a delimiter is given.
 */
export function listObjectsDocument(listing: MarkerListing, style: EntryStyle): string {
  const { query, page, marker } = listing
  const { encoding, dialect } = style
  const Marker = encoding.prefix(marker)
  const next = nextName(page)
  const shown = next !== undefined && (dialect.rgwExtensions || query.delimiter !== '')
  const NextMarker = shown ? encoding.prefix(next) : undefined
  const contents = contentsElements(page, style, { withOwner: true })
  if (dialect.rgwExtensions) {
    return buildDocument('ListBucketResult', {
      ...rgwHead(listing),
      CommonPrefixes: commonPrefixElements(page.commonPrefixes, encoding),
      Contents: contents,
      Marker,
      NextMarker,
    })
  }
  return buildDocument('ListBucketResult', {
    ...awsName(listing),
    Marker,
    NextMarker,
    ...awsBounds(listing),
    Contents: contents,
    CommonPrefixes: commonPrefixElements(page.commonPrefixes, encoding),
  })
}

/** ListBucketResult of ListObjectsV2. RGW's tokens are plain keys, AWS's are opaque. */
export function listObjectsV2Document(listing: TokenListing, style: EntryStyle): string {
  const { page, continuationToken } = listing
  const { encoding, dialect } = style
  const next = nextName(page)
  const StartAfter = listing.startAfter === undefined ? undefined : encoding.prefix(listing.startAfter)
  const KeyCount = page.items.length + page.commonPrefixes.length
  const contents = contentsElements(page, style, { withOwner: listing.fetchOwner })
  if (dialect.rgwExtensions) {
    return buildDocument('ListBucketResult', {
      ...rgwHead(listing),
      CommonPrefixes: commonPrefixElements(page.commonPrefixes, encoding),
      Contents: contents,
      ContinuationToken: continuationToken,
      NextContinuationToken: next,
      KeyCount,
      StartAfter,
    })
  }
  return buildDocument('ListBucketResult', {
    ...awsName(listing),
    StartAfter,
    ContinuationToken: continuationToken,
    NextContinuationToken: next === undefined ? undefined : encodeToken(next),
    KeyCount,
    ...awsBounds(listing),
    Contents: contents,
    CommonPrefixes: commonPrefixElements(page.commonPrefixes, encoding),
  })
}

/** The name that the next page begins behind, if there is one. */
function nextName({ isTruncated, last }: ListPage<ListedVersion>): string | undefined {
  if (!isTruncated || last === undefined) return undefined
  return last.kind === 'item' ? last.item.key : last.prefix
}

function contentsElements(
  page: ListPage<ListedVersion>,
  style: EntryStyle,
  { withOwner }: { withOwner: boolean },
): readonly XmlContent[] {
  const { encoding } = style
  const owner = ownerElements(style.accounts)
  return page.items.map((row) => ({
    Key: encoding.key(row.key),
    LastModified: listedDate(row),
    ...objectElements(row, withOwner ? owner(row.ownerId) : undefined, style),
  }))
}
