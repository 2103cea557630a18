import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Exchanges } from './exchanges.ts'

/** Request line and headers together: AWS allows 8 KiB of headers; beside them stands a presigned URL of a long key. */
export const HEAD_BYTES_MAX = 16 * 1024
/** How long a head may take to arrive. A body has no such bound: 5 GiB over a slow line take hours. */
export const HEAD_TIMEOUT_MS = 20_000
/** How often heads are checked against it. */
const HEAD_CHECK_MS = 5_000
/**
 * Longer than the pools of common clients and load balancers keep a connection, so that we are not the ones to close
 * it.
 */
export const KEEP_ALIVE_MS = 75_000

export interface ListenerOptions {
  /** PEM texts; undefined for plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly idleTimeoutMs: number
  /** How long a head may take; HEAD_TIMEOUT_MS where it is left out. */
  readonly headTimeoutMs?: number
  readonly exchanges: Exchanges
}

/** RGW's answer to what is no HTTP: no document, no request id. */
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/** Node's server with our limits, deaf to nothing that a client may do wrong. */
export function createListener(handler: RequestListener, options: ListenerOptions): Server {
  const { tls, exchanges } = options
  const headTimeoutMs = options.headTimeoutMs ?? HEAD_TIMEOUT_MS
  const limits = {
    maxHeaderSize: HEAD_BYTES_MAX,
    headersTimeout: headTimeoutMs,
    connectionsCheckingInterval: Math.min(HEAD_CHECK_MS, headTimeoutMs),
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
  }
  const server: Server =
    tls === undefined ? createServer(limits, handler) : createSecureServer({ ...limits, ...tls }, handler)
  // Beyond its default count, Node drops header fields without a word; the pipeline counts and refuses instead.
  server.maxHeadersCount = 0
  // A client may close its half of the connection when it has sent its request, and still gets its answer. Node has
  // this property since version 0.3 without documenting it.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.setTimeout(options.idleTimeoutMs)
  server.on('timeout', (socket: Socket) => exchanges.onSilence(socket, options.idleTimeoutMs))
  server.on('clientError', (_error: Error, socket: Socket) => onClientError(socket, exchanges))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    exchanges.expectContinue(request)
    server.emit('request', request, response)
  })
  // Node would answer 417 to any other expectation, past the pipeline; RFC 9110 section 10.1.1 lets it be ignored.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response)
  })
  return server
}

/** Bytes that are no HTTP, a head that is too large or too slow, or a connection that ended inside a body. */
function onClientError(socket: Socket, exchanges: Exchanges): void {
  if (exchanges.onBrokenInput(socket)) return
  if (socket.writable) socket.end(BAD_REQUEST, () => socket.destroy())
  else socket.destroy()
}
