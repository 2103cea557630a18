import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { s3Error } from '../errors.ts'

/**
 * A request's body as it comes over the wire. It stands between the socket and whoever reads: destroying it (a bad
 * chunk signature, say) leaves the connection alone, so that the answer still finds its way to the client. Nothing is
 * read, and no 100 Continue is sent, before somebody asks for the first byte.
 */
export class RequestBody extends Readable {
  receivedBytes = 0
  /** When its last byte had come, on the clock of performance.now(). */
  endedAt: number | undefined
  readonly #request: IncomingMessage
  readonly #beforeFirstRead: () => void
  #started = false
  #waits = false

  constructor(request: IncomingMessage, beforeFirstRead: () => void) {
    super()
    this.#request = request
    this.#beforeFirstRead = beforeFirstRead
    // It may fail when nobody reads it, or nobody any more: whoever reads hears of it all the same.
    this.on('error', () => undefined)
  }

  /** Whether it is the client that keeps us waiting, and not a slow disk that keeps the client waiting. */
  get waitsForClient(): boolean {
    return this.#waits && !this.destroyed
  }

  override _read(): void {
    this.#waits = true
    if (!this.#started) this.#start()
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    if (!this.#request.complete) this.#request.pause()
    callback(error)
  }

  #start(): void {
    this.#started = true
    const request = this.#request
    if (request.destroyed) {
      this.#onClose()
      return
    }
    this.#beforeFirstRead()
    request.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose)
  }

  readonly #onData = (bytes: Buffer): void => {
    this.receivedBytes += bytes.length
    this.#waits = false
    if (!this.push(bytes)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    this.endedAt = performance.now()
    this.#waits = false
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (!this.readableEnded && !this.#request.complete) this.destroy(s3Error('IncompleteBody'))
  }
}
