import { type FileHandle, open } from 'node:fs/promises'
import { addAbortSignal, Readable } from 'node:stream'
import { crc32c } from '../../../lib/checksums.ts'
import { CorruptChunk, MissingChunk } from '../store.ts'
import { BATCH_BLOCKS } from './buffers.ts'
import { errorCode } from './failure.ts'
import { BLOCK_BYTES, CRC_BYTES, dataSize, STORED_BLOCK_BYTES } from './layout.ts'

export interface ChunkFile {
  readonly path: string
  readonly name: string
}

export interface DataRange {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** An open chunk file: reads blocks, and gives no byte of a block whose CRC32C does not match. */
export class BlockReader {
  readonly #file: FileHandle
  readonly #name: string
  readonly dataBytes: number

  private constructor(file: FileHandle, options: { name: string; dataBytes: number }) {
    this.#file = file
    this.#name = options.name
    this.dataBytes = options.dataBytes
  }

  /** @throws MissingChunk; CorruptChunk if no complete file has this size */
  static async open({ path, name }: ChunkFile): Promise<BlockReader> {
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw errorCode(cause) === 'ENOENT' ? new MissingChunk(`There is no chunk ${name}.`, { cause }) : cause
    })
    try {
      const { size } = await file.stat()
      const dataBytes = dataSize(size)
      if (dataBytes === undefined) throw new CorruptChunk(`Chunk ${name} is truncated: its file has ${size} bytes.`)
      return new BlockReader(file, { name, dataBytes })
    } catch (cause) {
      await file.close()
      throw cause
    }
  }

  /**
   * The data from `offsetBytes` on: as much of the range as a batch of blocks holds, at least one byte. It is in memory
   * of its own unless there is a buffer for it, which has room for a batch.
   */
  async read({ offsetBytes, lengthBytes }: DataRange, into?: Buffer): Promise<Buffer> {
    const end = offsetBytes + lengthBytes
    if (end > this.dataBytes) {
      throw new CorruptChunk(`Chunk ${this.#name} is truncated: it ends at ${this.dataBytes}, before byte ${end}.`)
    }
    const first = Math.floor(offsetBytes / BLOCK_BYTES)
    const count = Math.min(Math.ceil(end / BLOCK_BYTES) - first, BATCH_BLOCKS)
    const start = first * BLOCK_BYTES
    const sizeBytes = Math.min(count * BLOCK_BYTES, this.dataBytes - start)
    const data = into?.subarray(0, sizeBytes) ?? Buffer.allocUnsafeSlow(sizeBytes)
    await this.#readBlocks(first, data)
    return data.subarray(offsetBytes - start, Math.min(end - start, data.length))
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** One call scatters the blocks into one buffer and their CRCs into another: the data needs no moving afterwards. */
  async #readBlocks(first: number, data: Buffer): Promise<void> {
    const sizeBytes = data.length
    const blocks: Buffer[] = []
    for (let start = 0; start < sizeBytes; start += BLOCK_BYTES) blocks.push(data.subarray(start, start + BLOCK_BYTES))
    const crcs = Buffer.allocUnsafe(blocks.length * CRC_BYTES)
    const pieces = blocks.flatMap((block, n) => [block, crcs.subarray(n * CRC_BYTES, (n + 1) * CRC_BYTES)])
    const { bytesRead } = await this.#file.readv(pieces, first * STORED_BLOCK_BYTES)
    if (bytesRead !== sizeBytes + crcs.length) {
      throw new CorruptChunk(`Chunk ${this.#name} is truncated: ${bytesRead} bytes came from block ${first} on.`)
    }
    blocks.forEach((block, n) => {
      if (crc32c(block) === crcs.readUInt32LE(n * CRC_BYTES)) return
      throw new CorruptChunk(`Chunk ${this.#name} is damaged: block ${first + n} does not match its CRC32C.`)
    })
  }
}

/**
 * A range of a chunk as a stream, a batch of which is read ahead: it holds about a mebibyte. The file is opened by the
 * first read and closed with the stream.
 */
export class ChunkStream extends Readable {
  readonly #chunk: ChunkFile
  #reader: BlockReader | undefined
  #offsetBytes: number
  #leftBytes: number

  constructor(chunk: ChunkFile, range: DataRange, signal: AbortSignal) {
    // Piece by piece: a stream of bytes would copy the pieces together for who reads them by an iterator.
    super({ objectMode: true, highWaterMark: 2 })
    this.#chunk = chunk
    this.#offsetBytes = range.offsetBytes
    this.#leftBytes = range.lengthBytes
    // Not by the constructor's option: a signal that has aborted already would destroy what is not made yet.
    addAbortSignal(signal, this)
  }

  override _construct(done: (error?: Error | null) => void): void {
    BlockReader.open(this.#chunk).then((reader) => {
      this.#reader = reader
      done()
    }, done)
  }

  override _read(): void {
    if (this.#leftBytes === 0) this.push(null)
    else this.#readBatch().catch((error: Error) => this.destroy(error))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Closing waits for a read that is under way.
    if (this.#reader === undefined) done(error)
    else this.#reader.close().then(() => done(error), done)
  }

  async #readBatch(): Promise<void> {
    const bytes = await this.#reader?.read({ offsetBytes: this.#offsetBytes, lengthBytes: this.#leftBytes })
    if (bytes === undefined || this.destroyed) return
    this.#offsetBytes += bytes.length
    this.#leftBytes -= bytes.length
    this.push(bytes)
    if (this.#leftBytes === 0) this.push(null)
  }
}
