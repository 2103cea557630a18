import sharp, { type Metadata } from 'sharp'
import { describe, expect, it } from 'vitest'
import { writeBmp } from '../../../src/renderer/formats/bmp-write.ts'
import type { Output, PictureFormat } from '../../../src/renderer/plan.ts'
import { Engine } from '../../../src/renderer/sharp/engine.ts'
import {
  decoded,
  distance,
  glass,
  gradient,
  LIMITS,
  outcome,
  paint,
  pixel,
  plain,
  png,
  render,
  rendered,
  roll,
  sharpOf,
} from '../../support/rendering.ts'

const SIZE = { width: 64, height: 48 }
const source = gradient(SIZE)
const bars = paint({ width: 12, height: 8 }, (x) => [x < 6 ? 255 : 0, x < 6 ? 0 : 128, 40])

async function open(bytes: Buffer) {
  return await new Engine(LIMITS).open(bytes)
}

/** Each as its encoder writes it, and how far it may be from the gradient. */
const SOURCES: readonly (readonly [name: string, format: PictureFormat, bytes: Buffer, tolerance: number])[] = [
  ['jpg', 'jpg', await sharpOf(source).jpeg({ quality: 95 }).toBuffer(), 12],
  ['progressive jpg', 'jpg', await sharpOf(source).jpeg({ quality: 95, progressive: true }).toBuffer(), 12],
  ['png', 'png', await sharpOf(source).png().toBuffer(), 0],
  ['interlaced png', 'png', await sharpOf(source).png({ progressive: true }).toBuffer(), 0],
  ['webp', 'webp', await sharpOf(source).webp({ lossless: true }).toBuffer(), 0],
  ['lossy webp', 'webp', await sharpOf(source).webp({ quality: 95 }).toBuffer(), 16],
  ['bmp', 'bmp', writeBmp(source), 0],
  ['tiff', 'tiff', await sharpOf(source).tiff({ compression: 'lzw' }).toBuffer(), 0],
  ['big-endian tiff', 'tiff', await sharpOf(source).tiff({ compression: 'deflate', bigtiff: true }).toBuffer(), 0],
  ['jpg in tiff', 'tiff', await sharpOf(source).tiff({ compression: 'jpeg', quality: 95 }).toBuffer(), 12],
  ['gif', 'gif', await sharpOf(source).gif({ dither: 0 }).toBuffer(), 24],
]
const TARGETS: readonly (readonly [PictureFormat, number])[] = [
  ['jpg', 16],
  ['png', 0],
  ['webp', 24],
  ['bmp', 0],
  ['tiff', 0],
  ['gif', 40],
]

describe('every source in every target', () => {
  it.each(SOURCES)('%s', async (_name, format, bytes, tolerance) => {
    const opened = await open(bytes)
    expect(opened).toMatchObject({ ...SIZE, format, bytes: bytes.length, frames: 1, orientation: 1, number: 0 })
    for (const [target, loss] of TARGETS) {
      const result = await render(bytes, [], { format: target })
      expect(result).toMatchObject({ ...SIZE, format: target })
      expect(await open(result.bytes)).toMatchObject({ ...SIZE, format: target })
      const pixels = await rendered(result.bytes)
      const opaque =
        pixels.channels === 3 ? pixels : await decoded(await sharpOf(pixels).removeAlpha().png().toBuffer())
      expect(distance(opaque, source)).toBeLessThanOrEqual(tolerance + loss)
    }
  })
})

