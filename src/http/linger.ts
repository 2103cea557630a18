import type { Exchange } from './exchange.ts'

/**
 * What is left of a refused upload is read up to here, so that clients that send everything before they read anything
 * (botocore, most languages' HTTP libraries) find their answer instead of a reset connection. Enough for a part of
 * common size; a longer rest costs the connection.
 */
export const LINGER_BYTES_MAX = 16 * 1024 * 1024
/** How long the rest may take. */
export const LINGER_MS_MAX = 10_000

/** Whether the connection can be used again after what is left of this request's body has been read away. */
export function canKeepAlive(exchange: Exchange): boolean {
  if (exchange.bodyFailure !== undefined || exchange.awaitsContinue) return false
  const length = Number(exchange.request.headers['content-length'] ?? Number.NaN)
  return length - exchange.bytesIn <= LINGER_BYTES_MAX
}

/**
 * Reads and drops the rest of the body. Resolves when it has ended, when the client is gone, or when a bound is
 * reached. To be called when all of the answer has been written but before the response is ended: Node closes the
 * socket of a connection that will not be kept then, and bytes that arrive later would reset it under the client's
 * eyes.
 */
export function drain(exchange: Exchange): Promise<void> {
  const { request } = exchange
  // A client that still waits for 100 Continue sends nothing; one whose body failed cannot.
  if (request.complete || request.destroyed || exchange.awaitsContinue || exchange.bodyFailure !== undefined) {
    return Promise.resolve()
  }
  // A reader that gave up in the middle has left its pipe behind, which would stop the request whenever it is full.
  exchange.dropBody()
  return new Promise((resolve) => {
    let bytes = 0
    const onData = (part: Buffer): void => {
      bytes += part.length
      if (bytes > LINGER_BYTES_MAX) finish()
    }
    const finish = (): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', finish).off('close', finish)
      exchange.onBodyFailure = undefined
      resolve()
    }
    const timer = setTimeout(finish, LINGER_MS_MAX)
    request.on('data', onData).on('end', finish).on('close', finish)
    exchange.onBodyFailure = finish
    request.resume()
  })
}
