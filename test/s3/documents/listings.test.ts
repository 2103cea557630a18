import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { Secret } from '../../../src/config/config.ts'
import { Accounts } from '../../../src/domain/accounts.ts'
import { type ListPage, type ListSource, listPage, seekForMarker } from '../../../src/domain/listing/list.ts'
import { compareKeys } from '../../../src/domain/listing/order.ts'
import { IdSource } from '../../../src/lib/ids.ts'
import type { Dialect } from '../../../src/s3/dialect.ts'
import { createDialect } from '../../../src/s3/dialects/create.ts'
import { decodeToken } from '../../../src/s3/documents/continuation-token.ts'
import { listBucketsDocument } from '../../../src/s3/documents/list-buckets.ts'
import { listObjectsDocument, listObjectsV2Document } from '../../../src/s3/documents/list-objects.ts'
import { listVersionsDocument } from '../../../src/s3/documents/list-versions.ts'
import { readListingQuery } from '../../../src/s3/documents/listing.ts'
import { locationDocument } from '../../../src/s3/documents/location.ts'
import { person } from '../../../src/s3/documents/person.ts'
import { versioningDocument } from '../../../src/s3/documents/versioning.ts'
import { parseQuery } from '../../../src/s3/query.ts'
import type { RequestHead } from '../../../src/s3/request.ts'
import type { ListedBucket, ListedVersion } from '../../../src/storage/metadata/rows.ts'
import { RECORDED_LISTINGS, recordedListing, rowsOf } from '../../recorded/listings.ts'
import { testAccount } from '../../support/accounts.ts'
import { newBucket } from '../../support/rows.ts'

const RECORDER = testAccount('testid', { displayName: 'M. Tester' })
const accounts = new Accounts([{ accessKey: 'key', secretKey: new Secret('secret'), account: RECORDER }])

function dialectOf(name: DialectName): Dialect {
  return createDialect(name, { ids: new IdSource(), clock: { now: () => 0 }, region: 'default' })
}

/** The listing that shows every row of the bucket which a case lists. */
const WHOLE_OF: Readonly<Record<string, string>> = {
  'rec-l-1': 'list.v1',
  'rec-l-2': 'list.v1.special_keys.encoding_url',
  'rec-l-v': 'list.versions',
  'rec-del': 'list.versions.suspended',
}
/** Cases that were recorded when their bucket held something else. */
const OWN_ROWS = /\.empty$|control_char|unversioned$/

function rowsFor(name: string, bucket: string): ListedVersion[] {
  const whole = OWN_ROWS.test(name) ? name : (WHOLE_OF[bucket] ?? name)
  const rows = rowsOf(whole)
  return name.includes('versions') ? rows : rows.filter((row) => row.isLatest && row.kind === 'object')
}

interface Start {
  readonly key: string
  readonly olderThanId: number | undefined
  readonly inclusive: boolean
}

/** Rows that are in their order already. */
function sourceOf(rows: readonly ListedVersion[], prefix: string): ListSource<ListedVersion, Start> {
  return {
    async fetch({ key, olderThanId, inclusive }, limit) {
      const isIn = (row: ListedVersion): boolean => {
        const order = compareKeys(row.key, key)
        if (order !== 0) return order > 0
        return olderThanId === undefined ? inclusive : row.id < olderThanId
      }
      return rows.filter((row) => row.key.startsWith(prefix) && isIn(row)).slice(0, limit)
    },
    after: ({ key, id }) => ({ key, olderThanId: id, inclusive: true }),
    at: (key) => ({ key, olderThanId: undefined, inclusive: true }),
  }
}

