import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'

/** A third of a millisecond of MD5: a large result must not hold up the requests beside it. */
export const PIECE_BYTES = 256 * 1024

/** The bytes in pieces, between which others get their turn. */
export async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    if (offset > 0) await setImmediate()
    yield bytes.subarray(offset, offset + PIECE_BYTES)
  }
}

/** In hex. */
export async function md5Of(bytes: Buffer): Promise<string> {
  const md5 = createHash('md5')
  for await (const piece of piecesOf(bytes)) md5.update(piece)
  return md5.digest('hex')
}
