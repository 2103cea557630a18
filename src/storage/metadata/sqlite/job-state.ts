import type { Database } from 'better-sqlite3'
import type { JobStateReader, JobStateWriter } from '../store.ts'
import { prefixEnd } from './key-range.ts'
import type { Scope, WriteScope } from './scope.ts'
import { type Prepared, prepared } from './statement.ts'

export interface JobStateSql {
  get: Prepared<[name: string], { value: string }>
  list: Prepared<[prefix: string, high: string | Buffer], { name: string; value: string }>
  set: Prepared<[name: string, value: string]>
  remove: Prepared<[name: string]>
}

export function jobStateSql(db: Database): JobStateSql {
  return {
    get: prepared(db, 'SELECT value FROM job_state WHERE name = ?'),
    list: prepared(db, 'SELECT name, value FROM job_state WHERE name >= ? AND name < ? ORDER BY name'),
    set: prepared(
      db,
      'INSERT INTO job_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ),
    remove: prepared(db, 'DELETE FROM job_state WHERE name = ?'),
  }
}

export class JobStateReads implements JobStateReader {
  protected readonly sql: JobStateSql
  readonly #scope: Scope

  constructor(sql: JobStateSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async get<State>(name: string): Promise<State | undefined> {
    this.#scope.use()
    const record = this.sql.get().get(name)
    return record === undefined ? undefined : (JSON.parse(record.value) as State)
  }

  async list<State>(prefix: string): Promise<{ name: string; value: State }[]> {
    this.#scope.use()
    const records = this.sql.list().all(prefix, prefixEnd(prefix))
    return records.map(({ name, value }) => ({ name, value: JSON.parse(value) as State }))
  }
}

export class JobStateWrites extends JobStateReads implements JobStateWriter {
  readonly #scope: WriteScope

  constructor(sql: JobStateSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async set(name: string, value: object | string | number | undefined): Promise<void> {
    this.#scope.change()
    if (value === undefined) this.sql.remove().run(name)
    else this.sql.set().run(name, JSON.stringify(value))
  }
}
