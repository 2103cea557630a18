import type { Readable } from 'node:stream'
import { s3Error } from '../../errors.ts'

/**
 * All bytes of a small body of known length. By events: that measured 2 µs for 4 KiB, an iterator over the stream 5 µs.
 *
 * The stream is left as it is when this fails, so that the error can still be answered on its connection.
 * @throws S3Error IncompleteBody when it ends early or goes on; what the stream fails with; the signal's reason
 */
export function collect(stream: Readable, sizeBytes: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let cameBytes = 0
    const onData = (piece: Buffer) => {
      cameBytes += piece.length
      if (cameBytes > sizeBytes) fail(s3Error('IncompleteBody'))
      else pieces.push(piece)
    }
    const onEnd = () => {
      if (cameBytes < sizeBytes) return fail(s3Error('IncompleteBody'))
      letGo()
      const [only] = pieces
      resolve(pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, cameBytes))
    }
    const onClose = () => fail(s3Error('IncompleteBody'))
    const onAbort = () => fail(signal.reason)
    const fail = (cause: unknown) => {
      letGo()
      stream.pause()
      reject(cause)
    }
    const letGo = () => {
      stream.off('data', onData).off('end', onEnd).off('error', fail).off('close', onClose)
      signal.removeEventListener('abort', onAbort)
    }
    if (signal.aborted) return reject(signal.reason)
    if (stream.errored !== null) return reject(stream.errored)
    if (stream.readableEnded) return onEnd()
    if (stream.destroyed) return onClose()
    signal.addEventListener('abort', onAbort)
    stream.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose).resume()
  })
}
