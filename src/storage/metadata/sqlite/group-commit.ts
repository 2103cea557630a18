import type { Database } from 'better-sqlite3'
import type { WriteTransaction } from '../store.ts'
import { type CounterSql, Deltas, type IdSequence } from './counters.ts'
import type { Durability } from './durability.ts'
import { translateFailure } from './failures.ts'
import { foreignAwait } from './foreign-await.ts'
import { writeTotals } from './outbox.ts'
import type { RowCaches } from './row-cache.ts'
import { type Batch, WriteScope } from './scope.ts'
import { prepared } from './statement.ts'
import { type Sql, SqliteWriteTransaction } from './transactions.ts'

/** Transactions of one commit: each takes some 50 µs, and the event loop serves nobody else meanwhile. */
const BATCH_TRANSACTIONS_MAX = 128
/** While a sync runs, writes gather until there are this many: fewer are better served by one commit and one sync. */
const BATCH_BESIDE_SYNC_MIN = 32
/** A batch ends early when it has taken this long; the rest comes next. */
const BATCH_MS_MAX = 5

interface Member {
  readonly work: (tx: WriteTransaction) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (cause: unknown) => void
}

interface Attempt extends Batch {
  /** Alone, a transaction needs no savepoint: undoing it undoes the batch. */
  readonly isAlone: boolean
}

interface Outcome {
  readonly member: Member
  readonly wrote: boolean
  readonly result: { readonly value: unknown } | { readonly cause: unknown }
}

export interface GroupCommitParts {
  readonly db: Database
  readonly sql: Sql
  readonly counters: CounterSql
  readonly ids: IdSequence
  readonly durability: Durability
  readonly caches: RowCaches
  /** Told after every commit, before anybody hears of its outcome. */
  readonly onCommit: (changes: Deltas) => void
}

/**
 * Writes that wait at the same moment run one after another in one BEGIN IMMEDIATE … COMMIT, each undone by itself if
 * it fails, and one sync serves them all. While that runs, the next ones gather.
 */
