import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { create, type Font } from 'fontkitten'
import { describe, expect, it } from 'vitest'
import { FACES, FONTS } from '../../../src/renderer/text/faces.ts'
import { bundledFontFiles, fontFolder, readStylesheet, slicesOf } from '../../../src/renderer/text/files.ts'
import { unpackFont } from '../../../src/renderer/text/woff.ts'
import { ROOT } from '../../support/sources.ts'

const open = (bytes: Buffer): Font => {
  const font = create(bytes)
  if (font.isCollection) throw new Error('one font')
  return font
}
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

describe('a font file', () => {
  const packed = Object.values(FONTS).flatMap((source) => slicesOf(source).map(({ path }) => path))
  const woff2 = packed.filter((path) => path.endsWith('.woff2'))

  it('is unpacked to what the font library itself reads in WOFF2, glyph by glyph', () => {
    expect(woff2.length).toBeGreaterThan(40)
    for (const path of woff2) {
      const bytes = readFileSync(path)
      const [ours, theirs] = [open(unpackFont(bytes)), open(bytes)]
      expect(ours.type).toBe('TTF')
      expect(ours.characterSet).toEqual(theirs.characterSet)
      expect([ours.unitsPerEm, ours.ascent, ours.numGlyphs]).toEqual([
        theirs.unitsPerEm,
        theirs.ascent,
        theirs.numGlyphs,
      ])
      const different = Array.from({ length: ours.numGlyphs }, (_, glyph) => glyph).filter((glyph) => {
        const [one, other] = [ours.getGlyph(glyph), theirs.getGlyph(glyph)]
        return one.path.toSVG() !== other.path.toSVG() || one.advanceWidth !== other.advanceWidth
      })
      expect([path, different]).toEqual([path, []])
    }
  }, 60_000)

  it('is unpacked to what the font library itself reads in WOFF', () => {
    const path = woff2.find((file) => file.includes('arimo-latin-400')) ?? ''
    const bytes = readFileSync(path.replace('.woff2', '.woff'))
    const [ours, theirs] = [open(unpackFont(bytes)), open(bytes)]
    // The library fails at the widths, so these are compared with those of the WOFF2.
    const twin = open(unpackFont(readFileSync(path)))
    expect(ours.characterSet.length).toBeGreaterThan(200)
    expect(theirs.characterSet).toEqual(ours.characterSet)
    const different = ours.characterSet.filter((codePoint) => {
      const [one, other] = [ours.glyphForCodePoint(codePoint), theirs.glyphForCodePoint(codePoint)]
      const width = twin.glyphForCodePoint(codePoint).advanceWidth
      return one.path.toSVG() !== other.path.toSVG() || one.advanceWidth !== width
    })
    expect(different).toEqual([])
  })

  it('that is not packed stays as it is', () => {
    const bytes = readFileSync(slicesOf(FONTS['sans-hans'])[0]!.path)
    expect(unpackFont(bytes)).toBe(bytes)
  })

  it('that is damaged is refused', () => {
    const bytes = readFileSync(woff2[0]!)
    expect(() => unpackFont(bytes.subarray(0, bytes.length / 2))).toThrow()
  })
})

describe('a stylesheet', () => {
  it('says which file has which characters', () => {
    const css = `/* a comment */
      @font-face { font-family: 'A'; src: url(./files/a.woff2) format('woff2'), url(./files/a.woff) format('woff');
        unicode-range: U+0041, u+4E00-9fff,U+1F600; }
      @font-face{src:local("B"),url("./b.woff2")format("woff2")}`
    expect(readStylesheet(css)).toEqual([
      {
        path: './files/a.woff2',
        ranges: [
          [0x41, 0x41],
          [0x4e00, 0x9fff],
          [0x1f600, 0x1f600],
        ],
      },
      { path: './b.woff2', ranges: undefined },
    ])
  })

  it.each(['@font-face { src: url(a.ttf) }', '@font-face { src: url(a.woff2); unicode-range: U+4?? }'])(
    'of another kind is refused: %s',
    (css) => {
      expect(() => readStylesheet(css)).toThrow()
    },
  )
})

describe('the fonts', () => {
  it('are all there, with their licences, and few', () => {
    const files = bundledFontFiles()
    expect(files.filter(({ from }) => !existsSync(from))).toEqual([])
    const bytes = files.reduce((sum, { from }) => sum + readFileSync(from).length, 0)
    // They are part of every container image and of the npm package, where nothing shrinks them further.
    expect(bytes).toBeLessThan(22_000_000)
    expect(new Set(files.map(({ to }) => to)).size).toBe(files.length)
  })

  it('are of the very versions that the licences name, since other outlines are other pixels', () => {
    const text = readFileSync(join(ROOT, 'src/renderer/text/LICENSES.md'), 'utf8')
    const wanted = read(join(ROOT, 'package.json')).devDependencies
    for (const { package: name } of Object.values(FONTS)) {
      const { version } = read(join(fontFolder(name), 'package.json'))
      expect(text).toContain(`\`${name}\` ${version}`)
      expect(wanted[name]).toBe(version)
    }
  })

  it('say that they may be embedded', () => {
    for (const source of Object.values(FONTS)) {
      const font = open(unpackFont(readFileSync(slicesOf(source)[0]!.path)))
      expect(font['OS/2'].fsType).toMatchObject({ noEmbedding: false, bitmapOnly: false })
    }
  })

  it('have the lines that their faces say', () => {
    for (const { fonts, ascent, descent } of Object.values(FACES)) {
      const font = open(unpackFont(readFileSync(slicesOf(FONTS[fonts[0]]).at(-1)!.path)))
      const { typoAscender, typoDescender } = font['OS/2']
      const isHanzi = ascent + descent === 1
      const [above, below] = isHanzi ? [typoAscender, typoDescender] : [font.ascent, font.descent]
      expect(above / font.unitsPerEm).toBeCloseTo(ascent, 2)
      expect(-below / font.unitsPerEm).toBeCloseTo(descent, 2)
    }
  })
})
