import type { Database } from 'better-sqlite3'
import type { ReadTransaction, WriteTransaction } from '../store.ts'
import { type SettingSql, settingSql } from './bucket-settings.ts'
import { type BucketSql, bucketSql } from './bucket-sql.ts'
import { BucketReads, BucketWrites } from './buckets.ts'
import { ChunkReads, type ChunkSql, ChunkWrites, chunkSql } from './chunks.ts'
import { GarbageReads, type GarbageSql, GarbageWrites, garbageSql } from './garbage.ts'
import { JobStateReads, type JobStateSql, JobStateWrites, jobStateSql } from './job-state.ts'
import { LogRecordReads, type LogRecordSql, LogRecordWrites, logRecordSql } from './log-records.ts'
import { type ManifestSql, manifestSql } from './manifest-sql.ts'
import { ManifestReads, ManifestWrites } from './manifests.ts'
import { OutboxReads, type OutboxSql, OutboxWrites, outboxSql } from './outbox.ts'
import { type OwnerUsageSql, ownerUsageSql } from './owner-usage.ts'
import { RenderingReads, type RenderingSql, RenderingWrites, renderingSql } from './renderings.ts'
import { RestoredReads, type RestoredSql, RestoredWrites, restoredSql } from './restored.ts'
import type { Scope, WriteScope } from './scope.ts'
import { TopicReads, type TopicSql, TopicWrites, topicSql } from './topics.ts'
import { type UploadSql, uploadSql } from './upload-sql.ts'
import { UploadReads, UploadWrites } from './uploads.ts'
import { UsageReads, type UsageSql, UsageWrites, usageSql } from './usage.ts'
import { UserReads, type UserSql, UserWrites, userSql } from './users.ts'
import { type VersionSql, versionSql } from './version-sql.ts'
import { VersionReads, VersionWrites } from './versions.ts'

/** The statements of one connection. */
export interface Sql {
  readonly buckets: BucketSql
  readonly settings: SettingSql
  readonly ownerUsage: OwnerUsageSql
  readonly versions: VersionSql
  readonly manifests: ManifestSql
  readonly uploads: UploadSql
  readonly garbage: GarbageSql
  readonly users: UserSql
  readonly usage: UsageSql
  readonly logRecords: LogRecordSql
  readonly chunks: ChunkSql
  readonly restored: RestoredSql
  readonly jobState: JobStateSql
  readonly topics: TopicSql
  readonly outbox: OutboxSql
  readonly renderings: RenderingSql
}

export function statements(db: Database): Sql {
  return {
    buckets: bucketSql(db),
    settings: settingSql(db),
    ownerUsage: ownerUsageSql(db),
    versions: versionSql(db),
    manifests: manifestSql(db),
    uploads: uploadSql(db),
    garbage: garbageSql(db),
    users: userSql(db),
    usage: usageSql(db),
    logRecords: logRecordSql(db),
    chunks: chunkSql(db),
    restored: restoredSql(db),
    jobState: jobStateSql(db),
    topics: topicSql(db),
    outbox: outboxSql(db),
    renderings: renderingSql(db),
  }
}

/** The tables of one reading, each made where it is used: most readings use one or two. */
export class SqliteReadTransaction implements ReadTransaction {
  readonly #sql: Sql
  readonly #scope: Scope

  constructor(sql: Sql, scope: Scope) {
    this.#sql = sql
    this.#scope = scope
  }

  get buckets(): BucketReads {
    return new BucketReads(this.#sql, this.#scope)
  }

  get versions(): VersionReads {
    return new VersionReads(this.#sql.versions, this.#scope)
  }

  get manifests(): ManifestReads {
    return new ManifestReads(this.#sql.manifests, this.#scope)
  }

  get uploads(): UploadReads {
    return new UploadReads(this.#sql.uploads, this.#scope)
  }

  get garbage(): GarbageReads {
    return new GarbageReads(this.#sql.garbage, this.#scope)
  }

  get users(): UserReads {
    return new UserReads(this.#sql.users, this.#scope)
  }

  get usage(): UsageReads {
    return new UsageReads(this.#sql.usage, this.#scope)
  }

  get logRecords(): LogRecordReads {
    return new LogRecordReads(this.#sql.logRecords, this.#scope)
  }

  get chunks(): ChunkReads {
    return new ChunkReads(this.#sql.chunks, this.#scope)
  }

  get restored(): RestoredReads {
    return new RestoredReads(this.#sql.restored, this.#scope)
  }

  get jobState(): JobStateReads {
    return new JobStateReads(this.#sql.jobState, this.#scope)
  }

  get topics(): TopicReads {
    return new TopicReads(this.#sql, this.#scope)
  }

  get outbox(): OutboxReads {
    return new OutboxReads(this.#sql.outbox, this.#scope)
  }

  get renderings(): RenderingReads {
    return new RenderingReads(this.#sql, this.#scope)
  }
}

export class SqliteWriteTransaction implements WriteTransaction {
  readonly #sql: Sql
  readonly #scope: WriteScope

  constructor(sql: Sql, scope: WriteScope) {
    this.#sql = sql
    this.#scope = scope
  }

  get buckets(): BucketWrites {
    return new BucketWrites(this.#sql, this.#scope)
  }

  get versions(): VersionWrites {
    return new VersionWrites(this.#sql, this.#scope)
  }

  get manifests(): ManifestWrites {
    return new ManifestWrites(this.#sql.manifests, this.#scope)
  }

  get uploads(): UploadWrites {
    return new UploadWrites(this.#sql, this.#scope)
  }

  get garbage(): GarbageWrites {
    return new GarbageWrites(this.#sql.garbage, this.#scope)
  }

  get users(): UserWrites {
    return new UserWrites(this.#sql.users, this.#scope)
  }

  get usage(): UsageWrites {
    return new UsageWrites(this.#sql.usage, this.#scope)
  }

  get logRecords(): LogRecordWrites {
    return new LogRecordWrites(this.#sql.logRecords, this.#scope)
  }

  get chunks(): ChunkWrites {
    return new ChunkWrites(this.#sql.chunks, this.#scope)
  }

  get restored(): RestoredWrites {
    return new RestoredWrites(this.#sql.restored, this.#scope)
  }

  get jobState(): JobStateWrites {
    return new JobStateWrites(this.#sql.jobState, this.#scope)
  }

  get topics(): TopicWrites {
    return new TopicWrites(this.#sql, this.#scope)
  }

  get outbox(): OutboxWrites {
    return new OutboxWrites(this.#sql.outbox, this.#scope)
  }

  get renderings(): RenderingWrites {
    return new RenderingWrites(this.#sql, this.#scope)
  }
}
