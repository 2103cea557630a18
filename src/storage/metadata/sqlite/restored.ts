import type { Database } from 'better-sqlite3'
import type { RestoredVersion } from '../rows.ts'
import type { RestoredReader, RestoredWriter } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

export interface RestoredSql {
  due: Prepared<[RestoredVersion & { nowMs: number; limit: number }], RestoredVersion>
  next: Prepared<[RestoredVersion], { until_ms: number }>
  note: Prepared<[RestoredVersion]>
  forget: Prepared<[RestoredVersion]>
}

const ORDER = 'until_ms, bucket_id, key, version_id'
const BEHIND = `(${ORDER}) > (:dueMs + 0, :bucketId + 0, :key, :versionId)`
/** Stands before every row. */
const BEGINNING: RestoredVersion = { dueMs: -1, bucketId: 0, key: '', versionId: '' }

export function restoredSql(db: Database): RestoredSql {
  return {
    due: prepared(
      db,
      `SELECT until_ms AS dueMs, bucket_id AS bucketId, key, version_id AS versionId FROM restored
       WHERE until_ms <= :nowMs + 0 AND ${BEHIND} ORDER BY ${ORDER} LIMIT :limit + 0`,
    ),
    next: prepared(db, `SELECT until_ms FROM restored WHERE ${BEHIND} ORDER BY ${ORDER} LIMIT 1`),
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

  async due({
    nowMs,
    limit,
    after = BEGINNING,
  }: {
    nowMs: number
    limit: number
    after?: RestoredVersion | undefined
  }): Promise<RestoredVersion[]> {
    this.#scope.use()
    return this.sql.due().all({ ...after, nowMs, limit })
  }

  async nextDueMs(after = BEGINNING): Promise<number | undefined> {
    this.#scope.use()
    return this.sql.next().get(after)?.until_ms
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
