import type { Database } from 'better-sqlite3'
import type { Checksum, ChecksumAlgorithm, UploadRow } from '../rows.ts'
import type { ChecksumRecord } from './attributes.ts'
import { type Prepared, prepared } from './statement.ts'

export interface UploadRecord {
  readonly upload_id: string
  readonly bucket_id: number
  readonly key: string
  readonly state: UploadRow['state']
  readonly initiated_ms: number
  readonly owner_id: string
  readonly storage_class: string
  readonly checksum_algorithm: ChecksumAlgorithm | null
  readonly checksum_type: Checksum['type'] | null
  readonly completed: string | null
  readonly attributes: string
}

export interface PartRecord extends ChecksumRecord {
  readonly upload_id: string
  readonly part_number: number
  readonly size_bytes: number
  readonly etag: string
  readonly last_modified_ms: number
  readonly manifest_id: number
}

type UploadRef = { upload_id: string; bucket_id: number; key: string }
type KeyRange = { bucket_id: number; prefix: string; low: string; high: string | Buffer; limit: number }
type RestOfKey = { bucket_id: number; key: string; after: string; limit: number }
type Close = { upload_id: string; state: 'completed' | 'aborted'; completed: string | null }
type Assembly = { upload_id: string; manifest_id: number }

export interface UploadSql {
  find: Prepared<[UploadRef], UploadRecord>
  list: Prepared<[KeyRange], UploadRecord>
  listRestOfKey: Prepared<[RestOfKey], UploadRecord>
  part: Prepared<[uploadId: string, partNumber: number], PartRecord>
  oldestClosed: Prepared<[], { initiated_ms: number | null }>
  parts: Prepared<[uploadId: string, afterPartNumber: number, limit: number], PartRecord>
  insert: Prepared<[UploadRecord]>
  putPart: Prepared<[PartRecord]>
  close: Prepared<[Close]>
  forgetClosed: Prepared<[initiatedBeforeMs: number, limit: number]>
  hastenClosed: Prepared<[{ latest_ms: number; limit: number }]>
  partManifests: Prepared<[uploadId: string], { manifest_id: number }>
  forgetParts: Prepared<[uploadId: string]>
  collectAssembly: Prepared<[{ upload_id: string; part_numbers: string }]>
  insertSegments: Prepared<[Assembly]>
  insertObjectParts: Prepared<[Assembly]>
  countSharedChunks: Prepared<[]>
  removeMovedSegments: Prepared<[]>
  removeMovedShares: Prepared<[]>
  lowerShares: Prepared<[]>
  removeAssembledParts: Prepared<[uploadId: string]>
  emptyAssembly: Prepared<[]>
}

const COLUMNS = `upload_id, bucket_id, key, state, initiated_ms, owner_id, storage_class, checksum_algorithm,
  checksum_type, completed, attributes`
const PART_COLUMNS = `upload_id, part_number, size_bytes, etag, checksum_algorithm, checksum_value, checksum_type,
  last_modified_ms, manifest_id`

export function uploadSql(db: Database): UploadSql {
  return { ...readingSql(db), ...writingSql(db), ...assemblingSql(db) }
}

type ReadingSql = 'find' | 'list' | 'listRestOfKey' | 'part' | 'oldestClosed' | 'parts'

function readingSql(db: Database): Pick<UploadSql, ReadingSql> {
  return {
    // The key is part of the lookup: an upload id used with another key must not be found.
    find: prepared(
      db,
      `SELECT ${COLUMNS} FROM uploads WHERE upload_id = :upload_id AND bucket_id = :bucket_id AND key = :key`,
    ),
    list: prepared(
      db,
      `SELECT ${COLUMNS} FROM uploads
       WHERE bucket_id = :bucket_id + 0 AND state = 'open' AND key >= max(:prefix, :low) AND key < :high
       ORDER BY key, initiated_ms, upload_id LIMIT :limit + 0`,
    ),
    // The upload to resume behind may have been closed meanwhile; its row stays and still tells the place.
    listRestOfKey: prepared(
      db,
      `SELECT ${COLUMNS} FROM uploads
       WHERE bucket_id = :bucket_id + 0 AND state = 'open' AND key = :key || '' AND (initiated_ms, upload_id) > (
         coalesce((SELECT initiated_ms FROM uploads WHERE upload_id = :after), 0), :after)
       ORDER BY initiated_ms, upload_id LIMIT :limit + 0`,
    ),
    part: prepared(db, `SELECT ${PART_COLUMNS} FROM parts WHERE upload_id = ? AND part_number = ?`),
    oldestClosed: prepared(db, `SELECT min(initiated_ms) AS initiated_ms FROM uploads WHERE state <> 'open'`),
    parts: prepared(
      db,
      `SELECT ${PART_COLUMNS} FROM parts WHERE upload_id = ? || '' AND part_number > ?
       ORDER BY part_number LIMIT ? + 0`,
    ),
  }
}

type WritingSql = 'insert' | 'putPart' | 'close' | 'forgetClosed' | 'hastenClosed' | 'partManifests' | 'forgetParts'

