import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../../../../src/storage/metadata/sqlite/store.ts'
import { newBucket } from '../../../support/rows.ts'
import { startWriter, useFolder } from './fixture.ts'

const folder = useFolder()
const NEWEST_VERSION = readdirSync('migrations/sqlite').length

/** Opens the database as another program would, to leave something in it. */
function tamper(work: (db: Database.Database) => void): void {
  const db = new Database(join(folder.dir, 'metadata.db'))
  work(db)
  db.close()
}

const open = (dir: string) => openSqliteStore({ dir, durability: 'sync' })

it('creates folders that are missing', async () => {
  const dir = join(folder.dir, 'a', 'b', 'c')
  const store = await open(dir)
  await store.write((tx) => tx.buckets.insert(newBucket('bucket')))
  await store.close()
  const again = await open(dir)
  expect(await again.read((tx) => tx.buckets.count('owner'))).toBe(1)
  await again.close()
})

it('refuses a folder that another process works on, and takes it once that is gone, however it ended', async () => {
  const child = startWriter([folder.dir])
  expect((await child.lines.next()).value).toBe('ready')
  await expect(folder.open()).rejects.toThrow(`the data directory ${folder.dir} is in use`)
  child.kill()
  await child.exited
  const store = await folder.open()
  expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(1)
})

it('refuses a folder that this process works on already', async () => {
  const store = await folder.open()
  await expect(folder.open()).rejects.toThrow('is in use')
  await store.close()
  await folder.open()
})

it('leaves another program’s database alone', async () => {
  tamper((db) => db.exec('CREATE TABLE notes (text TEXT)'))
  await expect(folder.open()).rejects.toThrow('metadata.db is not a database of cozos')
  tamper((db) => {
    expect(db.pragma('journal_mode', { simple: true })).toBe('delete')
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'notes' }])
    db.exec('DROP TABLE notes')
  })
  await folder.open()
})

it('refuses a schema that is newer than it knows, and takes the one it knows', async () => {
  const store = await folder.open()
  await store.close()
  tamper((db) => db.pragma('user_version = 9999'))
  await expect(folder.open()).rejects.toThrow('has schema version 9999, but this cozos knows versions up to')
  tamper((db) => db.pragma(`user_version = ${NEWEST_VERSION}`))
  await folder.open()
})

it('brings a database of the first version up to date, and counts what each owner has in it', async () => {
  tamper((db) => {
    db.exec(readFileSync('migrations/sqlite/0001_core.sql', 'utf8'))
    db.pragma(`application_id = ${0x636f7a6f}`)
    db.pragma('user_version = 1')
    const insert = db.prepare(`INSERT INTO buckets (id, tenant, name, owner_id, created_ms, versioning, object_lock,
      location, storage_class, acl, object_count, byte_count)
      VALUES (?, '', ?, ?, 5, 'off', 0, '', 'STANDARD', ?, ?, ?)`)
    insert.run(1, 'a', 'one', 'private', 3, 300)
    insert.run(2, 'b', 'two', 'public-read', 0, 0)
    insert.run(3, 'c', 'one', 'private', 4, 5)
    db.exec("UPDATE counters SET value = 10 WHERE name = 'next_id'")
  })
  const store = await folder.open()
  const found = await store.read(async (tx) => [
    await tx.buckets.find({ tenant: '', name: 'b' }),
    await tx.buckets.usageOfOwner('one'),
    await tx.buckets.usageOfOwner('two'),
    await tx.buckets.usageOfOwner('three'),
  ])
  expect(found).toEqual([
    { ...newBucket('b', { ownerId: 'two', createdMs: 5, acl: 'public-read' }), id: 2, settings: {} },
    { objects: 7, bytes: 305 },
    { objects: 0, bytes: 0 },
    { objects: 0, bytes: 0 },
  ])
  const row = await store.write((tx) => tx.buckets.insert(newBucket('d', { settings: { policy: '{}' } })))
  expect(row.id).toBeGreaterThanOrEqual(10)
})

it('says what is wrong with a file that is no database, and with a folder that cannot be', async () => {
  const path = join(folder.dir, 'metadata.db')
  await writeFile(path, 'this is not SQLite'.repeat(100))
  await expect(folder.open()).rejects.toThrow(`${path} is not a sound SQLite database`)
  const below = join(path, 'below')
  await expect(open(below)).rejects.toThrow(`the metadata in ${below} cannot be opened: ENOTDIR`)
})
