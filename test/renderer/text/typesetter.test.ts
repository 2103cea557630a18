import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Face, TextOverlay } from '../../../src/renderer/plan.ts'
import { FACES } from '../../../src/renderer/text/faces.ts'
import { type Area, svgOf, TEXT_CHARS_MAX, Typesetter } from '../../../src/renderer/text/typesetter.ts'
import { asciiOf, gb2312Of, HANZI_ROWS, LEVEL_1_ROWS, latin1Of, SYMBOL_ROWS, wideOf } from '../../support/gb2312.ts'

const ALL_FACES = Object.keys(FACES) as Face[]
const typesetter = new Typesetter()

/** Of a text's outlines upright and turned: they change with the fonts' versions and the layout, and nothing else. */
const OUTLINES: Readonly<Record<Face, readonly [hash: string, width: number, height: number]>> = {
  sans: ['d4a5053139f2b528', 479, 45],
  kai: ['4210b2b3651a0e8e', 511, 42],
  round: ['c9a05ecb51c49d6e', 501, 44],
  arial: ['5f6e5939df6385e2', 487, 45],
  times: ['989d905579d3e97e', 479, 45],
  courier: ['ac7c21d92675b134', 569, 48],
}

const lay = (text: string, options: Partial<TextOverlay> = {}) =>
  typesetter.layOut({
    text,
    face: 'sans',
    size: 40,
    color: { red: 0, green: 0, blue: 0 },
    degrees: 0,
    ...options,
  })

const pathsOf = (text: string, options: Partial<TextOverlay> = {}): string => lay(text, options).paths

/** How much of each pixel is covered, 0 to 255. */
async function inkOf(text: string, options: Partial<TextOverlay> = {}, area?: Area) {
  const laid = lay(text, options)
  const { data, info } = await sharp(Buffer.from(svgOf(laid, area)))
    .ensureAlpha()
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number): number => data[y * info.width + x] ?? Number.NaN
  return { at, data, width: info.width, height: info.height, size: laid.size }
}

describe.each(ALL_FACES)('the face %s', (face) => {
  it('has ink for every character of GB2312, ASCII, Latin-1 and the full-width forms, and not the replacement', () => {
    const replacement = pathsOf('〓', { face })
    const sansReplacement = pathsOf('〓')
    const characters = [...gb2312Of(HANZI_ROWS), ...gb2312Of(SYMBOL_ROWS), ...asciiOf(), ...latin1Of(), ...wideOf()]
    expect(characters.length).toBeGreaterThan(7_500)
    const without = characters.filter((character) => {
      const paths = pathsOf(character, { face })
      if (/\s/.test(character)) return paths !== ''
      const isReplacement = paths === replacement || paths === sansReplacement
      return paths === '' || (isReplacement && character !== '〓')
    })
    expect(without).toEqual([])
  }, 60_000)

  it('draws different hanzi differently', () => {
    const seen = new Map<string, string>()
    const same = gb2312Of(LEVEL_1_ROWS).filter((character) => {
      const paths = pathsOf(character, { face })
      const twin = seen.get(paths)
      seen.set(paths, character)
      return twin !== undefined
    })
    expect(same).toEqual([])
  }, 60_000)

  it('draws the same outlines on every machine', () => {
    const text = '天地玄黄 Ag&j é ￥1.5 〔〕'
    const svgs = [0, 33, 90].map((degrees) => svgOf(lay(text, { face, degrees })))
    const hash = createHash('sha256').update(svgs.join('\n')).digest('hex').slice(0, 16)
    const { width, height } = lay(text, { face }).size
    expect([hash, width, height]).toEqual(OUTLINES[face])
  })
})

