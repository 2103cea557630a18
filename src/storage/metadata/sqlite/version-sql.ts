import type { Database } from 'better-sqlite3'
import type { ChecksumRecord } from './attributes.ts'
import { type Prepared, prepared } from './statement.ts'

export interface ListedRecord extends ChecksumRecord {
  /** Only where the listing was asked for them. */
  readonly attributes?: string
  readonly id: number
  readonly key: string
  readonly version_id: string
  readonly is_latest: number
  readonly is_delete_marker: number
  readonly last_modified_ms: number
  readonly owner_id: string
  readonly size_bytes: number
  readonly etag: string
  readonly storage_class: string
  readonly appends: number
}

/** The current object of a key: what the caller knows already is not read again. */
export type CurrentRecord = Omit<VersionRecord, 'key' | 'is_latest' | 'is_delete_marker' | 'bucket_id'>

export interface VersionRecord extends ListedRecord {
  readonly bucket_id: number
  readonly part_count: number
  readonly manifest_id: number | null
  readonly attributes: string
}

/** The columns of a version behind bucket and key, in the order in which the statements bind them. */
export type VersionValues = [
  id: number,
  versionId: string,
  lastModifiedMs: number,
  ownerId: string,
  sizeBytes: number,
  etag: string,
  storageClass: string,
  appends: number,
  partCount: number,
  manifestId: number | null,
  checksumAlgorithm: string | null,
  checksumValue: string | null,
  checksumType: string | null,
  attributes: string,
]

type Range = { bucket_id: number; prefix: string; low: string; high: string | Buffer; limit: number }
type OneVersion = { bucket_id: number; key: string; version_id: string }
type OlderThan = { bucket_id: number; key: string; older_than: number; limit: number }
type PartRange = [manifestId: number, afterPartNumber: number, limit: number]
type PartRecord = { part_number: number; start_bytes: number; size_bytes: number; checksum: string | null }
type StorageValues = [storageClass: string, manifestId: number | null, bucketId: number, key: string, id: number]
type KeyValues = [bucketId: number, key: string, ...values: VersionValues]

export interface VersionSql {
  current: Prepared<[bucketId: number, key: string], CurrentRecord>
  /** Where the latest version is not an object: the newest of the history is a delete marker, if there is any. */
  newestInHistory: Prepared<[bucketId: number, key: string], VersionRecord>
  find: Prepared<[OneVersion], VersionRecord>
  listCurrent: Prepared<[Range], ListedRecord>
  listAll: Prepared<[Range], ListedRecord>
  listOlder: Prepared<[OlderThan], ListedRecord>
  /** The same with the attributes. */
  listCurrentInFull: Prepared<[Range], ListedRecord>
  listAllInFull: Prepared<[Range], ListedRecord>
  listOlderInFull: Prepared<[OlderThan], ListedRecord>
  parts: Prepared<PartRange, PartRecord>
  insertCurrent: Prepared<KeyValues>
  replaceCurrent: Prepared<[...values: VersionValues, bucketId: number, key: string, oldId: number]>
  removeCurrent: Prepared<[bucketId: number, key: string, id: number]>
  archive: Prepared<[bucketId: number, key: string, newVersionId: string]>
  removeArchived: Prepared<[bucketId: number, key: string]>
  insertMarker: Prepared<KeyValues>
  removeFromHistory: Prepared<[bucketId: number, key: string, id: number]>
  promote: Prepared<[{ bucket_id: number; key: string }]>
  removePromoted: Prepared<[{ bucket_id: number; key: string }]>
  setCurrentAttributes: Prepared<[attributes: string, bucketId: number, key: string, id: number]>
  setHistoricAttributes: Prepared<[attributes: string, bucketId: number, key: string, id: number]>
  setCurrentStorage: Prepared<StorageValues>
  setHistoricStorage: Prepared<StorageValues>
  copyParts: Prepared<[toManifestId: number, fromManifestId: number]>
}

const LISTED = `id, key, version_id, last_modified_ms, owner_id, size_bytes, etag, storage_class, appends,
  checksum_algorithm, checksum_value, checksum_type`
const WHOLE = `${LISTED}, bucket_id, part_count, manifest_id, attributes`

/** In the order of VersionValues. */
const VALUES = `id, version_id, last_modified_ms, owner_id, size_bytes, etag, storage_class, appends, part_count,
  manifest_id, checksum_algorithm, checksum_value, checksum_type, attributes`

/** A delete marker is the latest if nothing is newer; an object in the history never is. */
const IS_LATEST = `is_delete_marker
  AND NOT EXISTS (SELECT 1 FROM objects AS o WHERE o.bucket_id = h.bucket_id AND o.key = h.key)
  AND NOT EXISTS (SELECT 1 FROM history AS n WHERE n.bucket_id = h.bucket_id AND n.key = h.key AND n.id > h.id)
  AS is_latest`

const IN_RANGE = 'bucket_id = :bucket_id + 0 AND key >= max(:prefix, :low) AND key < :high'

const ONE = 'WHERE bucket_id = ? AND key = ? AND id = ?'

export function versionSql(db: Database): VersionSql {
  return {
    ...readingSql(db),
    ...listingSql(db),
    ...fullListingSql(db),
    ...currentSql(db),
    ...historySql(db),
    setCurrentAttributes: prepared(db, `UPDATE objects SET attributes = ? ${ONE}`),
    setHistoricAttributes: prepared(db, `UPDATE history SET attributes = ? ${ONE}`),
    setCurrentStorage: prepared(db, `UPDATE objects SET storage_class = ?, manifest_id = ? ${ONE}`),
    setHistoricStorage: prepared(db, `UPDATE history SET storage_class = ?, manifest_id = ? ${ONE}`),
    copyParts: prepared(
      db,
      `INSERT INTO object_parts (manifest_id, part_number, start_bytes, size_bytes, checksum)
       SELECT ?, part_number, start_bytes, size_bytes, checksum FROM object_parts WHERE manifest_id = ?`,
    ),
  }
}

