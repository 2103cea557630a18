import type { BucketRef, BucketRow } from '../rows.ts'

/** Rows that are kept. Beyond them all are forgotten and the busy ones come back; a row is some 300 bytes. */
const ROWS_MAX = 1000

/**
 * Bucket rows as the last commit left them. Every request asks for its bucket, some twice, and buckets hardly ever
 * change: a lookup here spares 7 µs of SQLite. Whoever reads or fills it must be at the last commit.
 */
export class BucketCache {
  /** By name alone: buckets of several tenants that share a name share a place. */
  readonly #rows = new Map<string, BucketRow>()

  get({ tenant, name }: BucketRef): BucketRow | undefined {
    const row = this.#rows.get(name)
    return row?.tenant === tenant ? row : undefined
  }

  keep(row: BucketRow): void {
    if (this.#rows.size >= ROWS_MAX) this.#rows.clear()
    this.#rows.set(row.name, Object.freeze(row))
  }

  /** A commit changed some bucket's row. */
  clear(): void {
    this.#rows.clear()
  }
}
