import assert from 'node:assert/strict'
import type { Writable } from 'node:stream'
import type { StreamedBytes } from './renderer.ts'

// Messages between the server and a renderer's process: two lengths, a head in JSON, and a body as it is. A picture
// is neither copied into a message nor turned into text.

/** The lengths of head and body, each in four bytes. */
const PREFIX_BYTES = 8
/** A plan, or what EXIF says, which its reader bounds: far less than this. */
const HEAD_BYTES_MAX = 1024 * 1024

export interface Message {
  readonly head: unknown
  readonly body: Buffer
}

export function sendMessage(to: Writable, head: object, body: Buffer = Buffer.alloc(0)): void {
  to.cork()
  to.write(opening(head, body.length))
  if (body.length > 0) to.write(body)
  to.uncork()
}

/**
 * The same, one piece after the other, so that no more than one is in memory. Ends early where the receiver is gone.
 * @throws what the pieces throw; Error when they are not as many bytes as was said. The receiver waits for the rest of
 *   the message then, and is to be ended.
 */
export async function streamMessage(to: Writable, head: object, { sizeBytes, pieces }: StreamedBytes): Promise<void> {
  to.write(opening(head, sizeBytes))
  let sentBytes = 0
  for await (const piece of pieces) {
    sentBytes += piece.length
    assert(sentBytes <= sizeBytes, `a body of ${sizeBytes} bytes goes on`)
    await new Promise((resolve) => to.write(piece, resolve))
    if (to.destroyed) return
  }
  assert(sentBytes === sizeBytes, `a body of ${sizeBytes} bytes has ended after ${sentBytes}`)
}

function opening(head: object, bodyBytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  assert(text.length <= HEAD_BYTES_MAX, 'a message of a renderer is short')
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(text.length, 0)
  prefix.writeUInt32BE(bodyBytes, 4)
  return Buffer.concat([prefix, text])
}

export interface MessageReaderParts {
  readonly bodyBytesMax: number
  readonly onMessage: (message: Message) => void
}

/** Puts messages together from what a socket delivers. Whoever sends more than it may is not believed any further. */
export class MessageReader {
  readonly #parts: MessageReaderParts
  #prefix: Buffer | undefined
  #head: Buffer | undefined
  #target = Buffer.alloc(PREFIX_BYTES)
  #filled = 0

  constructor(parts: MessageReaderParts) {
    this.#parts = parts
  }

  /** @throws Error when a length is beyond its bound, or a head is not JSON */
  take(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      const copied = bytes.copy(this.#target, this.#filled, at)
      at += copied
      this.#filled += copied
      // A part may be empty: what follows it has come, too.
      while (this.#filled === this.#target.length) this.#next()
    }
  }

  /** The part that was waited for is there. */
  #next(): void {
    const part = this.#target
    if (this.#prefix === undefined) {
      this.#prefix = part
      this.#expect(this.#length(0, HEAD_BYTES_MAX))
    } else if (this.#head === undefined) {
      this.#head = part
      this.#expect(this.#length(4, this.#parts.bodyBytesMax))
    } else {
      const head: unknown = JSON.parse(this.#head.toString())
      this.#prefix = undefined
      this.#head = undefined
      this.#expect(PREFIX_BYTES)
      this.#parts.onMessage({ head, body: part })
    }
  }

  #length(at: number, max: number): number {
    const length = this.#prefix?.readUInt32BE(at) ?? 0
    if (length > max) throw new Error(`a message of ${length} bytes is more than ${max}`)
    return length
  }

  #expect(length: number): void {
    this.#target = Buffer.allocUnsafeSlow(length)
    this.#filled = 0
  }
}