/** What the document of a recorded request is in a dialect. */
async function answer(name: string, { target, dialect }: { target: string; dialect: Dialect }): Promise<string> {
  const [path = '', rawQuery = ''] = target.split('?')
  const query = parseQuery(rawQuery)
  const bucket = { name: path.split('/')[1] ?? '', tenant: '' }
  const listing = readListingQuery({ query } as RequestHead, dialect)
  const token = query.get('continuation-token')
  const marker = query.get('marker') ?? query.get('key-marker') ?? token ?? query.get('start-after') ?? ''
  const versionIdMarker = query.get('version-id-marker') ?? ''
  const rows = rowsFor(name, bucket.name)
  const page = await pageOf(rows, { ...listing, marker, versionIdMarker })
  const style = { encoding: listing.encoding, dialect, accounts, nowMs: 0 }
  const common = { bucket, page, query: listing }
  if (query.has('versions')) return listVersionsDocument({ ...common, keyMarker: marker, versionIdMarker }, style)
  if (query.get('list-type') !== '2') return listObjectsDocument({ ...common, marker }, style)
  const v2 = { startAfter: query.get('start-after'), continuationToken: token, fetchOwner: false }
  return listObjectsV2Document({ ...common, ...v2 }, style)
}

async function pageOf(
  rows: readonly ListedVersion[],
  query: { prefix: string; delimiter: string; maxKeys: number; marker: string; versionIdMarker: string },
): Promise<ListPage<ListedVersion>> {
  const { marker, versionIdMarker } = query
  const seek = marker === '' ? 'not-within' : seekForMarker(marker, query)
  const marked = rows.find((row) => row.key === marker && row.versionId === versionIdMarker)
  const start =
    typeof seek === 'object'
      ? { key: seek.key, olderThanId: undefined, inclusive: true }
      : { key: marker, olderThanId: marked?.id, inclusive: marker === '' }
  return listPage(sourceOf(rows, query.prefix), { ...query, start })
}

describe('listings in the dialect rgw', () => {
  const listings = RECORDED_LISTINGS.filter((one) => one.case.startsWith('list.'))

  it.each(listings.map((one) => [one.case, one] as const))(
    '%s is what RGW answered, byte for byte',
    async (name, one) => {
      expect(await answer(name, { target: one.target, dialect: dialectOf('rgw') })).toBe(one.body)
    },
  )

  it('prints buckets, location and versioning as RGW does', () => {
    const dates = ['2026-11-21T04:18:57.242Z', '2026-11-21T04:18:59.763Z', '2026-11-21T04:18:59.767Z']
    const buckets = dates.map((date, at) => bucketRow(`rec-svc-${at + 1}`, Date.parse(date)))
    const query = { prefix: undefined, after: undefined, maxBuckets: undefined, region: undefined }
    const document = (ownerId: string, rows: ListedBucket[]): string =>
      listBucketsDocument({
        owner: person(accounts, ownerId),
        page: { buckets: rows, isTruncated: false },
        query,
        region: undefined,
      })
    expect(document('testid', buckets)).toBe(recordedListing('service.list_buckets.sigv2').body)
    expect(document('anonymous', [])).toBe(recordedListing('service.list_buckets.anonymous').body)
    expect(locationDocument('default')).toBe(recordedListing('bucket.location').body)
    expect(versioningDocument('enabled', dialectOf('rgw'))).toBe(recordedListing('versioning.get.enabled').body)
  })
})

function bucketRow(name: string, createdMs: number): ListedBucket {
  return { ...newBucket(name, { ownerId: 'testid', createdMs }), id: 1 }
}

function elementNames(document: string): string[] {
  const names = [...document.matchAll(/<([A-Za-z]+)[ >]/g)].map(([, name = '']) => name)
  return names.filter((name, at) => names.indexOf(name) === at)
}

