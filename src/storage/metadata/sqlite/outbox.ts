import type { Database } from 'better-sqlite3'
import type { NewOutboxEvent, OutboxEvent, OutboxReader, OutboxTotal, OutboxWriter } from '../topic-store.ts'
import type { Waiting } from './counters.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

type Postponed = { topicId: number; id: number; notBeforeMs: number }

export interface OutboxSql {
  totals: Prepared<[], OutboxTotal>
  total: Prepared<[topicId: number], OutboxTotal>
  list: Prepared<[topicId: number, afterId: number, limit: number], OutboxEvent>
  add: Prepared<[OutboxEvent]>
  remove: Prepared<[ids: string, topicId: number], { bytes: number }>
  postpone: Prepared<[Postponed]>
  removeAll: Prepared<[topicId: number]>
  addTotal: Prepared<[OutboxTotal]>
  removeEmptyTotal: Prepared<[topicId: number]>
}

const TOTAL = 'topic_id AS topicId, event_count AS events, byte_count AS bytes'

export function outboxSql(db: Database): OutboxSql {
  return {
    totals: prepared(db, `SELECT ${TOTAL} FROM outbox_totals ORDER BY topic_id`),
    total: prepared(db, `SELECT ${TOTAL} FROM outbox_totals WHERE topic_id = ?`),
    list: prepared(
      db,
      `SELECT topic_id AS topicId, id, bucket_id AS bucketId, key, document, created_ms AS createdMs, tries,
              not_before_ms AS notBeforeMs
       FROM outbox WHERE topic_id = ? + 0 AND id > ? + 0 ORDER BY id LIMIT ? + 0`,
    ),
    add: prepared(
      db,
      `INSERT INTO outbox (topic_id, id, bucket_id, key, document, created_ms, tries, not_before_ms)
       VALUES (:topicId, :id, :bucketId, :key, :document, :createdMs, :tries, :notBeforeMs)`,
    ),
    // One statement for a whole batch: each by itself costs twice as much.
    remove: prepared(
      db,
      `DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?)) AND +topic_id = ?
       RETURNING octet_length(document) AS bytes`,
    ),
    postpone: prepared(
      db,
      'UPDATE outbox SET tries = tries + 1, not_before_ms = :notBeforeMs WHERE id = :id AND +topic_id = :topicId',
    ),
    removeAll: prepared(db, 'DELETE FROM outbox WHERE topic_id = ?'),
    addTotal: prepared(
      db,
      `INSERT INTO outbox_totals (topic_id, event_count, byte_count) VALUES (:topicId, :events, :bytes)
       ON CONFLICT (topic_id) DO UPDATE SET
         event_count = event_count + excluded.event_count, byte_count = byte_count + excluded.byte_count`,
    ),
    removeEmptyTotal: prepared(db, 'DELETE FROM outbox_totals WHERE topic_id = ? AND event_count <= 0'),
  }
}

/** What a batch has changed of a topic's row. */
export function writeTotals(sql: OutboxSql, topicId: number, { events, bytes }: Waiting): void {
  if (events === 0 && bytes === 0) return
  sql.addTotal().run({ topicId, events, bytes })
  if (events < 0) sql.removeEmptyTotal().run(topicId)
}

/** The topic goes, or its endpoint: nobody is left whom they could be delivered to. */
export function dropEvents(sql: OutboxSql, scope: WriteScope, topicId: number): void {
  const { events, bytes } = waiting(sql, scope, topicId)
  if (events === 0) return
  sql.removeAll().run(topicId)
  scope.deltas.addEvents(topicId, { events: -events, bytes: -bytes })
}

const NOTHING: Waiting = Object.freeze({ events: 0, bytes: 0 })

/** As the transaction sees it: its batch writes the row when it ends. */
function waiting(sql: OutboxSql, scope: WriteScope, topicId: number): Waiting {
  let stored = scope.batch.waiting.get(topicId)
  if (stored === undefined) {
    stored = sql.total().get(topicId) ?? NOTHING
    scope.batch.waiting.set(topicId, stored)
  }
  const pending = scope.pendingEvents(topicId)
  return { events: stored.events + pending.events, bytes: stored.bytes + pending.bytes }
}

export class OutboxReads implements OutboxReader {
  protected readonly sql: OutboxSql
  readonly #scope: Scope

  constructor(sql: OutboxSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async totals(): Promise<OutboxTotal[]> {
    this.#scope.use()
    return this.sql.totals().all()
  }

  async total(topicId: number): Promise<OutboxTotal> {
    this.#scope.use()
    return this.sql.total().get(topicId) ?? { topicId, events: 0, bytes: 0 }
  }

  async list(range: { topicId: number; afterId: number; limit: number }): Promise<OutboxEvent[]> {
    this.#scope.use()
    return this.sql.list().all(range.topicId, range.afterId, range.limit)
  }
}

export class OutboxWrites extends OutboxReads implements OutboxWriter {
  readonly #scope: WriteScope

  constructor(sql: OutboxSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  override async totals(): Promise<OutboxTotal[]> {
    const stored = await super.totals()
    const topicIds = new Set([...stored.map(({ topicId }) => topicId), ...this.#scope.pendingTopics()])
    const totals = [...topicIds].map((topicId) => ({ topicId, ...waiting(this.sql, this.#scope, topicId) }))
    return totals.filter(({ events }) => events > 0).sort((one, other) => one.topicId - other.topicId)
  }

  override async total(topicId: number): Promise<OutboxTotal> {
    this.#scope.use()
    return { topicId, ...waiting(this.sql, this.#scope, topicId) }
  }

  async nextSequence(): Promise<number> {
    this.#scope.use()
    return this.#scope.ids.next()
  }

  async add(events: readonly NewOutboxEvent[]): Promise<number[]> {
    this.#scope.change()
    return events.map(({ topicId, bucketId, key, document, createdMs, notBeforeMs = createdMs }) => {
      const id = this.#scope.ids.next()
      this.sql.add().run({ topicId, id, bucketId, key, document, createdMs, tries: 0, notBeforeMs })
      this.#scope.deltas.addEvents(topicId, { events: 1, bytes: Buffer.byteLength(document) })
      return id
    })
  }

  async remove({ topicId, ids }: { topicId: number; ids: readonly number[] }): Promise<void> {
    this.#scope.change()
    let events = 0
    let bytes = 0
    for (const removed of this.sql.remove().all(JSON.stringify(ids), topicId)) {
      events += 1
      bytes += removed.bytes
    }
    if (events > 0) this.#scope.deltas.addEvents(topicId, { events: -events, bytes: -bytes })
  }

  async postpone(range: { topicId: number; ids: readonly number[]; notBeforeMs: number }): Promise<void> {
    this.#scope.change()
    const { topicId, notBeforeMs } = range
    for (const id of range.ids) this.sql.postpone().run({ topicId, id, notBeforeMs })
  }

  async drop(topicId: number): Promise<void> {
    this.#scope.change()
    dropEvents(this.sql, this.#scope, topicId)
  }
}
