/** A part of a directive, and where it begins: the first character of the directive is 1. */
export interface Piece {
  readonly text: string
  readonly at: number
}

/**
 * The parts between separators. Spaces before a part are passed over, because the ZOS manual prints `image/resize,
 * w_100`; those behind it belong to it, because the end of a Base64 text may be a space that has been a plus.
 */
export function splitPiece({ text, at }: Piece, separator: ',' | '/' | '|'): Piece[] {
  let start = 0
  return text.split(separator).map((part) => {
    const piece = skipSpaces({ text: part, at: at + start })
    start += part.length + 1
    return piece
  })
}

function skipSpaces({ text, at }: Piece): Piece {
  let spaces = 0
  while (text[spaces] === ' ') spaces += 1
  return { text: text.slice(spaces), at: at + spaces }
}

/** `w_100` as its two halves; undefined where there is no underscore. */
export function splitOperand({ text, at }: Piece): { readonly key: Piece; readonly value: Piece } | undefined {
  const end = text.indexOf('_')
  if (end === -1) return undefined
  return { key: { text: text.slice(0, end), at }, value: { text: text.slice(end + 1), at: at + end + 1 } }
}

/** Without the spaces behind it. */
export function wordOf({ text }: Piece): string {
  let end = text.length
  while (text[end - 1] === ' ') end -= 1
  return text.slice(0, end)
}

/** Why a directive cannot be read. It is thrown within s3/process/ only: directive.ts makes an S3Error of it. */
export class DirectiveProblem extends Error {
  override readonly name = 'DirectiveProblem'

  constructor(piece: Piece, problem: string) {
    super(`${quoted(piece)} at character ${piece.at}: ${problem}`)
  }
}

/** Enough to find a piece again: the rest of a long one is left out. */
const QUOTED_CHARS_MAX = 40

function quoted(piece: Piece): string {
  const word = wordOf(piece)
  return word.length <= QUOTED_CHARS_MAX ? `"${word}"` : `"${word.slice(0, QUOTED_CHARS_MAX)}…"`
}
