import type { Acl, BucketRef, BucketRow, BucketUsage, ListedBucket, NewBucket, Versioning } from '../rows.ts'
import type { BucketSettingName, BucketSettings } from '../settings.ts'
import type { BucketReader, BucketWriter } from '../store.ts'
import { encodeAcl } from './acl.ts'
import { loadSettings, putSetting, type SettingSql } from './bucket-settings.ts'
import { type BucketSql, toListed, toRecord } from './bucket-sql.ts'
import { prefixEnd } from './key-range.ts'
import { forgetRecords, type LogRecordSql } from './log-records.ts'
import { type ManifestSql, releaseAll } from './manifest-sql.ts'
import type { OwnerUsageSql } from './owner-usage.ts'
import type { Scope, WriteScope } from './scope.ts'
import { inserting } from './statement.ts'

/** The statements of the tables that a bucket's row has a part in. */
export interface BucketTables {
  readonly buckets: BucketSql
  readonly settings: SettingSql
  readonly ownerUsage: OwnerUsageSql
  readonly manifests: ManifestSql
  readonly logRecords: LogRecordSql
}

const NOTHING: BucketUsage = { objects: 0, bytes: 0 }

export class BucketReads implements BucketReader {
  protected readonly sql: BucketSql
  protected readonly tables: BucketTables
  readonly #scope: Scope

  constructor(tables: BucketTables, scope: Scope) {
    this.tables = tables
    this.sql = tables.buckets
    this.#scope = scope
  }

  async find(ref: BucketRef): Promise<BucketRow | undefined> {
    this.#scope.use()
    const cache = this.#scope.buckets
    const kept = cache?.get(ref)
    if (kept !== undefined) return kept
    const record = this.sql.find().get(ref.tenant, ref.name)
    if (record === undefined) return undefined
    const row: BucketRow = { ...toListed(record), settings: loadSettings(this.tables.settings, record.id) }
    cache?.keep(row)
    return row
  }

  async findById(id: number): Promise<BucketRow | undefined> {
    this.#scope.use()
    const ref = this.sql.refOf().get(id)
    return ref === undefined ? undefined : await this.find(ref)
  }

  async list(range: {
    ownerId: string
    prefix: string
    after: string | undefined
    limit: number
  }): Promise<ListedBucket[]> {
    this.#scope.use()
    const records = this.sql.list().all({
      owner_id: range.ownerId,
      prefix: range.prefix,
      after: range.after === undefined ? '' : `${range.after}\0`,
      high: prefixEnd(range.prefix),
      limit: range.limit,
    })
    return records.map(toListed)
  }

  async listAll({ after, limit }: { after: BucketRef | undefined; limit: number }): Promise<ListedBucket[]> {
    this.#scope.use()
    // No bucket's name is empty, so that all of them lie behind two empty texts.
    const records = this.sql.listAll().all(after?.tenant ?? '', after?.name ?? '', limit)
    return records.map(toListed)
  }

  async listWithSetting(name: BucketSettingName, range: { afterId: number; limit: number }): Promise<BucketRow[]> {
    this.#scope.use()
    const records = this.sql.withSetting().all(name, range.afterId, range.limit)
    return records.map((record) => ({
      ...toListed(record),
      settings: loadSettings(this.tables.settings, record.id),
    }))
  }

  async count(ownerId: string): Promise<number> {
    this.#scope.use()
    return this.sql.count().get(ownerId)?.n ?? 0
  }

  async usage(bucketId: number): Promise<BucketUsage> {
    this.#scope.use()
    return this.sql.usage().get(bucketId) ?? NOTHING
  }

  async usageOfOwner(ownerId: string): Promise<BucketUsage> {
    this.#scope.use()
    return this.tables.ownerUsage.read().get(ownerId) ?? NOTHING
  }

  async isEmpty(bucketId: number): Promise<boolean> {
    this.#scope.use()
    return this.sql.isEmpty().get({ id: bucketId })?.is_empty === 1
  }
}

export class BucketWrites extends BucketReads implements BucketWriter {
  readonly #scope: WriteScope

  constructor(tables: BucketTables, scope: WriteScope) {
    super(tables, scope)
    this.#scope = scope
  }

  override async usage(bucketId: number): Promise<BucketUsage> {
    const stored = await super.usage(bucketId)
    return sum(stored, this.#scope.pendingUsage(bucketId))
  }

  override async usageOfOwner(ownerId: string): Promise<BucketUsage> {
    let usage = await super.usageOfOwner(ownerId)
    const owns = this.tables.ownerUsage.owns()
    for (const bucketId of this.#scope.pendingBuckets()) {
      if (owns.get(bucketId, ownerId) !== undefined) usage = sum(usage, this.#scope.pendingUsage(bucketId))
    }
    return usage
  }

  async insert(bucket: NewBucket): Promise<BucketRow> {
    this.#scope.changeBucket()
    const id = this.#scope.ids.next()
    inserting(() => this.sql.insert().run(toRecord({ ...bucket, id })))
    for (const setting of Object.entries(bucket.settings ?? {})) putSetting(this.tables.settings, id, setting)
    return { ...bucket, id, settings: loadSettings(this.tables.settings, id) }
  }

  async remove(bucketId: number, deletableAtMs: number): Promise<void> {
    this.#scope.changeBucket()
    const parts = this.sql.partManifests().all(bucketId)
    const manifestIds = parts.map((part) => part.manifest_id)
    releaseAll(this.tables.manifests, { manifestIds, deletableAtMs })
    this.sql.forgetParts().run(bucketId)
    this.sql.forgetUploads().run(bucketId)
    this.sql.forgetClosedUploads().run(bucketId)
    this.tables.settings.removeAll().run(bucketId)
    forgetRecords(this.tables.logRecords, bucketId)
    // A bucket that its own batch has emptied still has counters: they go with it, and so does what waits for them.
    const counted = this.tables.ownerUsage.ofBucket().get(bucketId)
    if (counted !== undefined) this.tables.ownerUsage.add().run(counted.owner_id, -counted.objects, -counted.bytes)
    this.sql.remove().run(bucketId)
  }

  async setVersioning(bucketId: number, versioning: Versioning): Promise<void> {
    this.#scope.changeBucket()
    this.sql.setVersioning().run(versioning, bucketId)
  }

  async setAcl(bucketId: number, acl: Acl): Promise<void> {
    this.#scope.changeBucket()
    this.sql.setAcl().run(encodeAcl(acl), bucketId)
  }

  async enableObjectLock(bucketId: number): Promise<void> {
    this.#scope.changeBucket()
    this.sql.enableObjectLock().run(bucketId)
  }

  async setOwner(bucketId: number, { ownerId, tenant }: { ownerId: string; tenant: string }): Promise<void> {
    this.#scope.changeBucket()
    const { ownerUsage } = this.tables
    const counted = ownerUsage.ofBucket().get(bucketId)
    if (counted === undefined) return
    inserting(() => this.sql.setOwner().run(ownerId, tenant, bucketId))
    ownerUsage.add().run(counted.owner_id, -counted.objects, -counted.bytes)
    ownerUsage.add().run(ownerId, counted.objects, counted.bytes)
  }

  async setSetting<Name extends BucketSettingName>(
    bucketId: number,
    name: Name,
    value: BucketSettings[Name] | undefined,
  ): Promise<void> {
    this.#scope.changeBucket()
    putSetting(this.tables.settings, bucketId, [name, value])
  }
}

function sum(a: BucketUsage, b: BucketUsage): BucketUsage {
  return { objects: a.objects + b.objects, bytes: a.bytes + b.bytes }
}
