/** Tabs and all kinds of line breaks: a watermark is one line. */
const BREAKS = /\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/g

/** Control characters, and what Unicode says is not to be seen: joiners, variation selectors, marks of direction. */
const UNSEEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * What a reader takes for one character each: a letter with its accents, a flag, a family of emoji. Accents are
 * composed with their letters where Unicode has a character for both, as fonts have. Characters are in the order in
 * which they are written: text from right to left comes out the wrong way around, and Arabic unjoined.
 */
export function charactersOf(text: string): string[] {
  const line = text.replace(BREAKS, ' ').normalize('NFC')
  const characters = [...GRAPHEMES.segment(line)].map(({ segment }) => segment.replace(UNSEEN, ''))
  return characters.filter((character) => character !== '')
}
