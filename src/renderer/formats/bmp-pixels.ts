import type { Size } from '../plan.ts'
import { type BmpHeader, type BmpPalette, damaged } from './bmp-header.ts'
import { decodeRuns } from './bmp-runs.ts'

export interface BmpPixels extends Size {
  readonly data: Buffer
  readonly channels: 3 | 4
}

/** Rows are filled up to four bytes. */
const ROW_BITS = 32

interface Row {
  /** Where it begins in the file, and in the result. */
  readonly from: number
  readonly to: number
}

/**
 * Of sizes that the caller has judged.
 * @throws RenderFailed `damaged`
 */
export function readBmpPixels(bytes: Buffer, header: BmpHeader): BmpPixels {
  const { width, height, depth, masks, palette } = header
  if (header.isRunLength) return fromRuns(bytes, header)
  assertComplete(bytes, header)
  const channels = header.hasAlpha ? 4 : 3
  const data = Buffer.allocUnsafeSlow(width * height * channels)
  const read = masks === undefined ? readerOf(bytes, data, header) : maskedReader(bytes, data, { ...header, masks })
  for (const row of rowsOf(header, channels)) read(row)
  if (palette === undefined && depth === 32 && channels === 4) undoEmptyAlpha(data)
  return { width, height, channels, data }
}

function assertComplete(bytes: Buffer, { width, height, depth, offset }: BmpHeader): void {
  // What fills up the last row may be missing.
  const needed = strideOf(width, depth) * (height - 1) + Math.ceil((width * depth) / 8)
  if (bytes.length - offset < needed) throw damaged(`it has ${bytes.length - offset} of ${needed} bytes of pixels`)
}

function strideOf(width: number, depth: number): number {
  return Math.ceil((width * depth) / ROW_BITS) * (ROW_BITS / 8)
}

function* rowsOf({ width, height, depth, offset, isTopDown }: BmpHeader, channels: number): Generator<Row> {
  const stride = strideOf(width, depth)
  for (let y = 0; y < height; y += 1)
    yield { from: offset + stride * (isTopDown ? y : height - 1 - y), to: y * width * channels }
}

function readerOf(bytes: Buffer, data: Buffer, { width, depth, palette }: BmpHeader): (row: Row) => void {
  if (palette === undefined) return ({ from, to }) => copyReversed(bytes.subarray(from, from + width * 3), data, to)
  const colours = coloursOf(bytes, palette)
  const perByte = 8 / depth
  const mask = 2 ** depth - 1
  return ({ from, to }) => {
    let at = to
    for (let x = 0; x < width; x += 1) {
      const byte = bytes[from + Math.floor(x / perByte)] ?? 0
      // The leftmost pixel is in the uppermost bits.
      const index = (byte >> (8 - depth * ((x % perByte) + 1))) & mask
      at = put(data, at, colours[index] ?? 0)
    }
  }
}

/** Blue, green, red becomes red, green, blue. */
function copyReversed(row: Buffer, data: Buffer, to: number): void {
  for (let at = 0; at < row.length; at += 3) {
    data[to + at] = row[at + 2] ?? 0
    data[to + at + 1] = row[at + 1] ?? 0
    data[to + at + 2] = row[at] ?? 0
  }
}

interface Masked extends BmpHeader {
  readonly masks: readonly number[]
}

function maskedReader(bytes: Buffer, data: Buffer, { width, depth, masks, hasAlpha }: Masked): (row: Row) => void {
  const fields = (hasAlpha ? masks : masks.slice(0, 3)).map(fieldOf)
  const step = depth / 8
  return ({ from, to }) => {
    let at = to
    for (let x = 0; x < width; x += 1) {
      const pixel = depth === 16 ? bytes.readUInt16LE(from + x * step) : bytes.readUInt32LE(from + x * step)
      for (const { shift, levels } of fields) {
        data[at] = levels[(pixel >>> shift) & (levels.length - 1)] ?? 0
        at += 1
      }
    }
  }
}

interface Field {
  readonly shift: number
  /** What a value is of 255. */
  readonly levels: Uint8Array
}

/** Of more than eight bits the upper ones. A field without bits is black. */
function fieldOf(mask: number): Field {
  if (mask === 0) return { shift: 0, levels: Uint8Array.of(0) }
  const low = Math.log2((mask & -mask) >>> 0)
  const bits = Math.log2(mask / 2 ** low + 1)
  const used = Math.min(8, bits)
  const top = 2 ** used - 1
  return {
    shift: low + bits - used,
    levels: Uint8Array.from({ length: top + 1 }, (_, value) => (value * 255) / top + 0.5),
  }
}

/** Writers that know no alpha leave it zero, which would make all invisible. */
function undoEmptyAlpha(data: Buffer): void {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) return
  for (let at = 3; at < data.length; at += 4) data[at] = 255
}

function fromRuns(bytes: Buffer, header: BmpHeader): BmpPixels {
  const { width, height, palette } = header
  const colours = palette === undefined ? [] : coloursOf(bytes, palette)
  const indices = decodeRuns(bytes.subarray(header.offset), header)
  const data = Buffer.allocUnsafeSlow(width * height * 3)
  let at = 0
  for (const index of indices) at = put(data, at, colours[index] ?? 0)
  return { width, height, channels: 3, data }
}

/** Each as one number, red in its upper bits. */
function coloursOf(bytes: Buffer, { offset, colours, bytes: step }: BmpPalette): readonly number[] {
  return Array.from({ length: colours }, (_, index) => bytes.readUIntLE(offset + index * step, 3))
}

function put(data: Buffer, at: number, colour: number): number {
  data[at] = colour >> 16
  data[at + 1] = (colour >> 8) & 255
  data[at + 2] = colour & 255
  return at + 3
}
