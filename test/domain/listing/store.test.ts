import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listObjects } from '../../../src/domain/listing/current.ts'
import type { ListPage } from '../../../src/domain/listing/list.ts'
import { compareKeys } from '../../../src/domain/listing/order.ts'
import { listVersions } from '../../../src/domain/listing/versions.ts'
import type { ListedVersion, NewVersion, VersionRow } from '../../../src/storage/metadata/rows.ts'
import { newVersion } from '../../support/rows.ts'
import { openServices, type TestServices } from '../../support/services.ts'
import { modelListing, randomText, seededRandom } from './model.ts'

let services: TestServices
let buckets = 0

beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.dispose())

async function newBucket(): Promise<number> {
  buckets += 1
  const { id } = await services.metadata.write((tx) =>
    tx.buckets.insert({
      tenant: '',
      name: `bucket-${buckets}`,
      ownerId: 'owner',
      createdMs: 0,
      versioning: 'enabled',
      objectLock: false,
      location: '',
      storageClass: 'STANDARD',
      azPolicy: undefined,
      acl: 'private',
    }),
  )
  return id
}

interface Put {
  readonly key: string
  readonly versionId: string
  readonly kind?: NewVersion['kind']
}

async function insert(bucketId: number, puts: readonly Put[]): Promise<VersionRow[]> {
  return services.metadata.write(async (tx) => {
    const rows: VersionRow[] = []
    for (const put of puts) {
      rows.push(await tx.versions.insert(newVersion(bucketId, put.key, put)))
    }
    return rows
  })
}

interface Query {
  readonly bucketId: number
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeys: number
}

const ALL: Omit<Query, 'bucketId'> = { prefix: '', delimiter: '', maxKeys: 1000 }

function inOrder(page: ListPage<ListedVersion>, name: (row: ListedVersion) => string): string[] {
  const items = page.items.map((row, at) => ({ key: row.key, at, text: name(row) }))
  const prefixes = page.commonPrefixes.map((key, at) => ({ key, at, text: `${key} (common prefix)` }))
  return [...items, ...prefixes].sort((a, b) => compareKeys(a.key, b.key) || a.at - b.at).map(({ text }) => text)
}

async function allObjects(query: Query, marker = ''): Promise<string[]> {
  const entries: string[] = []
  let after = marker
  for (;;) {
    const page = await listObjects(services, { ...query, after })
    entries.push(...inOrder(page, ({ key }) => key))
    if (!page.isTruncated || page.last === undefined) return entries
    after = page.last.kind === 'item' ? page.last.item.key : page.last.prefix
  }
}

const versionName = ({ key, versionId }: { key: string; versionId: string }): string => `${key} ${versionId}`

async function allVersions(query: Query): Promise<string[]> {
  const entries: string[] = []
  let marker: { keyMarker: string; versionIdMarker: string | undefined } = { keyMarker: '', versionIdMarker: undefined }
  for (;;) {
    const page = await listVersions(services, { ...query, ...marker })
    entries.push(...inOrder(page, versionName))
    const { last } = page
    if (!page.isTruncated || last === undefined) return entries
    marker =
      last.kind === 'item'
        ? { keyMarker: last.item.key, versionIdMarker: last.item.versionId }
        : { keyMarker: last.prefix, versionIdMarker: undefined }
  }
}

describe('listings of a real store', () => {
  it('agree with the rules, page by page, for any keys and any request', async () => {
    const random = seededRandom(7)
    for (let round = 0; round < 25; round += 1) {
      const bucketId = await newBucket()
      const keys = [...new Set(Array.from({ length: 40 }, () => randomText(random, { least: 1, most: 6 })))]
      const puts = keys.flatMap((key) => {
        const versions = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, at) => ({ key, versionId: `v${at}` }))
        return random() < 0.2 ? [...versions, { key, versionId: 'marker', kind: 'delete-marker' as const }] : versions
      })
      const rows = await insert(bucketId, puts)
      const deleted = new Set(rows.filter(({ kind }) => kind === 'delete-marker').map(({ key }) => key))
      const current = keys.filter((key) => !deleted.has(key))
      for (let request = 0; request < 12; request += 1) {
        const query = {
          bucketId,
          prefix: randomText(random, { least: 0, most: 2 }),
          delimiter: random() < 0.2 ? '' : randomText(random, { least: 1, most: 2 }),
          maxKeys: 1 + Math.floor(random() * 10),
        }
        const marker = random() < 0.5 ? '' : randomText(random, { least: 1, most: 4 })
        const context = `seed 7, round ${round}: ${JSON.stringify({ ...query, marker, keys })}`
        expect(await allObjects(query, marker), context).toEqual(modelListing(current, { ...query, marker }))
        expect(await allVersions(query), context).toEqual(modelVersions(rows, query))
      }
    }
  })

  it('resume behind a version, and behind all of a key', async () => {
    const bucketId = await newBucket()
    await insert(bucketId, [
      { key: 'a', versionId: 'a1' },
      { key: 'a', versionId: 'a2' },
      { key: 'b', versionId: 'b1' },
    ])
    const from = async (keyMarker: string, versionIdMarker?: string): Promise<string[]> =>
      inOrder(await listVersions(services, { bucketId, ...ALL, keyMarker, versionIdMarker }), versionName)
    expect(await from('')).toEqual(['a a2', 'a a1', 'b b1'])
    expect(await from('a', 'a2')).toEqual(['a a1', 'b b1'])
    expect(await from('a')).toEqual(['b b1'])
    expect(await from('a', 'a1')).toEqual(['b b1'])
  })

  it('see all that is left of a key whose marker was removed between two pages', async () => {
    const bucketId = await newBucket()
    const rows = await insert(
      bucketId,
      ['a1', 'a2', 'a3'].map((versionId) => ({ key: 'a', versionId })),
    )
    const first = await listVersions(services, {
      bucketId,
      ...ALL,
      maxKeys: 1,
      keyMarker: undefined,
      versionIdMarker: undefined,
    })
    expect(inOrder(first, versionName)).toEqual(['a a3'])
    await services.metadata.write((tx) => tx.versions.remove(rows[2]!, 0))
    const next = { bucketId, ...ALL, keyMarker: 'a', versionIdMarker: 'a3' }
    expect(inOrder(await listVersions(services, next), versionName)).toEqual(['a a2', 'a a1'])
  })

  it('are of their own bucket only', async () => {
    const [one, other] = [await newBucket(), await newBucket()]
    await insert(one, [{ key: 'k', versionId: 'null' }])
    expect(await allObjects({ bucketId: one, ...ALL })).toEqual(['k'])
    expect(await allObjects({ bucketId: other, ...ALL })).toEqual([])
    expect(await allVersions({ bucketId: other, ...ALL })).toEqual([])
  })
})

/** The rules for versions: newest first within a key, rolled up as objects are. */
function modelVersions(rows: readonly VersionRow[], query: Query): string[] {
  const keys = [...new Set(rows.map(({ key }) => key))]
  return modelListing(keys, { ...query, marker: '' }).flatMap((entry) => {
    const versions = rows.filter(({ key }) => key === entry).sort((a, b) => b.id - a.id)
    return versions.length === 0 ? [entry] : versions.map(versionName)
  })
}
