import assert from 'node:assert/strict'
import { Deltas, type IdSequence, type Waiting } from './counters.ts'
import type { RowCaches } from './row-cache.ts'

/** The life of one transaction: its tables ask here whether it still runs. */
export class Scope {
  ended = false
  readonly #caches: () => Partial<RowCaches>

  constructor(caches: () => Partial<RowCaches>) {
    this.#caches = caches
  }

  /** The cache of bucket rows, as long as the transaction sees what the cache shows. */
  get buckets(): RowCaches['buckets'] | undefined {
    return this.#caches().buckets
  }

  /** The same of topics' rows. */
  get topics(): RowCaches['topics'] | undefined {
    return this.#caches().topics
  }

  use(): void {
    assert(!this.ended, 'a transaction was used after its end: its work must await each call and nothing else')
  }
}

/** What the transactions of one batch have in common. */
export interface Batch {
  readonly ids: IdSequence
  /** Of the batch's transactions that have succeeded so far. */
  readonly deltas: Deltas
  /** Each until one of the batch's transactions changes such a row. */
  readonly caches: { -readonly [Rows in keyof RowCaches]: RowCaches[Rows] | undefined }
  /** What waited for topics before the batch, for those that its transactions have asked about. */
  readonly waiting: Map<number, Waiting>
  /** Called before the first change of a transaction. */
  savepoint(): void
}

export class WriteScope extends Scope {
  readonly batch: Batch
  wrote = false
  #deltas: Deltas | undefined

  constructor(batch: Batch) {
    super(() => batch.caches)
    this.batch = batch
  }

  /** Every method that changes a row calls this first. */
  change(): void {
    this.use()
    if (this.wrote) return
    this.wrote = true
    this.batch.savepoint()
  }

  /** Every method that changes a bucket's row calls this instead: from here on the batch sees what others must not. */
  changeBucket(): void {
    this.change()
    this.batch.caches.buckets = undefined
  }

  /** The same for a topic's row. */
  changeTopic(): void {
    this.change()
    this.batch.caches.topics = undefined
  }

  get ids(): IdSequence {
    return this.batch.ids
  }

  get deltas(): Deltas {
    this.#deltas ??= new Deltas()
    return this.#deltas
  }

  /** The transaction succeeded: its counters count for the ones behind it in the batch. */
  keep(): void {
    if (this.#deltas !== undefined) this.batch.deltas.merge(this.#deltas)
  }

  /** The bucket's usage that has not reached its row yet. */
  pendingUsage(bucketId: number): { objects: number; bytes: number } {
    const before = this.batch.deltas.buckets.get(bucketId)
    const own = this.#deltas?.buckets.get(bucketId)
    return {
      objects: (before?.objects ?? 0) + (own?.objects ?? 0),
      bytes: (before?.bytes ?? 0) + (own?.bytes ?? 0),
    }
  }

  /** The buckets that pendingUsage has something of. */
  pendingBuckets(): Iterable<number> {
    const before = this.batch.deltas.buckets
    const own = this.#deltas?.buckets
    return own === undefined ? before.keys() : new Set([...before.keys(), ...own.keys()])
  }

  /** What waits for a topic, and has not reached its row yet. */
  pendingEvents(topicId: number): Waiting {
    const before = this.batch.deltas.outbox.get(topicId)
    const own = this.#deltas?.outbox.get(topicId)
    return { events: (before?.events ?? 0) + (own?.events ?? 0), bytes: (before?.bytes ?? 0) + (own?.bytes ?? 0) }
  }

  /** The topics that pendingEvents has something of. */
  pendingTopics(): Iterable<number> {
    return new Set([...this.batch.deltas.outbox.keys(), ...(this.#deltas?.outbox.keys() ?? [])])
  }
}
