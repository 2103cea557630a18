import type { Color } from '../../renderer/plan.ts'
import { decodeText } from './base64.ts'
import { type Piece, wordOf } from './pieces.ts'

/** What a value may be. */
export interface ValueKind<Value> {
  /** For the error: "w must be …". */
  readonly says: string
  /** Undefined for what it may not be. */
  readonly read: (value: Piece) => Value | undefined
}

/** No number of a directive has more digits. */
const WHOLE_NUMBER = /^-?[0-9]{1,6}$/
const HEX_COLOR = /^[0-9A-Fa-f]{6}$/

/** Decimal digits, with zeros before them if need be; both ends belong to the range. */
export function wholeNumber(min: number, max: number): ValueKind<number> {
  return {
    says: `a whole number from ${min} to ${max}`,
    read: (value) => {
      const word = wordOf(value)
      const number = WHOLE_NUMBER.test(word) ? Number.parseInt(word, 10) : Number.NaN
      // "-0" is 0.
      return number >= min && number <= max ? number + 0 : undefined
    },
  }
}

/** One of a table's words. */
export function oneOf<Value>(
  words: Readonly<Record<string, Value>>,
  { anyCase = false }: { anyCase?: boolean } = {},
): ValueKind<Value> {
  return {
    says: `one of ${Object.keys(words).join(', ')}`,
    read: (value) => {
      const word = anyCase ? wordOf(value).toLowerCase() : wordOf(value)
      return Object.hasOwn(words, word) ? words[word] : undefined
    },
  }
}

/** `0` or `1`. */
export const SWITCH: ValueKind<boolean> = oneOf({ 0: false, 1: true })

export const GRAVITY = oneOf({
  nw: 'nw',
  north: 'north',
  ne: 'ne',
  west: 'west',
  center: 'center',
  east: 'east',
  sw: 'sw',
  south: 'south',
  se: 'se',
} as const)

/** RRGGBB, in capitals or not. */
export const COLOR: ValueKind<Color> = {
  says: 'a color RRGGBB of six hexadecimal digits',
  read: (value) => {
    const word = wordOf(value)
    if (!HEX_COLOR.test(word)) return undefined
    const number = Number.parseInt(word, 16)
    return { red: number >> 16, green: (number >> 8) & 0xff, blue: number & 0xff }
  },
}

export const WHITE: Color = { red: 255, green: 255, blue: 255 }

/** The characters of a watermark's text, as in OSS. */
const TEXT_CHARS_MAX = 64
// biome-ignore lint/suspicious/noControlCharactersInRegex: a line break in a text of one line, and its like
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** The Base64 of a line of text. */
export const LINE_OF_TEXT: ValueKind<string> = {
  says: `the Base64 of one line of UTF-8, of at most ${TEXT_CHARS_MAX} characters`,
  read: ({ text }) => {
    const line = decodeText(text)
    if (line === undefined || CONTROL.test(line)) return undefined
    return [...line].length <= TEXT_CHARS_MAX ? line : undefined
  },
}
