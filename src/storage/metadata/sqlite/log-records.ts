import type { Database } from 'better-sqlite3'
import type { LogRecordRow } from '../rows.ts'
import type { LogRecordReader, LogRecordWriter, PendingLog } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

type Pending = { bucketId: number; oldestMs: number; bytes: number }
type PendingRecord = Pending & { tenant: string; name: string }

export interface LogRecordSql {
  pending: Prepared<[], PendingRecord>
  list: Prepared<[bucketId: number, afterId: number, limit: number], LogRecordRow>
  add: Prepared<[LogRecordRow]>
  /** What the next records bring: the time of the first, where none wait already, and the bytes of all. */
  addPending: Prepared<[Pending]>
  sizeThrough: Prepared<[bucketId: number, throughId: number], { bytes: number }>
  removeThrough: Prepared<[bucketId: number, throughId: number]>
  oldest: Prepared<[bucketId: number], { at_ms: number }>
  setPending: Prepared<[{ bucket_id: number; oldest_ms: number; removed_bytes: number }]>
  removePending: Prepared<[bucketId: number]>
  removeAll: Prepared<[bucketId: number]>
}

export function logRecordSql(db: Database): LogRecordSql {
  const OF_BUCKET = 'WHERE bucket_id = ? + 0'
  return {
    pending: prepared(
      db,
      `SELECT bucket_id AS bucketId, tenant, name, oldest_ms AS oldestMs, log_pending.byte_count AS bytes
       FROM log_pending CROSS JOIN buckets ON buckets.id = bucket_id ORDER BY bucket_id`,
    ),
    list: prepared(
      db,
      `SELECT id, bucket_id AS bucketId, at_ms AS atMs, line FROM log_records
       ${OF_BUCKET} AND id > ? + 0 ORDER BY id LIMIT ? + 0`,
    ),
    add: prepared(
      db,
      `INSERT INTO log_records (bucket_id, id, at_ms, line)
       SELECT id, :id, :atMs, :line FROM buckets WHERE id = :bucketId`,
    ),
    addPending: prepared(
      db,
      `INSERT INTO log_pending (bucket_id, oldest_ms, byte_count) VALUES (:bucketId, :oldestMs, :bytes)
       ON CONFLICT (bucket_id) DO UPDATE SET byte_count = byte_count + excluded.byte_count`,
    ),
    sizeThrough: prepared(
      db,
      `SELECT coalesce(sum(octet_length(line)), 0) AS bytes FROM log_records ${OF_BUCKET} AND id <= ? + 0`,
    ),
    removeThrough: prepared(db, 'DELETE FROM log_records WHERE bucket_id = ? AND id <= ?'),
    oldest: prepared(db, `SELECT at_ms FROM log_records ${OF_BUCKET} ORDER BY id LIMIT 1`),
    setPending: prepared(
      db,
      `UPDATE log_pending SET oldest_ms = :oldest_ms, byte_count = byte_count - :removed_bytes
       WHERE bucket_id = :bucket_id`,
    ),
    removePending: prepared(db, 'DELETE FROM log_pending WHERE bucket_id = ?'),
    removeAll: prepared(db, 'DELETE FROM log_records WHERE bucket_id = ?'),
  }
}

/** The bucket goes, and nobody is left whose log they would be. */
export function forgetRecords(sql: LogRecordSql, bucketId: number): void {
  if (sql.removePending().run(bucketId).changes === 1) sql.removeAll().run(bucketId)
}

export class LogRecordReads implements LogRecordReader {
  protected readonly sql: LogRecordSql
  readonly #scope: Scope

  constructor(sql: LogRecordSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async pending(): Promise<PendingLog[]> {
    this.#scope.use()
    const records = this.sql.pending().all()
    return records.map(({ tenant, name, ...pending }) => ({ ...pending, bucket: { tenant, name } }))
  }

  async list(range: { bucketId: number; afterId: number; limit: number }): Promise<LogRecordRow[]> {
    this.#scope.use()
    return this.sql.list().all(range.bucketId, range.afterId, range.limit)
  }
}

export class LogRecordWrites extends LogRecordReads implements LogRecordWriter {
  readonly #scope: WriteScope

  constructor(sql: LogRecordSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async add(records: readonly Omit<LogRecordRow, 'id'>[]): Promise<void> {
    this.#scope.change()
    const pending = new Map<number, Pending>()
    for (const record of records) {
      const { bucketId, atMs, line } = record
      if (this.sql.add().run({ bucketId, atMs, line, id: this.#scope.ids.next() }).changes === 0) continue
      const { oldestMs, bytes } = pending.get(bucketId) ?? { oldestMs: atMs, bytes: 0 }
      pending.set(bucketId, { bucketId, oldestMs, bytes: bytes + Buffer.byteLength(line) })
    }
    for (const sum of pending.values()) this.sql.addPending().run(sum)
  }

  async remove({ bucketId, throughId }: { bucketId: number; throughId: number }): Promise<void> {
    this.#scope.change()
    const removedBytes = this.sql.sizeThrough().get(bucketId, throughId)?.bytes ?? 0
    this.sql.removeThrough().run(bucketId, throughId)
    const oldest = this.sql.oldest().get(bucketId)
    if (oldest === undefined) this.sql.removePending().run(bucketId)
    else this.sql.setPending().run({ bucket_id: bucketId, oldest_ms: oldest.at_ms, removed_bytes: removedBytes })
  }
}
