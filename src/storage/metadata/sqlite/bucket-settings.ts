import type { Database } from 'better-sqlite3'
import type { BucketSettings } from '../settings.ts'
import { frozenJson } from './acl.ts'
import { type Prepared, prepared } from './statement.ts'

export interface SettingSql {
  list: Prepared<[bucketId: number], { name: string; value: string }>
  put: Prepared<[bucketId: number, name: string, value: string]>
  remove: Prepared<[bucketId: number, name: string]>
  removeAll: Prepared<[bucketId: number]>
}

export function settingSql(db: Database): SettingSql {
  return {
    list: prepared(db, 'SELECT name, value FROM bucket_settings WHERE bucket_id = ?'),
    put: prepared(
      db,
      `INSERT INTO bucket_settings (bucket_id, name, value) VALUES (?, ?, ?)
       ON CONFLICT (bucket_id, name) DO UPDATE SET value = excluded.value`,
    ),
    remove: prepared(db, 'DELETE FROM bucket_settings WHERE bucket_id = ? AND name = ?'),
    removeAll: prepared(db, 'DELETE FROM bucket_settings WHERE bucket_id = ?'),
  }
}

/** Most buckets have none. */
const NO_SETTINGS: BucketSettings = Object.freeze({})

export function loadSettings(sql: SettingSql, bucketId: number): BucketSettings {
  const records = sql.list().all(bucketId)
  if (records.length === 0) return NO_SETTINGS
  return Object.freeze(Object.fromEntries(records.map(({ name, value }) => [name, frozenJson<unknown>(value)])))
}

/** Undefined removes the setting. */
export function putSetting(sql: SettingSql, bucketId: number, [name, value]: [name: string, value: unknown]): void {
  if (value === undefined) sql.remove().run(bucketId, name)
  else sql.put().run(bucketId, name, JSON.stringify(value))
}