describe('a text', () => {
  it('is as wide as its letters and as high as the line', () => {
    // The hanzi of a face are one em wide each.
    for (const face of ['sans', 'kai', 'round'] as const) {
      expect(lay('中国', { face }).size).toEqual({ width: 80, height: 40 })
      expect(lay('中国中国', { face, size: 25 }).size).toEqual({ width: 100, height: 25 })
    }
    // Arial's widths of H, e, l, l, o: 1479, 1139, 455, 455 and 1139 of 2048.
    expect(lay('Hello', { face: 'arial', size: 2048 }).size).toEqual({ width: 4667, height: 2288 })
    // Times New Roman's: 1479, 909, 569, 569, 1024.
    expect(lay('Hello', { face: 'times', size: 2048 }).size).toEqual({ width: 4550, height: 2268 })
    expect(lay('Hello', { face: 'courier', size: 2048 }).size).toEqual({ width: 5 * 1229, height: 2321 })
  })

  it('is widened for ink beyond its line, and never cut', async () => {
    const plain = lay('A').size
    const accented = await inkOf('Ấ')
    expect(accented.height).toBeGreaterThan(plain.height)
    const outside = { left: -5, top: -5, width: accented.width + 10, height: accented.height + 10 }
    const whole = await inkOf('Ấ', {}, outside)
    const sum = (data: Buffer) => data.reduce((total, value) => total + value, 0)
    expect(sum(whole.data)).toBe(sum(accented.data))
  })

  it('has ink where the character has strokes', async () => {
    // 口 is a frame: ink at the middle of its sides, none in the middle and at the very edge.
    const { at, width, height } = await inkOf('口', { size: 100 })
    expect([width, height]).toEqual([100, 100])
    const row = Array.from({ length: 100 }, (_, x) => at(x, 50))
    const column = Array.from({ length: 100 }, (_, y) => at(50, y))
    for (const line of [row, column]) {
      expect(line.slice(30, 70).every((value) => value === 0)).toBe(true)
      expect(line.slice(0, 30)).toContain(255)
      expect(line.slice(70)).toContain(255)
      expect([line[0], line[99]]).toEqual([0, 0])
    }
  })

  it('has the colour that it is asked for, and smooth edges', async () => {
    const laid = lay('国', { color: { red: 1, green: 171, blue: 255 } })
    expect(laid.paths).toContain('fill="#01abff"')
    const pixels = await sharp(Buffer.from(svgOf(laid)))
      .raw()
      .toBuffer()
    const alphas = new Set<number>()
    for (let index = 0; index < pixels.length; index += 4) {
      const alpha = pixels[index + 3]!
      alphas.add(alpha)
      if (alpha === 255) expect([...pixels.subarray(index, index + 3)]).toEqual([1, 171, 255])
    }
    expect(alphas.size).toBeGreaterThan(20)
  })

  it('is turned clockwise, in the box around it', async () => {
    const upright = await inkOf('左L', { degrees: 0 })
    const turned = await inkOf('左L', { degrees: 90 })
    expect(turned.size).toEqual({ width: upright.height, height: upright.width })
    const isTurned = (x: number, y: number) => Math.abs(upright.at(x, y) - turned.at(upright.height - 1 - y, x)) < 16
    for (let y = 0; y < upright.height; y++) {
      for (let x = 0; x < upright.width; x++) expect(isTurned(x, y)).toBe(true)
    }
    expect(lay('左L', { degrees: 360 })).toEqual(lay('左L'))
    expect(lay('左L', { degrees: 180 }).size).toEqual(lay('左L').size)
    // 80 × 40 turned by 30°: 80 cos 30° + 40 sin 30°, 80 sin 30° + 40 cos 30°.
    expect(lay('中国', { degrees: 30 }).size).toEqual({ width: 90, height: 75 })
  })

  it('is drawn in part', async () => {
    const area = { left: 30, top: 10, width: 35, height: 50 }
    const whole = await inkOf('中国')
    const part = await inkOf('中国', {}, area)
    expect([part.width, part.height]).toEqual([35, 50])
    for (let y = 0; y < 30; y++) {
      for (let x = 0; x < 35; x++) expect(part.at(x, y)).toBe(whole.at(x + 30, y + 10))
    }
    expect(part.data.subarray(30 * 35).every((value) => value === 0)).toBe(true)
  })
})

describe('what fonts do not have', () => {
  it('is the geta mark, once for whatever is one character to a reader', () => {
    for (const face of ALL_FACES) {
      const replacement = pathsOf('〓', { face })
      expect(replacement).not.toBe('')
      for (const text of ['😀', '👩‍👩‍👧', '👍🏽', '❤️‍🔥', '\u{10ffff}', '\ue123']) {
        expect([face, text, pathsOf(text, { face }) === replacement]).toEqual([face, text, true])
      }
    }
  })

  it('is left out where it is not to be seen', () => {
    const plain = pathsOf('ab')
    for (const unseen of ['\u0000', '\u001b', '\u007f', '\u00ad', '\u200b', '\u200d', '\u202e', '\ufe0f', '\ufeff']) {
      expect(pathsOf(`a${unseen}b`)).toBe(plain)
    }
    expect(lay('')).toEqual({ size: { width: 1, height: 40 }, paths: '' })
    expect(lay('\u200b').size).toEqual({ width: 1, height: 40 })
  })

  it('is a space where it is one', () => {
    const spaced = pathsOf('a b')
    for (const space of ['\t', '\n', '\r\n', '\r', '\u0085', '\u2028', '\u205f']) {
      expect(pathsOf(`a${space}b`)).toBe(spaced)
    }
  })

  it('is composed of what they have', () => {
    expect(pathsOf('e\u0301', { face: 'arial' })).toBe(pathsOf('é', { face: 'arial' }))
    // A mark without a font of its own leaves its letter.
    expect(pathsOf('中\u0f39')).toBe(pathsOf('中'))
  })

  it('comes from the face behind', () => {
    // At this size the baselines of all faces are on the same pixel.
    for (const face of ['arial', 'times'] as const) {
      expect(pathsOf('中', { face, size: 10 })).toBe(pathsOf('中', { size: 10 }))
    }
    expect(pathsOf('ש', { face: 'kai' })).not.toBe(pathsOf('〓', { face: 'kai' }))
    expect(pathsOf('中', { face: 'kai' })).not.toBe(pathsOf('中'))
    expect(pathsOf('中', { face: 'round' })).not.toBe(pathsOf('中'))
  })
})

describe('limits', () => {
  it('bound the text', () => {
    const size = 4
    expect(lay('x'.repeat(TEXT_CHARS_MAX), { size }).size.height).toBe(4)
    const tooLong = () => lay('x'.repeat(TEXT_CHARS_MAX + 1), { size })
    expect(tooLong).toThrow(expect.objectContaining({ name: 'RenderFailed', reason: 'too-large' }))
  })

  it('let a text be larger than what can be drawn at once, for a part of it is', async () => {
    const laid = lay('国'.repeat(64), { size: 1000 })
    expect(laid.size).toEqual({ width: 64_000, height: 1000 })
    const png = await sharp(Buffer.from(svgOf(laid, { left: 63_000, top: 0, width: 1000, height: 1000 })))
      .raw()
      .toBuffer()
    expect(png.some((value) => value !== 0)).toBe(true)
  })
})
