import type { BucketRow } from '../rows.ts'
import type { TopicRow } from '../topic-store.ts'

/** Rows that are kept. Beyond them all are forgotten and the busy ones come back; a row is some 300 bytes. */
const ROWS_MAX = 1000

/**
 * Rows as the last commit left them. Every request asks for its bucket, some twice, every event for its topic, and both
 * hardly ever change: a lookup here spares 7 µs of SQLite. Whoever reads or fills it must be at the last commit.
 */
export class RowCache<Row extends { readonly tenant: string; readonly name: string }> {
  /** By name alone: rows of several tenants that share a name share a place. */
  readonly #rows = new Map<string, Row>()

  get({ tenant, name }: { readonly tenant: string; readonly name: string }): Row | undefined {
    const row = this.#rows.get(name)
    return row?.tenant === tenant ? row : undefined
  }

  keep(row: Row): void {
    if (this.#rows.size >= ROWS_MAX) this.#rows.clear()
    this.#rows.set(row.name, Object.freeze(row))
  }

  /** A commit changed some row. */
  clear(): void {
    this.#rows.clear()
  }
}

export interface RowCaches {
  readonly buckets: RowCache<BucketRow>
  readonly topics: RowCache<TopicRow>
}
