import type { Database } from 'better-sqlite3'
import type {
  RenderingReader,
  RenderingRef,
  RenderingRow,
  RenderingTotal,
  RenderingUse,
  RenderingWriter,
} from '../rendering-store.ts'
import type { VersionRow } from '../rows.ts'
import { type ManifestSql, release, releaseAll } from './manifest-sql.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

type Dropped = { manifest_id: number; size_bytes: number }

export interface RenderingSql {
  find: Prepared<[sourceId: number, digest: string], RenderingRow>
  total: Prepared<[], RenderingTotal>
  leastUsed: Prepared<[limit: number], RenderingRow>
  leastUsedOf: Prepared<[{ source_id: number }], RenderingRow>
  countOf: Prepared<[sourceId: number], { n: number }>
  ofSource: Prepared<[sourceId: number], Dropped>
  dropSource: Prepared<[sourceId: number]>
  insert: Prepared<[RenderingRow]>
  setUsed: Prepared<[RenderingUse]>
  remove: Prepared<[sourceId: number, digest: string], Dropped>
  count: Prepared<[delta: number, name: 'renderings' | 'rendering_bytes']>
}

const COLUMNS = `source_id AS sourceId, digest, manifest_id AS manifestId, size_bytes AS sizeBytes,
  content_type AS contentType, etag, used_ms AS usedMs`

export function renderingSql(db: Database): RenderingSql {
  return {
    find: prepared(db, `SELECT ${COLUMNS} FROM renderings WHERE source_id = ? AND digest = ?`),
    total: prepared(
      db,
      `SELECT (SELECT value FROM counters WHERE name = 'renderings') AS count,
         (SELECT value FROM counters WHERE name = 'rendering_bytes') AS bytes`,
    ),
    // No time is negative: the condition makes of a walk over the index a search in it, which ends at the limit.
    leastUsed: prepared(db, `SELECT ${COLUMNS} FROM renderings WHERE used_ms >= 0 ORDER BY used_ms LIMIT ? + 0`),
    leastUsedOf: prepared(
      db,
      `SELECT ${COLUMNS} FROM renderings WHERE source_id = :source_id + 0 AND used_ms = (
         SELECT min(used_ms) FROM renderings WHERE source_id = :source_id + 0) LIMIT 1`,
    ),
    countOf: prepared(db, 'SELECT count(*) AS n FROM renderings WHERE source_id = ?'),
    ofSource: prepared(db, 'SELECT manifest_id, size_bytes FROM renderings WHERE source_id = ?'),
    dropSource: prepared(db, 'DELETE FROM renderings WHERE source_id = ?'),
    insert: prepared(
      db,
      `INSERT INTO renderings (source_id, digest, manifest_id, size_bytes, content_type, etag, used_ms)
       VALUES (:sourceId, :digest, :manifestId, :sizeBytes, :contentType, :etag, :usedMs)`,
    ),
    setUsed: prepared(db, 'UPDATE renderings SET used_ms = :usedMs WHERE source_id = :sourceId AND digest = :digest'),
    remove: prepared(db, 'DELETE FROM renderings WHERE source_id = ? AND digest = ? RETURNING manifest_id, size_bytes'),
    count: prepared(db, 'UPDATE counters SET value = value + ? WHERE name = ?'),
  }
}

/** The statements of the tables that a rendering has a part in. */
export interface RenderingTables {
  readonly renderings: RenderingSql
  readonly manifests: ManifestSql
}

/**
 * All renderings of a version that goes. Most versions have none, and pay for one search in a small table.
 */
export function dropRenderings(
  { renderings, manifests }: RenderingTables,
  { id, manifestId }: Pick<VersionRow, 'id' | 'manifestId'>,
  deletableAtMs: number,
): void {
  // Delete markers and objects without a byte are no pictures.
  if (manifestId === undefined) return
  const dropped = renderings.ofSource().all(id)
  if (dropped.length === 0) return
  releaseAll(manifests, { manifestIds: dropped.map((one) => one.manifest_id), deletableAtMs })
  renderings.dropSource().run(id)
  count(renderings, { count: -dropped.length, bytes: -dropped.reduce((sum, one) => sum + one.size_bytes, 0) })
}

/** At once, unlike the counters of buckets: renderings come and go seldom, and the next transaction has to know. */
function count(sql: RenderingSql, change: RenderingTotal): void {
  sql.count().run(change.count, 'renderings')
  sql.count().run(change.bytes, 'rendering_bytes')
}

export class RenderingReads implements RenderingReader {
  protected readonly tables: RenderingTables
  protected readonly sql: RenderingSql
  readonly #scope: Scope

  constructor(tables: RenderingTables, scope: Scope) {
    this.tables = tables
    this.sql = tables.renderings
    this.#scope = scope
  }

  async find({ sourceId, digest }: RenderingRef): Promise<RenderingRow | undefined> {
    this.#scope.use()
    return this.sql.find().get(sourceId, digest)
  }

  async total(): Promise<RenderingTotal> {
    this.#scope.use()
    return this.sql.total().get() ?? { count: 0, bytes: 0 }
  }

  async leastUsed(limit: number): Promise<RenderingRow[]> {
    this.#scope.use()
    return this.sql.leastUsed().all(limit)
  }

  async countOf(sourceId: number): Promise<number> {
    this.#scope.use()
    return this.sql.countOf().get(sourceId)?.n ?? 0
  }

  async leastUsedOf(sourceId: number): Promise<RenderingRow | undefined> {
    this.#scope.use()
    return this.sql.leastUsedOf().get({ source_id: sourceId })
  }
}

export class RenderingWrites extends RenderingReads implements RenderingWriter {
  readonly #scope: WriteScope

  constructor(tables: RenderingTables, scope: WriteScope) {
    super(tables, scope)
    this.#scope = scope
  }

  async put(rendering: RenderingRow, deletableAtMs: number): Promise<void> {
    this.#scope.change()
    this.#remove(rendering, deletableAtMs)
    this.sql.insert().run(rendering)
    count(this.sql, { count: 1, bytes: rendering.sizeBytes })
  }

  async setUsed(uses: readonly RenderingUse[]): Promise<void> {
    this.#scope.change()
    for (const { sourceId, digest, usedMs } of uses) this.sql.setUsed().run({ sourceId, digest, usedMs })
  }

  async remove(renderings: readonly RenderingRef[], deletableAtMs: number): Promise<void> {
    this.#scope.change()
    for (const ref of renderings) this.#remove(ref, deletableAtMs)
  }

  #remove({ sourceId, digest }: RenderingRef, deletableAtMs: number): void {
    const removed = this.sql.remove().get(sourceId, digest)
    if (removed === undefined) return
    release(this.tables.manifests, { manifestId: removed.manifest_id, deletableAtMs })
    count(this.sql, { count: -1, bytes: -removed.size_bytes })
  }
}
