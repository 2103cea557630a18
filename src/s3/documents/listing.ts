import type { Accounts } from '../../domain/accounts.ts'
import { PAGE_KEYS_MAX } from '../../domain/limits.ts'
import { restoreStatus } from '../../domain/storage-classes/archive.ts'
import { s3Error } from '../../errors.ts'
import type { BucketRow, ListedVersion } from '../../storage/metadata/rows.ts'
import type { Dialect } from '../dialect.ts'
import { encodeKey, encodePrefix, isoDate } from '../headers/names.ts'
import type { RequestHead } from '../request.ts'
import type { XmlContent } from '../xml/build.ts'
import { person } from './person.ts'
import { restoreStatusElement } from './restore.ts'

/** What the listings of objects and of versions have in common. */
export interface ListingQuery {
  readonly prefix: string
  /** Empty: no rolling up. */
  readonly delimiter: string
  readonly maxKeys: number
  readonly encoding: Encoding
}

/** How keys, and how prefixes and markers are printed. */
export interface Encoding {
  readonly isUrl: boolean
  key(text: string): string
  prefix(text: string): string
}

const PLAIN: Encoding = { isUrl: false, key: (text) => text, prefix: (text) => text }
const URL_ENCODED: Encoding = { isUrl: true, key: encodeKey, prefix: encodePrefix }
/** AWS leaves the slash in keys too. */
const URL_ENCODED_KEEPING_SLASHES: Encoding = { isUrl: true, key: encodePrefix, prefix: encodePrefix }

/**
 * The parameters that every listing takes.
 * @throws S3Error InvalidArgument for a max-keys that is no number, an unknown encoding-type (RGW ignores one: recorded
 *   list.v1.encoding_junk), and allow-unordered with a delimiter, which RGW cannot do
 */
export function readListingQuery(head: RequestHead, dialect: Dialect): ListingQuery {
  const { query } = head
  const delimiter = query.get('delimiter') ?? ''
  // Keys in order are one of the orders that allow-unordered allows.
  if (delimiter !== '' && query.get('allow-unordered')?.toLowerCase() === 'true') {
    throw s3Error('InvalidArgument', { ArgumentName: 'allow-unordered' })
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter,
    maxKeys: readMaxKeys(query.get('max-keys'), dialect),
    encoding: readEncoding(query.get('encoding-type'), dialect),
  }
}

/** A number beyond this is certainly more than a page holds; S3 takes no larger one. */
const INT32_MAX = 2 ** 31 - 1

/** More than a page holds is a page; RGW takes a negative number for none, AWS refuses it. */
function readMaxKeys(given: string | undefined, dialect: Dialect): number {
  if (given === undefined || given === '') return PAGE_KEYS_MAX
  const count = /^[+-]?\d{1,15}$/.test(given) ? Number(given) : Number.NaN
  const isInRange = dialect.rgwExtensions ? !Number.isNaN(count) : count >= 0 && count <= INT32_MAX
  if (isInRange) return Math.max(0, Math.min(count, PAGE_KEYS_MAX))
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'max-keys', ArgumentValue: given },
    { message: 'Argument max-keys must be an integer between 0 and 2147483647' },
  )
}

function readEncoding(given: string | undefined, dialect: Dialect): Encoding {
  if (given?.toLowerCase() === 'url') return dialect.rgwExtensions ? URL_ENCODED : URL_ENCODED_KEEPING_SLASHES
  if (given === undefined || given === '' || dialect.rgwExtensions) return PLAIN
  throw s3Error(
    'InvalidArgument',
    { ArgumentName: 'encoding-type', ArgumentValue: given },
    { message: 'Invalid Encoding Method specified in Request' },
  )
}

/** What a listing's entries are printed with. */
export interface EntryStyle {
  readonly encoding: Encoding
  readonly dialect: Dialect
  readonly accounts: Accounts
  /** The time at which restores are looked at. */
  readonly nowMs: number
}

export function commonPrefixElements(prefixes: readonly string[], encoding: Encoding): readonly XmlContent[] {
  return prefixes.map((prefix) => ({ Prefix: encoding.prefix(prefix) }))
}

/** The elements of an object that follow its LastModified. */
export function objectElements(
  row: ListedVersion,
  owner: XmlContent | undefined,
  { dialect, nowMs }: Pick<EntryStyle, 'dialect' | 'nowMs'>,
): XmlContent {
  const etag = `"${row.etag}"`
  const RestoreStatus = restoreStatusElement(restoreStatus(row.attributes?.restore, nowMs))
  if (dialect.rgwExtensions) {
    const type = row.appends > 0 ? 'Appendable' : 'Normal'
    const { sizeBytes: Size, storageClass: StorageClass } = row
    return { ETag: etag, Size, StorageClass, Owner: owner, Type: type, RestoreStatus }
  }
  return {
    ETag: etag,
    ChecksumAlgorithm: row.checksum?.algorithm,
    ChecksumType: row.checksum?.type,
    Size: row.sizeBytes,
    Owner: owner,
    StorageClass: row.storageClass,
    RestoreStatus,
  }
}

/** Owners repeat: each is looked up once for a page. */
export function ownerElements(accounts: Accounts): (id: string) => XmlContent {
  const known = new Map<string, XmlContent>()
  return (id) => {
    const owner = known.get(id) ?? person(accounts, id)
    known.set(id, owner)
    return owner
  }
}

export function listedDate(row: ListedVersion): string {
  return isoDate(row.lastModifiedMs)
}

/** What a listing's document says of itself. */
export interface ListingHead {
  readonly bucket: Pick<BucketRow, 'name' | 'tenant'>
  readonly query: ListingQuery
  readonly page: { readonly isTruncated: boolean }
}

/** What RGW prints before the entries, in its order (recorded: list.v1.encoding_url and its neighbours). */
export function rgwHead({ bucket, page, query }: ListingHead): XmlContent {
  return {
    EncodingType: query.encoding.isUrl ? 'url' : undefined,
    Tenant: bucket.tenant === '' ? undefined : bucket.tenant,
    Name: bucket.name,
    Prefix: query.encoding.prefix(query.prefix),
    MaxKeys: query.maxKeys,
    Delimiter: query.delimiter === '' ? undefined : query.encoding.prefix(query.delimiter),
    IsTruncated: page.isTruncated,
  }
}

/** What AWS prints first. */
export function awsName({ bucket, query }: ListingHead): XmlContent {
  return { Name: bucket.name, Prefix: query.encoding.prefix(query.prefix) }
}

/** What AWS prints between the markers and the entries. */
export function awsBounds({ query, page }: ListingHead): XmlContent {
  return {
    MaxKeys: query.maxKeys,
    Delimiter: query.delimiter === '' ? undefined : query.encoding.prefix(query.delimiter),
    EncodingType: query.encoding.isUrl ? 'url' : undefined,
    IsTruncated: page.isTruncated,
  }
}
