import { describe, expect, it } from 'vitest'
import { readBmpHeader } from '../../../src/renderer/formats/bmp-header.ts'
import { type BmpPixels, readBmpPixels } from '../../../src/renderer/formats/bmp-pixels.ts'
import { bmpBytes, writeBmp } from '../../../src/renderer/formats/bmp-write.ts'
import { distance, glass, gradient, outcome, pixel, rendered, sharpOf } from '../../support/rendering.ts'

interface Bmp {
  readonly width?: number
  /** Negative: from the top down. */
  readonly height?: number
  readonly depth: number
  readonly compression?: number
  /** Of the header behind the file's. */
  readonly headerBytes?: number
  readonly masks?: readonly number[]
  /** Blue, green, red, and a byte of nothing. */
  readonly palette?: readonly (readonly number[])[]
  readonly coloursUsed?: number
  /** From the lowest row. */
  readonly pixels: readonly number[]
}

function bmp({ width = 2, height = 2, depth, compression = 0, headerBytes = 40, masks = [], ...rest }: Bmp): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(headerBytes, 0)
  if (headerBytes === 12) {
    header.writeUInt16LE(width, 4)
    header.writeUInt16LE(height, 6)
    header.writeUInt16LE(depth, 10)
  } else {
    header.writeInt32LE(width, 4)
    header.writeInt32LE(height, 8)
    header.writeUInt16LE(depth, 14)
    if (headerBytes >= 40) header.writeUInt32LE(compression, 16)
    if (headerBytes >= 40) header.writeUInt32LE(rest.coloursUsed ?? rest.palette?.length ?? 0, 32)
  }
  const words = Buffer.from(Uint32Array.from(masks).buffer)
  const isWithin = headerBytes >= 52
  if (isWithin) words.copy(header, 40)
  const behind = [...(isWithin ? [] : words), ...(rest.palette ?? []).flat()]
  const file = Buffer.alloc(14)
  file.write('BM')
  file.writeUInt32LE(14 + headerBytes + behind.length, 10)
  return Buffer.concat([file, header, Buffer.from(behind), Buffer.from(rest.pixels)])
}

function read(bytes: Buffer): BmpPixels {
  return readBmpPixels(bytes, readBmpHeader(bytes))
}

/** Rows from the top. */
function colours(bytes: Buffer): number[][] {
  const pixels = read(bytes)
  return Array.from({ length: pixels.width * pixels.height }, (_, at) =>
    pixel(pixels, at % pixels.width, Math.floor(at / pixels.width)),
  )
}

const PALETTE = [
  [255, 0, 0, 0],
  [0, 255, 0, 0],
  [0, 0, 255, 0],
]
const [BLUE, GREEN, RED, BLACK, WHITE] = [
  [0, 0, 255],
  [0, 255, 0],
  [255, 0, 0],
  [0, 0, 0],
  [255, 255, 255],
]

