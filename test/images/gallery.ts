// Pictures that the tests make: the same bytes on every machine, and of every kind that people store.

import sharp, { type Sharp } from 'sharp'
import type { Size } from '../../src/renderer/plan.ts'
import { type BmpDepth, bmpOf, greyOf } from './bmp-files.ts'
import { landscape, noiseOf } from './landscape.ts'

/** Rows from the top, each pixel red, green, blue and perhaps alpha. */
export interface Raster extends Size {
  readonly channels: 3 | 4
  readonly data: Buffer
}

export type Colour = readonly [red: number, green: number, blue: number, alpha?: number]

/** A picture of a function of its coordinates, which begin with 0 in the upper left corner. */
export function paint({ width, height }: Size, colourAt: (x: number, y: number) => Colour): Raster {
  const channels = colourAt(0, 0).length === 4 ? 4 : 3
  const data = Buffer.alloc(width * height * channels)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * channels
      colourAt(x, y).forEach((part = 0, index) => {
        data[at + index] = Math.max(0, Math.min(255, Math.round(part)))
      })
    }
  }
  return { width, height, channels, data }
}

/** Of an alpha that is there, too. */
export function pixel({ width, channels, data }: Raster, x: number, y: number): number[] {
  const at = (y * width + x) * channels
  return [...data.subarray(at, at + channels)]
}

/** Red is the column and green the row, so that each pixel says where it was: of 256 pixels a side at most. */
export function coordinates(size: Size, blue = 0): Raster {
  return paint(size, (x, y) => [x, y, blue])
}

/** Smooth in all three colours. */
export function gradient({ width, height }: Size): Raster {
  return paint({ width, height }, (x, y) => [
    (255 * x) / (width - 1),
    (255 * y) / (height - 1),
    255 - (127 * x) / (width - 1) - (127 * y) / (height - 1),
  ])
}

/** A house before mountains: no two of its corners are alike, and it has smooth places, edges, and a sensor's grain. */
export function photo({ width, height }: Size, seed = 1): Raster {
  const noise = noiseOf(seed)
  return paint({ width, height }, (x, y) => {
    const grain = 6 * (noise(x, y) - 0.5)
    const [red, green, blue] = landscape(x / width, y / height, noise)
    return [red + grain, green + grain, blue + grain]
  })
}

/** The same, of which the middle is solid and the edge is nothing: alpha falls with the distance. */
export function ghost(size: Size): Raster {
  const solid = photo(size)
  return paint(size, (x, y) => {
    const [red = 0, green = 0, blue = 0] = pixel(solid, x, y)
    const across = (2 * (x + 0.5)) / size.width - 1
    const down = (2 * (y + 0.5)) / size.height - 1
    return [red, green, blue, 255 * Math.min(1, 1.6 - 1.6 * Math.hypot(across, down))]
  })
}

/** As a bitmap of few bits has it, whose palette is of greys. */
export function greyed(raster: Raster, depth: BmpDepth): Raster {
  const steps = 2 ** depth - 1
  return paint(raster, (x, y) => {
    const [red = 0, green = 0, blue = 0] = pixel(raster, x, y)
    const grey = Math.round((255 * Math.round((greyOf([red, green, blue]) / 255) * steps)) / steps)
    return [grey, grey, grey]
  })
}

export function piped({ data, width, height, channels }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels } })
}

export async function png(raster: Raster): Promise<Buffer> {
  return await piped(raster).png({ compressionLevel: 1 }).toBuffer()
}

/** Where the pixel that is stored at a row and a column is seen. */
type Seen = (row: number, column: number, last: { readonly x: number; readonly y: number }) => readonly [number, number]

/** Exif 2.32, 4.6.5.1.1: on which sides of the visible picture the first row and the first column are. */
const ORIENTATIONS: Readonly<Record<number, Seen>> = {
  1: (row, column) => [column, row],
  2: (row, column, { x }) => [x - column, row],
  3: (row, column, { x, y }) => [x - column, y - row],
  4: (row, column, { y }) => [column, y - row],
  5: (row, column) => [row, column],
  6: (row, column, { x }) => [x - row, column],
  7: (row, column, { x, y }) => [x - row, y - column],
  8: (row, column, { y }) => [row, y - column],
}

