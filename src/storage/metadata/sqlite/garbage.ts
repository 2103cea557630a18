import type { Database } from 'better-sqlite3'
import type { ChunkFile } from '../../chunks/store.ts'
import type { FileChunk } from '../rows.ts'
import type { GarbageReader, GarbageWriter } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

type Due = { now_ms: number; pinned: string; limit: number }
type Segment = { start_bytes: number; chunk_id: number }
type Chunk = { refs: number; file: string | null }
type FileRecord = { name: string; store: string; sizeBytes: number; isSealed: number }

export interface GarbageSql {
  doomed: Prepared<[limit: number], ChunkFile>
  known: Prepared<[names: string], { file: string }>
  files: Prepared<[after: string, limit: number], FileRecord>
  nextStore: Prepared<[after: string], { store: string | null }>
  next: Prepared<[], { deletable_at_ms: number | null }>
  due: Prepared<[Due], { manifest_id: number }>
  hasten: Prepared<[{ latest_ms: number; limit: number }]>
  segments: Prepared<[manifestId: number, limit: number], Segment>
  removeSegments: Prepared<[manifestId: number, upTo: number]>
  chunk: Prepared<[id: number], Chunk>
  removeChunk: Prepared<[id: number]>
  lowerRefs: Prepared<[id: number]>
  removeParts: Prepared<[manifestId: number]>
  forgetManifest: Prepared<[manifestId: number]>
  forgetFile: Prepared<[name: string], { size_bytes: number }>
}

export function garbageSql(db: Database): GarbageSql {
  return {
    ...readingSql(db),
    due: prepared(
      db,
      `SELECT manifest_id FROM garbage
       WHERE deletable_at_ms <= :now_ms AND manifest_id NOT IN (SELECT value FROM json_each(:pinned))
       ORDER BY deletable_at_ms, manifest_id LIMIT :limit + 0`,
    ),
    hasten: prepared(
      db,
      `UPDATE garbage SET deletable_at_ms = :latest_ms WHERE manifest_id IN (
         SELECT manifest_id FROM garbage WHERE deletable_at_ms > :latest_ms LIMIT :limit + 0)`,
    ),
    segments: prepared(
      db,
      'SELECT start_bytes, chunk_id FROM segments WHERE manifest_id = ? + 0 ORDER BY start_bytes LIMIT ? + 0',
    ),
    removeSegments: prepared(db, 'DELETE FROM segments WHERE manifest_id = ? AND start_bytes <= ?'),
    chunk: prepared(db, 'SELECT refs, file FROM chunks WHERE id = ?'),
    removeChunk: prepared(db, 'DELETE FROM chunks WHERE id = ?'),
    lowerRefs: prepared(db, 'UPDATE chunks SET refs = refs - 1 WHERE id = ?'),
    removeParts: prepared(db, 'DELETE FROM object_parts WHERE manifest_id = ?'),
    forgetManifest: prepared(db, 'DELETE FROM garbage WHERE manifest_id = ?'),
    // Only a doomed row: a name that came back to life must keep its row.
    forgetFile: prepared(db, 'DELETE FROM chunks WHERE file = ? AND refs = 0 RETURNING size_bytes'),
  }
}

function readingSql(db: Database): Pick<GarbageSql, 'doomed' | 'known' | 'files' | 'nextStore' | 'next'> {
  return {
    doomed: prepared(
      db,
      'SELECT file AS name, store FROM chunks WHERE refs = 0 AND file IS NOT NULL ORDER BY file LIMIT ? + 0',
    ),
    known: prepared(db, 'SELECT file FROM json_each(?) AS wanted CROSS JOIN chunks ON chunks.file = wanted.value'),
    files: prepared(
      db,
      `SELECT file AS name, store, size_bytes AS sizeBytes, sealed_key IS NOT NULL AS isSealed
       FROM chunks WHERE file > ? AND refs > 0 ORDER BY file LIMIT ? + 0`,
    ),
    // The index holds every chunk that is elsewhere: one search for each store, and no walk over them.
    nextStore: prepared(db, "SELECT min(store) AS store FROM chunks WHERE store <> '' AND store > ?"),
    next: prepared(db, 'SELECT min(deletable_at_ms) AS deletable_at_ms FROM garbage'),
  }
}

export class GarbageReads implements GarbageReader {
  protected readonly sql: GarbageSql
  readonly #scope: Scope

  constructor(sql: GarbageSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async doomedFiles(limit: number): Promise<ChunkFile[]> {
    this.#scope.use()
    return this.sql.doomed().all(limit)
  }

  async knownFiles(names: readonly string[]): Promise<Set<string>> {
    this.#scope.use()
    return new Set(
      this.sql
        .known()
        .all(JSON.stringify(names))
        .map((chunk) => chunk.file),
    )
  }

  async files(range: { after: string; limit: number }): Promise<FileChunk[]> {
    this.#scope.use()
    const records = this.sql.files().all(range.after, range.limit)
    return records.map((record) => ({ ...record, isSealed: record.isSealed === 1 }))
  }

  async stores(): Promise<string[]> {
    this.#scope.use()
    const stores: string[] = []
    for (;;) {
      const next = this.sql.nextStore().get(stores.at(-1) ?? '')?.store ?? undefined
      if (next === undefined) return stores
      stores.push(next)
    }
  }

  async nextDeletableMs(): Promise<number | undefined> {
    this.#scope.use()
    return this.sql.next().get()?.deletable_at_ms ?? undefined
  }
}

export class GarbageWrites extends GarbageReads implements GarbageWriter {
  readonly #scope: WriteScope

  constructor(sql: GarbageSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async collect(step: { nowMs: number; pinned: ReadonlySet<number>; limit: number }): Promise<number> {
    this.#scope.use()
    const pinned = JSON.stringify([...step.pinned])
    const due = this.sql.due().all({ now_ms: step.nowMs, pinned, limit: step.limit })
    let taken = 0
    for (const { manifest_id: manifestId } of due) {
      if (taken >= step.limit) break
      this.#scope.change()
      taken += this.#takeApart(manifestId, step.limit - taken)
    }
    return taken
  }

  async hasten({ latestMs, limit }: { latestMs: number; limit: number }): Promise<void> {
    this.#scope.change()
    this.sql.hasten().run({ latest_ms: latestMs, limit })
  }

  async forgetFiles(names: readonly string[]): Promise<void> {
    this.#scope.change()
    for (const name of names) {
      const forgotten = this.sql.forgetFile().get(name)
      if (forgotten !== undefined) this.#scope.deltas.addFile(-1, forgotten.size_bytes)
    }
  }

  /** Returns the number of segments taken; at least 1, so that a manifest without any counts as work too. */
  #takeApart(manifestId: number, limit: number): number {
    // One more than wanted tells whether these are the last ones.
    const found = this.sql.segments().all(manifestId, limit + 1)
    const segments = found.slice(0, limit)
    for (const segment of segments) this.#unrefer(segment.chunk_id)
    const last = segments.at(-1)
    if (last !== undefined) this.sql.removeSegments().run(manifestId, last.start_bytes)
    if (found.length <= limit) {
      this.sql.removeParts().run(manifestId)
      this.sql.forgetManifest().run(manifestId)
    }
    return Math.max(1, segments.length)
  }

  /** One reference less. Bytes without any vanish; a file without any is doomed and keeps its row until it is gone. */
  #unrefer(chunkId: number): void {
    const chunk = this.sql.chunk().get(chunkId)
    if (chunk === undefined) return
    if (chunk.file === null && chunk.refs === 1) this.sql.removeChunk().run(chunkId)
    else this.sql.lowerRefs().run(chunkId)
  }
}