describe('a BMP', () => {
  it('of 1 bit', () => {
    const palette = [
      [0, 0, 0, 0],
      [255, 255, 255, 0],
    ]
    const bytes = bmp({ width: 3, depth: 1, palette, pixels: [0b0100_0000, 0, 0, 0, 0b1010_0000, 0, 0, 0] })
    expect(colours(bytes)).toEqual([WHITE, BLACK, WHITE, BLACK, WHITE, BLACK])
  })

  it('of 4 bits', () => {
    const bytes = bmp({ width: 3, depth: 4, palette: PALETTE, pixels: [0x10, 0x20, 0, 0, 0x01, 0x20, 0, 0] })
    expect(colours(bytes)).toEqual([BLUE, GREEN, RED, GREEN, BLUE, RED])
  })

  it('of 8 bits, with fewer colours than there could be', () => {
    const bytes = bmp({ depth: 8, palette: PALETTE, pixels: [0, 1, 0, 0, 2, 200, 0, 0] })
    expect(colours(bytes)).toEqual([RED, BLACK, BLUE, GREEN])
    // It counts more than there are.
    expect(
      colours(bmp({ depth: 8, palette: PALETTE, coloursUsed: 4_000_000_000, pixels: [0, 1, 0, 0, 2, 3, 0, 0] })),
    ).toEqual([RED, BLACK, BLUE, GREEN])
  })

  it('of 16 bits', () => {
    const five = (red: number, green: number, blue: number) => [(red << 10) | (green << 5) | blue]
    const words = (...values: number[]) => [...Buffer.from(Uint16Array.from(values).buffer)]
    const pixels = words(...five(31, 0, 0), ...five(0, 31, 0), ...five(0, 0, 31), ...five(16, 16, 16))
    expect(colours(bmp({ depth: 16, pixels }))).toEqual([BLUE, [132, 132, 132], RED, GREEN])
    const six = words(0xf800, 0x07e0, 0x001f, 0xffff)
    const masks = [0xf800, 0x07e0, 0x001f]
    for (const headerBytes of [40, 52])
      expect(colours(bmp({ depth: 16, compression: 3, masks, headerBytes, pixels: six }))).toEqual([
        BLUE,
        WHITE,
        RED,
        GREEN,
      ])
    const alpha = { masks: [0x0f00, 0x00f0, 0x000f, 0xf000], pixels: words(0xff00, 0x80f0, 0x000f, 0xffff) }
    for (const [headerBytes, compression] of [
      [56, 3],
      [40, 6],
    ] as const)
      expect(colours(bmp({ depth: 16, compression, headerBytes, ...alpha }))).toEqual([
        [0, 0, 255, 0],
        [255, 255, 255, 255],
        [255, 0, 0, 255],
        [0, 255, 0, 136],
      ])
  })

  it('of 24 bits', () => {
    const pixels = [255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0]
    expect(colours(bmp({ depth: 24, pixels }))).toEqual([RED, WHITE, BLUE, GREEN])
    // What fills up the last row is often missing.
    expect(colours(bmp({ depth: 24, pixels: pixels.slice(0, -2) }))).toEqual([RED, WHITE, BLUE, GREEN])
  })

  it('of 32 bits', () => {
    const pixels = [255, 0, 0, 7, 0, 255, 0, 7, 0, 0, 255, 7, 255, 255, 255, 7]
    // The fourth byte means nothing unless a mask says so.
    expect(colours(bmp({ depth: 32, pixels }))).toEqual([RED, WHITE, BLUE, GREEN])
    const masks = [0x00ff0000, 0x0000ff00, 0x000000ff, 0xff000000]
    for (const headerBytes of [56, 108, 124])
      expect(
        colours(bmp({ depth: 32, compression: 3, masks, headerBytes, pixels })).map(([, , , alpha]) => alpha),
      ).toEqual([7, 7, 7, 7])
    const empty = pixels.map((value, at) => (at % 4 === 3 ? 0 : value))
    expect(colours(bmp({ depth: 32, compression: 3, masks, headerBytes: 108, pixels: empty }))[0]).toEqual([
      ...RED!,
      255,
    ])
    // Ten bits of each, the upper eight of which are kept.
    const ten = [0x3ff00000, 0x000ffc00, 0x000003ff]
    const wide = [...Buffer.from(Uint32Array.of(0x3ff00000, 0x000ffc00, 0x000003ff, 0x20080200).buffer)]
    expect(colours(bmp({ depth: 32, compression: 3, masks: ten, pixels: wide }))).toEqual([
      BLUE,
      [128, 128, 128],
      RED,
      GREEN,
    ])
  })

  it('from the top down', () => {
    const pixels = [255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0]
    expect(colours(bmp({ depth: 24, height: -2, pixels }))).toEqual([BLUE, GREEN, RED, WHITE])
  })

  it('of OS/2', () => {
    const palette = PALETTE.map((colour) => colour.slice(0, 3))
    expect(colours(bmp({ depth: 8, headerBytes: 12, palette, pixels: [0, 1, 0, 0, 2, 2, 0, 0] }))).toEqual([
      RED,
      RED,
      BLUE,
      GREEN,
    ])
    for (const headerBytes of [16, 64])
      expect(colours(bmp({ depth: 8, headerBytes, palette: PALETTE, pixels: [0, 1, 0, 0, 2, 2, 0, 0] }))).toEqual([
        RED,
        RED,
        BLUE,
        GREEN,
      ])
  })

  it('of runs', () => {
    const eight = { width: 4, depth: 8, compression: 1, palette: PALETTE }
    // Three of colour 1, one of 2; a new line; three as they stand, filled up; the end.
    const runs = [3, 1, 1, 2, 0, 0, 0, 3, 2, 1, 2, 0, 0, 1]
    expect(colours(bmp({ ...eight, pixels: runs }))).toEqual([RED, GREEN, RED, BLUE, GREEN, GREEN, GREEN, RED])
    // One to the right and one up, then more than the row has.
    expect(colours(bmp({ ...eight, pixels: [0, 2, 1, 1, 200, 2, 0, 1] }))).toEqual([
      BLUE,
      RED,
      RED,
      RED,
      BLUE,
      BLUE,
      BLUE,
      BLUE,
    ])
    const four = { width: 4, depth: 4, compression: 2, palette: PALETTE }
    expect(colours(bmp({ ...four, pixels: [4, 0x12, 0, 0, 0, 3, 0x21, 0x20, 0, 1] }))).toEqual([
      RED,
      GREEN,
      RED,
      BLUE,
      GREEN,
      RED,
      GREEN,
      RED,
    ])
  })
})

