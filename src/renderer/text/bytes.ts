/** Reads numbers of a font one after the other; the highest byte comes first. */
export class ByteReader {
  readonly #bytes: Buffer
  #position: number

  constructor(bytes: Buffer, position = 0) {
    this.#bytes = bytes
    this.#position = position
  }

  get position(): number {
    return this.#position
  }

  u8(): number {
    this.#position += 1
    return this.#bytes.readUInt8(this.#position - 1)
  }

  u16(): number {
    this.#position += 2
    return this.#bytes.readUInt16BE(this.#position - 2)
  }

  i16(): number {
    this.#position += 2
    return this.#bytes.readInt16BE(this.#position - 2)
  }

  u32(): number {
    this.#position += 4
    return this.#bytes.readUInt32BE(this.#position - 4)
  }

  take(bytes: number): Buffer {
    this.#position += bytes
    return this.#bytes.subarray(this.#position - bytes, this.#position)
  }

  /** WOFF2's `UIntBase128`: seven bits a byte. */
  base128(): number {
    let value = 0
    for (;;) {
      const byte = this.u8()
      value = value * 128 + (byte & 0x7f)
      if (byte < 0x80) return value
    }
  }

  /** WOFF2's `255UInt16`: most are small. */
  packed16(): number {
    const code = this.u8()
    if (code === 253) return this.u16()
    if (code === 254) return 506 + this.u8()
    return code === 255 ? 253 + this.u8() : code
  }
}
