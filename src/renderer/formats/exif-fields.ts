// The structure of EXIF is TIFF's: directories of tagged values, which point at each other by offsets. Nothing of it
// is believed: an offset may point anywhere and a count may be anything.

/** A directory of more is none. Real ones have less than a hundred. */
const FIELDS_MAX = 512
const FIELD_BYTES = 12
/** BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE. */
const TYPE_BYTES: Readonly<Partial<Record<number, number>>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
}

export interface ExifField {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** Where its values are, all of which are in the block. */
  readonly at: number
}

export interface ExifDirectory {
  readonly fields: readonly ExifField[]
  /** Where the next one's offset stands, and what it is; 0: there is none. */
  readonly nextAt: number
  readonly next: number
}

const EMPTY: ExifDirectory = { fields: [], nextAt: 0, next: 0 }

/** A block of EXIF without what its container puts before it; offsets count from its beginning. */
export class ExifBlock {
  readonly bytes: Buffer
  readonly #isLittle: boolean

  private constructor(bytes: Buffer, isLittle: boolean) {
    this.bytes = bytes
    this.#isLittle = isLittle
  }

  /** @returns undefined when it does not begin as EXIF does */
  static of(bytes: Buffer): ExifBlock | undefined {
    const isWrapped = bytes.toString('latin1', 0, 6) === 'Exif\0\0'
    const inner = isWrapped ? bytes.subarray(6) : bytes
    const order = inner.toString('latin1', 0, 4)
    if (inner.length < 8 || (order !== 'II*\0' && order !== 'MM\0*')) return undefined
    return new ExifBlock(inner, order === 'II*\0')
  }

  /** The picture's own. */
  first(): ExifDirectory {
    return this.directory(this.u32(4))
  }

  /** What is not wholly in the block is left out. */
  directory(at: number): ExifDirectory {
    if (at < 8 || at + 2 > this.bytes.length) return EMPTY
    const count = this.u16(at)
    const nextAt = at + 2 + count * FIELD_BYTES
    if (count > FIELDS_MAX || nextAt > this.bytes.length) return EMPTY
    const fields = Array.from({ length: count }, (_, index) => this.#field(at + 2 + index * FIELD_BYTES))
    const next = nextAt + 4 <= this.bytes.length ? this.u32(nextAt) : 0
    return { fields: fields.filter((field) => field !== undefined), nextAt, next }
  }

  u16(at: number): number {
    return this.#isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at)
  }

  u32(at: number): number {
    return this.#isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at)
  }

  i32(at: number): number {
    return this.u32(at) | 0
  }

  float(at: number): number {
    return this.#isLittle ? this.bytes.readFloatLE(at) : this.bytes.readFloatBE(at)
  }

  double(at: number): number {
    return this.#isLittle ? this.bytes.readDoubleLE(at) : this.bytes.readDoubleBE(at)
  }

  /** The only value of a field that is a SHORT or a LONG. */
  number({ type, count, at }: ExifField): number | undefined {
    if (count !== 1) return undefined
    return type === 3 ? this.u16(at) : type === 4 ? this.u32(at) : undefined
  }

  /** Puts another one in its place; what does not fit stays. */
  setNumber({ type, count, at }: ExifField, value: number): void {
    if (count !== 1 || (type !== 3 && type !== 4) || (type === 3 && value > 0xffff)) return
    const size = type === 3 ? 2 : 4
    if (this.#isLittle) this.bytes.writeUIntLE(value, at, size)
    else this.bytes.writeUIntBE(value, at, size)
  }

  #field(at: number): ExifField | undefined {
    const type = this.u16(at + 2)
    const count = this.u32(at + 4)
    const length = (TYPE_BYTES[type] ?? 0) * count
    if (length === 0) return undefined
    const valueAt = length <= 4 ? at + 8 : this.u32(at + 8)
    return valueAt + length <= this.bytes.length ? { tag: this.u16(at), type, count, at: valueAt } : undefined
  }
}
