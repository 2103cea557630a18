import { statSync } from 'node:fs'
import type { MetadataStats, MetadataStore, ReadTransaction, WriteTransaction } from '../store.ts'
import { Checkpointer } from './checkpointer.ts'
import { type Connections, connect } from './connections.ts'
import { counterSql, type Deltas, IdSequence } from './counters.ts'
import { Durability } from './durability.ts'
import { GroupCommit } from './group-commit.ts'
import { RowCache, type RowCaches } from './row-cache.ts'
import { Snapshots } from './snapshots.ts'
import { statements } from './transactions.ts'

export interface SqliteStoreOptions {
  /** Created if missing; the database is `metadata.db` in it. */
  readonly dir: string
  /** `sync`: a write resolves once it would survive a power failure. `relaxed`: once it would survive a crash. */
  readonly durability: 'sync' | 'relaxed'
  readonly onWarn?: (message: string, details: object) => void
}

/**
 * The metadata of one node, in SQLite.
 * @throws Error when the directory cannot be written, belongs to a running process, or holds a database of another
 * program or of a newer cozos
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<MetadataStore> {
  const connections = connect(options.dir)
  try {
    return new SqliteStore(connections, options)
  } catch (cause) {
    connections.close()
    throw cause
  }
}

class SqliteStore implements MetadataStore {
  readonly #connections: Connections
  readonly #writes: GroupCommit
  readonly #snapshots: Snapshots
  readonly #durability: Durability
  readonly #checkpointer: Checkpointer
  #fileChunks: number
  #fileChunkBytes: number
  #closing: Promise<void> | undefined

  constructor(connections: Connections, options: SqliteStoreOptions) {
    this.#connections = connections
    const { path, writer: db, reader } = connections
    const counters = counterSql(db)
    const ids = new IdSequence(counters)
    this.#fileChunks = counters.read().get('file_chunks')?.value ?? 0
    this.#fileChunkBytes = counters.read().get('file_chunk_bytes')?.value ?? 0
    const caches: RowCaches = { buckets: new RowCache(), topics: new RowCache() }
    this.#snapshots = new Snapshots(reader, { sql: statements(reader), caches })
    const onIdle = () => this.#writes.schedule()
    this.#durability = options.durability === 'sync' ? Durability.open(path, onIdle) : new Durability(undefined, onIdle)
    const onCommit = (changes: Deltas) => this.#onCommit(changes)
    const parts = { db, sql: statements(db), counters, ids, durability: this.#durability, caches, onCommit }
    this.#writes = new GroupCommit(parts)
    const onWarn = options.onWarn ?? (() => undefined)
    this.#checkpointer = new Checkpointer({ path, db, writes: this.#writes, onWarn })
  }

  read<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#snapshots.read(work)
  }

  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#writes.write(work)
  }

  stats(): MetadataStats {
    const { path } = this.#connections
    return {
      databaseBytes: fileBytes(path),
      walBytes: fileBytes(`${path}-wal`),
      commits: this.#writes.commits,
      transactions: this.#writes.transactions,
      fileChunks: this.#fileChunks,
      fileChunkBytes: this.#fileChunkBytes,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writes.drain()
    await this.#snapshots.drain()
    await this.#checkpointer.close()
    await this.#durability.close()
    // The last connection to close checkpoints what is left and removes the WAL.
    this.#connections.close()
  }

  #onCommit(changes: Deltas): void {
    this.#fileChunks += changes.files
    this.#fileChunkBytes += changes.fileBytes
    this.#snapshots.expire()
    this.#checkpointer.afterCommit()
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function closed(): Error {
  return new Error('the metadata store is closed')
}
