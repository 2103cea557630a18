import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { create, type Font, type PathCommand } from 'fontkitten'
import type { FontSource } from './faces.ts'
import { type FontSlice, slicesOf } from './files.ts'
import { unpackFont } from './woff.ts'

/**
 * Of a font. The library keeps each glyph that it has drawn, about 8 KiB, and hanzi are many; so it begins anew when
 * this many have been drawn, which takes it some 10 ms.
 */
const GLYPHS_DRAWN_MAX = 1_024

/** In units of the font, of which there are `unitsPerEm` to the em; y points up from the baseline. */
export interface Glyph {
  readonly commands: readonly PathCommand[]
  readonly advance: number
  readonly unitsPerEm: number
}

/** A font of one or many files. They are read when a character of theirs is asked for first, and blocking. */
export class OutlineFont {
  readonly #source: FontSource
  #files: readonly FontFile[] | undefined
  #drawn = 0

  constructor(source: FontSource) {
    this.#source = source
  }

  /** @returns undefined when the font has no such character */
  glyph(codePoint: number): Glyph | undefined {
    this.#files ??= slicesOf(this.#source).map((slice) => new FontFile(slice))
    if (this.#drawn >= GLYPHS_DRAWN_MAX) {
      for (const file of this.#files) file.forgetGlyphs()
      this.#drawn = 0
    }
    for (const file of this.#files) {
      const glyph = file.glyph(codePoint)
      if (glyph !== undefined) {
        this.#drawn += 1
        return glyph
      }
    }
    return undefined
  }
}

class FontFile {
  readonly #slice: FontSlice
  #bytes: Buffer | undefined
  #font: Font | undefined

  constructor(slice: FontSlice) {
    this.#slice = slice
  }

  glyph(codePoint: number): Glyph | undefined {
    const { ranges } = this.#slice
    const mayHave = ranges?.some(([first, last]) => first <= codePoint && codePoint <= last) ?? true
    if (!mayHave) return undefined
    this.#font ??= this.#open()
    // The ranges are those of the stylesheet's maker; the font need not have them all.
    if (!this.#font.hasGlyphForCodePoint(codePoint)) return undefined
    const { path, advanceWidth } = this.#font.glyphForCodePoint(codePoint)
    return { commands: path.commands, advance: advanceWidth, unitsPerEm: this.#font.unitsPerEm }
  }

  forgetGlyphs(): void {
    this.#font = undefined
  }

  #open(): Font {
    this.#bytes ??= unpackFont(readFileSync(this.#slice.path))
    const font = create(this.#bytes)
    assert(!font.isCollection, 'a file of one font')
    return font
  }
}