function readingSql(db: Database): Pick<VersionSql, 'current' | 'newestInHistory' | 'find' | 'parts'> {
  return {
    current: prepared(db, `SELECT ${VALUES} FROM objects WHERE bucket_id = ? AND key = ?`),
    newestInHistory: prepared(
      db,
      `SELECT ${WHOLE}, 1 AS is_latest, is_delete_marker FROM history
       WHERE bucket_id = ? + 0 AND key = ? || '' ORDER BY id DESC LIMIT 1`,
    ),
    find: prepared(
      db,
      `SELECT ${WHOLE}, 1 AS is_latest, 0 AS is_delete_marker FROM objects
       WHERE bucket_id = :bucket_id + 0 AND key = :key || '' AND version_id = :version_id || ''
       UNION ALL
       SELECT ${WHOLE}, ${IS_LATEST}, is_delete_marker FROM history AS h
       WHERE bucket_id = :bucket_id + 0 AND key = :key || '' AND version_id = :version_id || ''`,
    ),
    parts: prepared(
      db,
      `SELECT part_number, start_bytes, size_bytes, checksum FROM object_parts
       WHERE manifest_id = ? + 0 AND part_number > ? ORDER BY part_number LIMIT ? + 0`,
    ),
  }
}

type Lists = 'listCurrent' | 'listAll' | 'listOlder'
type FullLists = `${Lists}InFull`

function listingSql(db: Database): Pick<VersionSql, Lists> {
  const { current, all, older } = listings(db, LISTED)
  return { listCurrent: current, listAll: all, listOlder: older }
}

function fullListingSql(db: Database): Pick<VersionSql, FullLists> {
  const { current, all, older } = listings(db, `${LISTED}, attributes`)
  return { listCurrentInFull: current, listAllInFull: all, listOlderInFull: older }
}

interface Listings {
  readonly current: Prepared<[Range], ListedRecord>
  readonly all: Prepared<[Range], ListedRecord>
  readonly older: Prepared<[OlderThan], ListedRecord>
}

function listings(db: Database, columns: string): Listings {
  return {
    current: prepared(
      db,
      `SELECT ${columns}, 1 AS is_latest, 0 AS is_delete_marker FROM objects
       WHERE ${IN_RANGE} ORDER BY key LIMIT :limit + 0`,
    ),
    // Both arms come in the order of their keys, so SQLite merges them without sorting and stops at the limit.
    all: prepared(
      db,
      `SELECT ${columns}, 1 AS is_latest, 0 AS is_delete_marker FROM objects WHERE ${IN_RANGE}
       UNION ALL
       SELECT ${columns}, ${IS_LATEST}, is_delete_marker FROM history AS h WHERE ${IN_RANGE}
       ORDER BY key, id DESC LIMIT :limit + 0`,
    ),
    older: prepared(
      db,
      `SELECT ${columns}, 1 AS is_latest, 0 AS is_delete_marker FROM objects
       WHERE bucket_id = :bucket_id + 0 AND key = :key || '' AND id < :older_than
       UNION ALL
       SELECT ${columns}, ${IS_LATEST}, is_delete_marker FROM history AS h
       WHERE bucket_id = :bucket_id + 0 AND key = :key || '' AND id < :older_than
       ORDER BY id DESC LIMIT :limit + 0`,
    ),
  }
}

function currentSql(db: Database): Pick<VersionSql, 'insertCurrent' | 'replaceCurrent' | 'removeCurrent'> {
  const setters = VALUES.split(',').map((column) => `${column} = ?`)
  return {
    // Nothing happens when the key has a current object: the caller moves that to the history first.
    insertCurrent: prepared(
      db,
      `INSERT INTO objects (bucket_id, key, ${VALUES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (bucket_id, key) DO NOTHING`,
    ),
    replaceCurrent: prepared(db, `UPDATE objects SET ${setters} ${ONE}`),
    removeCurrent: prepared(db, `DELETE FROM objects ${ONE}`),
  }
}

type HistorySql = 'archive' | 'removeArchived' | 'insertMarker' | 'removeFromHistory' | 'promote' | 'removePromoted'

function historySql(db: Database): Pick<VersionSql, HistorySql> {
  // The newest of the history, which takes the place of a latest version that was removed.
  const newest = `bucket_id = :bucket_id AND key = :key AND id = (
    SELECT max(id) FROM history WHERE bucket_id = :bucket_id AND key = :key) AND NOT is_delete_marker`
  return {
    // A current object of the same version id stays where it is, and the insert that follows fails.
    archive: prepared(
      db,
      `INSERT INTO history (bucket_id, key, is_delete_marker, ${VALUES})
       SELECT bucket_id, key, 0, ${VALUES} FROM objects WHERE bucket_id = ? AND key = ? AND version_id <> ?`,
    ),
    removeArchived: prepared(db, 'DELETE FROM objects WHERE bucket_id = ? AND key = ?'),
    insertMarker: prepared(
      db,
      `INSERT INTO history (bucket_id, key, is_delete_marker, ${VALUES})
       VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    removeFromHistory: prepared(db, `DELETE FROM history ${ONE}`),
    promote: prepared(
      db,
      `INSERT INTO objects (bucket_id, key, ${VALUES}) SELECT bucket_id, key, ${VALUES} FROM history WHERE ${newest}
       ON CONFLICT (bucket_id, key) DO NOTHING`,
    ),
    removePromoted: prepared(db, `DELETE FROM history WHERE ${newest}`),
  }
}
