/** Code points, and the wildcards of the policy language between them. */
export type Glob = readonly number[]

/** `*`: any number of characters. */
const ANY_TEXT = -1
/** `?`: one character. */
const ANY_CHARACTER = -2

/**
 * Comparisons that the greedy walk may take for each character of pattern and text. Ordinary patterns need one or two;
 * only patterns made to hurt need more, and those are decided by an automaton, whose work does not depend on what the
 * text holds.
 */
const STEPS_PER_CHARACTER = 8

/** The pattern that a text of the policy is, wildcards and all. */
export function globOf(text: string): Glob {
  return Array.from(text, (character) => {
    if (character === '*') return ANY_TEXT
    return character === '?' ? ANY_CHARACTER : codeOf(character)
  })
}

/** A text that means itself: the value of a variable, or what is matched. */
export function literalOf(text: string): Glob {
  return Array.from(text, codeOf)
}

export function hasWildcards(glob: Glob): boolean {
  return glob.some((token) => token < 0)
}

export function globMatches(glob: Glob, text: Glob): boolean {
  return greedily(glob, text) ?? byAutomaton(glob, text)
}

/** Exported for its test. Undefined when the walk has become too long. */
export function greedily(
  glob: Glob,
  text: Glob,
  stepsMax = STEPS_PER_CHARACTER * (glob.length + text.length),
): boolean | undefined {
  let at = 0
  let inText = 0
  // Behind the last `*`: a mismatch goes back here, with one character more for the `*`. Earlier ones need no more.
  let afterStar = -1
  let resume = 0
  for (let steps = 0; inText < text.length; steps += 1) {
    if (steps > stepsMax) return undefined
    const token = glob[at]
    if (token === ANY_TEXT) {
      at += 1
      afterStar = at
      resume = inText
    } else if (token !== undefined && (token === ANY_CHARACTER || token === text[inText])) {
      at += 1
      inText += 1
    } else if (afterStar >= 0) {
      resume += 1
      at = afterStar
      inText = resume
    } else return false
  }
  while (glob[at] === ANY_TEXT) at += 1
  return at === glob.length
}

/**
 * Exported for its test. All states of the pattern at once, one bit each: bit n stands for "the first n characters of
 * the pattern have been met". A character of the text moves each bit whose next character it is, and leaves those in
 * place that a `*` follows.
 */
export function byAutomaton(glob: Glob, text: Glob): boolean {
  const stars: number[] = []
  const anyCharacter: number[] = []
  const places = new Map<number, number[]>()
  let length = 0
  for (const token of glob) {
    if (token === ANY_TEXT) {
      stars.push(length)
      continue
    }
    const own = token === ANY_CHARACTER ? anyCharacter : (places.get(token) ?? [])
    own.push(length)
    if (token !== ANY_CHARACTER) places.set(token, own)
    length += 1
  }
  if (length > text.length) return false
  const stay = bitsOf(stars, length)
  const byAny = bitsOf(anyCharacter, length)
  const moves = new Map<number, bigint>()
  for (const character of new Set(text)) moves.set(character, byAny | bitsOf(places.get(character) ?? [], length))
  let states = 1n
  for (const character of text) {
    states = ((states & (moves.get(character) ?? 0n)) << 1n) | (states & stay)
    if (states === 0n) return false
  }
  return states >> BigInt(length) === 1n
}

/** A number with these bits, of which the highest may be `last`. */
function bitsOf(places: readonly number[], last: number): bigint {
  if (places.length === 0) return 0n
  const bytes = Buffer.alloc((last >> 3) + 1)
  for (const place of places) {
    const index = bytes.length - 1 - (place >> 3)
    bytes.writeUInt8(bytes.readUInt8(index) | (1 << (place & 7)), index)
  }
  return BigInt(`0x${bytes.toString('hex')}`)
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0
}