describe('listings in the dialect aws', () => {
  const dialect = dialectOf('aws')

  it('has the elements of AWS in their order, and no Type', async () => {
    const target = '/rec-l-1?delimiter=%2F&max-keys=3&encoding-type=url'
    const document = await answer('list.v1.delimiter', { target, dialect })
    const head = 'ListBucketResult Name Prefix Marker NextMarker MaxKeys Delimiter EncodingType IsTruncated'
    const entries = 'Contents Key LastModified ETag Size Owner ID DisplayName StorageClass CommonPrefixes'
    expect(elementNames(document).join(' ')).toBe(`${head} ${entries}`)
    expect(document).toContain('<NextMarker>dir/</NextMarker>')
  })

  it('names a next marker only where a delimiter is given, as RGW always does', async () => {
    const target = '/rec-l-1?max-keys=3'
    expect(await answer('list.v1', { target, dialect })).not.toContain('NextMarker')
    expect(await answer('list.v1', { target, dialect: dialectOf('zos') })).toContain('<NextMarker>dir/1</NextMarker>')
  })

  it('hands out opaque tokens and leaves the slash in encoded keys', async () => {
    const target = '/rec-l-1?list-type=2&max-keys=3&encoding-type=url'
    const document = await answer('list.v2', { target, dialect })
    const token = /<NextContinuationToken>(.*?)</.exec(document)?.[1] ?? ''
    expect(decodeToken(token)).toBe('dir/1')
    expect(document).toContain('<Key>dir/1</Key>')
    expect(document).toContain('<KeyCount>3</KeyCount>')
    expect(() => decodeToken('dir/1')).toThrowError(expect.objectContaining({ code: 'InvalidArgument' }))
  })

  it('keeps versions and delete markers in one order', async () => {
    const document = await answer('list.versions', { target: '/rec-l-v?versions', dialect })
    const kinds = [...document.matchAll(/<(Version|DeleteMarker)>/g)].map(([, kind]) => kind)
    expect(kinds).toEqual(['Version', 'Version', 'Version', 'DeleteMarker', 'Version', 'Version'])
    expect(document).toMatch(/<IsTruncated>false<\/IsTruncated><Version>/)
    const rolled = await answer('list.versions', { target: '/rec-l-v?versions&delimiter=%2F&max-keys=1', dialect })
    expect(rolled).toMatch(/<NextKeyMarker>d\/<\/NextKeyMarker><MaxKeys>/)
    expect(rolled).toMatch(/<CommonPrefixes><Prefix>d\/<\/Prefix><\/CommonPrefixes><\/ListVersionsResult>$/)
  })
})

describe('readListingQuery', () => {
  const read = (rawQuery: string, name: DialectName) =>
    readListingQuery({ query: parseQuery(rawQuery) } as RequestHead, dialectOf(name))
  const invalid = expect.objectContaining({ code: 'InvalidArgument' })

  it('bounds max-keys, and refuses what is no number', () => {
    for (const name of ['rgw', 'aws'] as const) {
      expect(read('', name).maxKeys).toBe(1000)
      expect(read('max-keys=', name).maxKeys).toBe(1000)
      expect(read('max-keys=5000', name).maxKeys).toBe(1000)
      expect(read('max-keys=0', name).maxKeys).toBe(0)
      for (const junk of ['abc', '1.5', '0x10', '1e3', '5 5']) {
        expect(() => read(`max-keys=${junk}`, name), junk).toThrowError(invalid)
      }
    }
    expect(read('max-keys=-1', 'rgw').maxKeys).toBe(0)
    expect(() => read('max-keys=-1', 'aws')).toThrowError(invalid)
    expect(() => read('max-keys=2147483648', 'aws')).toThrowError(invalid)
    expect(read('max-keys=2147483647', 'aws').maxKeys).toBe(1000)
  })

  it('knows the encoding type url; RGW ignores another, AWS refuses it', () => {
    expect(read('encoding-type=url', 'aws').encoding.isUrl).toBe(true)
    expect(read('encoding-type=base64', 'rgw').encoding.isUrl).toBe(false)
    expect(() => read('encoding-type=base64', 'aws')).toThrowError(invalid)
  })

  it('refuses allow-unordered with a delimiter only', () => {
    expect(() => read('allow-unordered=true&delimiter=%2F', 'zos')).toThrowError(invalid)
    expect(read('allow-unordered=true', 'zos').delimiter).toBe('')
    expect(read('allow-unordered=false&delimiter=%2F', 'zos').delimiter).toBe('/')
    expect(read('allow-unordered=true&delimiter=', 'zos').delimiter).toBe('')
  })
})
