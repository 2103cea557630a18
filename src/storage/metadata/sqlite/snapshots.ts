import type { Database } from 'better-sqlite3'
import { Bag, type Place } from '../../../lib/bag.ts'
import type { ReadTransaction } from '../store.ts'
import { translateFailure } from './failures.ts'
import { foreignAwait } from './foreign-await.ts'
import type { RowCaches } from './row-cache.ts'
import { Scope } from './scope.ts'
import { prepared } from './statement.ts'
import { type Sql, SqliteReadTransaction } from './transactions.ts'

const NO_CACHES: Partial<RowCaches> = Object.freeze({})

interface Reading {
  readonly scope: Scope
  readonly reject: (cause: unknown) => void
}

/**
 * Reads on the reader's connection. Those of one turn of the event loop share one snapshot: taking one costs a file
 * lock and letting go of it another, more than the query between them. A read that starts after a commit must see it,
 * so it does not join a snapshot that is older: it waits for the readings of that one and then takes its own.
 */
export class Snapshots {
  readonly #sql: Sql
  /** Readings of a snapshot that is older than the last commit must neither read a cache nor fill it. */
  readonly #caches: () => Partial<RowCaches>
  readonly #begin
  readonly #take
  readonly #commit
  readonly #readings = new Bag<Reading>()
  #isOpen = false
  #isStale = false
  #isWatched = false
  #waiting: (() => void)[] = []

  constructor(db: Database, { sql, caches }: { sql: Sql; caches: RowCaches }) {
    this.#sql = sql
    this.#caches = () => (this.#isStale ? NO_CACHES : caches)
    this.#begin = prepared<[]>(db, 'BEGIN')
    this.#take = prepared<[]>(db, 'SELECT 1 FROM counters LIMIT 1')
    this.#commit = prepared<[]>(db, 'COMMIT')
  }

  /** Something was committed: a snapshot that is open now is not good enough for reads that start from now on. */
  expire(): void {
    this.#isStale = true
  }

  async read<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    while (this.#isStale && this.#readings.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      if (this.#isStale) this.#close()
      if (!this.#isOpen) this.#open()
      return await this.#run(work)
    } catch (cause) {
      throw translateFailure(cause)
    }
  }

  /** Resolves when no read is running and the connection holds no snapshot. */
  async drain(): Promise<void> {
    while (this.#readings.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#close()
  }

  #run<T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const scope = new Scope(this.#caches)
      const reading = this.#readings.add({ scope, reject })
      work(new SqliteReadTransaction(this.#sql, scope)).then(
        (value) => {
          this.#end(reading)
          resolve(value)
        },
        (cause) => {
          this.#end(reading)
          reject(cause)
        },
      )
    })
  }

  #open(): void {
    this.#begin().run()
    // BEGIN alone takes no snapshot: the first query would, and with cached bucket rows that may come after a commit.
    this.#take().get()
    this.#isOpen = true
    this.#isStale = false
    if (this.#isWatched) return
    this.#isWatched = true
    setImmediate(() => this.#watch())
  }

  /**
   * The end of the turn: the snapshot goes, so that checkpoints get on. It runs with no microtask left, so a reading
   * that is still open waits for something it must not wait for.
   */
  #watch(): void {
    this.#isWatched = false
    for (const reading of this.#readings.places()) {
      const reject = reading.item?.reject
      this.#end(reading)
      reject?.(foreignAwait())
    }
    this.#close()
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#commit().run()
  }

  #end(reading: Place<Reading>): void {
    if (reading.item !== undefined) reading.item.scope.ended = true
    if (!this.#readings.remove(reading) || this.#readings.size > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
