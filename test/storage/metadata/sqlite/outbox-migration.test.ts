import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { useFolder } from './fixture.ts'

const folder = useFolder()
/** The last schema with events clustered by their topic. */
const BEFORE = 5
const MIGRATIONS = readdirSync('migrations/sqlite').sort()
/** `cozo`: see migrate.ts. */
const APPLICATION_ID = 0x636f7a6f

function leaveOlder(events: readonly (readonly [topicId: number, id: number])[]): void {
  const db = new Database(join(folder.dir, 'metadata.db'))
  for (const name of MIGRATIONS.slice(0, BEFORE)) db.exec(readFileSync(join('migrations/sqlite', name), 'utf8'))
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma(`user_version = ${BEFORE}`)
  const add = db.prepare('INSERT INTO outbox VALUES (?, ?, 7, ?, ?, 1000, 2, 3000)')
  for (const [topicId, id] of events) add.run(topicId, id, 'key', `ü${id}`)
  db.exec('INSERT INTO outbox_totals VALUES (1, 1, 4), (2, 2, 8)')
  db.close()
}

it('keeps the events that wait while their table is laid out anew, in their order', async () => {
  leaveOlder([
    [2, 20],
    [1, 30],
    [2, 10],
  ])
  const store = await folder.open()
  const list = (topicId: number) => store.read((tx) => tx.outbox.list({ topicId, afterId: 0, limit: 10 }))
  const event = { bucketId: 7, key: 'key', createdMs: 1000, tries: 2, notBeforeMs: 3000 }
  expect(await list(2)).toEqual([
    { ...event, topicId: 2, id: 10, document: 'ü10' },
    { ...event, topicId: 2, id: 20, document: 'ü20' },
  ])
  expect(await list(1)).toEqual([{ ...event, topicId: 1, id: 30, document: 'ü30' }])
  await store.write((tx) => tx.outbox.remove({ topicId: 2, ids: [10] }))
  expect(await store.read((tx) => tx.outbox.totals())).toEqual([
    { topicId: 1, events: 1, bytes: 4 },
    { topicId: 2, events: 1, bytes: 4 },
  ])
})
