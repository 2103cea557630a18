import type { Database } from 'better-sqlite3'
import type { BucketRef, BucketUsage, ListedBucket, NewBucket, Versioning } from '../rows.ts'
import { decodeAcl, encodeAcl } from './acl.ts'
import { type Prepared, prepared } from './statement.ts'

export interface BucketRecord {
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
  readonly acl: string
}

type BucketRange = { owner_id: string; prefix: string; after: string; high: string | Buffer; limit: number }

export interface BucketSql {
  find: Prepared<[tenant: string, name: string], BucketRecord>
  refOf: Prepared<[id: number], BucketRef>
  list: Prepared<[BucketRange], BucketRecord>
  listAll: Prepared<[afterTenant: string, afterName: string, limit: number], BucketRecord>
  withSetting: Prepared<[name: string, afterId: number, limit: number], BucketRecord>
  count: Prepared<[ownerId: string], { n: number }>
  usage: Prepared<[id: number], BucketUsage>
  isEmpty: Prepared<[{ id: number }], { is_empty: number }>
  insert: Prepared<[BucketRecord]>
  remove: Prepared<[id: number]>
  setVersioning: Prepared<[versioning: Versioning, id: number]>
  setAcl: Prepared<[acl: string, id: number]>
  enableObjectLock: Prepared<[id: number]>
  setOwner: Prepared<[ownerId: string, tenant: string, id: number]>
  addUsage: Prepared<[objects: number, bytes: number, id: number]>
  partManifests: Prepared<[bucketId: number], { manifest_id: number }>
  forgetParts: Prepared<[bucketId: number]>
  forgetUploads: Prepared<[bucketId: number]>
  forgetClosedUploads: Prepared<[bucketId: number]>
}

const COLUMNS = `id, tenant, name, owner_id, created_ms, versioning, object_lock, location, storage_class, az_policy, acl`

const QUALIFIED = COLUMNS.split(', ')
  .map((column) => `buckets.${column.trim()}`)
  .join(', ')

export function bucketSql(db: Database): BucketSql {
  return {
    ...readingSql(db),
    insert: prepared(
      db,
      `INSERT INTO buckets (${COLUMNS}) VALUES (:id, :tenant, :name, :owner_id, :created_ms, :versioning, :object_lock,
         :location, :storage_class, :az_policy, :acl)`,
    ),
    remove: prepared(db, 'DELETE FROM buckets WHERE id = ?'),
    setVersioning: prepared(db, 'UPDATE buckets SET versioning = ? WHERE id = ?'),
    setAcl: prepared(db, 'UPDATE buckets SET acl = ? WHERE id = ?'),
    enableObjectLock: prepared(db, 'UPDATE buckets SET object_lock = 1 WHERE id = ?'),
    setOwner: prepared(db, 'UPDATE buckets SET owner_id = ?, tenant = ? WHERE id = ?'),
    addUsage: prepared(
      db,
      'UPDATE buckets SET object_count = object_count + ?, byte_count = byte_count + ? WHERE id = ?',
    ),
    ...uploadRemoval(db),
  }
}

type ReadingSql = 'find' | 'refOf' | 'list' | 'listAll' | 'withSetting' | 'count' | 'usage' | 'isEmpty'

function readingSql(db: Database): Pick<BucketSql, ReadingSql> {
  return {
    find: prepared(db, `SELECT ${COLUMNS} FROM buckets WHERE tenant = ? AND name = ?`),
    refOf: prepared(db, 'SELECT tenant, name FROM buckets WHERE id = ?'),
    list: prepared(
      db,
      `SELECT ${COLUMNS} FROM buckets
       WHERE owner_id = :owner_id || '' AND name >= max(:prefix, :after) AND name < :high
       ORDER BY name LIMIT :limit + 0`,
    ),
    listAll: prepared(
      db,
      `SELECT ${COLUMNS} FROM buckets WHERE (tenant, name) > (? || '', ? || '') ORDER BY tenant, name LIMIT ? + 0`,
    ),
    withSetting: prepared(
      db,
      `SELECT ${QUALIFIED} FROM bucket_settings AS s CROSS JOIN buckets ON buckets.id = s.bucket_id
       WHERE s.name = ? || '' AND s.bucket_id > ? + 0 ORDER BY s.bucket_id LIMIT ? + 0`,
    ),
    count: prepared(db, 'SELECT count(*) AS n FROM buckets WHERE owner_id = ?'),
    usage: prepared(db, 'SELECT object_count AS objects, byte_count AS bytes FROM buckets WHERE id = ?'),
    isEmpty: prepared(
      db,
      `SELECT NOT EXISTS (SELECT 1 FROM objects WHERE bucket_id = :id)
         AND NOT EXISTS (SELECT 1 FROM history WHERE bucket_id = :id) AS is_empty`,
    ),
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

export function toListed(record: BucketRecord): ListedBucket {
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
    acl: decodeAcl(record.acl),
  }
}

export function toRecord(row: NewBucket & { id: number }): BucketRecord {
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
    acl: encodeAcl(row.acl),
  }
}
