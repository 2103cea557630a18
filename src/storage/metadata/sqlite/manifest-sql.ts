import assert from 'node:assert/strict'
import type { Database } from 'better-sqlite3'
import { type Prepared, prepared } from './statement.ts'

export interface SegmentRecord {
  readonly start_bytes: number
  readonly chunk_offset_bytes: number
  readonly length_bytes: number
  /** Null when the chunk's row is missing. */
  readonly size_bytes: number | null
  readonly file: string | null
  readonly crc32c: number | null
  readonly bytes: Buffer | null
  readonly store: string | null
  readonly sealed_key: Buffer | null
}

/** In the order in which the statement binds them. */
export type ChunkValues = [
  id: number,
  sizeBytes: number,
  file: string | null,
  crc32c: number | null,
  bytes: Buffer | null,
  store: string,
  sealedKey: Buffer | null,
]

export interface ManifestSql {
  first: Prepared<[manifestId: number], SegmentRecord>
  head: Prepared<[manifestId: number, end: number, limit: number], SegmentRecord>
  range: Prepared<[{ manifest_id: number; offset: number; end: number; limit: number }], SegmentRecord>
  end: Prepared<[manifestId: number], { end_bytes: number }>
  addChunk: Prepared<ChunkValues>
  addSegment: Prepared<[manifestId: number, start: number, chunkId: number, chunkOffset: number, length: number]>
  countAgain: Prepared<[chunkId: number]>
  copySegments: Prepared<[{ from: number; to: number; offset: number; end: number }]>
  countCopied: Prepared<[manifestId: number]>
  shares: Prepared<[manifestId: number], { extra_refs: number }>
  isGarbage: Prepared<[manifestId: number], { manifest_id: number }>
  share: Prepared<[manifestId: number]>
  unshare: Prepared<[manifestId: number]>
  unshareLast: Prepared<[manifestId: number]>
  discard: Prepared<[manifestId: number, deletableAtMs: number]>
  discardAll: Prepared<[{ ids: string; deletable_at_ms: number }]>
  unshareAll: Prepared<[{ ids: string }]>
  forgetShares: Prepared<[{ ids: string }]>
}

const SEGMENT_COLUMNS = `start_bytes, chunk_offset_bytes, length_bytes, size_bytes, file, crc32c, bytes, store,
  sealed_key`

/** The manifests of a JSON list, which may name one several times. */
const LISTED = 'listed AS (SELECT value AS manifest_id, count(*) AS n FROM json_each(:ids) GROUP BY value)'

export function manifestSql(db: Database): ManifestSql {
  return {
    ...readingSql(db),
    ...releasingSql(db),
    addChunk: prepared(
      db,
      `INSERT INTO chunks (id, refs, size_bytes, file, crc32c, bytes, store, sealed_key)
       VALUES (?, 1, ?, ?, ?, ?, ?, ?)`,
    ),
    addSegment: prepared(
      db,
      `INSERT INTO segments (manifest_id, start_bytes, chunk_id, chunk_offset_bytes, length_bytes)
       VALUES (?, ?, ?, ?, ?)`,
    ),
    countAgain: prepared(db, 'UPDATE chunks SET refs = refs + 1 WHERE id = ?'),
    // Each segment cut to the range, its start counted from the range's.
    copySegments: prepared(
      db,
      `INSERT INTO segments (manifest_id, start_bytes, chunk_id, chunk_offset_bytes, length_bytes)
       SELECT :to, max(start_bytes - :offset, 0), chunk_id, chunk_offset_bytes + max(:offset - start_bytes, 0),
         min(start_bytes + length_bytes, :end) - max(start_bytes, :offset)
       FROM segments
       WHERE manifest_id = :from AND start_bytes < :end AND start_bytes >= coalesce(
         (SELECT max(start_bytes) FROM segments WHERE manifest_id = :from AND start_bytes <= :offset), 0)`,
    ),
    // A chunk may occur in a manifest more than once.
    countCopied: prepared(
      db,
      `UPDATE chunks SET refs = refs + copied.n
       FROM (SELECT chunk_id, count(*) AS n FROM segments WHERE manifest_id = ? GROUP BY chunk_id) AS copied
       WHERE id = copied.chunk_id`,
    ),
    share: prepared(
      db,
      `INSERT INTO manifest_shares (manifest_id, extra_refs) VALUES (?, 1)
       ON CONFLICT (manifest_id) DO UPDATE SET extra_refs = extra_refs + 1`,
    ),
  }
}