/** The pixels as a camera stores them so that this orientation shows the picture. */
export function storedAs(raster: Raster, orientation: number): Raster {
  const { width, height } = raster
  const seen = ORIENTATIONS[orientation]
  if (seen === undefined) throw new Error(`EXIF has no orientation ${orientation}`)
  const size = orientation >= 5 ? { width: height, height: width } : { width, height }
  return paint(size, (column, row) => {
    const [x, y] = seen(row, column, { x: width - 1, y: height - 1 })
    const [red = 0, green = 0, blue = 0] = pixel(raster, x, y)
    return [red, green, blue]
  })
}

/** sharp's own default is JPEG within TIFF. */
const EXACT_TIFF = { compression: 'lzw' } as const

export type OrientedFormat = 'jpeg' | 'png' | 'webp' | 'tiff'

/** A file that is seen as the raster. JPEG and WebP of high quality, the others exact. */
export async function oriented(raster: Raster, orientation: number, format: OrientedFormat = 'png'): Promise<Buffer> {
  const stored = piped(storedAs(raster, orientation)).withMetadata({ orientation })
  return await stored.toFormat(format, format === 'tiff' ? EXACT_TIFF : { quality: 95 }).toBuffer()
}

/** 16 bits a channel: each value 257 times what it is in 8. */
export async function deep(raster: Raster, format: 'png' | 'tiff'): Promise<Buffer> {
  const wide = piped(raster).toColourspace('rgb16')
  return await (format === 'tiff' ? wide.tiff(EXACT_TIFF) : wide.png()).toBuffer()
}

/** Without a profile. */
export async function cmyk(raster: Raster): Promise<Buffer> {
  return await piped(raster).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
}

export const FRAMES = 4
const DELAY_MS = 120

/** A red square that moves from left to right over the picture; the frames are told apart by its place. */
export async function moving(size: Size, format: 'gif' | 'webp'): Promise<Buffer> {
  const { width, height } = size
  const side = Math.floor(width / FRAMES)
  const ground = gradient(size)
  const roll = paint({ width, height: height * FRAMES }, (x, y) => {
    if (Math.floor(x / side) === Math.floor(y / height) && y % height < side) return [230, 20, 20]
    const [red = 0, green = 0, blue = 0] = pixel(ground, x, y % height)
    return [red, green, blue]
  })
  const raw = { width, height: height * FRAMES, channels: 3 as const, pageHeight: height }
  const playing = { delay: Array<number>(FRAMES).fill(DELAY_MS), loop: 0 }
  return await sharp(roll.data, { raw })[format](playing).toBuffer()
}

const SIZE: Size = { width: 240, height: 160 }

/** One file of each kind, by its key. Made anew each time: whoever needs them more than once keeps them. */
export async function gallery(size: Size = SIZE): Promise<ReadonlyMap<string, Buffer>> {
  const [scene, clear] = [photo(size), ghost(size)]
  const files: Record<string, Promise<Buffer> | Buffer> = {
    'photo.jpg': piped(scene).jpeg({ quality: 92 }).toBuffer(),
    'progressive.jpg': piped(scene).jpeg({ progressive: true }).toBuffer(),
    'cmyk.jpg': cmyk(scene),
    'grey.jpg': piped(scene).toColourspace('b-w').jpeg().toBuffer(),
    'gradient.png': png(gradient(size)),
    'photo.png': png(scene),
    'alpha.png': png(clear),
    'deep.png': deep(scene, 'png'),
    'palette.png': piped(scene).png({ palette: true }).toBuffer(),
    'grey.png': piped(scene).toColourspace('b-w').png().toBuffer(),
    'grey-alpha.png': piped(clear).toColourspace('b-w').png().toBuffer(),
    'interlaced.png': piped(scene).png({ progressive: true }).toBuffer(),
    'photo.webp': piped(scene).webp({ quality: 90 }).toBuffer(),
    'alpha.webp': piped(clear).webp({ lossless: true }).toBuffer(),
    'photo.tiff': piped(scene).tiff(EXACT_TIFF).toBuffer(),
    'alpha.tiff': piped(clear).tiff(EXACT_TIFF).toBuffer(),
    'deep.tiff': deep(scene, 'tiff'),
    'still.gif': piped(scene).gif().toBuffer(),
    'moving.gif': moving(size, 'gif'),
    'moving.webp': moving(size, 'webp'),
  }
  const depths: readonly BmpDepth[] = [1, 4, 8, 16, 24, 32]
  for (const depth of depths) files[`bmp-${depth}.bmp`] = bmpOf(scene, depth)
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8])
    files[`orientation-${orientation}.jpg`] = oriented(scene, orientation, 'jpeg')
  const made = Object.entries(files).map(async ([key, file]) => [key, await file] as const)
  return new Map(await Promise.all(made))
}
