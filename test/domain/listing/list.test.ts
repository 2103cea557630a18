import { describe, expect, it } from 'vitest'
import { type ListPage, type ListSource, listPage, seekForMarker } from '../../../src/domain/listing/list.ts'
import { compareKeys } from '../../../src/domain/listing/order.ts'
import { modelListing, randomText, seededRandom } from './model.ts'

interface Item {
  readonly key: string
}
interface Start {
  readonly key: string
  readonly inclusive: boolean
}
interface Listing {
  readonly prefix: string
  readonly delimiter: string
  readonly marker: string
  readonly maxKeys: number
}

/** Keys in order, and a count of what was read of them. */
class Keys implements ListSource<Item, Start> {
  rows = 0
  readonly #sorted: readonly string[]
  readonly #prefix: string

  constructor(sorted: readonly string[], prefix: string) {
    this.#sorted = sorted
    this.#prefix = prefix
  }

  async fetch(start: Start, limit: number): Promise<Item[]> {
    const found: Item[] = []
    for (let at = this.#firstFrom(start); at < this.#sorted.length && found.length < limit; at += 1) {
      const key = this.#sorted[at] ?? ''
      if (key.startsWith(this.#prefix)) found.push({ key })
      else if (found.length > 0) break
    }
    this.rows += found.length
    return found
  }

  after({ key }: Item): Start {
    return { key, inclusive: false }
  }

  at(key: string): Start {
    return { key, inclusive: true }
  }

  #firstFrom(start: Start): number {
    const first = compareKeys(start.key, this.#prefix) < 0 ? { key: this.#prefix, inclusive: true } : start
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      const order = compareKeys(this.#sorted[middle] ?? '', first.key)
      if (order < 0 || (order === 0 && !first.inclusive)) low = middle + 1
      else high = middle
    }
    return low
  }
}

async function page(source: Keys, { marker, ...listing }: Listing): Promise<ListPage<Item>> {
  const seek = marker === '' ? 'not-within' : seekForMarker(marker, listing)
  if (seek === 'end') return { items: [], commonPrefixes: [], isTruncated: false, last: undefined }
  const start = seek === 'not-within' ? { key: marker, inclusive: false } : { key: seek.key, inclusive: true }
  return listPage(source, { ...listing, start: marker === '' ? { key: '', inclusive: true } : start })
}

function entriesOf({ items, commonPrefixes }: ListPage<Item>): string[] {
  const entries = [
    ...items.map(({ key }) => ({ at: key, text: key })),
    ...commonPrefixes.map((prefix) => ({ at: prefix, text: `${prefix} (common prefix)` })),
  ]
  return entries.sort((a, b) => compareKeys(a.at, b.at)).map(({ text }) => text)
}

async function allPages(source: Keys, listing: Listing): Promise<string[]> {
  const entries: string[] = []
  let { marker } = listing
  for (;;) {
    const one = await page(source, { ...listing, marker })
    expect(one.items.length + one.commonPrefixes.length).toBeLessThanOrEqual(listing.maxKeys)
    entries.push(...entriesOf(one))
    if (!one.isTruncated || one.last === undefined) return entries
    expect(one.items.length + one.commonPrefixes.length).toBe(listing.maxKeys)
    marker = one.last.kind === 'item' ? one.last.item.key : one.last.prefix
  }
}

describe('listPage', () => {
  it('gives, page by page, what the rules give at once, for any keys and any request', async () => {
    const seed = 20261121
    const random = seededRandom(seed)
    for (let round = 0; round < 400; round += 1) {
      const count = Math.floor(random() * 60)
      const keys = new Set(Array.from({ length: count }, () => randomText(random, { least: 1, most: 7 })))
      const sorted = [...keys].sort(compareKeys)
      const listing = {
        prefix: randomText(random, { least: 0, most: 2 }),
        delimiter: random() < 0.2 ? '' : randomText(random, { least: 1, most: 2 }),
        marker: random() < 0.5 ? '' : randomText(random, { least: 1, most: 5 }),
        maxKeys: 1 + Math.floor(random() * 12),
      }
      const pages = await allPages(new Keys(sorted, listing.prefix), listing)
      expect(pages, `seed ${seed}, round ${round}: ${JSON.stringify({ listing, sorted })}`).toEqual(
        modelListing(sorted, listing),
      )
    }
  })

  it('ends a page before the entry that does not fit, and does not count what its last prefix hides', async () => {
    const keys = ['a', 'b', 'dir/1', 'dir/2', 'dir/sub/3', 'zz']
    const listing = { prefix: '', delimiter: '/', marker: '' }
    const source = new Keys(keys, '')
    const three = await page(source, { ...listing, maxKeys: 3 })
    expect(three).toMatchObject({ isTruncated: true, last: { kind: 'prefix', prefix: 'dir/' } })
    const last = await page(new Keys(keys.slice(0, -1), ''), { ...listing, maxKeys: 3 })
    expect(last).toMatchObject({ isTruncated: false, commonPrefixes: ['dir/'] })
    expect(await page(source, { ...listing, maxKeys: 4 })).toMatchObject({ isTruncated: false })
    expect(await page(source, { ...listing, maxKeys: 0 })).toEqual({
      items: [],
      commonPrefixes: [],
      isTruncated: false,
      last: undefined,
    })
  })

  it('skips all of a common prefix that the marker lies in', async () => {
    const source = new Keys(['a/1', 'a/2', 'a/3', 'b'], '')
    const listing = { prefix: '', delimiter: '/', maxKeys: 10 }
    expect(entriesOf(await page(source, { ...listing, marker: 'a/1' }))).toEqual(['b'])
    expect(entriesOf(await page(source, { ...listing, marker: 'a' }))).toEqual(['a/ (common prefix)', 'b'])
    expect(entriesOf(await page(source, { ...listing, delimiter: '', marker: 'a/1' }))).toEqual(['a/2', 'a/3', 'b'])
  })

  it('knows delimiters in the prefix, keys that equal the prefix and delimiters of several characters', async () => {
    const keys = ['dir/', 'dir/a', 'dir/b/c', 'dir/b/d', 'x--y', 'x--z', 'x-y']
    const at = (prefix: string, delimiter: string): Promise<ListPage<Item>> =>
      page(new Keys(keys, prefix), { prefix, delimiter, marker: '', maxKeys: 10 })
    expect(entriesOf(await at('dir/', '/'))).toEqual(['dir/', 'dir/a', 'dir/b/ (common prefix)'])
    expect(entriesOf(await at('dir', '/'))).toEqual(['dir/ (common prefix)'])
    expect(entriesOf(await at('x', '--'))).toEqual(['x-- (common prefix)', 'x-y'])
    expect(entriesOf(await at('x--', '--'))).toEqual(['x--y', 'x--z'])
  })

  it('reads as much of a bucket with many keys below a prefix as of one with few', async () => {
    const rowsRead = async (keysPerFolder: number): Promise<number> => {
      const folders = Array.from({ length: 30 }, (_, at) => `f${String(at).padStart(3, '0')}/`)
      const keys = folders.flatMap((folder) =>
        Array.from({ length: keysPerFolder }, (_, at) => folder + String(at).padStart(6, '0')),
      )
      const source = new Keys(keys, '')
      const one = await page(source, { prefix: '', delimiter: '/', marker: '', maxKeys: 20 })
      expect(one.commonPrefixes).toEqual(folders.slice(0, 20))
      expect(one.isTruncated).toBe(true)
      return source.rows
    }
    const few = await rowsRead(100)
    expect(await rowsRead(5000)).toBe(few)
    expect(few).toBeLessThan(200)
  })

  it('reads hardly more rows than it gives where every key stands for itself, or for a prefix', async () => {
    for (const ending of ['', '/x']) {
      const keys = Array.from({ length: 1500 }, (_, at) => `k${String(at).padStart(5, '0')}${ending}`)
      const source = new Keys(keys, '')
      const one = await page(source, { prefix: '', delimiter: '/', marker: '', maxKeys: 1000 })
      expect(one.items.length + one.commonPrefixes.length).toBe(1000)
      expect(source.rows).toBeLessThan(1100)
    }
  })
})
