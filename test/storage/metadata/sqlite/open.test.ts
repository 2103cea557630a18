import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../../../../src/storage/metadata/sqlite/store.ts'
import { newBucket } from '../../../support/rows.ts'
import { startWriter, useFolder } from './fixture.ts'

const folder = useFolder()

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
  tamper((db) => db.pragma('user_version = 1'))
  await folder.open()
})

it('says what is wrong with a file that is no database, and with a folder that cannot be', async () => {
  const path = join(folder.dir, 'metadata.db')
  await writeFile(path, 'this is not SQLite'.repeat(100))
  await expect(folder.open()).rejects.toThrow(`${path} is not a sound SQLite database`)
  const below = join(path, 'below')
  await expect(open(below)).rejects.toThrow(`the metadata in ${below} cannot be opened: ENOTDIR`)
})
