/** The four letters that name a table, and its bytes. */
export interface FontTable {
  readonly tag: string
  readonly data: Buffer
}

/** What is needed to draw single glyphs; a third of a large font is rules for setting them together. */
export const DRAWING_TABLES = ['cmap', 'head', 'hhea', 'hmtx', 'maxp', 'name', 'OS/2', 'post', 'glyf', 'loca']

const HEADER_BYTES = 12
const ENTRY_BYTES = 16
const ALIGNMENT_BYTES = 4

/** A font in the form of OpenType (sfnt). Checksums and search hints, which nobody here reads, stay zero. */
export function writeSfnt(flavor: number, tables: readonly FontTable[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + tables.length * ENTRY_BYTES)
  header.writeUInt32BE(flavor)
  header.writeUInt16BE(tables.length, 4)
  const parts: Buffer[] = [header]
  let offset = header.length
  for (const [index, { tag, data }] of tables.entries()) {
    const entry = HEADER_BYTES + index * ENTRY_BYTES
    header.write(tag, entry, 'latin1')
    header.writeUInt32BE(offset, entry + 8)
    header.writeUInt32BE(data.length, entry + 12)
    const padding = Buffer.alloc(-data.length & (ALIGNMENT_BYTES - 1))
    parts.push(data, padding)
    offset += data.length + padding.length
  }
  return Buffer.concat(parts)
}
