import assert from 'node:assert/strict'
import { brotliDecompressSync } from 'node:zlib'
import { ByteReader } from './bytes.ts'
import { DRAWING_TABLES, type FontTable, writeSfnt } from './sfnt.ts'
import { readGlyphs } from './woff2-glyphs.ts'

// WOFF2 (W3C, WOFF File Format 2.0): all tables in one Brotli stream, those of TrueType outlines in a form that shrinks
// better. The font library reads it, but by a Brotli of its own, and makes objects of every point of every glyph: one
// face of hanzi took 120 MiB of heap. In the plain form it reads the glyphs that it is asked for.

const HEADER_BYTES = 48
/** Tables that this code reads have the numbers 0 to 11; 63 says that the name follows. */
const KNOWN_TAGS = ['cmap', 'head', 'hhea', 'hmtx', 'maxp', 'name', 'OS/2', 'post', 'cvt ', 'fpgm', 'glyf', 'loca']
const NAMED_TAG = 63
/** Of the flags: that `glyf` and `loca` are as they are in a plain font. */
const NULL_TRANSFORM = 3
/** Where `head` says whether `loca` has four bytes a glyph, and `hhea` how many glyphs have a width of their own. */
const HEAD_LOCA_FORMAT_AT = 50
const HHEA_WIDTHS_AT = 34

interface PackedTable {
  readonly tag: string
  readonly transformed: boolean
  readonly data: Buffer
}

export function unpackWoff2(bytes: Buffer): Buffer {
  const tables = readTables(bytes)
  const table = (tag: string): PackedTable => {
    const found = tables.find((one) => one.tag === tag)
    assert(found !== undefined, `a font with a table ${tag}`)
    return found
  }
  assert(table('glyf').transformed && table('loca').transformed, 'what the makers of WOFF2 files write')
  const { glyf, loca, lefts } = readGlyphs(table('glyf').data)
  const head = Buffer.from(table('head').data)
  head.writeInt16BE(1, HEAD_LOCA_FORMAT_AT)
  const hmtx = table('hmtx')
  const widths = table('hhea').data.readUInt16BE(HHEA_WIDTHS_AT)
  const made = { glyf, loca, head, hmtx: hmtx.transformed ? readMetrics(hmtx.data, widths, lefts) : hmtx.data }
  const plain = tables.filter(({ tag }) => DRAWING_TABLES.includes(tag) && !Object.hasOwn(made, tag))
  assert(plain.every(({ transformed }) => !transformed))
  const rebuilt: FontTable[] = Object.entries(made).map(([tag, data]) => ({ tag, data }))
  return writeSfnt(bytes.readUInt32BE(4), [...plain, ...rebuilt])
}

function readTables(bytes: Buffer): PackedTable[] {
  const reader = new ByteReader(bytes, HEADER_BYTES)
  const entries = Array.from({ length: bytes.readUInt16BE(12) }, () => readEntry(reader))
  const packed = bytes.subarray(reader.position, reader.position + bytes.readUInt32BE(20))
  const plainBytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  const data = new ByteReader(brotliDecompressSync(packed, { maxOutputLength: plainBytes }))
  return entries.map((entry) => ({ ...entry, data: data.take(entry.bytes) }))
}

/** Section 4.1 of WOFF2. */
function readEntry(reader: ByteReader): { tag: string; transformed: boolean; bytes: number } {
  const flags = reader.u8()
  const [number, version] = [flags & 63, flags >> 6]
  const tag = number === NAMED_TAG ? reader.take(4).toString('latin1') : (KNOWN_TAGS[number] ?? '')
  const plainBytes = reader.base128()
  const transformed = version !== (tag === 'glyf' || tag === 'loca' ? NULL_TRANSFORM : 0)
  return { tag, transformed, bytes: transformed ? reader.base128() : plainBytes }
}

/** `hmtx`, whose left bearings may be left out where they are the glyphs' own left edges (section 5.4 of WOFF2). */
function readMetrics(data: Buffer, widths: number, lefts: readonly number[]): Buffer {
  const reader = new ByteReader(data)
  const flags = reader.u8()
  const advances = Array.from({ length: widths }, () => reader.u16())
  const bearings = lefts.map((left, glyph) => {
    const isLeftOut = (flags & (glyph < widths ? 1 : 2)) !== 0
    return isLeftOut ? left : reader.i16()
  })
  const metrics = Buffer.alloc(widths * 4 + (lefts.length - widths) * 2)
  for (const [glyph, bearing] of bearings.entries()) {
    const advance = advances[glyph]
    if (advance === undefined) {
      metrics.writeInt16BE(bearing, widths * 4 + (glyph - widths) * 2)
    } else {
      metrics.writeUInt16BE(advance, glyph * 4)
      metrics.writeInt16BE(bearing, glyph * 4 + 2)
    }
  }
  return metrics
}