export class GroupCommit {
  readonly #parts: GroupCommitParts
  readonly #run
  readonly #queue: Member[] = []
  #isScheduled = false
  #isRunning = false
  #isPaused = false
  #watch: NodeJS.Immediate | undefined
  #rejectCurrent: ((cause: unknown) => void) | undefined
  #unanswered = 0
  readonly #draining: (() => void)[] = []
  commits = 0
  transactions = 0

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
    const statement = (text: string) => prepared<[]>(parts.db, text)
    this.#run = {
      begin: statement('BEGIN IMMEDIATE'),
      commit: statement('COMMIT'),
      rollback: statement('ROLLBACK'),
      savepoint: statement('SAVEPOINT member'),
      release: statement('RELEASE member'),
      undo: statement('ROLLBACK TO member'),
    }
  }

  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    this.#unanswered += 1
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.schedule()
    })
  }

  /** Resolves when everything written so far has been answered. */
  async drain(): Promise<void> {
    while (this.#unanswered > 0) await new Promise<void>((resolve) => this.#draining.push(resolve))
  }

  /** Holds batches back, between two of them, until `resume`: the checkpointer catches up. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.schedule()
  }

  /** At the end of the event loop's turn, so that everything which arrived in it shares the commit. */
  schedule(): void {
    if (this.#isScheduled || this.#isRunning || this.#isPaused || this.#queue.length === 0) return
    if (this.#parts.durability.isSyncing && this.#queue.length < BATCH_BESIDE_SYNC_MIN) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (!this.#isPaused) void this.#runBatch()
    })
  }

  async #runBatch(): Promise<void> {
    this.#isRunning = true
    this.#watch = setImmediate(() => this.#catchForeignAwait())
    const members = this.#queue.splice(0, BATCH_TRANSACTIONS_MAX)
    try {
      const { failure } = this.#parts.durability
      if (failure !== undefined) throw failure
      this.#deliver(await this.#commitMembers(members))
    } catch (cause) {
      this.#rollBack()
      const translated = translateFailure(cause)
      for (const member of members) member.reject(translated)
      this.#answered(members.length)
    } finally {
      clearImmediate(this.#watch)
      this.#isRunning = false
      this.schedule()
    }
  }

  /** Hands members that did not fit back to the queue. Throws when none of the others could be committed. */
  async #commitMembers(members: Member[]): Promise<Outcome[]> {
    const { db, ids, caches, onCommit } = this.#parts
    this.#run.begin().run()
    const reserved = ids.extend()
    const isAlone = members.length === 1
    const savepoint = isAlone ? () => undefined : () => void this.#run.savepoint().run()
    const batch: Attempt = { deltas: new Deltas(), ids, caches: { ...caches }, waiting: new Map(), savepoint, isAlone }
    const outcomes: Outcome[] = []
    const startedMs = performance.now()
    for (const member of members) {
      const outcome = await this.#runMember(member, batch)
      // Alone in its batch, or on a full disk: everything before it was undone as well.
      if (!db.inTransaction && 'cause' in outcome.result) throw outcome.result.cause
      outcomes.push(outcome)
      if (performance.now() - startedMs > BATCH_MS_MAX) break
    }
    this.#queue.unshift(...members.splice(outcomes.length))
    this.#flush(batch.deltas)
    this.#run.commit().run()
    if (batch.caches.buckets === undefined) caches.buckets.clear()
    if (batch.caches.topics === undefined) caches.topics.clear()
    if (reserved !== undefined) ids.adopt(reserved)
    this.commits += 1
    this.transactions += outcomes.length
    onCommit(batch.deltas)
    return outcomes
  }

  #rollBack(): void {
    try {
      if (this.#parts.db.inTransaction) this.#run.rollback().run()
    } catch {
      // The caller has the cause. While the disk stays broken, every BEGIN that follows says so again.
    }
  }

  async #runMember(member: Member, batch: Attempt): Promise<Outcome> {
    const scope = new WriteScope(batch)
    try {
      const value = await new Promise((resolve, reject) => {
        this.#rejectCurrent = reject
        member.work(new SqliteWriteTransaction(this.#parts.sql, scope)).then(resolve, reject)
      })
      scope.ended = true
      scope.keep()
      if (scope.wrote && !batch.isAlone) this.#run.release().run()
      return { member, wrote: scope.wrote, result: { value } }
    } catch (cause) {
      scope.ended = true
      if (scope.wrote && this.#parts.db.inTransaction) this.#undo(batch)
      return { member, wrote: false, result: { cause: translateFailure(cause) } }
    }
  }

  #undo(batch: Attempt): void {
    if (batch.isAlone) return void this.#run.rollback().run()
    this.#run.undo().run()
    this.#run.release().run()
  }

  /** The counters of the whole batch, each row once. */
  #flush(deltas: Deltas): void {
    const { sql, counters } = this.#parts
    for (const [bucketId, { objects, bytes }] of deltas.buckets) {
      // Objects replaced by such of their size: two statements and their pages are spared.
      if (objects === 0 && bytes === 0) continue
      sql.buckets.addUsage().run(objects, bytes, bucketId)
      sql.ownerUsage.addOfBucket().run(objects, bytes, bucketId)
    }
    for (const [topicId, change] of deltas.outbox) writeTotals(sql.outbox, topicId, change)
    if (deltas.files === 0 && deltas.fileBytes === 0) return
    counters.add().run(deltas.files, 'file_chunks')
    counters.add().run(deltas.fileBytes, 'file_chunk_bytes')
  }

  #deliver(outcomes: readonly Outcome[]): void {
    const { durability } = this.#parts
    const settle = (failure: unknown) => {
      for (const { member, result } of outcomes) {
        // What failed by itself left nothing behind, whatever became of the others.
        if ('cause' in result) member.reject(result.cause)
        else if (failure !== undefined) member.reject(failure)
        else member.resolve(result.value)
      }
      this.#answered(outcomes.length)
    }
    // What only read is told what it read, unless that is not durable yet.
    if (!durability.isSyncing && outcomes.every(({ wrote }) => !wrote)) settle(undefined)
    else durability.afterSync(settle)
  }

  #answered(count: number): void {
    this.#unanswered -= count
    if (this.#unanswered > 0) return
    for (const resume of this.#draining.splice(0)) resume()
  }

  /** Runs with no microtask left while a batch is open: its current member waits for something it must not wait for. */
  #catchForeignAwait(): void {
    this.#watch = setImmediate(() => this.#catchForeignAwait())
    this.#rejectCurrent?.(foreignAwait())
  }
}
