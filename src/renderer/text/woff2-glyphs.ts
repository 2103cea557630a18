import assert from 'node:assert/strict'
import { ByteReader } from './bytes.ts'

// The transformed `glyf` table (W3C, WOFF File Format 2.0, section 5.1) back to the one of OpenType. Hints, the little
// programs for coarse screens, are dropped: nothing here runs them.

const BOX_BYTES = 8
/** A component's flags. */
const ARGUMENTS_ARE_WORDS = 0x0001
const HAS_SCALE = 0x0008
const MORE_COMPONENTS = 0x0020
const HAS_TWO_SCALES = 0x0040
const HAS_MATRIX = 0x0080
const HAS_HINTS = 0x0100

interface Streams {
  readonly contours: ByteReader
  readonly counts: ByteReader
  readonly flags: ByteReader
  readonly glyphs: ByteReader
  readonly composites: ByteReader
  readonly boxes: ByteReader
}

interface Point {
  readonly dx: number
  readonly dy: number
  readonly isOnCurve: boolean
}

export interface GlyphTables {
  readonly glyf: Buffer
  /** Four bytes a glyph. */
  readonly loca: Buffer
  /** The left edge of each glyph, 0 of an empty one. */
  readonly lefts: readonly number[]
}

export function readGlyphs(table: Buffer): GlyphTables {
  const header = new ByteReader(table, 4) // after the version and flags, of which this code needs none
  const count = header.u16()
  header.u16() // the format of `loca` before
  const sizes = Array.from({ length: 7 }, () => header.u32())
  const [contours, counts, flags, glyphs, composites, boxes] = sizes.map((bytes) => header.take(bytes)) as Buffer[]
  assert(contours && counts && flags && glyphs && composites && boxes)
  const bitmapBytes = ((count + 31) >> 5) << 2
  const streams: Streams = {
    contours: new ByteReader(contours),
    counts: new ByteReader(counts),
    flags: new ByteReader(flags),
    glyphs: new ByteReader(glyphs),
    composites: new ByteReader(composites),
    boxes: new ByteReader(boxes, bitmapBytes),
  }
  const made = Array.from({ length: count }, (_, glyph) => {
    const hasBox = ((boxes[glyph >> 3] ?? 0) & (0x80 >> (glyph & 7))) !== 0
    return readGlyph(streams, hasBox)
  })
  return {
    glyf: Buffer.concat(made),
    loca: offsetsOf(made),
    lefts: made.map((bytes) => (bytes.length === 0 ? 0 : bytes.readInt16BE(2))),
  }
}

function offsetsOf(glyphs: readonly Buffer[]): Buffer {
  const loca = Buffer.alloc((glyphs.length + 1) * 4)
  let offset = 0
  for (const [index, { length }] of glyphs.entries()) {
    offset += length
    loca.writeUInt32BE(offset, (index + 1) * 4)
  }
  return loca
}

function readGlyph(streams: Streams, hasBox: boolean): Buffer {
  const contours = streams.contours.i16()
  if (contours === 0) return Buffer.alloc(0)
  if (contours > 0) return readSimple(streams, contours, hasBox)
  assert(hasBox, 'composed glyphs have theirs')
  const header = Buffer.alloc(2)
  header.writeInt16BE(-1)
  const box = streams.boxes.take(BOX_BYTES)
  return aligned([header, box, ...readComponents(streams)])
}

function readSimple(streams: Streams, contours: number, hasBox: boolean): Buffer {
  const counts = Array.from({ length: contours }, () => streams.counts.packed16())
  const ends = Buffer.alloc(contours * 2 + 2) // the last two: no hints
  let total = 0
  for (const [index, count] of counts.entries()) {
    total += count
    ends.writeUInt16BE(total - 1, index * 2)
  }
  const points = Array.from({ length: total }, () => readPoint(streams))
  streams.glyphs.packed16() // bytes of hints
  const header = Buffer.alloc(2)
  header.writeInt16BE(contours)
  const flags = Buffer.from(points.map(({ isOnCurve }) => (isOnCurve ? 1 : 0)))
  const box = hasBox ? streams.boxes.take(BOX_BYTES) : boxOf(points)
  return aligned([header, box, ends, flags, words(points.map(({ dx }) => dx)), words(points.map(({ dy }) => dy))])
}

/** Section 5.2 of WOFF2: seven bits of a flag say how many bytes follow, and what they mean. */
function readPoint({ flags, glyphs }: Streams): Point {
  const flag = flags.u8()
  const isOnCurve = flag < 0x80
  const code = flag & 0x7f
  const signed = (bit: number, value: number) => (code & bit ? value : -value)
  if (code < 10) return { dx: 0, dy: signed(1, ((code & 14) << 7) + glyphs.u8()), isOnCurve }
  if (code < 20) return { dx: signed(1, (((code - 10) & 14) << 7) + glyphs.u8()), dy: 0, isOnCurve }
  if (code < 84) {
    const [high, both] = [code - 20, glyphs.u8()]
    const [dx, dy] = [1 + (high & 0x30) + (both >> 4), 1 + ((high & 0x0c) << 2) + (both & 15)]
    return { dx: signed(1, dx), dy: signed(2, dy), isOnCurve }
  }
  if (code < 120) {
    const high = code - 84
    const dx = signed(1, 1 + (Math.floor(high / 12) << 8) + glyphs.u8())
    return { dx, dy: signed(2, 1 + (((high % 12) >> 2) << 8) + glyphs.u8()), isOnCurve }
  }
  if (code < 124) {
    const [first, middle, last] = [glyphs.u8(), glyphs.u8(), glyphs.u8()]
    return { dx: signed(1, (first << 4) + (middle >> 4)), dy: signed(2, ((middle & 15) << 8) + last), isOnCurve }
  }
  return { dx: signed(1, glyphs.u16()), dy: signed(2, glyphs.u16()), isOnCurve }
}

/** Other glyphs and where they go, as they are but for the hints. */
function readComponents({ composites, glyphs }: Streams): Buffer[] {
  const parts: Buffer[] = []
  let hasHints = false
  for (;;) {
    const head = Buffer.from(composites.take(4))
    const flags = head.readUInt16BE()
    head.writeUInt16BE(flags & ~HAS_HINTS)
    const scaleBytes = flags & HAS_MATRIX ? 8 : flags & HAS_TWO_SCALES ? 4 : flags & HAS_SCALE ? 2 : 0
    parts.push(head, composites.take((flags & ARGUMENTS_ARE_WORDS ? 4 : 2) + scaleBytes))
    hasHints ||= (flags & HAS_HINTS) !== 0
    if ((flags & MORE_COMPONENTS) === 0) break
  }
  if (hasHints) glyphs.packed16()
  return parts
}

function boxOf(points: readonly Point[]): Buffer {
  let [x, y] = [0, 0]
  const places = points.map(({ dx, dy }) => {
    x += dx
    y += dy
    return { x, y }
  })
  const [xs, ys] = [places.map((place) => place.x), places.map((place) => place.y)]
  return words([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)])
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeInt16BE(value, index * 2)
  return bytes
}

/** `loca` counts in words. */
function aligned(parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(parts)
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])
}