describe('sources of other kinds', () => {
  it('of 16 bits become eight', async () => {
    for (const bytes of [
      await sharpOf(source).toColourspace('rgb16').png().toBuffer(),
      await sharpOf(glass(SIZE)).toColourspace('rgb16').png().toBuffer(),
    ]) {
      expect((await sharp(bytes).metadata()).depth).toBe('ushort')
      const back = await rendered(bytes)
      expect(distance(back, back.channels === 4 ? glass(SIZE) : source)).toBeLessThanOrEqual(1)
    }
    const grey = await sharpOf(source).toColourspace('grey16').png().toBuffer()
    expect((await rendered(grey)).channels).toBe(3)
    const values = Uint16Array.of(0, 65_535, 32_896, 257, 65_535, 0)
    const tiff = await sharp(values, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .tiff({ compression: 'none' })
      .toBuffer()
    expect((await sharp(tiff).metadata()).depth).toBe('ushort')
    expect([...(await rendered(tiff)).data]).toEqual([0, 255, 128, 1, 255, 0])
  })

  it('grey and with a palette become coloured', async () => {
    const grey = await rendered(await sharpOf(source).greyscale().png().toBuffer())
    expect(grey.channels).toBe(3)
    expect(new Set(pixel(grey, 20, 20)).size).toBe(1)
    const veiled = await rendered(await sharpOf(glass(SIZE)).greyscale().png().toBuffer())
    expect(veiled.channels).toBe(4)
    for (const palette of [
      await sharpOf(bars).png({ palette: true, colours: 4 }).toBuffer(),
      await sharpOf(bars).toColourspace('b-w').tiff({ compression: 'none' }).toBuffer(),
    ])
      expect((await rendered(palette)).channels).toBe(3)
    const one = await sharpOf(paint(SIZE, (x) => (x < 32 ? [0, 0, 0] : [255, 255, 255])))
      .threshold()
      .toColourspace('b-w')
      .tiff({ bitdepth: 1, compression: 'none', predictor: 'none' })
      .toBuffer()
    const black = await rendered(one)
    expect([pixel(black, 0, 0), pixel(black, 63, 0)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ])
  })

  it('in CMYK have about the same colours', async () => {
    for (const bytes of [
      await sharpOf(plain(SIZE, 120, 140, 160))
        .toColourspace('cmyk')
        .jpeg({ quality: 100 })
        .toBuffer(),
      await sharpOf(plain(SIZE, 120, 140, 160))
        .toColourspace('cmyk')
        .tiff()
        .toBuffer(),
    ]) {
      expect((await sharp(bytes).metadata()).space).toBe('cmyk')
      const [red = 0, green = 0, blue = 0] = pixel(await rendered(bytes), 30, 30)
      expect([Math.abs(red - 120) < 12, Math.abs(green - 140) < 12, Math.abs(blue - 160) < 12]).toEqual([
        true,
        true,
        true,
      ])
    }
  })

  it('with another profile are brought to sRGB, which the result says by having none', async () => {
    const p3 = await sharpOf(plain(SIZE, 200, 80, 80))
      .withIccProfile('p3')
      .png()
      .toBuffer()
    expect((await sharp(p3).metadata()).hasProfile).toBe(true)
    for (const stripped of [true, false]) {
      const { bytes } = await render(p3, [], { stripped })
      expect((await sharp(bytes).metadata()).hasProfile).toBe(false)
      const [red = 0, green = 0] = pixel(await decoded(bytes), 3, 3)
      expect([Math.abs(red - 200) <= 2, Math.abs(green - 80) <= 2]).toEqual([true, true])
    }
  })
})

describe('transparency', () => {
  it('is said of a picture, and kept where the target has it', async () => {
    const bytes = await png(glass(SIZE))
    expect((await open(bytes)).hasAlpha).toBe(true)
    expect((await open(await png(source))).hasAlpha).toBe(false)
    expect(distance(await rendered(bytes), glass(SIZE))).toBe(0)
    for (const format of ['webp', 'tiff', 'gif', 'bmp'] as const)
      expect((await open((await render(bytes, [], { format })).bytes)).hasAlpha).toBe(true)
    // JPEG within TIFF has none, so a quality does not take it away.
    expect((await open((await render(bytes, [], { format: 'tiff', quality: 50 })).bytes)).hasAlpha).toBe(true)
  })

  it('becomes white where it has not', async () => {
    const clear = await png(plain(SIZE, 0, 0, 0, 0))
    const { bytes } = await render(clear, [], { format: 'jpg' })
    expect(pixel(await rendered(bytes), 9, 9)).toEqual([255, 255, 255])
  })
})

describe('the output', () => {
  const metadataOf = async (output: Partial<Output>): Promise<Metadata> => {
    const { bytes } = await render(await png(source), [], output)
    return await sharp(bytes).metadata()
  }

  it('is interlaced when asked', async () => {
    for (const interlaced of [true, false]) {
      expect((await metadataOf({ format: 'jpg', interlaced })).isProgressive).toBe(interlaced)
      expect((await metadataOf({ format: 'png', interlaced })).isProgressive).toBe(interlaced)
      expect((await metadataOf({ format: 'gif', interlaced })).format).toBe('gif')
    }
  })

  it.each(['jpg', 'webp', 'tiff'] as const)('of %s has the quality that is asked for', async (format) => {
    const noisy = await png(paint({ width: 128, height: 128 }, (x, y) => [(x * 37 + y * 91) % 256, (x * y) % 256, y]))
    const sizes = await Promise.all(
      [10, 50, 95].map(async (quality) => (await render(noisy, [], { format, quality })).bytes.length),
    )
    expect(sizes).toEqual(sizes.toSorted((one, other) => one - other))
    expect(sizes[0]).toBeLessThan(sizes[2]! / 2)
    for (const quality of [1, 100]) expect(await outcome(render(noisy, [], { format, quality }))).toBe('rendered')
  })

  it('of jpg says its quality', async () => {
    for (const quality of [1, 10, 30, 50, 75, 85, 90, 100]) {
      const { bytes } = await render(await png(source), [], { format: 'jpg', quality })
      expect((await open(bytes)).quality).toBe(quality)
    }
    expect((await open((await render(await png(source), [], { format: 'jpg' })).bytes)).quality).toBe(85)
    expect((await open(await png(source))).quality).toBeUndefined()
  })

  it('is no larger than its format can be', async () => {
    const wide = await png(plain({ width: 17_000, height: 1 }, 1, 2, 3))
    expect(await outcome(render(wide, [], { format: 'webp' }))).toBe('too-large')
    expect(await outcome(render(wide, [], { format: 'jpg' }))).toBe('rendered')
  })
})

describe('an animation', () => {
  const frames = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
  ].map((colour) => plain({ width: 20, height: 10 }, ...colour, 255))
  const animated = { stripped: false, animated: true } as const

  /** The middle of each frame, and how they are shown. */
  async function played(bytes: Buffer) {
    const { pages = 1, delay, loop, width, height } = await sharp(bytes).metadata()
    const all = Array.from({ length: pages }, async (_, page) => {
      const pixels = await decoded(await sharp(bytes, { page }).png().toBuffer())
      return pixel(pixels, pixels.width >> 1, pixels.height >> 1)
        .slice(0, 3)
        .map((value) => (value > 127 ? 255 : 0))
    })
    return { colours: await Promise.all(all), delay, loop, size: [width, height] }
  }
  const colours = frames.map((frame) => pixel(frame, 0, 0).slice(0, 3))

  it.each(['gif', 'webp'] as const)('of %s keeps its frames, their times and its end', async (format) => {
    const bytes = await roll(frames)[format]()
    expect(await open(bytes)).toMatchObject({ width: 20, height: 10, frames: 4, format })
    for (const target of ['gif', 'webp'] as const) {
      const { bytes: result, ...size } = await render(bytes, [{ step: 'scale', to: { width: 10, height: 5 } }], {
        ...animated,
        format: target,
      })
      expect(size).toEqual({ width: 10, height: 5, format: target })
      expect(await played(result)).toEqual({ colours, delay: [50, 50, 50, 50], loop: 3, size: [10, 5] })
    }
  })

  it('takes part in every step with every frame', async () => {
    const bytes = await roll(frames).gif()
    const stamp = await png(plain({ width: 4, height: 4 }, 255, 255, 255))
    const { bytes: result } = await render(
      [bytes, stamp],
      [
        { step: 'cut', left: 2, top: 0, size: { width: 18, height: 10 } },
        { step: 'turn', degrees: 90, to: { width: 10, height: 18 }, color: undefined },
        { step: 'pad', to: { width: 20, height: 20 }, color: { red: 0, green: 0, blue: 0 } },
        {
          step: 'overlay',
          overlay: { kind: 'picture', picture: 1, steps: [] },
          place: { gravity: 'center', x: 0, y: 0 },
          opacity: 100,
        },
      ],
      { ...animated, format: 'gif' },
    )
    const white = [255, 255, 255]
    expect(await played(result)).toMatchObject({ colours: [white, white, white, white], size: [20, 20] })
  })

  it('is its first frame otherwise', async () => {
    const bytes = await roll(frames).webp()
    for (const output of [{ format: 'gif', animated: false } as const, { format: 'jpg', animated: true } as const]) {
      const { bytes: result, height } = await render(bytes, [], output)
      expect(height).toBe(10)
      expect((await played(result)).colours).toEqual([[255, 0, 0]])
    }
    // And is laid over another picture as that.
    const laid = await rendered(
      [await png(plain(SIZE, 0, 0, 0)), bytes],
      [
        {
          step: 'overlay',
          overlay: { kind: 'picture', picture: 1, steps: [] },
          place: { gravity: 'nw', x: 0, y: 0 },
          opacity: 100,
        },
      ],
    )
    expect([pixel(laid, 5, 5), pixel(laid, 5, 10)]).toEqual([
      [255, 0, 0],
      [0, 0, 0],
    ])
  })

  it('of TIFF is none: its first page is the picture', async () => {
    const [first, second] = frames
    const pages = await sharp(Buffer.concat([first!.data, second!.data]), {
      raw: { width: 20, height: 20, channels: 4, pageHeight: 10 },
    })
      .tiff({ compression: 'lzw' })
      .toBuffer()
    expect(await open(pages)).toMatchObject({ width: 20, height: 10, frames: 1 })
    expect(await rendered(pages)).toMatchObject({ width: 20, height: 10 })
  })
})
