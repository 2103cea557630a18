import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sealedSize } from '../../src/domain/bytes/seal.ts'
import type { ChunkStores } from '../../src/storage/chunks/store.ts'

/** Every reference to a manifest: one row each time. */
const REFERENCES = `
  SELECT manifest_id FROM objects WHERE manifest_id IS NOT NULL
  UNION ALL SELECT manifest_id FROM history WHERE manifest_id IS NOT NULL
  UNION ALL SELECT manifest_id FROM parts
  UNION ALL SELECT manifest_id FROM renderings`

/** What must never be found in the database, whatever failed and whenever the process died. */
const RULES: readonly (readonly [rule: string, sql: string])[] = [
  [
    'a chunk is counted as often as segments refer to it',
    `SELECT id, refs FROM chunks WHERE refs <> (SELECT count(*) FROM segments WHERE chunk_id = chunks.id)`,
  ],
  [
    'a segment has its chunk and lies within it',
    `SELECT s.* FROM segments s LEFT JOIN chunks c ON c.id = s.chunk_id
     WHERE c.id IS NULL OR s.chunk_offset_bytes + s.length_bytes > c.size_bytes`,
  ],
  [
    'segments belong to a manifest that is in use or garbage',
    `SELECT DISTINCT manifest_id FROM segments
     WHERE manifest_id NOT IN (${REFERENCES}) AND manifest_id NOT IN (SELECT manifest_id FROM garbage)`,
  ],
  ['nothing refers to garbage', `SELECT manifest_id FROM garbage WHERE manifest_id IN (${REFERENCES})`],
  [
    'a manifest is shared as often as it says',
    `SELECT manifest_id, count(*) AS n FROM (${REFERENCES}) LEFT JOIN manifest_shares USING (manifest_id)
     GROUP BY manifest_id HAVING n <> 1 + coalesce(max(extra_refs), 0)`,
  ],
  [
    'only manifests in use are shared',
    `SELECT manifest_id FROM manifest_shares WHERE manifest_id NOT IN (${REFERENCES})`,
  ],
  [
    'sizes of parts belong to a manifest that is in use or garbage',
    `SELECT DISTINCT manifest_id FROM object_parts
     WHERE manifest_id NOT IN (${REFERENCES}) AND manifest_id NOT IN (SELECT manifest_id FROM garbage)`,
  ],
  [
    'an object has all of its bytes',
    `SELECT key, size_bytes FROM (SELECT key, size_bytes, manifest_id FROM objects
       UNION ALL SELECT key, size_bytes, manifest_id FROM history
       UNION ALL SELECT upload_id, size_bytes, manifest_id FROM parts
       UNION ALL SELECT digest, size_bytes, manifest_id FROM renderings) AS o
     WHERE size_bytes <> (SELECT coalesce(sum(length_bytes), 0) FROM segments WHERE manifest_id = o.manifest_id)`,
  ],
  [
    'renderings belong to a version that is there',
    `SELECT source_id FROM renderings
     WHERE source_id NOT IN (SELECT id FROM objects) AND source_id NOT IN (SELECT id FROM history)`,
  ],
  [
    'renderings and their bytes are counted',
    `SELECT name, value FROM counters WHERE
       (name = 'renderings' AND value <> (SELECT count(*) FROM renderings)) OR
       (name = 'rendering_bytes' AND value <> (SELECT coalesce(sum(size_bytes), 0) FROM renderings))`,
  ],
  [
    'parts belong to open uploads',
    `SELECT upload_id FROM parts WHERE upload_id NOT IN (SELECT upload_id FROM uploads WHERE state = 'open')`,
  ],
  [
    'a bucket counts its objects and their bytes',
    `SELECT id, object_count, byte_count, n, bytes FROM buckets LEFT JOIN (
       SELECT bucket_id, count(*) AS n, sum(size_bytes) AS bytes FROM (
         SELECT bucket_id, size_bytes FROM objects
         UNION ALL SELECT bucket_id, size_bytes FROM history WHERE is_delete_marker = 0) GROUP BY bucket_id)
       ON bucket_id = id
     WHERE object_count <> coalesce(n, 0) OR byte_count <> coalesce(bytes, 0)`,
  ],
  [
    'an owner has what its buckets have',
    `SELECT owner_id, objects, bytes FROM (
       SELECT owner_id, sum(object_count) AS objects, sum(byte_count) AS bytes FROM (
         SELECT owner_id, object_count, byte_count FROM buckets
         UNION ALL SELECT owner_id, -object_count, -byte_count FROM owner_usage) GROUP BY owner_id)
     WHERE objects <> 0 OR bytes <> 0`,
  ],
  [
    'settings and log records belong to a bucket',
    `SELECT bucket_id FROM bucket_settings WHERE bucket_id NOT IN (SELECT id FROM buckets)
     UNION ALL SELECT bucket_id FROM log_records WHERE bucket_id NOT IN (SELECT id FROM buckets)`,
  ],
  [
    'log records are counted',
    `SELECT bucket_id, bytes FROM (
       SELECT bucket_id, sum(bytes) AS bytes FROM (
         SELECT bucket_id, octet_length(line) AS bytes FROM log_records
         UNION ALL SELECT bucket_id, -byte_count FROM log_pending) GROUP BY bucket_id)
     WHERE bytes <> 0`,
  ],
  [
    'events in the outbox are counted',
    `SELECT topic_id, n, bytes FROM (
       SELECT topic_id, sum(n) AS n, sum(bytes) AS bytes FROM (
         SELECT topic_id, 1 AS n, octet_length(document) AS bytes FROM outbox
         UNION ALL SELECT topic_id, -event_count, -byte_count FROM outbox_totals) GROUP BY topic_id)
     WHERE n <> 0 OR bytes <> 0`,
  ],
  [
    'events in the outbox belong to a topic',
    `SELECT topic_id FROM outbox_totals WHERE topic_id NOT IN (SELECT id FROM topics)`,
  ],
  [
    'files and their bytes are counted',
    `SELECT name, value FROM counters WHERE
       (name = 'file_chunks' AND value <> (SELECT count(*) FROM chunks WHERE file IS NOT NULL)) OR
       (name = 'file_chunk_bytes' AND value <> (SELECT coalesce(sum(size_bytes), 0) FROM chunks WHERE file IS NOT NULL))`,
  ],
]

