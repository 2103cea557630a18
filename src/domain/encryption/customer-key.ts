import { createSecretKey, hash, type KeyObject } from 'node:crypto'

/** Bytes of a key for AES-256, which is all that SSE-C knows. */
export const CUSTOMER_KEY_BYTES = 32

/**
 * A key that came with a request and goes with it (SSE-C). What is printed or written of it as JSON is its MD5 alone;
 * the key itself is in no field.
 */
export class CustomerKey {
  /** Base64, as in the headers: by this it is known again. */
  readonly md5: string
  readonly #key: KeyObject

  constructor(bytes: Buffer) {
    this.md5 = hash('md5', bytes, 'base64')
    this.#key = createSecretKey(bytes)
  }

  reveal(): KeyObject {
    return this.#key
  }
}
