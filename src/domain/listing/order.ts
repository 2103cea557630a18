// The order of keys is that of their UTF-8 bytes, which is the order of their code points. JavaScript compares UTF-16
// units instead: there a character beyond U+FFFF (a surrogate pair, D800…DFFF) sorts before U+E000…U+FFFF.

const LAST_CODE_POINT = 0x10ffff
const BEFORE_SURROGATES = 0xd7ff
const AFTER_SURROGATES = 0xe000

/** Negative, zero or positive as `a` sorts before, with or behind `b`. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** A UTF-16 unit's place in the order of code points: surrogates go behind everything of the basic plane. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/**
 * The smallest string that sorts behind every string with this prefix; undefined if there is none. A listing seeks to
 * it to pass over a common prefix without walking the keys below.
 */
export function afterPrefix(prefix: string): string | undefined {
  let end = prefix.length
  while (end > 0) {
    const start = end - (isLowSurrogate(prefix.charCodeAt(end - 1)) && end > 1 ? 2 : 1)
    const point = prefix.codePointAt(start) ?? LAST_CODE_POINT
    // Behind the last code point comes nothing: what counts is the one before it.
    if (point < LAST_CODE_POINT) {
      const next = point === BEFORE_SURROGATES ? AFTER_SURROGATES : point + 1
      return prefix.slice(0, start) + String.fromCodePoint(next)
    }
    end = start
  }
  return undefined
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
