import type { Database } from 'better-sqlite3'
import type { KeyRow, UserRow } from '../rows.ts'
import type { Quota } from '../settings.ts'
import type { UserReader, UserWriter } from '../store.ts'
import type { Scope, WriteScope } from './scope.ts'
import { inserting, type Prepared, prepared } from './statement.ts'

interface UserRecord {
  readonly id: string
  readonly tenant: string
  readonly uid: string
  readonly display_name: string
  readonly email: string | null
  readonly email_folded: string | null
  readonly suspended: number
  readonly max_buckets: number
  readonly caps: string
  readonly quota: string | null
  readonly bucket_quota: string | null
  readonly is_configured: number
  readonly created_ms: number
}

interface KeyRecord {
  readonly access_key: string
  readonly user_id: string
  readonly sealed_secret: Buffer
  readonly is_configured: number
  readonly created_ms: number
}

export interface UserSql {
  find: Prepared<[id: string], UserRecord>
  findByEmail: Prepared<[folded: string], UserRecord>
  list: Prepared<[after: string, limit: number], UserRecord>
  put: Prepared<[UserRecord]>
  remove: Prepared<[id: string]>
  key: Prepared<[accessKey: string], KeyRecord>
  keys: Prepared<[userId: string], KeyRecord>
  putKey: Prepared<[KeyRecord]>
  removeKey: Prepared<[accessKey: string]>
  removeKeys: Prepared<[userId: string]>
}

const COLUMNS = `id, tenant, uid, display_name, email, email_folded, suspended, max_buckets, caps, quota, bucket_quota,
  is_configured, created_ms`
const KEY_COLUMNS = 'access_key, user_id, sealed_secret, is_configured, created_ms'

export function userSql(db: Database): UserSql {
  return {
    find: prepared(db, `SELECT ${COLUMNS} FROM users WHERE id = ?`),
    findByEmail: prepared(db, `SELECT ${COLUMNS} FROM users WHERE email_folded = ?`),
    list: prepared(db, `SELECT ${COLUMNS} FROM users WHERE id > ? || '' ORDER BY id LIMIT ? + 0`),
    put: prepared(db, upsert({ table: 'users', columns: COLUMNS, key: 'id' })),
    remove: prepared(db, 'DELETE FROM users WHERE id = ?'),
    key: prepared(db, `SELECT ${KEY_COLUMNS} FROM access_keys WHERE access_key = ?`),
    keys: prepared(db, `SELECT ${KEY_COLUMNS} FROM access_keys WHERE user_id = ? || '' ORDER BY access_key`),
    putKey: prepared(db, upsert({ table: 'access_keys', columns: KEY_COLUMNS, key: 'access_key' })),
    removeKey: prepared(db, 'DELETE FROM access_keys WHERE access_key = ?'),
    removeKeys: prepared(db, 'DELETE FROM access_keys WHERE user_id = ?'),
  }
}

function upsert({ table, columns, key }: { table: string; columns: string; key: string }): string {
  const names = columns.split(',').map((column) => column.trim())
  const setters = names.map((name) => `${name} = excluded.${name}`)
  const values = names.map((name) => `:${name}`)
  return `INSERT INTO ${table} (${columns}) VALUES (${values}) ON CONFLICT (${key}) DO UPDATE SET ${setters}`
}

export class UserReads implements UserReader {
  protected readonly sql: UserSql
  readonly #scope: Scope

  constructor(sql: UserSql, scope: Scope) {
    this.sql = sql
    this.#scope = scope
  }

  async find(id: string): Promise<UserRow | undefined> {
    this.#scope.use()
    const record = this.sql.find().get(id)
    return record === undefined ? undefined : toUser(record)
  }

  async findByEmail(email: string): Promise<UserRow | undefined> {
    this.#scope.use()
    const record = this.sql.findByEmail().get(folded(email))
    return record === undefined ? undefined : toUser(record)
  }

  async list({ after, limit }: { after: string | undefined; limit: number }): Promise<UserRow[]> {
    this.#scope.use()
    return this.sql
      .list()
      .all(after ?? '', limit)
      .map(toUser)
  }

  async key(accessKey: string): Promise<KeyRow | undefined> {
    this.#scope.use()
    const record = this.sql.key().get(accessKey)
    return record === undefined ? undefined : toKey(record)
  }

  async keys(userId: string): Promise<KeyRow[]> {
    this.#scope.use()
    return this.sql.keys().all(userId).map(toKey)
  }
}

export class UserWrites extends UserReads implements UserWriter {
  readonly #scope: WriteScope

  constructor(sql: UserSql, scope: WriteScope) {
    super(sql, scope)
    this.#scope = scope
  }

  async put(user: UserRow): Promise<void> {
    this.#scope.change()
    inserting(() => this.sql.put().run(toUserRecord(user)))
  }

  async remove(id: string): Promise<void> {
    this.#scope.change()
    this.sql.removeKeys().run(id)
    this.sql.remove().run(id)
  }

  async putKey(key: KeyRow): Promise<void> {
    this.#scope.change()
    this.sql.putKey().run({
      access_key: key.accessKey,
      user_id: key.userId,
      sealed_secret: key.sealedSecret,
      is_configured: key.isConfigured ? 1 : 0,
      created_ms: key.createdMs,
    })
  }

  async removeKey(accessKey: string): Promise<void> {
    this.#scope.change()
    this.sql.removeKey().run(accessKey)
  }
}

function folded(email: string): string {
  return email.toLowerCase()
}

function toUser(record: UserRecord): UserRow {
  return {
    id: record.id,
    tenant: record.tenant,
    uid: record.uid,
    displayName: record.display_name,
    email: record.email ?? undefined,
    suspended: record.suspended === 1,
    maxBuckets: record.max_buckets,
    caps: record.caps,
    quota: toQuota(record.quota),
    bucketQuota: toQuota(record.bucket_quota),
    isConfigured: record.is_configured === 1,
    createdMs: record.created_ms,
  }
}

function toUserRecord(user: UserRow): UserRecord {
  return {
    id: user.id,
    tenant: user.tenant,
    uid: user.uid,
    display_name: user.displayName,
    email: user.email ?? null,
    email_folded: user.email === undefined ? null : folded(user.email),
    suspended: user.suspended ? 1 : 0,
    max_buckets: user.maxBuckets,
    caps: user.caps,
    quota: user.quota === undefined ? null : JSON.stringify(user.quota),
    bucket_quota: user.bucketQuota === undefined ? null : JSON.stringify(user.bucketQuota),
    is_configured: user.isConfigured ? 1 : 0,
    created_ms: user.createdMs,
  }
}

function toQuota(json: string | null): Quota | undefined {
  if (json === null) return undefined
  const { enabled, maxBytes, maxObjects } = JSON.parse(json) as Quota
  return { enabled, maxBytes, maxObjects }
}

function toKey(record: KeyRecord): KeyRow {
  return {
    accessKey: record.access_key,
    userId: record.user_id,
    sealedSecret: record.sealed_secret,
    isConfigured: record.is_configured === 1,
    createdMs: record.created_ms,
  }
}
