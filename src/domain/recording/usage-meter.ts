import type { UsageRow } from '../../storage/metadata/rows.ts'

export const HOUR_MS = 60 * 60 * 1000
/** Ceph's name of the bucket in requests for one that is not there: names that nobody has would grow without end. */
export const NO_SUCH_BUCKET = '-'
/**
 * Rows that wait in memory: one for each bucket and kind of request within some seconds. Beyond it nothing is counted
 * for buckets that have no row yet.
 */
export const WAITING_ROWS_MAX = 100_000

export interface MeteredRequest {
  /** Whose bucket it was; the caller where the request named none. */
  readonly ownerId: string
  /** Empty for requests that named none. */
  readonly bucket: string
  readonly atMs: number
  readonly category: string
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly isSuccess: boolean
}

type Counters = { -readonly [Name in keyof UsageRow]: UsageRow[Name] }

/** What requests have cost between their end and the table. */
export class UsageMeter {
  readonly #rows = new Map<string, Counters>()

  count(request: MeteredRequest): void {
    const { ownerId, bucket, atMs, category, bytesSent, bytesReceived } = request
    const hourMs = atMs - (atMs % HOUR_MS)
    const successfulOperations = request.isSuccess ? 1 : 0
    this.#add({ ownerId, bucket, hourMs, category, bytesSent, bytesReceived, operations: 1, successfulOperations })
  }

  get size(): number {
    return this.#rows.size
  }

  /** Who cannot store them puts them back. */
  take(limit: number): UsageRow[] {
    const taken: UsageRow[] = []
    for (const [key, row] of this.#rows) {
      if (taken.length === limit) break
      taken.push(row)
      this.#rows.delete(key)
    }
    return taken
  }

  putBack(rows: readonly UsageRow[]): void {
    for (const row of rows) this.#add(row)
  }

  #add(row: UsageRow): void {
    const key = `${row.hourMs} ${row.category} ${row.bucket} ${row.ownerId}`
    const sum = this.#rows.get(key)
    if (sum !== undefined) {
      sum.bytesSent += row.bytesSent
      sum.bytesReceived += row.bytesReceived
      sum.operations += row.operations
      sum.successfulOperations += row.successfulOperations
    } else if (this.#rows.size < WAITING_ROWS_MAX) this.#rows.set(key, { ...row })
  }
}
