import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { carryExif } from '../../../src/renderer/formats/carry-exif.ts'
import { readExif } from '../../../src/renderer/formats/exif.ts'
import type { PictureFormat, RenderStep } from '../../../src/renderer/plan.ts'
import { Engine } from '../../../src/renderer/sharp/engine.ts'
import { exifOf } from '../../support/exif-file.ts'
import { decoded, distance, glass, gradient, LIMITS, png, render, roll, sharpOf } from '../../support/rendering.ts'

const SIZE = { width: 60, height: 40 }
const thumbnailBytes = await sharpOf(gradient({ width: 16, height: 10 }))
  .jpeg()
  .toBuffer()
const exif = exifOf({
  order: 'big',
  image: [
    [0x010f, 2, 'Cozos Optics'],
    [0x0112, 3, [6]],
  ],
  photo: [
    [0xa002, 4, [60]],
    [0xa003, 3, [40]],
  ],
  gps: [[0x12, 2, 'WGS-84']],
  thumbnail: [[0x0103, 3, [6]]],
  thumbnailBytes,
})

/** A picture of the format, with the EXIF put into it. */
async function pictureOf(format: PictureFormat): Promise<Buffer> {
  const { bytes } = await render(await png(gradient(SIZE)), [], { format })
  return carryExif(bytes, exif, { format, size: SIZE, isOriented: false })
}

async function exifIn(bytes: Buffer): Promise<Readonly<Record<string, string>>> {
  return (await new Engine(LIMITS).open(bytes)).exif
}

const CARRYING = ['jpg', 'png', 'webp'] as const
const SCALE: RenderStep = { step: 'scale', to: { width: 30, height: 20 } }

describe('EXIF', () => {
  it.each(CARRYING)('goes along from %s to every format that has a place for it', async (from) => {
    const source = await pictureOf(from)
    expect(await new Engine(LIMITS).open(source)).toMatchObject({
      ...SIZE,
      orientation: 6,
      exif: { Make: 'Cozos Optics' },
    })
    for (const format of CARRYING) {
      const { bytes } = await render(source, [SCALE], { format, stripped: false })
      const { orientation, exif: carried } = await new Engine(LIMITS).open(bytes)
      expect(carried).toMatchObject({
        Make: 'Cozos Optics',
        GPSMapDatum: 'WGS-84',
        PixelXDimension: '30',
        PixelYDimension: '20',
      })
      // The pixels lie as they did.
      expect(orientation).toBe(6)
      expect((await decoded(bytes)).width).toBe(30)
    }
    for (const format of ['bmp', 'gif'] as const)
      expect(await exifIn((await render(source, [SCALE], { format, stripped: false })).bytes)).toEqual({})
  })

  it('says no longer how the picture has to be turned once it is', async () => {
    const pairs = CARRYING.flatMap((from) => CARRYING.map((format) => ({ from, format })))
    for (const { from, format } of pairs) {
      const { bytes } = await render(await pictureOf(from), [{ step: 'orient' }], { format, stripped: false })
      const opened = await new Engine(LIMITS).open(bytes)
      expect(opened).toMatchObject({ width: 40, height: 60, orientation: 1 })
      expect(opened.exif).toMatchObject({ Orientation: '1', PixelXDimension: '40', PixelYDimension: '60' })
    }
  })

  it('is left out when asked', async () => {
    for (const format of CARRYING) {
      const { bytes } = await render(await pictureOf('jpg'), [], { format, stripped: true })
      expect(await exifIn(bytes)).toEqual({})
      expect(bytes.includes('Cozos')).toBe(false)
    }
  })

  it('keeps no thumbnail of what was cut away', async () => {
    const jpg = await sharpOf(gradient(SIZE)).jpeg().toBuffer()
    const length = exif.length + 8
    const head = Buffer.from([0xff, 0xe1, length >> 8, length & 255, ...Buffer.from('Exif\0\0')])
    const source = Buffer.concat([jpg.subarray(0, 2), head, exif, jpg.subarray(2)])
    expect(source.includes(thumbnailBytes.subarray(20, 200))).toBe(true)
    expect(await exifIn(source)).toHaveProperty('Compression')
    const { bytes } = await render(source, [SCALE], { format: 'jpg', stripped: false })
    expect(bytes.includes(thumbnailBytes.subarray(20, 200))).toBe(false)
    expect(await exifIn(bytes)).not.toHaveProperty('Compression')
  })

  it('of a TIFF is that of its first directory', async () => {
    const tiff = await sharpOf(gradient(SIZE)).tiff({ compression: 'none', resolutionUnit: 'inch' }).toBuffer()
    expect(await exifIn(tiff)).toMatchObject({
      ImageWidth: '60',
      ImageLength: '40',
      Compression: '1',
      ResolutionUnit: '2',
    })
    expect(await exifIn((await render(tiff, [], { format: 'jpg', stripped: false })).bytes)).toEqual({})
  })
})

describe('the containers', () => {
  it('show the same pixels with EXIF', async () => {
    for (const [format, lossless] of [
      ['png', false],
      ['webp', true],
      ['webp', false],
    ] as const) {
      for (const pixels of [gradient(SIZE), glass(SIZE)]) {
        const encoder = sharpOf(pixels)
        const plain = await (format === 'png' ? encoder.png() : encoder.webp({ lossless })).toBuffer()
        const with_ = carryExif(plain, exif, { format, size: SIZE, isOriented: false })
        expect(readExif((await sharp(with_).metadata()).exif!)).toMatchObject({ Make: 'Cozos Optics' })
        expect(distance(await decoded(with_), await decoded(plain))).toBe(0)
      }
    }
  })

  it('of animations stay animations', async () => {
    const plain = await roll([glass(SIZE), gradientWithAlpha()]).webp()
    const bytes = carryExif(plain, exif, { format: 'webp', size: SIZE, isOriented: false })
    expect(await sharp(bytes).metadata()).toMatchObject({ pages: 2, loop: 3 })
    expect(await exifIn(bytes)).toMatchObject({ Make: 'Cozos Optics' })
  })

  it('of JPEG have no place for more than 64 KiB', async () => {
    const jpg = await sharpOf(gradient(SIZE)).jpeg().toBuffer()
    const large = exifOf({ order: 'little', image: [[0x010e, 2, 'x'.repeat(65_600)]] })
    expect(carryExif(jpg, large, { format: 'jpg', size: SIZE, isOriented: false })).toBe(jpg)
    expect(carryExif(jpg, Buffer.from('no EXIF at all'), { format: 'jpg', size: SIZE, isOriented: false })).toBe(jpg)
  })
})

function gradientWithAlpha() {
  const pixels = glass(SIZE)
  return { ...pixels, data: Buffer.from(pixels.data.map((value, at) => (at % 4 === 3 ? 255 : value))) }
}
