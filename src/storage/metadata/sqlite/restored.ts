import type { Database } from 'better-sqlite3'
import type { RestoredVersion } from '../rows.ts'
import type { RestoredReader, RestoredWriter } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

export interface RestoredSql {
  due: Prepared<[nowMs: number, limit: number], RestoredVersion>
  next: Prepared<[], { until_ms: number | null }>
  note: Prepared<[RestoredVersion]>
  forget: Prepared<[RestoredVersion]>
}

export function restoredSql(db: Database): RestoredSql {
  return {
    due: prepared(
      db,
      `SELECT until_ms AS dueMs, bucket_id AS bucketId, key, version_id AS versionId FROM restored
       WHERE until_ms <= ? + 0 ORDER BY until_ms, bucket_id, key, version_id LIMIT ? + 0`,
    ),
    next: prepared(db, 'SELECT min(until_ms) AS until_ms FROM restored'),
    note: prepared(
      db,
      `INSERT INTO restored (until_ms, bucket_id, key, version_id) VALUES (:dueMs, :bucketId, :key, :versionId)
       ON CONFLICT DO NOTHING`,
    ),
    forget: prepared(
      db,
      `DELETE FROM restored
       WHERE until_ms = :dueMs AND bucket_id = :bucketId AND key = :key AND version_id = :versionId`,
    ),
  }
}

export class RestoredReads implements RestoredReader {
  protected readonly sql: RestoredSql
  readonly #scope: Scope

  constructor(sql: RestoredSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async due(range: { nowMs: number; limit: number }): Promise<RestoredVersion[]> {
    this.#scope.use()
    return this.sql.due().all(range.nowMs, range.limit)
  }

  async nextDueMs(): Promise<number | undefined> {
    this.#scope.use()
    return this.sql.next().get()?.until_ms ?? undefined
  }
}

export class RestoredWrites extends RestoredReads implements RestoredWriter {
  readonly #scope: WriteScope

  constructor(sql: RestoredSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async note(restored: RestoredVersion): Promise<void> {
    this.#scope.change()
    this.sql.note().run(restored)
  }

  async forget(restored: readonly RestoredVersion[]): Promise<void> {
    this.#scope.change()
    for (const row of restored) this.sql.forget().run(row)
  }
}
