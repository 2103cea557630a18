import { Writable } from 'node:stream'
import { freeMemory } from '../lib/free-memory.ts'
import type { Exchange } from './exchange.ts'

/**
 * The writing end of an answer whose body is a stream. Counts what it has taken: when the connection closes, which may
 * be before the stream ends, the log wants the number. The pieces are freed when the socket has them.
 */
export class AnswerBody extends Writable {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    // One piece at a time: the socket holds enough, and the source reads ahead.
    super({ highWaterMark: 1 })
    this.#exchange = exchange
    const { response } = exchange
    response.on('error', (cause) => this.destroy(cause))
    response.once('close', () => this.destroy())
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (cause?: Error | null) => void): void {
    this.#exchange.bytesOut += piece.length
    this.#exchange.response.write(piece, (cause) => {
      freeMemory(piece)
      done(cause)
    })
  }

  override _final(done: (cause?: Error | null) => void): void {
    this.#exchange.response.end(done)
  }

  /** An answer that breaks off is told by its connection's end. */
  override _destroy(cause: Error | null, done: (cause?: Error | null) => void): void {
    if (!this.writableFinished) this.#exchange.response.destroy()
    done(cause)
  }
}
