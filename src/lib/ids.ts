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

/** Ceph's forms of the keys that it makes. */
const ACCESS_KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const ACCESS_KEY_LENGTH = 20
const SECRET_KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const SECRET_KEY_LENGTH = 40

/** Ceph's form of a lifecycle rule's id. */
const RULE_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const RULE_ID_LENGTH = 48

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

  /** 20 characters of `A-Z0-9`. */
  accessKey(): string {
    return this.#evenText(ACCESS_KEY_ALPHABET, ACCESS_KEY_LENGTH)
  }

  /** 40 characters of `A-Za-z0-9`. */
  secretKey(): string {
    return this.#evenText(SECRET_KEY_ALPHABET, SECRET_KEY_LENGTH)
  }

  /** 48 characters of `a-z0-9`: the id of a lifecycle rule, as RGW makes it. */
  ruleId(): string {
    return this.#evenText(RULE_ALPHABET, RULE_ID_LENGTH)
  }

  /** 128 random bits in hex: the name of a chunk file. */
  chunkName(): string {
    return this.#random.bytes(16).toString('hex')
  }

  /** `count` random bytes in lower-case hex. */
  hex(count: number): string {
    return this.#random.bytes(count).toString('hex')
  }

  /** Every character is as likely as any other: bytes beyond the last whole round of the alphabet are not used. */
  #evenText(alphabet: string, length: number): string {
    const bound = 256 - (256 % alphabet.length)
    let text = ''
    while (text.length < length) {
      for (const byte of this.#random.bytes(length - text.length)) {
        if (byte < bound) text += alphabet[byte % alphabet.length]
      }
    }
    return text
  }

  #text(alphabet: string, length: number): string {
    let text = ''
    for (const byte of this.#random.bytes(length)) text += alphabet[byte & 63]
    return text
  }
}
