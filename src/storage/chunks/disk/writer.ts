import type { FileHandle } from 'node:fs/promises'
import { crc32c } from '../../../lib/checksums.ts'
import { BATCH_BYTES, type BufferPool } from './buffers.ts'
import { writeFailure } from './failure.ts'
import { BLOCK_BYTES } from './layout.ts'

/**
 * Lays bytes out as blocks with their CRCs and writes them in batches. It holds two buffers: one is filled while the
 * other is being written.
 */
export class BlockWriter {
  readonly #file: FileHandle
  readonly #pool: BufferPool
  #batch: Buffer
  #batchBytes = 0
  /** Where in the batch the block under way began. */
  #blockStart = 0
  #other: Buffer | undefined
  #writing: Promise<void> = Promise.resolve()
  #positionBytes = 0
  #sizeBytes = 0

  constructor(file: FileHandle, pool: BufferPool) {
    this.#file = file
    this.#pool = pool
    this.#batch = pool.take()
  }

  /** Data bytes so far. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Resolves when more may come: at once, or when the batch before this one is on its way to the disk. */
  async write(bytes: Buffer): Promise<void> {
    let offset = 0
    while (offset < bytes.length) {
      const room = BLOCK_BYTES - (this.#batchBytes - this.#blockStart)
      const copied = bytes.copy(this.#batch, this.#batchBytes, offset, offset + room)
      offset += copied
      this.#batchBytes += copied
      if (copied === room) this.#endBlock()
      if (this.#batchBytes === BATCH_BYTES) await this.#flush()
    }
    this.#sizeBytes += bytes.length
  }

  /** Writes what is left, the short block included. */
  async end(): Promise<void> {
    if (this.#batchBytes > this.#blockStart) this.#endBlock()
    if (this.#batchBytes > 0) await this.#flush()
    await this.#writing
  }

  /** Gives the buffers back once no write uses them any more. Never throws. */
  async release(): Promise<void> {
    await this.#writing.catch(() => undefined)
    this.#pool.give(this.#batch)
    if (this.#other !== undefined) this.#pool.give(this.#other)
  }

  #endBlock(): void {
    const crc = crc32c(this.#batch.subarray(this.#blockStart, this.#batchBytes))
    this.#batchBytes = this.#batch.writeUInt32LE(crc, this.#batchBytes)
    this.#blockStart = this.#batchBytes
  }

  async #flush(): Promise<void> {
    await this.#writing
    const full = this.#batch
    this.#writing = writeFully(this.#file, full.subarray(0, this.#batchBytes), this.#positionBytes)
    // Its failure is reported by the next flush or by end; until then it must not count as unhandled.
    this.#writing.catch(() => undefined)
    this.#positionBytes += this.#batchBytes
    this.#batch = this.#other ?? this.#pool.take()
    this.#other = full
    this.#batchBytes = 0
    this.#blockStart = 0
  }
}

async function writeFully(file: FileHandle, bytes: Buffer, positionBytes: number): Promise<void> {
  try {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, written, bytes.length - written, positionBytes + written)
      written += bytesWritten
    }
  } catch (cause) {
    throw writeFailure(cause)
  }
}