function writingSql(db: Database): Pick<UploadSql, WritingSql> {
  return {
    insert: prepared(
      db,
      `INSERT INTO uploads (${COLUMNS}) VALUES (:upload_id, :bucket_id, :key, :state, :initiated_ms, :owner_id,
         :storage_class, :checksum_algorithm, :checksum_type, :completed, :attributes)`,
    ),
    putPart: prepared(
      db,
      `INSERT OR REPLACE INTO parts (${PART_COLUMNS}) VALUES (:upload_id, :part_number, :size_bytes, :etag,
         :checksum_algorithm, :checksum_value, :checksum_type, :last_modified_ms, :manifest_id)`,
    ),
    close: prepared(
      db,
      `UPDATE uploads SET state = :state, completed = :completed WHERE upload_id = :upload_id AND state = 'open'`,
    ),
    forgetClosed: prepared(
      db,
      `DELETE FROM uploads WHERE upload_id IN (
         SELECT upload_id FROM uploads WHERE state <> 'open' AND initiated_ms < ? ORDER BY initiated_ms LIMIT ? + 0)`,
    ),
    hastenClosed: prepared(
      db,
      `UPDATE uploads SET initiated_ms = :latest_ms WHERE upload_id IN (
         SELECT upload_id FROM uploads WHERE state <> 'open' AND initiated_ms > :latest_ms LIMIT :limit + 0)`,
    ),
    partManifests: prepared(db, 'SELECT manifest_id FROM parts WHERE upload_id = ?'),
    forgetParts: prepared(db, 'DELETE FROM parts WHERE upload_id = ?'),
  }
}

type AssemblingSql = Exclude<keyof UploadSql, WritingSql | ReadingSql>

/** The parts of one assembly, in their order and with their place in the object; empty between assemblies. */
export const ASSEMBLY_TABLE = `CREATE TEMP TABLE assembly (
  part_number INTEGER NOT NULL,
  manifest_id INTEGER NOT NULL,
  start_bytes INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  checksum TEXT
);
CREATE INDEX temp.assembly_by_manifest ON assembly (manifest_id);`

/** How often an assembly uses each of its manifests, and whether nothing else refers to that manifest. */
const USED = `used AS (
  SELECT manifest_id, count(*) AS n, coalesce(extra_refs, 0) < count(*) AS is_last
  FROM temp.assembly LEFT JOIN manifest_shares USING (manifest_id) GROUP BY manifest_id)`

function assemblingSql(db: Database): Pick<UploadSql, AssemblingSql> {
  return {
    collectAssembly: prepared(
      db,
      `INSERT INTO temp.assembly (part_number, manifest_id, start_bytes, size_bytes, checksum)
       SELECT part_number, manifest_id, sum(size_bytes) OVER (ORDER BY wanted.key) - size_bytes, size_bytes,
         checksum_value
       FROM json_each(:part_numbers) AS wanted
       CROSS JOIN parts ON parts.upload_id = :upload_id AND parts.part_number = wanted.value`,
    ),
    insertSegments: prepared(
      db,
      `INSERT INTO segments (manifest_id, start_bytes, chunk_id, chunk_offset_bytes, length_bytes)
       SELECT :manifest_id, a.start_bytes + s.start_bytes, s.chunk_id, s.chunk_offset_bytes, s.length_bytes
       FROM temp.assembly AS a CROSS JOIN segments AS s ON s.manifest_id = a.manifest_id`,
    ),
    insertObjectParts: prepared(
      db,
      `INSERT INTO object_parts (manifest_id, part_number, start_bytes, size_bytes, checksum)
       SELECT :manifest_id, part_number, start_bytes, size_bytes, checksum FROM temp.assembly`,
    ),
    // A manifest that only parts of this upload refer to hands its segments over; any other use of it is a copy of
    // them, and its chunks have that many references more. An ordinary part is used once, and costs nothing here.
    countSharedChunks: prepared(
      db,
      `WITH ${USED}, copied AS (
         SELECT chunk_id, sum(n - is_last) AS n
         FROM (SELECT manifest_id, n, is_last FROM used WHERE n > is_last) AS u
         CROSS JOIN segments USING (manifest_id) GROUP BY chunk_id)
       UPDATE chunks SET refs = refs + copied.n FROM copied WHERE chunks.id = copied.chunk_id`,
    ),
    removeMovedSegments: prepared(
      db,
      `WITH ${USED} DELETE FROM segments WHERE manifest_id IN (SELECT manifest_id FROM used WHERE is_last)`,
    ),
    removeMovedShares: prepared(
      db,
      `DELETE FROM manifest_shares
       WHERE manifest_id IN (SELECT manifest_id FROM temp.assembly) AND extra_refs <= (
         SELECT count(*) FROM temp.assembly AS a WHERE a.manifest_id = manifest_shares.manifest_id)`,
    ),
    lowerShares: prepared(
      db,
      `WITH ${USED} UPDATE manifest_shares SET extra_refs = extra_refs - n FROM used
       WHERE used.manifest_id = manifest_shares.manifest_id`,
    ),
    removeAssembledParts: prepared(
      db,
      `DELETE FROM parts WHERE upload_id = ? AND part_number IN (SELECT part_number FROM temp.assembly)`,
    ),
    emptyAssembly: prepared(db, 'DELETE FROM temp.assembly'),
  }
}
