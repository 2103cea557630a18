import { STORED_BLOCK_BYTES } from './layout.ts'

/** Blocks of one call that reads or writes: half a mebibyte. A mebibyte measured no faster and holds twice as much. */
export const BATCH_BLOCKS = 8
export const BATCH_BYTES = BATCH_BLOCKS * STORED_BLOCK_BYTES
/** Buffers that are kept for the next ones: touching fresh memory costs more than the copy into it. 4 MiB at most. */
const SPARE_BUFFERS_MAX = 8

/** The buffers of one store, a batch each. */
export class BufferPool {
  readonly #spare: Buffer[] = []

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES)
  }

  /** Nobody may use it any more. */
  give(buffer: Buffer): void {
    if (this.#spare.length < SPARE_BUFFERS_MAX) this.#spare.push(buffer)
  }
}
