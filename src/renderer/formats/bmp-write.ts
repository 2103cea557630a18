import assert from 'node:assert/strict'
import type { BmpPixels } from './bmp-pixels.ts'

const FILE_HEADER_BYTES = 14
/** `BITMAPINFOHEADER`, which every reader knows. */
const INFO_BYTES = 40
/** `BITMAPV4HEADER`, the first one of Microsoft's documents that has a mask for alpha. */
const V4_BYTES = 108
const BITFIELDS = 3
/** Red, green, blue and alpha in a word: blue is its first byte. */
const MASKS = [0x00ff0000, 0x0000ff00, 0x000000ff, 0xff000000]
/** `LCS_sRGB`. */
const SRGB = 0x73524742
/** 72 to the inch. */
const PIXELS_PER_METRE = 2835

/** How large a bitmap becomes. */
export function bmpBytes({ width, height, channels }: Omit<BmpPixels, 'data'>): number {
  return offsetOf(channels) + strideOf(width, channels) * height
}

/**
 * From the bottom up: 24 bits to the pixel, or 32 where there is alpha, which OSS counts among what a BMP has. Readers
 * that do not know of it show the colours that it hides.
 */
export function writeBmp({ width, height, channels, data }: BmpPixels): Buffer {
  assert.equal(data.length, width * height * channels)
  const [offset, stride] = [offsetOf(channels), strideOf(width, channels)]
  // What fills up the rows is zero.
  const bytes = Buffer.alloc(bmpBytes({ width, height, channels }))
  bytes.write('BM', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(offset, 10)
  bytes.writeUInt32LE(offset - FILE_HEADER_BYTES, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(channels * 8, 28)
  bytes.writeUInt32LE(stride * height, 34)
  bytes.writeInt32LE(PIXELS_PER_METRE, 38)
  bytes.writeInt32LE(PIXELS_PER_METRE, 42)
  if (channels === 4) writeMasks(bytes)
  for (let y = 0; y < height; y += 1) {
    const row = data.subarray(y * width * channels, (y + 1) * width * channels)
    writeRow(row, bytes, { to: offset + (height - 1 - y) * stride, channels })
  }
  return bytes
}

function writeMasks(bytes: Buffer): void {
  bytes.writeUInt32LE(BITFIELDS, 30)
  for (const [index, mask] of MASKS.entries()) bytes.writeUInt32LE(mask, FILE_HEADER_BYTES + INFO_BYTES + 4 * index)
  bytes.writeUInt32LE(SRGB, FILE_HEADER_BYTES + INFO_BYTES + 4 * MASKS.length)
}

interface RowOptions {
  readonly to: number
  readonly channels: 3 | 4
}

function writeRow(row: Buffer, bytes: Buffer, { to, channels }: RowOptions): void {
  for (let at = 0; at < row.length; at += channels) {
    bytes[to + at] = row[at + 2] ?? 0
    bytes[to + at + 1] = row[at + 1] ?? 0
    bytes[to + at + 2] = row[at] ?? 0
    if (channels === 4) bytes[to + at + 3] = row[at + 3] ?? 0
  }
}

function offsetOf(channels: 3 | 4): number {
  return FILE_HEADER_BYTES + (channels === 4 ? V4_BYTES : INFO_BYTES)
}

function strideOf(width: number, channels: 3 | 4): number {
  return Math.ceil((width * channels) / 4) * 4
}
