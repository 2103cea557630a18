import { compareKeys } from '../../../src/domain/listing/order.ts'

/** A listing as its rules say it, without any regard to cost: what pages are compared with. */
export function modelListing(
  keys: readonly string[],
  { prefix, delimiter, marker }: { prefix: string; delimiter: string; marker: string },
): string[] {
  const rolled = (key: string): string => {
    if (delimiter === '' || !key.startsWith(prefix)) return key
    const at = key.slice(prefix.length).indexOf(delimiter)
    return at === -1 ? key : key.slice(0, prefix.length + at + delimiter.length)
  }
  const passed = rolled(marker)
  const entries = [...keys]
    .sort(compareKeys)
    .filter((key) => key.startsWith(prefix))
    .filter((key) => compareKeys(key, marker) > 0)
    .filter((key) => (passed === marker && !isRolled(marker) ? true : !key.startsWith(passed)))
    .map((key) => (rolled(key) === key && !isRolled(key) ? key : `${rolled(key)} (common prefix)`))
  return [...new Set(entries)]

  function isRolled(key: string): boolean {
    return delimiter !== '' && key.startsWith(prefix) && key.slice(prefix.length).includes(delimiter)
  }
}

/** Numbers from 0 to 1 that are the same in every run of a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Few characters, so that keys share prefixes; the last ones sort differently in UTF-16 and UTF-8. */
const ALPHABET = ['a', 'b', '/', '//', '0', '.', ' ', '%', '中', '\uffff', '\u{1f600}', '\u{10ffff}']

export function randomText(random: () => number, { least, most }: { least: number; most: number }): string {
  const length = least + Math.floor(random() * (most - least + 1))
  return Array.from({ length }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join('')
}
