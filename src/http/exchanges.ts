import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { s3Error } from '../errors.ts'
import { Bag, type Place } from '../lib/bag.ts'
import type { Exchange } from './exchange.ts'

/** The requests that are being served, by the connection they came over. */
export class Exchanges {
  readonly #running = new Bag<Exchange>()
  /** The last one of each connection. */
  readonly #places = new WeakMap<Socket, Place<Exchange>>()
  readonly #expecting = new WeakSet<IncomingMessage>()

  add(exchange: Exchange): void {
    const { socket } = exchange.request
    const before = this.#places.get(socket)
    // Where requests are pipelined, the one before may not be over yet.
    if (before !== undefined) this.#running.remove(before)
    this.#places.set(socket, this.#running.add(exchange))
  }

  /** To be called when the exchange's response has closed: sent, or given up because the client is gone. */
  remove(exchange: Exchange): void {
    const { socket } = exchange.request
    if (!exchange.response.writableFinished) exchange.abort()
    const place = this.#places.get(socket)
    if (place?.item === exchange) this.#running.remove(place)
  }

  /** To be called before the request is handled: its client waits for 100 Continue. */
  expectContinue(request: IncomingMessage): void {
    this.#expecting.add(request)
  }

  expectsContinue(request: IncomingMessage): boolean {
    return this.#expecting.has(request)
  }

  /**
   * The framing of what came over this connection is broken, or it ended too early. Returns whether the request that is
   * being served there will answer that.
   */
  onBrokenInput(socket: Socket): boolean {
    const exchange = this.#places.get(socket)?.item
    if (exchange === undefined) return false
    if (exchange.request.complete) {
      // The request itself was whole: what is broken follows it. Its answer is the last one on this connection.
      exchange.response.shouldKeepAlive = false
      return true
    }
    exchange.failBody(s3Error('IncompleteBody'))
    return true
  }

  /** Nothing moved on this connection for the idle time. */
  onSilence(socket: Socket, idleTimeoutMs: number): void {
    const exchange = this.#places.get(socket)?.item
    if (exchange === undefined || exchange.response.headersSent) {
      // No request, or an answer that the client does not fetch.
      socket.destroy()
    } else if (exchange.waitsForClient) {
      exchange.failBody(s3Error('RequestTimeout'))
    } else {
      // It is we who take long: the client does nothing wrong by waiting.
      socket.setTimeout(idleTimeoutMs)
    }
  }

  abortAll(): void {
    for (const exchange of this.#running.items()) exchange.abort()
  }
}