/** The rules that the metadata in this folder breaks, each with the rows that do; empty for sound metadata. */
export function brokenRules(dir: string): string[] {
  const db = new Database(join(dir, 'metadata.db'), { readonly: true })
  try {
    return RULES.flatMap(([rule, sql]) => {
      const rows = db.prepare(sql).all()
      return rows.length === 0 ? [] : [`${rule}: ${JSON.stringify(rows.slice(0, 5))}`]
    })
  } finally {
    db.close()
  }
}

export interface FileAudit {
  /** Files that no row knows: what a failed or killed write may leave, and the scrub removes. */
  readonly orphans: readonly string[]
  /** Rows whose file is missing or not sound: what must never be. */
  readonly broken: readonly string[]
}

/** Holds the rows against the files of the chunk store, every block of which is read. */
export async function auditFiles(dir: string, chunks: ChunkStores): Promise<FileAudit> {
  const rows = fileChunks(dir)
  const onDisk = new Set<string>()
  for await (const { name } of chunks.list()) onDisk.add(name)
  const broken: string[] = []
  for (const { file, store, size_bytes: sizeBytes, is_sealed: isSealed, refs } of rows) {
    // A doomed row waits for its file's removal, which may have happened.
    if (refs === 0) continue
    const storedBytes = isSealed === 1 ? sealedSize(sizeBytes) : sizeBytes
    await chunks.verify({ name: file, store }, storedBytes).catch((cause: unknown) => broken.push(`${file}: ${cause}`))
  }
  const known = new Set(rows.map(({ file }) => file))
  return { orphans: [...onDisk].filter((name) => !known.has(name)), broken }
}

interface FileRecord {
  readonly file: string
  readonly store: string
  readonly size_bytes: number
  readonly is_sealed: number
  readonly refs: number
}

function fileChunks(dir: string): FileRecord[] {
  const db = new Database(join(dir, 'metadata.db'), { readonly: true })
  try {
    return db
      .prepare<[], FileRecord>(
        `SELECT file, store, size_bytes, sealed_key IS NOT NULL AS is_sealed, refs
         FROM chunks WHERE file IS NOT NULL`,
      )
      .all()
  } finally {
    db.close()
  }
}
