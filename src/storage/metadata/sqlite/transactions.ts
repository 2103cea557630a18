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

export function readTransaction(sql: Sql, scope: Scope): ReadTransaction {
  return {
    buckets: new BucketReads(sql.buckets, scope),
    versions: new VersionReads(sql.versions, scope),
    manifests: new ManifestReads(sql.manifests, scope),
    uploads: new UploadReads(sql.uploads, scope),
    garbage: new GarbageReads(sql.garbage, scope),
  }
}

export function writeTransaction(sql: Sql, scope: WriteScope): WriteTransaction {
  return {
    buckets: new BucketWrites(sql, scope),
    versions: new VersionWrites(sql.versions, scope),
    manifests: new ManifestWrites(sql.manifests, scope),
    uploads: new UploadWrites(sql, scope),
    garbage: new GarbageWrites(sql.garbage, scope),
  }
}