function readingSql(db: Database): Pick<ManifestSql, 'first' | 'head' | 'range' | 'end' | 'shares' | 'isGarbage'> {
  // LEFT, so that a missing chunk is noticed and not passed over.
  const from = 'FROM segments LEFT JOIN chunks ON chunks.id = chunk_id'
  return {
    // Most objects have one segment: by its key it costs half of what the search below does.
    first: prepared(db, `SELECT ${SEGMENT_COLUMNS} ${from} WHERE manifest_id = ? + 0 AND start_bytes = 0`),
    head: prepared(
      db,
      `SELECT ${SEGMENT_COLUMNS} ${from} WHERE manifest_id = ? + 0 AND start_bytes < ? ORDER BY start_bytes LIMIT ? + 0`,
    ),
    range: prepared(
      db,
      `SELECT ${SEGMENT_COLUMNS} ${from}
       WHERE manifest_id = :manifest_id + 0 AND start_bytes < :end AND start_bytes >= coalesce(
         (SELECT max(start_bytes) FROM segments WHERE manifest_id = :manifest_id + 0 AND start_bytes <= :offset), 0)
       ORDER BY start_bytes LIMIT :limit + 0`,
    ),
    end: prepared(
      db,
      `SELECT start_bytes + length_bytes AS end_bytes FROM segments WHERE manifest_id = ? + 0
       ORDER BY start_bytes DESC LIMIT 1`,
    ),
    shares: prepared(db, 'SELECT extra_refs FROM manifest_shares WHERE manifest_id = ?'),
    isGarbage: prepared(db, 'SELECT manifest_id FROM garbage WHERE manifest_id = ?'),
  }
}

function releasingSql(
  db: Database,
): Pick<ManifestSql, 'unshare' | 'unshareLast' | 'discard' | 'discardAll' | 'unshareAll' | 'forgetShares'> {
  return {
    unshareLast: prepared(db, 'DELETE FROM manifest_shares WHERE manifest_id = ? '),
    unshare: prepared(db, 'UPDATE manifest_shares SET extra_refs = extra_refs - 1 WHERE manifest_id = ?'),
    discard: prepared(db, 'INSERT INTO garbage (manifest_id, deletable_at_ms) VALUES (?, ?)'),
    discardAll: prepared(
      db,
      `WITH ${LISTED} INSERT INTO garbage (manifest_id, deletable_at_ms)
       SELECT manifest_id, :deletable_at_ms FROM listed LEFT JOIN manifest_shares USING (manifest_id)
       WHERE n > coalesce(extra_refs, 0)`,
    ),
    forgetShares: prepared(
      db,
      `WITH ${LISTED} DELETE FROM manifest_shares
       WHERE manifest_id IN (SELECT manifest_id FROM listed) AND extra_refs <= (
         SELECT n FROM listed WHERE listed.manifest_id = manifest_shares.manifest_id)`,
    ),
    unshareAll: prepared(
      db,
      `WITH ${LISTED} UPDATE manifest_shares SET extra_refs = extra_refs - n FROM listed
       WHERE listed.manifest_id = manifest_shares.manifest_id`,
    ),
  }
}

/** One reference less of a manifest; without any it is garbage. */
export function release(sql: ManifestSql, manifest: { manifestId: number; deletableAtMs: number }): void {
  const share = sql.shares().get(manifest.manifestId)
  if (share === undefined) sql.discard().run(manifest.manifestId, manifest.deletableAtMs)
  else if (share.extra_refs === 1) sql.unshareLast().run(manifest.manifestId)
  else sql.unshare().run(manifest.manifestId)
}

/** One reference less for every time that a manifest is listed. */
export function releaseAll(
  sql: ManifestSql,
  manifests: { manifestIds: readonly number[]; deletableAtMs: number },
): void {
  if (manifests.manifestIds.length === 0) return
  assert(manifests.manifestIds.every(Number.isSafeInteger))
  const ids = JSON.stringify(manifests.manifestIds)
  sql.discardAll().run({ ids, deletable_at_ms: manifests.deletableAtMs })
  sql.forgetShares().run({ ids })
  sql.unshareAll().run({ ids })
}
