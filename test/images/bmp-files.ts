import type { Raster } from './gallery.ts'

// Windows bitmaps, written from the format's description alone: what reads them must not have written them.

export type BmpDepth = 1 | 4 | 8 | 16 | 24 | 32

const FILE_HEADER_BYTES = 14
const INFO_HEADER_BYTES = 40

/** From the bottom up. Depths 1 to 8 have a palette of greys, 16 has five bits a colour, and 32 leaves eight unused. */
export function bmpOf(raster: Raster, depth: BmpDepth): Buffer {
  const { width, height } = raster
  const colours = depth <= 8 ? 2 ** depth : 0
  const offset = FILE_HEADER_BYTES + INFO_HEADER_BYTES + 4 * colours
  const stride = Math.ceil((width * depth) / 32) * 4
  const bytes = Buffer.alloc(offset + stride * height)
  bytes.write('BM', 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(offset, 10)
  bytes.writeUInt32LE(INFO_HEADER_BYTES, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(depth, 28)
  for (let index = 0; index < colours; index += 1) {
    const grey = Math.round((255 * index) / (colours - 1))
    bytes.set([grey, grey, grey, 0], FILE_HEADER_BYTES + INFO_HEADER_BYTES + 4 * index)
  }
  for (let y = 0; y < height; y += 1) {
    const row = bytes.subarray(offset + (height - 1 - y) * stride)
    for (let x = 0; x < width; x += 1) writePixel(row, { x, depth }, colourAt(raster, x, y))
  }
  return bytes
}

type Rgb = readonly [red: number, green: number, blue: number]

function colourAt({ width, channels, data }: Raster, x: number, y: number): Rgb {
  const at = (y * width + x) * channels
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
}

function writePixel(row: Buffer, { x, depth }: { x: number; depth: BmpDepth }, [red, green, blue]: Rgb): void {
  if (depth === 24) row.set([blue, green, red], 3 * x)
  else if (depth === 32) row.set([blue, green, red, 0], 4 * x)
  else if (depth === 16) row.writeUInt16LE(((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3), 2 * x)
  else {
    const grey = Math.round((greyOf([red, green, blue]) / 255) * (2 ** depth - 1))
    const bit = x * depth
    row[bit >> 3] = (row[bit >> 3] ?? 0) | (grey << (8 - depth - (bit % 8)))
  }
}

/** Evenly, so that a test can say what it must be. */
export function greyOf([red, green, blue]: Rgb): number {
  return (red + green + blue) / 3
}
