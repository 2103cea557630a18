import type { Readable } from 'node:stream'

/** Where a chunk's file is. */
export interface ChunkFile {
  /** 32 hex digits, unique over all stores. */
  readonly name: string
  /** Empty for the default folder; else the storage class that has a folder of its own. */
  readonly store: string
}

/** Pieces of which each is only good until the next one is asked for. */
export type LentBytes = AsyncGenerator<Buffer, void, void>

/** Immutable runs of bytes under unguessable names. Every engine passes test/contracts/chunks.ts. */
export interface ChunkStore {
  /**
   * Writes all of `source` under `name` (32 hex digits) and resolves when it is durable. On any failure, the source's
   * or the disk's, nothing of it stays.
   * @throws S3Error ServiceUnavailable when the disk is full or read-only
   */
  put(name: string, source: AsyncIterable<Buffer>, options: { signal: AbortSignal }): Promise<{ sizeBytes: number }>
  /**
   * Reads a range, each block checked against its CRC32C before any byte of it is handed out.
   * The stream fails with CorruptChunk on a mismatch and with MissingChunk if there is no such chunk. The pieces and
   * their memory are the reader's own.
   */
  read(name: string, range: { offsetBytes: number; lengthBytes: number }, options: { signal: AbortSignal }): Readable
  /**
   * The same for who is done with each piece before the next: a piece is only good until then, as its memory is used
   * again.
   * @throws CorruptChunk, MissingChunk; the signal's reason
   */
  lend(name: string, range: { offsetBytes: number; lengthBytes: number }, options: { signal: AbortSignal }): LentBytes
  /** Removes chunks; a name that is not there is no error. */
  remove(names: readonly string[]): Promise<void>
  /** Every chunk there is, with the time it was last written to: what a scrub walks. */
  list(): AsyncIterable<{ name: string; modifiedMs: number }>
  /**
   * Reads a range, the whole chunk by default, and throws CorruptChunk or MissingChunk if it is not sound or the chunk
   * is not of this size.
   */
  verify(name: string, sizeBytes: number, range?: { offsetBytes: number; lengthBytes: number }): Promise<void>
  close(): Promise<void>
}

/**
 * The default store and those of the storage classes that have a folder of their own, behind one face. Which store a
 * chunk lies in stands on its row.
 */
export interface ChunkStores {
  /** The store that new bytes of this class go to: the class's own, or the default one. */
  storeOf(storageClass: string): string
  /** Whether there is any store beside the default one. */
  readonly isDivided: boolean
  put(file: ChunkFile, source: AsyncIterable<Buffer>, options: { signal: AbortSignal }): Promise<{ sizeBytes: number }>
  read(file: ChunkFile, range: { offsetBytes: number; lengthBytes: number }, options: { signal: AbortSignal }): Readable
  lend(
    file: ChunkFile,
    range: { offsetBytes: number; lengthBytes: number },
    options: { signal: AbortSignal },
  ): LentBytes
  remove(files: readonly ChunkFile[]): Promise<void>
  list(): AsyncIterable<ChunkFile & { modifiedMs: number }>
  verify(file: ChunkFile, sizeBytes: number, range?: { offsetBytes: number; lengthBytes: number }): Promise<void>
  close(): Promise<void>
}

/** Stored bytes do not match their checksum. Clients see InternalError, never wrong data. */
export class CorruptChunk extends Error {
  override readonly name = 'CorruptChunk'
}

/** A manifest names a chunk that the store does not have. */
export class MissingChunk extends Error {
  override readonly name = 'MissingChunk'
}
