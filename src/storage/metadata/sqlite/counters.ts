import assert from 'node:assert/strict'
import type { Database } from 'better-sqlite3'
import { type Prepared, prepared } from './statement.ts'

/** Ids that a process reserves at a time. What it has not used when it ends is lost, out of 2^53. */
const RESERVED_IDS = 2 ** 20
/** Below this many left, the next batch reserves more: far more than the transactions of one batch can use. */
const RESERVED_IDS_LOW = 2 ** 17

export interface CounterSql {
  reserve: Prepared<[count: number], { value: number }>
  read: Prepared<[name: string], { value: number }>
  add: Prepared<[delta: number, name: string]>
}

export function counterSql(db: Database): CounterSql {
  return {
    reserve: prepared(db, "UPDATE counters SET value = value + ? WHERE name = 'next_id' RETURNING value"),
    read: prepared(db, 'SELECT value FROM counters WHERE name = ?'),
    add: prepared(db, 'UPDATE counters SET value = value + ? WHERE name = ?'),
  }
}

/** The one sequence of ids, handed out from memory. A transaction that is rolled back leaves a gap. */
export class IdSequence {
  readonly #sql: CounterSql
  #next: number
  #end: number

  constructor(sql: CounterSql) {
    this.#sql = sql
    this.#end = this.#reserve()
    this.#next = this.#end - RESERVED_IDS
  }

  next(): number {
    assert(this.#next < this.#end, 'a batch used more ids than were reserved')
    return this.#next++
  }

  /** Within a batch's transaction: reserves more when few are left. The caller adopts the result once committed. */
  extend(): number | undefined {
    return this.#end - this.#next < RESERVED_IDS_LOW ? this.#reserve() : undefined
  }

  adopt(end: number): void {
    this.#end = end
  }

  #reserve(): number {
    const row = this.#sql.reserve().get(RESERVED_IDS)
    assert(row !== undefined, 'the first migration creates the counter')
    return row.value
  }
}

/** Events of a topic, and the bytes of their documents. */
export interface Waiting {
  readonly events: number
  readonly bytes: number
}

/** Changes of counters that wait for the end of their transaction, and then for the end of its batch. */
export class Deltas {
  readonly buckets = new Map<number, { objects: number; bytes: number }>()
  /** By topic. */
  readonly outbox = new Map<number, Waiting>()
  files = 0
  fileBytes = 0

  addUsage(bucketId: number, change: { objects: number; bytes: number }): void {
    const sum = this.buckets.get(bucketId)
    if (sum === undefined) this.buckets.set(bucketId, { ...change })
    else {
      sum.objects += change.objects
      sum.bytes += change.bytes
    }
  }

  addFile(count: 1 | -1, sizeBytes: number): void {
    this.files += count
    this.fileBytes += count * sizeBytes
  }

  addEvents(topicId: number, { events, bytes }: Waiting): void {
    const sum = this.outbox.get(topicId)
    this.outbox.set(topicId, { events: (sum?.events ?? 0) + events, bytes: (sum?.bytes ?? 0) + bytes })
  }

  merge(other: Deltas): void {
    for (const [topicId, change] of other.outbox) this.addEvents(topicId, change)
    for (const [bucketId, change] of other.buckets) this.addUsage(bucketId, change)
    this.files += other.files
    this.fileBytes += other.fileBytes
  }
}