describe('a BMP is refused', () => {
  const reason = (make: () => unknown) => outcome((async () => make())())

  it.each<[string, Bmp]>([
    ['with no pixels across', { width: 0, depth: 24, pixels: [0] }],
    ['with fewer than none across', { width: -2, depth: 24, pixels: [0] }],
    ['with no pixels down', { height: 0, depth: 24, pixels: [0] }],
    ['with as many as there are numbers', { width: 2 ** 31 - 1, height: -(2 ** 31), depth: 32, pixels: [0] }],
    ['with pixels that are not there', { depth: 24, pixels: Array(13).fill(0) }],
    ['with runs that end too soon', { depth: 8, compression: 1, palette: PALETTE, pixels: [2, 1, 0] }],
    [
      'with pixels as they stand that are not there',
      { depth: 8, compression: 1, palette: PALETTE, pixels: [0, 9, 1, 1] },
    ],
    ['with runs from the top down', { depth: 8, height: -2, compression: 1, palette: PALETTE, pixels: [0, 1] }],
    ['with a mask of holes', { depth: 16, compression: 3, masks: [0xf00f, 0x07e0, 0x001f], pixels: Array(8).fill(0) }],
    ['with a mask beyond its bits', { depth: 16, compression: 3, masks: [0xf0000, 0, 0], pixels: Array(8).fill(0) }],
  ])('as damaged %s', async (_name, parts) => {
    expect(await reason(() => read(bmp(parts)))).toBe('damaged')
  })

  it.each<[string, Bmp]>([
    ['2 bits', { depth: 2, palette: PALETTE, pixels: Array(8).fill(0) }],
    ['a JPEG within', { depth: 24, compression: 4, pixels: Array(16).fill(0) }],
    ['runs of another depth', { depth: 24, compression: 1, pixels: Array(16).fill(0) }],
    ['Huffman codes of OS/2', { depth: 16, compression: 3, headerBytes: 64, pixels: Array(16).fill(0) }],
  ])('as unsupported with %s', async (_name, parts) => {
    expect(await reason(() => read(bmp(parts)))).toBe('unsupported')
  })

  it('as no picture with a header of another length', async () => {
    expect(await reason(() => read(bmp({ depth: 24, headerBytes: 41, pixels: Array(16).fill(0) })))).toBe(
      'not-a-picture',
    )
  })

  it('when its pixels begin elsewhere', async () => {
    const bytes = bmp({ depth: 24, pixels: Array(16).fill(0) })
    for (const offset of [0, 53, bytes.length, 0xffffffff]) {
      bytes.writeUInt32LE(offset, 10)
      expect(await reason(() => read(bytes))).toBe('damaged')
    }
    bytes.writeUInt32LE(54, 10)
    expect(await reason(() => read(bytes))).toBe('rendered')
  })

  it('wherever it is cut off, and whatever is changed, without a mistake', async () => {
    const whole = bmp({
      depth: 8,
      headerBytes: 124,
      compression: 1,
      palette: PALETTE,
      pixels: [2, 1, 0, 0, 2, 1, 0, 1],
    })
    const allowed = ['rendered', 'damaged', 'unsupported', 'not-a-picture']
    for (let length = 0; length < whole.length; length += 1)
      expect(allowed).toContain(await reason(() => read(whole.subarray(0, length))))
    for (let at = 10; at < 60; at += 1)
      for (const value of [0, 1, 127, 255]) {
        const changed = Buffer.from(whole)
        changed[at] = value
        const { width, height } = (() => {
          try {
            return readBmpHeader(changed)
          } catch {
            return { width: 1, height: 1 }
          }
        })()
        if (width * height < 1_000_000) expect(allowed).toContain(await reason(() => read(changed)))
      }
  })
})

describe('what is written', () => {
  it.each([1, 2, 3, 4, 5])('is read again: %i pixels across', async (width) => {
    const pixels = gradient({ width, height: 3 })
    const bytes = writeBmp(pixels)
    expect(bytes.length).toBe(bmpBytes(pixels))
    expect(bytes.readUInt32LE(2)).toBe(bytes.length)
    expect(distance({ ...pixels, ...read(bytes) }, pixels)).toBe(0)
    const png = await sharpOf(pixels).png().toBuffer()
    expect(distance(await rendered(bytes), await rendered(png))).toBe(0)
  })

  it.each([1, 2, 3])('is read again with its alpha: %i pixels across', async (width) => {
    const pixels = glass({ width, height: 3 })
    const bytes = writeBmp(pixels)
    expect(bytes.length).toBe(bmpBytes(pixels))
    expect(distance({ ...pixels, ...read(bytes) }, pixels)).toBe(0)
  })
})
