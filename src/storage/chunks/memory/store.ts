import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { untilAborted } from '../../../lib/until-aborted.ts'
import { type ChunkStore, CorruptChunk, type LentBytes, MissingChunk } from '../store.ts'

interface Chunk {
  readonly bytes: Buffer
  readonly modifiedMs: number
}

/** Pieces that a read hands out: as large as a socket takes at a time. */
const PIECE_BYTES = 64 * 1024

/** Chunks in memory, gone with the process: for tests and throw-away servers. No disk, and so no CRCs. */
export function openMemoryStore(): ChunkStore {
  return new MemoryStore()
}

class MemoryStore implements ChunkStore {
  readonly #chunks = new Map<string, Chunk>()

  async put(
    name: string,
    source: AsyncIterable<Buffer>,
    { signal }: { signal: AbortSignal },
  ): Promise<{ sizeBytes: number }> {
    const pieces: Buffer[] = []
    for await (const piece of untilAborted(source, signal)) pieces.push(piece)
    signal.throwIfAborted()
    const bytes = Buffer.concat(pieces)
    // The system's time, as files bear: the domain's clock may be moved.
    this.#chunks.set(name, { bytes, modifiedMs: Date.now() })
    return { sizeBytes: bytes.length }
  }

  read(
    name: string,
    range: { offsetBytes: number; lengthBytes: number },
    { signal }: { signal: AbortSignal },
  ): Readable {
    return Readable.from(this.#pieces(name, range), { objectMode: false, signal })
  }

  async *lend(
    name: string,
    range: { offsetBytes: number; lengthBytes: number },
    { signal }: { signal: AbortSignal },
  ): LentBytes {
    for (const piece of this.#pieces(name, range)) {
      signal.throwIfAborted()
      yield piece
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) this.#chunks.delete(name)
  }

  async *list(): AsyncGenerator<{ name: string; modifiedMs: number }, void, void> {
    for (const [name, { modifiedMs }] of this.#chunks) yield { name, modifiedMs }
  }

  async verify(name: string, sizeBytes: number): Promise<void> {
    const { bytes } = this.#find(name)
    if (bytes.length === sizeBytes) return
    throw new CorruptChunk(`Chunk ${name} has ${bytes.length} bytes and should have ${sizeBytes}.`)
  }

  async close(): Promise<void> {
    this.#chunks.clear()
  }

  *#pieces(name: string, { offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number }) {
    const { bytes } = this.#find(name)
    const end = offsetBytes + lengthBytes
    if (end > bytes.length) throw new CorruptChunk(`Chunk ${name} ends at ${bytes.length}, before byte ${end}.`)
    assert(offsetBytes >= 0)
    for (let start = offsetBytes; start < end; start += PIECE_BYTES) {
      yield Buffer.from(bytes.subarray(start, Math.min(start + PIECE_BYTES, end)))
    }
  }

  #find(name: string): Chunk {
    const chunk = this.#chunks.get(name)
    if (chunk === undefined) throw new MissingChunk(`There is no chunk ${name}.`)
    return chunk
  }
}
