import type { Database } from 'better-sqlite3'
import type { UsageRow } from '../rows.ts'
import type { UsageRange, UsageReader, UsageWriter } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

type ListParameters = {
  owner_id: string
  bucket: string
  from_ms: number
  to_ms: number
  after_owner: string
  after_bucket: string
  after_hour: number
  after_category: string
  limit: number
}

type TrimParameters = { owner_id: string; from_ms: number; to_ms: number; limit: number }

/** Each question has a statement of its own, in which the key of the table takes it straight to the page's rows. */
export interface UsageSql {
  list: Prepared<[ListParameters], UsageRow>
  listOfBucketName: Prepared<[ListParameters], UsageRow>
  listOfOwner: Prepared<[ListParameters], UsageRow>
  listOfBucket: Prepared<[ListParameters], UsageRow>
  add: Prepared<[UsageRow]>
  trim: Prepared<[TrimParameters]>
  trimOfOwner: Prepared<[TrimParameters]>
}

const KEY = 'owner_id, bucket, hour_ms, category'
const SUMS = 'bytes_sent, bytes_received, operations, successful_operations'
const IN_HOURS = 'hour_ms >= :from_ms AND hour_ms < :to_ms'

export function usageSql(db: Database): UsageSql {
  const list = (condition: string): Prepared<[ListParameters], UsageRow> =>
    prepared(
      db,
      `SELECT owner_id AS ownerId, bucket, hour_ms AS hourMs, category, bytes_sent AS bytesSent,
         bytes_received AS bytesReceived, operations, successful_operations AS successfulOperations
       FROM usage WHERE ${condition} ORDER BY ${KEY} LIMIT :limit + 0`,
    )
  const trim = (condition: string): Prepared<[TrimParameters]> =>
    prepared(db, `DELETE FROM usage WHERE (${KEY}) IN (SELECT ${KEY} FROM usage WHERE ${condition} LIMIT :limit + 0)`)
  // The plus keeps SQLite from going by hours and sorting all that it finds.
  const afterOwner = `(${KEY}) > (:after_owner || '', :after_bucket || '', :after_hour + 0, :after_category || '')
    AND +hour_ms >= :from_ms AND +hour_ms < :to_ms`
  const afterBucket = "(bucket, hour_ms, category) > (:after_bucket || '', :after_hour + 0, :after_category || '')"
  const afterHour = "(hour_ms, category) > (:after_hour + 0, :after_category || '')"
  const adding = SUMS.split(', ').map((column) => `${column} = ${column} + excluded.${column}`)
  return {
    list: list(afterOwner),
    listOfBucketName: list(`${afterOwner} AND bucket = :bucket || ''`),
    listOfOwner: list(`owner_id = :owner_id || '' AND ${afterBucket} AND ${IN_HOURS}`),
    listOfBucket: list(`owner_id = :owner_id || '' AND bucket = :bucket || '' AND ${afterHour} AND ${IN_HOURS}`),
    add: prepared(
      db,
      `INSERT INTO usage (${KEY}, ${SUMS}) VALUES (:ownerId, :bucket, :hourMs, :category, :bytesSent, :bytesReceived,
         :operations, :successfulOperations)
       ON CONFLICT (${KEY}) DO UPDATE SET ${adding}`,
    ),
    trim: trim(IN_HOURS),
    trimOfOwner: trim(`owner_id = :owner_id || '' AND ${IN_HOURS}`),
  }
}

export class UsageReads implements UsageReader {
  protected readonly sql: UsageSql
  readonly #scope: Scope

  constructor(sql: UsageSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async list(range: UsageRange & { bucket?: string; after: UsageRow | undefined; limit: number }): Promise<UsageRow[]> {
    this.#scope.use()
    const { ownerId, bucket, after } = range
    return this.#statement({ ownerId, bucket }).all({
      owner_id: ownerId ?? '',
      bucket: bucket ?? '',
      from_ms: range.fromMs,
      to_ms: range.toMs,
      // Without a page before, all rows lie behind an hour that never was.
      after_owner: after?.ownerId ?? '',
      after_bucket: after?.bucket ?? '',
      after_hour: after?.hourMs ?? -1,
      after_category: after?.category ?? '',
      limit: range.limit,
    })
  }

  #statement({ ownerId, bucket }: { ownerId: string | undefined; bucket: string | undefined }) {
    if (ownerId === undefined) return bucket === undefined ? this.sql.list() : this.sql.listOfBucketName()
    return bucket === undefined ? this.sql.listOfOwner() : this.sql.listOfBucket()
  }
}

export class UsageWrites extends UsageReads implements UsageWriter {
  readonly #scope: WriteScope

  constructor(sql: UsageSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async add(rows: readonly UsageRow[]): Promise<void> {
    this.#scope.change()
    for (const row of rows) this.sql.add().run(row)
  }

  async trim({ ownerId, fromMs, toMs, limit }: UsageRange & { limit: number }): Promise<number> {
    this.#scope.change()
    const trim = ownerId === undefined ? this.sql.trim() : this.sql.trimOfOwner()
    return trim.run({ owner_id: ownerId ?? '', from_ms: fromMs, to_ms: toMs, limit }).changes
  }
}
