import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { untilAborted } from '../../../lib/until-aborted.ts'
import { type ChunkStore, CorruptChunk, type LentBytes } from '../store.ts'
import { BufferPool } from './buffers.ts'
import { errorCode, writeFailure } from './failure.ts'
import { CHUNK_NAME, chunkPath, SHARD_NAME, shardDir, temporaryDir, temporaryPath } from './layout.ts'
import { BlockReader, ChunkStream, type DataRange } from './reader.ts'
import { Shards, syncDirectory } from './shards.ts'
import { BlockWriter } from './writer.ts'

export interface DiskStoreOptions {
  readonly dir: string
  /** `sync`: a chunk survives a power cut from the moment put resolves; `relaxed`: from when the system writes it. */
  readonly durability: 'sync' | 'relaxed'
}

/** Files that one remove call works on at a time: leaves threads of the pool to the requests. */
const REMOVALS_AT_ONCE = 2

/**
 * Opens the chunk files under `dir`, which is made if it is missing. Nobody else may use the directory: what uploads
 * left half-written is removed.
 * @throws Error naming the directory if it cannot be written to
 */
export async function openDiskStore({ dir, durability }: DiskStoreOptions): Promise<ChunkStore> {
  const temporary = temporaryDir(dir)
  const durable = durability === 'sync'
  try {
    const firstMade = await mkdir(temporary, { recursive: true })
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    await Promise.all((await readdir(temporary)).map((name) => rm(join(temporary, name), { recursive: true })))
    if (durable && firstMade !== undefined) await syncMade(temporary, firstMade)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The chunk directory ${dir} cannot be used: ${detail}`, { cause })
  }
  return new DiskStore(dir, { durable })
}

class DiskStore implements ChunkStore {
  readonly #dir: string
  readonly #durable: boolean
  readonly #shards: Shards
  readonly #buffers = new BufferPool()

  constructor(dir: string, options: { durable: boolean }) {
    this.#dir = dir
    this.#durable = options.durable
    this.#shards = new Shards(dir, options)
  }

  async put(
    name: string,
    source: AsyncIterable<Buffer>,
    { signal }: { signal: AbortSignal },
  ): Promise<{ sizeBytes: number }> {
    const path = chunkPath(this.#dir, name)
    const temporary = temporaryPath(this.#dir, name)
    // The directories become durable while the bytes still come in. A failure is met below, where it is awaited.
    const shard = this.#shards.ensure(name)
    shard.catch(() => undefined)
    let written = temporary
    try {
      const sizeBytes = await this.#writeFile(temporary, untilAborted(source, signal))
      await shard
      signal.throwIfAborted()
      await rename(temporary, path).catch(failWriting)
      written = path
      if (this.#durable) await syncDirectory(shardDir(this.#dir, name)).catch(failWriting)
      return { sizeBytes }
    } catch (cause) {
      // Best effort: the next start removes what is left under the temporary name, a scrub what is under its own.
      await Promise.allSettled([shard, unlink(written)])
      throw cause
    }
  }

  read(name: string, range: DataRange, { signal }: { signal: AbortSignal }): Readable {
    return new ChunkStream({ name, path: chunkPath(this.#dir, name) }, range, signal)
  }

  async *lend(name: string, range: DataRange, { signal }: { signal: AbortSignal }): LentBytes {
    for await (const piece of this.#pieces(await this.#open(name), range)) {
      signal.throwIfAborted()
      yield piece
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    const left = names.values()
    const failures: unknown[] = []
    const work = async () => {
      for (const name of left) await removeFile(chunkPath(this.#dir, name)).catch((cause) => failures.push(cause))
    }
    await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, work))
    // One file that resists does not keep the others.
    if (failures.length > 0) throw failures[0]
  }

  /** In the order of names, as the shards are their first digits. */
  async *list(): AsyncGenerator<{ name: string; modifiedMs: number }, void, void> {
    for (const outer of await namesIn(this.#dir, SHARD_NAME)) {
      for (const inner of await namesIn(join(this.#dir, outer), SHARD_NAME)) {
        for (const name of await namesIn(join(this.#dir, outer, inner), CHUNK_NAME)) {
          // Files come and go while this walks.
          const found = await stat(join(this.#dir, outer, inner, name)).catch(ignoreMissing)
          if (found !== undefined) yield { name, modifiedMs: found.mtimeMs }
        }
      }
    }
  }

  async verify(name: string, sizeBytes: number, range?: DataRange): Promise<void> {
    const reader = await this.#open(name)
    if (reader.dataBytes !== sizeBytes) {
      await reader.close()
      throw new CorruptChunk(`Chunk ${name} has ${reader.dataBytes} bytes and should have ${sizeBytes}.`)
    }
    for await (const _checked of this.#pieces(reader, range ?? { offsetBytes: 0, lengthBytes: sizeBytes }));
  }

  /** Nothing is held open between calls. */
  async close(): Promise<void> {}

  #open(name: string): Promise<BlockReader> {
    return BlockReader.open({ name, path: chunkPath(this.#dir, name) })
  }

  /** One after the other in the same buffer. Closes the reader. */
  async *#pieces(reader: BlockReader, { offsetBytes, lengthBytes }: DataRange): LentBytes {
    const buffer = this.#buffers.take()
    try {
      for (let done = 0; done < lengthBytes; ) {
        const piece = await reader.read({ offsetBytes: offsetBytes + done, lengthBytes: lengthBytes - done }, buffer)
        done += piece.length
        yield piece
      }
    } finally {
      this.#buffers.give(buffer)
      await reader.close()
    }
  }

  async #writeFile(path: string, source: AsyncIterable<Buffer>): Promise<number> {
    const file = await open(path, 'w').catch(failWriting)
    const writer = new BlockWriter(file, this.#buffers)
    try {
      for await (const bytes of source) await writer.write(bytes)
      await writer.end()
      if (this.#durable) await file.datasync().catch(failWriting)
      return writer.sizeBytes
    } finally {
      await writer.release()
      await closeQuietly(file)
    }
  }
}

/** New directories are durable once each one's parent is synced, from the first that was made on. */
async function syncMade(path: string, firstMade: string): Promise<void> {
  const above = dirname(resolve(firstMade))
  for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
    await syncDirectory(parent)
    if (parent === above) return
  }
}

function failWriting(cause: unknown): never {
  throw writeFailure(cause)
}

/** What matters of a written file is its fdatasync; an error of close must not hide the one before it. */
async function closeQuietly(file: FileHandle): Promise<void> {
  await file.close().catch(() => undefined)
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(ignoreMissing)
}

async function namesIn(path: string, form: RegExp): Promise<string[]> {
  const names = (await readdir(path).catch(ignoreMissing)) ?? []
  return names.filter((name) => form.test(name)).sort()
}

function ignoreMissing(cause: unknown): undefined {
  if (errorCode(cause) !== 'ENOENT') throw cause
}
