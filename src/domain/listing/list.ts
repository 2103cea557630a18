import { afterPrefix } from './order.ts'

/**
 * Where the entries of a listing come from: current objects, versions or uploads, in the order of keys. `Start` is the
 * source's own idea of a place to begin, which may lie between two entries of one key.
 */
export interface ListSource<Item extends { readonly key: string }, Start> {
  /**
   * At most `limit` entries within the listing's prefix, from `start` on. Fewer than `limit` means there are no more.
   */
  fetch(start: Start, limit: number): Promise<Item[]>
  /** Directly behind this entry. */
  after(item: Item): Start
  /** At the first entry whose key is not before this one. */
  at(key: string): Start
}

export interface ListRequest<Start> {
  readonly prefix: string
  /** Empty: nothing is rolled up. */
  readonly delimiter: string
  /** Where to begin, if the marker is not within a common prefix (see seekForMarker). */
  readonly start: Start
  /** Keys and common prefixes together that the page may hold. */
  readonly maxKeys: number
}

export interface ListPage<Item> {
  readonly items: readonly Item[]
  readonly commonPrefixes: readonly string[]
  readonly isTruncated: boolean
  /** The page's last entry, which the next page begins behind; undefined for an empty page. */
  readonly last:
    | { readonly kind: 'item'; readonly item: Item }
    | { readonly kind: 'prefix'; readonly prefix: string }
    | undefined
}

/** With a delimiter the first fetch is small: most of a larger one would lie below the first common prefix. */
const FIRST_FETCH = 64
/** What one seek fetches where common prefixes hide many keys: the next prefix, and whether it has a second key. */
const LEAST_FETCH = 2
/** Reading on past this many hidden keys costs as much as a seek (measured on SQLite: 5 µs to 0.7 µs a row). */
const SEEK_COST_ROWS = 8

/**
 * The common prefix that a key rolls up into: up to and with the first delimiter behind the listing's prefix. Undefined
 * for a key that stands for itself.
 */
export function commonPrefixOf(
  key: string,
  { prefix, delimiter }: { prefix: string; delimiter: string },
): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}

/**
 * The key to seek to for a marker that lies within a common prefix: the page that ended with the prefix has told of all
 * its keys, so all of it is skipped, as RGW does. `not-within` for a marker that stands for itself; `end` if nothing
 * can follow.
 */
export function seekForMarker(
  marker: string,
  listing: { prefix: string; delimiter: string },
): { readonly key: string } | 'not-within' | 'end' {
  const common = commonPrefixOf(marker, listing)
  if (common === undefined) return 'not-within'
  const key = afterPrefix(common)
  return key === undefined ? 'end' : { key }
}

/**
 * One page of a listing. Below a common prefix nothing is read: the listing seeks behind it, and the size of its
 * fetches follows what the last one yielded. So a page costs in proportion to its entries, whatever the bucket holds.
 */
export async function listPage<Item extends { readonly key: string }, Start>(
  source: ListSource<Item, Start>,
  request: ListRequest<Start>,
): Promise<ListPage<Item>> {
  if (request.maxKeys === 0) return { items: [], commonPrefixes: [], isTruncated: false, last: undefined }
  const page = new Page<Item>(request)
  let start = request.start
  let size = request.delimiter === '' ? request.maxKeys + 1 : Math.min(FIRST_FETCH, request.maxKeys + 1)
  for (;;) {
    const batch = await source.fetch(start, size)
    const before = page.entries
    for (const item of batch) if (page.add(item) === 'full') return page.result(true)
    const tail = batch.at(-1)
    if (tail === undefined || batch.length < size) return page.result(false)
    const hidden = page.hiddenBy(tail)
    const seek = hidden === undefined ? undefined : afterPrefix(hidden)
    // Behind the last code point repeated there is no string, hence no key.
    if (hidden !== undefined && seek === undefined) return page.result(false)
    start = seek === undefined ? source.after(tail) : source.at(seek)
    // One more than there is room for: the entry that does not fit tells that the page is truncated.
    const room = request.maxKeys - page.entries + 1
    const taken = page.entries - before
    const isDense = taken > 1 && taken * SEEK_COST_ROWS > batch.length
    size = Math.min(room, isDense ? size * 2 : LEAST_FETCH)
  }
}

/** The entries of a page while it is filled. */
class Page<Item extends { readonly key: string }> {
  readonly #listing: { readonly prefix: string; readonly delimiter: string; readonly maxKeys: number }
  readonly #items: Item[] = []
  readonly #commonPrefixes: string[] = []
  #last: ListPage<Item>['last']

  constructor(listing: { prefix: string; delimiter: string; maxKeys: number }) {
    this.#listing = listing
  }

  get entries(): number {
    return this.#items.length + this.#commonPrefixes.length
  }

  add(item: Item): 'taken' | 'full' {
    if (this.hiddenBy(item) !== undefined) return 'taken'
    if (this.entries === this.#listing.maxKeys) return 'full'
    const common = commonPrefixOf(item.key, this.#listing)
    if (common === undefined) {
      this.#items.push(item)
      this.#last = { kind: 'item', item }
    } else {
      this.#commonPrefixes.push(common)
      this.#last = { kind: 'prefix', prefix: common }
    }
    return 'taken'
  }

  /**
   * The common prefix that this entry lies below, if it is the page's last one: keys are in order, so no other can be.
   */
  hiddenBy(item: Item): string | undefined {
    if (this.#last?.kind !== 'prefix') return undefined
    return item.key.startsWith(this.#last.prefix) ? this.#last.prefix : undefined
  }

  result(isTruncated: boolean): ListPage<Item> {
    return { items: this.#items, commonPrefixes: this.#commonPrefixes, isTruncated, last: this.#last }
  }
}
