import assert from 'node:assert/strict'
import { inflateSync } from 'node:zlib'
import { DRAWING_TABLES, type FontTable, writeSfnt } from './sfnt.ts'
import { unpackWoff2 } from './woff2.ts'

// WOFF is the tables of a font, each compressed by zlib (W3C, WOFF File Format 1.0, sections 3 to 5). The font library
// reads it, but inflates a table anew for each glyph.

const HEADER_BYTES = 44
const ENTRY_BYTES = 20

/** A font as the library reads it best. */
export function unpackFont(bytes: Buffer): Buffer {
  const signature = bytes.toString('latin1', 0, 4)
  if (signature === 'wOF2') return unpackWoff2(bytes)
  return signature === 'wOFF' ? unpackWoff(bytes) : bytes
}

function unpackWoff(bytes: Buffer): Buffer {
  const count = bytes.readUInt16BE(12)
  const tables = Array.from({ length: count }, (_, index) => readTable(bytes, HEADER_BYTES + index * ENTRY_BYTES))
  return writeSfnt(
    bytes.readUInt32BE(4),
    tables.filter((table) => table !== undefined),
  )
}

function readTable(bytes: Buffer, entry: number): FontTable | undefined {
  const tag = bytes.toString('latin1', entry, entry + 4)
  if (!DRAWING_TABLES.includes(tag)) return undefined
  const offset = bytes.readUInt32BE(entry + 4)
  const packed = bytes.subarray(offset, offset + bytes.readUInt32BE(entry + 8))
  const plainBytes = bytes.readUInt32BE(entry + 12)
  // A table that would not shrink is stored as it is.
  const data = packed.length < plainBytes ? inflateSync(packed, { maxOutputLength: plainBytes }) : packed
  assert.equal(data.length, plainBytes)
  return { tag, data }
}
