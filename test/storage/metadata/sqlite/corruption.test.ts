import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { CorruptChunk, MissingChunk } from '../../../../src/storage/chunks/store.ts'
import { useFolder } from './fixture.ts'

const folder = useFolder()

it.each([
  ['a flipped bit', "UPDATE chunks SET bytes = CAST('hallo' AS BLOB)", CorruptChunk],
  ['lost bytes', "UPDATE chunks SET bytes = CAST('hell' AS BLOB)", CorruptChunk],
  ['another checksum', 'UPDATE chunks SET crc32c = 1', CorruptChunk],
  ['a missing chunk', 'DELETE FROM chunks', MissingChunk],
])('never hands out inline bytes that are wrong: %s', async (_, damage, failure) => {
  const store = await folder.open()
  const manifestId = await store.write((tx) => tx.manifests.create([{ place: 'inline', bytes: Buffer.from('hello') }]))
  const range = { offsetBytes: 1, lengthBytes: 3, limit: 1 }
  const segments = await store.read((tx) => tx.manifests.segments(manifestId, range))
  expect(segments).toEqual([{ place: 'inline', bytes: Buffer.from('ell') }])
  await store.close()
  const db = new Database(join(folder.dir, 'metadata.db'))
  db.exec(damage)
  db.close()
  const damaged = await folder.open()
  await expect(damaged.read((tx) => tx.manifests.segments(manifestId, range))).rejects.toThrow(failure)
})
