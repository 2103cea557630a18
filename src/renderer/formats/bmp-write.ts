import type { BmpPixels } from './bmp-pixels.ts'

const FILE_HEADER_BYTES = 14
/** `BITMAPINFOHEADER`, which every reader knows. */
const INFO_BYTES = 40
const OFFSET = FILE_HEADER_BYTES + INFO_BYTES
const DEPTH = 24
/** 72 to the inch. */
const PIXELS_PER_METRE = 2835

/** How large a bitmap becomes. */
export function bmpBytes({ width, height }: Pick<BmpPixels, 'width' | 'height'>): number {
  return OFFSET + strideOf(width) * height
}

/** 24 bits to the pixel, from the bottom up. Few readers know of alpha, so the pixels have none. */
export function writeBmp({ width, height, data }: Omit<BmpPixels, 'channels'>): Buffer {
  const stride = strideOf(width)
  // What fills up the rows is zero.
  const bytes = Buffer.alloc(bmpBytes({ width, height }))
  bytes.write('BM', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(OFFSET, 10)
  bytes.writeUInt32LE(INFO_BYTES, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(DEPTH, 28)
  bytes.writeUInt32LE(stride * height, 34)
  bytes.writeInt32LE(PIXELS_PER_METRE, 38)
  bytes.writeInt32LE(PIXELS_PER_METRE, 42)
  for (let y = 0; y < height; y += 1) {
    const row = data.subarray(y * width * 3, (y + 1) * width * 3)
    writeRow(row, bytes, OFFSET + (height - 1 - y) * stride)
  }
  return bytes
}

function writeRow(row: Buffer, bytes: Buffer, to: number): void {
  for (let at = 0; at < row.length; at += 3) {
    bytes[to + at] = row[at + 2] ?? 0
    bytes[to + at + 1] = row[at + 1] ?? 0
    bytes[to + at + 2] = row[at] ?? 0
  }
}

function strideOf(width: number): number {
  return Math.ceil((width * 3) / 4) * 4
}
