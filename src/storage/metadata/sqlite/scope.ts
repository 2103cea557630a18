import assert from 'node:assert/strict'
import { Deltas, type IdSequence } from './counters.ts'

/** The life of one transaction: its tables ask here whether it still runs. */
export class Scope {
  ended = false

  use(): void {
    assert(!this.ended, 'a transaction was used after its end: its work must await each call and nothing else')
  }
}

/** What the transactions of one batch have in common. */
export interface Batch {
  readonly ids: IdSequence
  /** Of the batch's transactions that have succeeded so far. */
  readonly deltas: Deltas
  /** Called before the first change of a transaction. */
  savepoint(): void
}

export class WriteScope extends Scope {
  readonly batch: Batch
  wrote = false
  #deltas: Deltas | undefined

  constructor(batch: Batch) {
    super()
    this.batch = batch
  }

  /** Every method that changes a row calls this first. */
  change(): void {
    this.use()
    if (this.wrote) return
    this.wrote = true
    this.batch.savepoint()
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
}
