import type { Database } from 'better-sqlite3'
import type { BucketRef, BucketRow, BucketUsage, CannedAcl, NewBucket, Versioning } from '../rows.ts'
import type { BucketReader, BucketWriter } from '../store.ts'
import { prefixEnd } from './key-range.ts'
import { type ManifestSql, releaseAll } from './manifest-sql.ts'
import type { Scope, WriteScope } from './scope.ts'
import { inserting, type Prepared, prepared } from './statement.ts'

interface BucketRecord {
  readonly id: number
  readonly tenant: string
  readonly name: string
  readonly owner_id: string
  readonly created_ms: number
  readonly versioning: Versioning
  readonly object_lock: number
  readonly location: string
  readonly storage_class: string
  readonly az_policy: string | null
  readonly acl: CannedAcl
}

type BucketRange = { owner_id: string; prefix: string; after: string; high: string | Buffer; limit: number }

export interface BucketSql {
  find: Prepared<[tenant: string, name: string], BucketRecord>
  list: Prepared<[BucketRange], BucketRecord>
  count: Prepared<[ownerId: string], { n: number }>
  usage: Prepared<[id: number], BucketUsage>
  isEmpty: Prepared<[{ id: number }], { is_empty: number }>
  insert: Prepared<[BucketRecord]>
  remove: Prepared<[id: number]>
  setVersioning: Prepared<[versioning: Versioning, id: number]>
  addUsage: Prepared<[objects: number, bytes: number, id: number]>
  partManifests: Prepared<[bucketId: number], { manifest_id: number }>
  forgetParts: Prepared<[bucketId: number]>
  forgetUploads: Prepared<[bucketId: number]>
  forgetClosedUploads: Prepared<[bucketId: number]>
}

const COLUMNS = `id, tenant, name, owner_id, created_ms, versioning, object_lock, location, storage_class, az_policy, acl`

export function bucketSql(db: Database): BucketSql {
  return {
    find: prepared(db, `SELECT ${COLUMNS} FROM buckets WHERE tenant = ? AND name = ?`),
    list: prepared(
      db,
      `SELECT ${COLUMNS} FROM buckets
       WHERE owner_id = :owner_id || '' AND name >= max(:prefix, :after) AND name < :high
       ORDER BY name LIMIT :limit + 0`,
    ),
    count: prepared(db, 'SELECT count(*) AS n FROM buckets WHERE owner_id = ?'),
    usage: prepared(db, 'SELECT object_count AS objects, byte_count AS bytes FROM buckets WHERE id = ?'),
    isEmpty: prepared(
      db,
      `SELECT NOT EXISTS (SELECT 1 FROM objects WHERE bucket_id = :id)
         AND NOT EXISTS (SELECT 1 FROM history WHERE bucket_id = :id) AS is_empty`,
    ),
    insert: prepared(
      db,
      `INSERT INTO buckets (${COLUMNS}) VALUES (:id, :tenant, :name, :owner_id, :created_ms, :versioning, :object_lock,
         :location, :storage_class, :az_policy, :acl)`,
    ),
    remove: prepared(db, 'DELETE FROM buckets WHERE id = ?'),
    setVersioning: prepared(db, 'UPDATE buckets SET versioning = ? WHERE id = ?'),
    addUsage: prepared(
      db,
      'UPDATE buckets SET object_count = object_count + ?, byte_count = byte_count + ? WHERE id = ?',
    ),
    ...uploadRemoval(db),
  }
}

/** The uploads of a bucket that is removed: only open ones have parts left. */
function uploadRemoval(
  db: Database,
): Pick<BucketSql, 'partManifests' | 'forgetParts' | 'forgetUploads' | 'forgetClosedUploads'> {
  return {
    partManifests: prepared(
      db,
      `SELECT manifest_id FROM uploads CROSS JOIN parts USING (upload_id) WHERE bucket_id = ? AND state = 'open'`,
    ),
    forgetParts: prepared(
      db,
      `DELETE FROM parts WHERE upload_id IN (SELECT upload_id FROM uploads WHERE bucket_id = ? AND state = 'open')`,
    ),
    // Two statements, because each state has an index of its own.
    forgetUploads: prepared(db, `DELETE FROM uploads WHERE bucket_id = ? AND state = 'open'`),
    forgetClosedUploads: prepared(db, `DELETE FROM uploads WHERE bucket_id = ? AND state <> 'open'`),
  }
}

