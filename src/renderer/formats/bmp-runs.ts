import { type BmpHeader, damaged } from './bmp-header.ts'

// RLE8 and RLE4 of "Bitmap Compression" (Microsoft): pairs of a count and what is repeated; after a count of zero an
// escape. What runs over an edge is left out, as readers do.

const END_OF_LINE = 0
const END_OF_BITMAP = 1
const DELTA = 2

/** The colours' numbers, rows from the top. Where nothing was drawn it is colour 0. @throws RenderFailed `damaged` */
export function decodeRuns(runs: Buffer, { width, height, depth }: BmpHeader): Uint8Array {
  const indices = new Uint8Array(width * height)
  let at = 0
  let x = 0
  let y = 0
  const byte = (): number => {
    const value = runs[at]
    if (value === undefined) throw damaged('its runs are cut off')
    at += 1
    return value
  }
  const draw = (count: number, nth: (index: number) => number): void => {
    const row = (height - 1 - y) * width
    for (let index = 0; index < Math.min(count, width - x); index += 1) indices[row + x + index] = nth(index)
    x = Math.min(width, x + count)
  }
  while (y < height) {
    const [count, second] = [byte(), byte()]
    if (count > 0) {
      draw(count, (index) => pixelOf(second, index, depth))
    } else if (second === END_OF_LINE) {
      x = 0
      y += 1
    } else if (second === END_OF_BITMAP) {
      break
    } else if (second === DELTA) {
      x = Math.min(width, x + byte())
      y += byte()
    } else {
      const length = Math.ceil((second * depth) / 8)
      const literal = runs.subarray(at, at + length)
      if (literal.length < length) throw damaged('its runs are cut off')
      draw(second, (index) => pixelOf(literal[depth === 8 ? index : index >> 1] ?? 0, index, depth))
      // Filled up to two bytes.
      at += length + (length % 2)
    }
  }
  return indices
}

/** Of four bits two are in a byte, the upper ones first. */
function pixelOf(byte: number, index: number, depth: number): number {
  if (depth === 8) return byte
  return index % 2 === 0 ? byte >> 4 : byte & 15
}
