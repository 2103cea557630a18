import type { Database } from 'better-sqlite3'
import type { ReadTransaction, WriteTransaction } from '../store.ts'
import { BucketReads, type BucketSql, BucketWrites, bucketSql } from './buckets.ts'
import { GarbageReads, type GarbageSql, GarbageWrites, garbageSql } from './garbage.ts'
import { type ManifestSql, manifestSql } from './manifest-sql.ts'
import { ManifestReads, ManifestWrites } from './manifests.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type UploadSql, uploadSql } from './upload-sql.ts'
import { UploadReads, UploadWrites } from './uploads.ts'
import { type VersionSql, versionSql } from './version-sql.ts'
import { VersionReads, VersionWrites } from './versions.ts'

/** The statements of one connection. */
export interface Sql {
  readonly buckets: BucketSql
  readonly versions: VersionSql
  readonly manifests: ManifestSql
  readonly uploads: UploadSql
  readonly garbage: GarbageSql
}

export function statements(db: Database): Sql {
  return {
    buckets: bucketSql(db),
    versions: versionSql(db),
    manifests: manifestSql(db),
    uploads: uploadSql(db),
    garbage: garbageSql(db),
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
    return new BucketReads(this.#sql.buckets, this.#scope)
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
    return new VersionWrites(this.#sql.versions, this.#scope)
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
}