export class BucketReads implements BucketReader {
  protected readonly sql: BucketSql
  readonly #scope: Scope

  constructor(sql: BucketSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async find(ref: BucketRef): Promise<BucketRow | undefined> {
    this.#scope.use()
    const cache = this.#scope.buckets
    const kept = cache?.get(ref)
    if (kept !== undefined) return kept
    const record = this.sql.find().get(ref.tenant, ref.name)
    if (record === undefined) return undefined
    const row = toRow(record)
    cache?.keep(row)
    return row
  }

  async list(range: {
    ownerId: string
    prefix: string
    after: string | undefined
    limit: number
  }): Promise<BucketRow[]> {
    this.#scope.use()
    const records = this.sql.list().all({
      owner_id: range.ownerId,
      prefix: range.prefix,
      after: range.after === undefined ? '' : `${range.after}\0`,
      high: prefixEnd(range.prefix),
      limit: range.limit,
    })
    return records.map(toRow)
  }

  async count(ownerId: string): Promise<number> {
    this.#scope.use()
    return this.sql.count().get(ownerId)?.n ?? 0
  }

  async usage(bucketId: number): Promise<BucketUsage> {
    this.#scope.use()
    return this.sql.usage().get(bucketId) ?? { objects: 0, bytes: 0 }
  }

  async isEmpty(bucketId: number): Promise<boolean> {
    this.#scope.use()
    return this.sql.isEmpty().get({ id: bucketId })?.is_empty === 1
  }
}

export class BucketWrites extends BucketReads implements BucketWriter {
  readonly #scope: WriteScope
  readonly #manifests: ManifestSql

  constructor(sql: { buckets: BucketSql; manifests: ManifestSql }, scope: WriteScope) {
    super(sql.buckets, scope)
    this.#scope = scope
    this.#manifests = sql.manifests
  }

  override async usage(bucketId: number): Promise<BucketUsage> {
    const stored = await super.usage(bucketId)
    const pending = this.#scope.pendingUsage(bucketId)
    return { objects: stored.objects + pending.objects, bytes: stored.bytes + pending.bytes }
  }

  async insert(bucket: NewBucket): Promise<BucketRow> {
    this.#scope.changeBucket()
    const row: BucketRow = { ...bucket, id: this.#scope.ids.next() }
    inserting(() => this.sql.insert().run(toRecord(row)))
    return row
  }

  async remove(bucketId: number, deletableAtMs: number): Promise<void> {
    this.#scope.changeBucket()
    const parts = this.sql.partManifests().all(bucketId)
    const manifestIds = parts.map((part) => part.manifest_id)
    releaseAll(this.#manifests, { manifestIds, deletableAtMs })
    this.sql.forgetParts().run(bucketId)
    this.sql.forgetUploads().run(bucketId)
    this.sql.forgetClosedUploads().run(bucketId)
    this.sql.remove().run(bucketId)
  }

  async setVersioning(bucketId: number, versioning: Versioning): Promise<void> {
    this.#scope.changeBucket()
    this.sql.setVersioning().run(versioning, bucketId)
  }
}

function toRow(record: BucketRecord): BucketRow {
  return {
    id: record.id,
    tenant: record.tenant,
    name: record.name,
    ownerId: record.owner_id,
    createdMs: record.created_ms,
    versioning: record.versioning,
    objectLock: record.object_lock === 1,
    location: record.location,
    storageClass: record.storage_class,
    azPolicy: record.az_policy ?? undefined,
    acl: record.acl,
  }
}

function toRecord(row: BucketRow): BucketRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    owner_id: row.ownerId,
    created_ms: row.createdMs,
    versioning: row.versioning,
    object_lock: row.objectLock ? 1 : 0,
    location: row.location,
    storage_class: row.storageClass,
    az_policy: row.azPolicy ?? null,
    acl: row.acl,
  }
}
