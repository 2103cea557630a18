import { randomFillSync } from 'node:crypto'

/** Where random bytes come from: the operating system, or a seeded source in a test that wants the same ids again. */
export interface RandomSource {
  bytes(count: number): Buffer
}

/** Random bytes are drawn from the operating system this many at a time: one call serves many ids. */
const POOL_BYTES = 4096

/** The operating system's generator behind a small pool. */
export function systemRandom(): RandomSource {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  return {
    bytes(count) {
      if (used + count > POOL_BYTES) {
        randomFillSync(pool)
        used = 0
      }
      const bytes = Buffer.from(pool.subarray(used, used + count))
      used += count
      return bytes
    },
  }
}

const UPLOAD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VERSION_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.'

/** Ceph RGW's length of an upload id behind `2~`, and of a version id. */
const RGW_ID_LENGTH = 31

/** The ids that a client sees and that must not be guessed. Forms: RGW's, as ZOS prints them. */
export class IdSource {
  readonly #random: RandomSource

  constructor(random: RandomSource = systemRandom()) {
    this.#random = random
  }

  /** `2~` and 31 characters of `A-Za-z0-9_-`. */
  uploadId(): string {
    return `2~${this.#text(UPLOAD_ALPHABET, RGW_ID_LENGTH)}`
  }

  /** 31 characters of `A-Za-z0-9-.`. */
  versionId(): string {
    return this.#text(VERSION_ALPHABET, RGW_ID_LENGTH)
  }

  /** 128 random bits in hex: the name of a chunk file. */
  chunkName(): string {
    return this.#random.bytes(16).toString('hex')
  }

  /** `count` random bytes in lower-case hex. */
  hex(count: number): string {
    return this.#random.bytes(count).toString('hex')
  }

  #text(alphabet: string, length: number): string {
    let text = ''
    for (const byte of this.#random.bytes(length)) text += alphabet[byte & 63]
    return text
  }
}
