import type { Database } from 'better-sqlite3'
import type { SealedChunk } from '../rows.ts'
import type { ChunkReader, ChunkWriter } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

export interface ChunkSql {
  sealed: Prepared<[afterId: number, limit: number], SealedChunk>
  setSealedKey: Prepared<[newKey: Buffer, id: number, oldKey: Buffer]>
}

export function chunkSql(db: Database): ChunkSql {
  return {
    sealed: prepared(
      db,
      `SELECT id, sealed_key AS sealedKey FROM chunks INDEXED BY chunks_sealed
       WHERE sealed_key IS NOT NULL AND id > ? + 0 ORDER BY id LIMIT ? + 0`,
    ),
    setSealedKey: prepared(db, 'UPDATE chunks SET sealed_key = ? WHERE id = ? AND sealed_key = ?'),
  }
}

export class ChunkReads implements ChunkReader {
  protected readonly sql: ChunkSql
  readonly #scope: Scope

  constructor(sql: ChunkSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async sealed(range: { afterId: number; limit: number }): Promise<SealedChunk[]> {
    this.#scope.use()
    return this.sql.sealed().all(range.afterId, range.limit)
  }
}

export class ChunkWrites extends ChunkReads implements ChunkWriter {
  readonly #scope: WriteScope

  constructor(sql: ChunkSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async setSealedKey(id: number, oldKey: Buffer, newKey: Buffer): Promise<boolean> {
    this.#scope.change()
    return this.sql.setSealedKey().run(newKey, id, oldKey).changes === 1
  }
}
