import type { KeyPosition } from '../store.ts'

/** Above every text: SQLite sorts any BLOB behind all TEXT. */
const ABOVE_ALL_KEYS = Buffer.alloc(0)

/** Keys as a range of their UTF-8 bytes: from `low` on, and below `high`. */
export interface KeyBounds {
  readonly prefix: string
  /** The query takes the larger of `prefix` and this: only SQLite compares as UTF-8, JavaScript compares as UTF-16. */
  readonly low: string
  readonly high: string | Buffer
}

export function keyBounds(prefix: string, from: KeyPosition | undefined): KeyBounds {
  let low = ''
  // No text lies between a key and the same key with a NUL behind it, so that is where "after the key" starts.
  if (from !== undefined) low = from.inclusive ? from.key : `${from.key}\0`
  return { prefix, low, high: prefixEnd(prefix) }
}

/** The smallest text above all texts of a prefix: its last code point that has a successor, increased by one. */
export function prefixEnd(prefix: string): string | Buffer {
  let end = prefix.length
  while (end > 0) {
    const low = prefix.charCodeAt(end - 1)
    const isPair = end > 1 && low >= 0xdc00 && low <= 0xdfff
    const start = isPair ? end - 2 : end - 1
    const last = prefix.codePointAt(start) ?? 0
    if (last < 0x10ffff) {
      // Surrogates are no characters: UTF-8 has nothing between U+D7FF and U+E000.
      const next = last === 0xd7ff ? 0xe000 : last + 1
      return prefix.slice(0, start) + String.fromCodePoint(next)
    }
    end = start
  }
  return ABOVE_ALL_KEYS
}
