import assert from 'node:assert/strict'
import type { Color, Face, Size, TextOverlay } from '../plan.ts'
import { RenderFailed } from '../renderer.ts'
import { charactersOf } from './characters.ts'
import { FACES, FONTS, type FontName, REPLACEMENT } from './faces.ts'
import { type Glyph, OutlineFont } from './font.ts'
import { type Bounds, boundsOf, chain, type Matrix, pathOf, toPixels, turn, union } from './outline.ts'

/** UTF-16 units. Watermarks end at 64 characters; this bounds the time and the outlines, some 3 KB a character. */
export const TEXT_CHARS_MAX = 256

const SPACE = 0x20

/** A text as a picture, transparent where there is no letter. */
export interface LaidText {
  readonly size: Size
  /** One `<path>` element for each letter. */
  readonly paths: string
}

export interface Area extends Size {
  readonly left: number
  readonly top: number
}

interface PlacedGlyph {
  readonly glyph: Glyph
  /** From the font's units to pixels, the beginning of the baseline being the origin. */
  readonly matrix: Matrix
}

/**
 * Makes texts outlines, from fonts that come with the server: no font of the machine has a part in it. Glyphs stand
 * beside each other by their widths, without kerning. Fonts are read when they are needed first, in the calling thread,
 * and kept.
 */
export class Typesetter {
  readonly #fonts = new Map<FontName, OutlineFont>()

  /**
   * A text's box is as high as its face's line and as wide as its letters; ink that reaches beyond widens it, so that
   * nothing is cut off. Turned, it is the box around the turned box.
   * @throws RenderFailed `too-large`
   */
  layOut({ text, face, size, color, degrees }: TextOverlay): LaidText {
    assert(size > 0)
    if (text.length > TEXT_CHARS_MAX) {
      throw new RenderFailed('too-large', `the text has more than ${TEXT_CHARS_MAX} characters`)
    }
    const { glyphs, box } = this.#setLine(charactersOf(text), face, size)
    const turned = turn(box, degrees)
    const fill = hexOf(color)
    const paths = glyphs
      .filter(({ glyph }) => glyph.commands.length > 0)
      .map(({ glyph, matrix }) => `<path fill="${fill}" d="${pathOf(glyph, chain(turned.matrix, matrix))}"/>`)
    return { size: turned.size, paths: paths.join('') }
  }

  /** The line in pixels; the beginning of its baseline is the origin. */
  #setLine(characters: readonly string[], face: Face, size: number): { glyphs: PlacedGlyph[]; box: Bounds } {
    const glyphs: PlacedGlyph[] = []
    let x = 0
    let ink: Bounds | undefined
    for (const glyph of characters.flatMap((character) => this.#glyphsOf(character, face))) {
      const scale = size / glyph.unitsPerEm
      const matrix = { a: scale, b: 0, c: 0, d: -scale, e: x, f: 0 }
      const bounds = boundsOf(glyph, matrix)
      if (bounds !== undefined) ink = union(bounds, ink)
      glyphs.push({ glyph, matrix })
      x += glyph.advance * scale
    }
    const { ascent, descent } = FACES[face]
    const top = -Math.round(ascent * size)
    const line = { left: 0, top, right: x, bottom: top + Math.ceil((ascent + descent) * size) }
    return { glyphs, box: toPixels(union(line, ink)) }
  }

  /** A mark that no font has is left out; a character that none has becomes the replacement, whatever its marks. */
  #glyphsOf(character: string, face: Face): Glyph[] {
    const [first, ...marks] = Array.from(character, (part) => this.#find(part, face))
    if (first !== undefined) return [first, ...marks.filter((mark) => mark !== undefined)]
    const stand = this.#find(String.fromCodePoint(/^\p{Zs}/u.test(character) ? SPACE : REPLACEMENT), face)
    assert(stand !== undefined, 'the sans has all of GB2312')
    return [stand]
  }

  #find(character: string, face: Face): Glyph | undefined {
    const codePoint = character.codePointAt(0)
    assert(codePoint !== undefined)
    for (const name of FACES[face].fonts) {
      const glyph = this.#font(name).glyph(codePoint)
      if (glyph !== undefined) return glyph
    }
    return undefined
  }

  #font(name: FontName): OutlineFont {
    const known = this.#fonts.get(name) ?? new OutlineFont(FONTS[name])
    this.#fonts.set(name, known)
    return known
  }
}

/** All of a text, or what of it an area shows, which may reach beyond it: as SVG, one unit of which is a pixel. */
export function svgOf({ size, paths }: LaidText, area: Area = { left: 0, top: 0, ...size }): string {
  const { left, top, width, height } = area
  const box = `width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}>${paths}</svg>`
}

function hexOf({ red, green, blue }: Color): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`
}
