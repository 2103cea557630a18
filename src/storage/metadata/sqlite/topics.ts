import type { Database } from 'better-sqlite3'
import type { NewTopic, TopicReader, TopicRef, TopicRow, TopicWriter } from '../topic-store.ts'
import { dropEvents, type OutboxSql } from './outbox.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

interface TopicRecord {
  readonly id: number
  readonly tenant: string
  readonly name: string
  readonly owner_id: string
  readonly attributes: string
  readonly sealed_attributes: Buffer | null
  readonly created_ms: number
  readonly revision: number
}

export interface TopicSql {
  find: Prepared<[tenant: string, name: string], TopicRecord>
  findById: Prepared<[id: number], TopicRecord>
  list: Prepared<[tenant: string, after: string, limit: number], TopicRecord>
  listSealed: Prepared<[afterId: number, limit: number], TopicRecord>
  count: Prepared<[tenant: string], { n: number }>
  put: Prepared<[TopicRecord], TopicRecord>
  remove: Prepared<[id: number]>
}

const COLUMNS = 'id, tenant, name, owner_id, attributes, sealed_attributes, created_ms, revision'

export function topicSql(db: Database): TopicSql {
  return {
    find: prepared(db, `SELECT ${COLUMNS} FROM topics WHERE tenant = ? AND name = ?`),
    findById: prepared(db, `SELECT ${COLUMNS} FROM topics WHERE id = ?`),
    list: prepared(
      db,
      `SELECT ${COLUMNS} FROM topics WHERE tenant = ? || '' AND name > ? || '' ORDER BY name LIMIT ? + 0`,
    ),
    listSealed: prepared(
      db,
      `SELECT ${COLUMNS} FROM topics WHERE id > ? + 0 AND sealed_attributes IS NOT NULL ORDER BY id LIMIT ? + 0`,
    ),
    count: prepared(db, 'SELECT count(*) AS n FROM topics WHERE tenant = ?'),
    put: prepared(
      db,
      `INSERT INTO topics (${COLUMNS})
       VALUES (:id, :tenant, :name, :owner_id, :attributes, :sealed_attributes, :created_ms, :revision)
       ON CONFLICT (tenant, name) DO UPDATE SET
         attributes = excluded.attributes, sealed_attributes = excluded.sealed_attributes, revision = excluded.revision
       RETURNING ${COLUMNS}`,
    ),
    remove: prepared(db, 'DELETE FROM topics WHERE id = ?'),
  }
}

/** The statements of the tables that topics have a part in. */
export interface TopicTables {
  readonly topics: TopicSql
  readonly outbox: OutboxSql
}

export class TopicReads implements TopicReader {
  protected readonly tables: TopicTables
  readonly #scope: Scope

  constructor(tables: TopicTables, scope: Scope) {
    this.tables = tables
    this.#scope = scope
  }

  async find({ tenant, name }: TopicRef): Promise<TopicRow | undefined> {
    this.#scope.use()
    const { topics } = this.#scope
    const kept = topics?.get({ tenant, name })
    if (kept !== undefined) return kept
    const topic = toTopic(this.tables.topics.find().get(tenant, name))
    if (topic !== undefined) topics?.keep(topic)
    return topic
  }

  async findById(id: number): Promise<TopicRow | undefined> {
    this.#scope.use()
    return toTopic(this.tables.topics.findById().get(id))
  }

  async list(range: { tenant: string; after: string | undefined; limit: number }): Promise<TopicRow[]> {
    this.#scope.use()
    // No topic's name is empty, so that all of them lie behind an empty text.
    return this.tables.topics
      .list()
      .all(range.tenant, range.after ?? '', range.limit)
      .map(rowOf)
  }

  async listSealed({ afterId, limit }: { afterId: number; limit: number }): Promise<TopicRow[]> {
    this.#scope.use()
    return this.tables.topics.listSealed().all(afterId, limit).map(rowOf)
  }

  async count(tenant: string): Promise<number> {
    this.#scope.use()
    return this.tables.topics.count().get(tenant)?.n ?? 0
  }
}

export class TopicWrites extends TopicReads implements TopicWriter {
  readonly #scope: WriteScope

  constructor(tables: TopicTables, scope: WriteScope) {
    super(tables, scope)
    this.#scope = scope
  }

  async put(topic: NewTopic): Promise<TopicRow> {
    this.#scope.changeTopic()
    const id = this.#scope.ids.next()
    const record = {
      id,
      tenant: topic.tenant,
      name: topic.name,
      owner_id: topic.ownerId,
      attributes: JSON.stringify(topic.attributes),
      sealed_attributes: topic.sealedAttributes ?? null,
      created_ms: topic.createdMs,
      revision: id,
    }
    return rowOf(this.tables.topics.put().get(record) ?? record)
  }

  async remove(id: number): Promise<void> {
    this.#scope.changeTopic()
    dropEvents(this.tables.outbox, this.#scope, id)
    this.tables.topics.remove().run(id)
  }
}

function toTopic(record: TopicRecord | undefined): TopicRow | undefined {
  return record === undefined ? undefined : rowOf(record)
}

function rowOf(record: TopicRecord): TopicRow {
  return {
    id: record.id,
    tenant: record.tenant,
    name: record.name,
    ownerId: record.owner_id,
    attributes: JSON.parse(record.attributes) as Record<string, string>,
    sealedAttributes: record.sealed_attributes ?? undefined,
    createdMs: record.created_ms,
    revision: record.revision,
  }
}
