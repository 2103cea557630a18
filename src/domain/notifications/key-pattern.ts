import { RE2JS, RE2JSException } from 're2js'

/** In characters. */
export const KEY_PATTERN_LENGTH_MAX = 1024
/**
 * Instructions of one pattern, and of all patterns of a bucket. Matching takes time for each instruction and character:
 * 400 for a key of 1,024 characters are some 0.1 s at the very worst. An ordinary pattern has 10 to 50.
 */
export const KEY_PATTERN_SIZE_MAX = 200
export const BUCKET_PATTERNS_SIZE_MAX = 400
/** Patterns that are kept compiled. */
const KEPT_MAX = 1000

export type KeyPatternReading = { readonly size: number } | { readonly problem: string }

/**
 * Whether the pattern can be matched in linear time, and how large it is. RGW's are ECMAScript's; what goes back in the
 * text, or looks ahead, is refused.
 */
export function readKeyPattern(text: string): KeyPatternReading {
  if (text.length > KEY_PATTERN_LENGTH_MAX) return { problem: `it is longer than ${KEY_PATTERN_LENGTH_MAX} characters` }
  try {
    const size = RE2JS.compile(text).programSize()
    return size > KEY_PATTERN_SIZE_MAX ? { problem: 'it is too complex' } : { size }
  } catch (cause) {
    if (cause instanceof RE2JSException) return { problem: cause.message }
    throw cause
  }
}

/** Patterns as they are matched: compiling one takes longer than matching most keys. */
export class KeyPatterns {
  readonly #compiled = new Map<string, RE2JS>()

  /** Whether all of the key matches. The pattern has been read before, when it was put. */
  matches(pattern: string, key: string): boolean {
    return this.#of(pattern).matches(key)
  }

  #of(pattern: string): RE2JS {
    const known = this.#compiled.get(pattern)
    if (known !== undefined) return known
    const compiled = RE2JS.compile(pattern)
    const [oldest] = this.#compiled.size < KEPT_MAX ? [] : this.#compiled.keys()
    if (oldest !== undefined) this.#compiled.delete(oldest)
    this.#compiled.set(pattern, compiled)
    return compiled
  }
}
