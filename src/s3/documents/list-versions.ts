import type { ListPage } from '../../domain/listing/list.ts'
import type { BucketRow, ListedVersion } from '../../storage/metadata/rows.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'
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

export interface VersionsListing {
  readonly bucket: Pick<BucketRow, 'name' | 'tenant'>
  readonly page: ListPage<ListedVersion>
  readonly query: ListingQuery
  readonly keyMarker: string
  readonly versionIdMarker: string
}

const ROOT = 'ListVersionsResult'
const ROOT_END = `</${ROOT}>`
/** An element of a document, built by itself. */
const FRAGMENT = { declaration: false, namespace: undefined }

/**
 * ListVersionsResult. Versions and delete markers stand in one order, the listing's, so they cannot be two repeated
 * elements of one content: each is built by itself and put where RGW and AWS have them.
 */
export function listVersionsDocument(listing: VersionsListing, style: EntryStyle): string {
  const CommonPrefixes = commonPrefixElements(listing.page.commonPrefixes, style.encoding)
  const entries = entryElements(listing.page, style)
  if (style.dialect.rgwExtensions) {
    return withEntries({ ...rgwHead(listing), CommonPrefixes, ...markers(listing, style) }, entries)
  }
  const prefixes = CommonPrefixes.map((prefix) => buildDocument('CommonPrefixes', prefix, FRAGMENT)).join('')
  return withEntries({ ...awsName(listing), ...markers(listing, style), ...awsBounds(listing) }, entries + prefixes)
}

function withEntries(before: XmlContent, entries: string): string {
  return buildDocument(ROOT, before).slice(0, -ROOT_END.length) + entries + ROOT_END
}

/**
 * A page that ends with a common prefix names it as the key to go on behind. RGW names a version beside it
 * nevertheless, `null`; AWS none.
 */
function markers({ page, keyMarker, versionIdMarker }: VersionsListing, { encoding, dialect }: EntryStyle): XmlContent {
  const own = { KeyMarker: encoding.prefix(keyMarker), VersionIdMarker: versionIdMarker }
  const { last } = page
  if (!page.isTruncated || last === undefined) return own
  if (last.kind === 'item') {
    return { ...own, NextKeyMarker: encoding.prefix(last.item.key), NextVersionIdMarker: last.item.versionId }
  }
  const NextVersionIdMarker = dialect.rgwExtensions ? 'null' : undefined
  return { ...own, NextKeyMarker: encoding.prefix(last.prefix), NextVersionIdMarker }
}

function entryElements(page: ListPage<ListedVersion>, style: EntryStyle): string {
  const { encoding, dialect } = style
  const owner = ownerElements(style.accounts)
  let text = ''
  for (const row of page.items) {
    const common = {
      Key: encoding.key(row.key),
      VersionId: row.versionId,
      IsLatest: row.isLatest,
      LastModified: listedDate(row),
    }
    if (row.kind === 'object') {
      const version = { ...common, ...objectElements(row, owner(row.ownerId), style) }
      text += buildDocument('Version', version, FRAGMENT)
    } else {
      const marker = { ...common, Owner: owner(row.ownerId), Type: dialect.rgwExtensions ? 'Normal' : undefined }
      text += buildDocument('DeleteMarker', marker, FRAGMENT)
    }
  }
  return text
}
