import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDiskStores } from '../../../src/storage/chunks/disk/stores.ts'
import { openMemoryStore } from '../../../src/storage/chunks/memory/store.ts'
import { type ChunkStore, MissingChunk } from '../../../src/storage/chunks/store.ts'
import { joinStores } from '../../../src/storage/chunks/stores.ts'
import { drain, pieces } from '../../contracts/chunks.ts'

const { signal } = new AbortController()
const name = (letter: string) => letter.repeat(32)
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-stores-'))
})
afterEach(() => rm(dir, { recursive: true }))

const open = (classes: Record<string, string> = {}, ownerId = 'mine') =>
  openDiskStores({
    dir: join(dir, 'home'),
    durability: 'relaxed',
    classes: new Map(Object.entries(classes)),
    ownerId,
  })

it('keeps each chunk in the store that it is put into, and finds it there alone', async () => {
  const chunks = await open({ GLACIER: join(dir, 'cold'), STANDARD_IA: join(dir, 'deep', 'down') })
  expect(chunks.isDivided).toBe(true)
  expect(['GLACIER', 'STANDARD', 'DEEP_ARCHIVE', ''].map((one) => chunks.storeOf(one))).toEqual(['GLACIER', '', '', ''])
  const bytes = randomBytes(100_000)
  const files = [
    { name: name('a'), store: '' },
    { name: name('b'), store: 'GLACIER' },
    { name: name('c'), store: 'STANDARD_IA' },
  ]
  for (const file of files) {
    expect(await chunks.put(file, pieces(bytes, 65_536), { signal })).toEqual({ sizeBytes: bytes.length })
    await chunks.verify(file, bytes.length)
    const range = { offsetBytes: 70_000, lengthBytes: 10 }
    expect((await drain(chunks.read(file, range, { signal }))).equals(bytes.subarray(70_000, 70_010))).toBe(true)
  }
  expect((await Array.fromAsync(chunks.list())).map(({ modifiedMs: _, ...file }) => file)).toEqual(files)
  expect(await readdir(join(dir, 'cold'))).toContain('bb')
  await expect(chunks.verify({ name: name('b'), store: '' }, bytes.length)).rejects.toThrow(MissingChunk)
  const [first, second] = files
  await chunks.remove([first!, second!, { name: name('d'), store: 'GLACIER' }])
  expect((await Array.fromAsync(chunks.list())).map((file) => file.name)).toEqual([name('c')])
  await expect(chunks.put({ name: name('e'), store: 'DEEP_ARCHIVE' }, pieces(bytes, 10), { signal })).rejects.toThrow(
    'no folder is configured',
  )
  await chunks.close()
})

it('is one store where no class has a folder', async () => {
  const chunks = await open()
  expect([chunks.isDivided, chunks.storeOf('GLACIER')]).toEqual([false, ''])
})

it('a store that cannot remove its files does not keep the others from it', async () => {
  const [home, cold] = [openMemoryStore(), openMemoryStore()]
  const stuck: ChunkStore = Object.assign(openMemoryStore(), { remove: () => Promise.reject(new Error('stuck')) })
  const chunks = joinStores(
    new Map([
      ['', home],
      ['A', stuck],
      ['B', cold],
    ]),
  )
  const files = ['', 'A', 'B'].map((store) => ({ name: name('f'), store }))
  for (const file of files) await chunks.put(file, pieces(Buffer.from('x'), 1), { signal })
  await expect(chunks.remove(files)).rejects.toThrow('stuck')
  expect((await Array.fromAsync(chunks.list())).map(({ store }) => store)).toEqual(['A'])
})

it('a folder belongs to one data directory: another one is refused, and nothing of it is touched', async () => {
  const cold = join(dir, 'cold')
  const chunks = await open({ GLACIER: cold })
  await chunks.put({ name: name('a'), store: 'GLACIER' }, pieces(Buffer.from('x'), 1), { signal })
  await chunks.close()
  await writeFile(join(cold, 'tmp', name('b')), 'under way')
  await expect(open({ GLACIER: cold }, 'another')).rejects.toThrow(`${cold} belongs to another data directory`)
  expect(await readdir(join(cold, 'tmp'))).toEqual([name('b')])
  expect(await readFile(join(cold, 'owner'), 'utf8')).toBe('mine')
  const again = await open({ GLACIER: cold })
  expect(await Array.fromAsync(again.list())).toHaveLength(1)
  expect(await readdir(join(cold, 'tmp'))).toEqual([])
})

it('says which folder cannot be used', async () => {
  const taken = join(dir, 'file')
  await writeFile(taken, '')
  await expect(open({ GLACIER: taken })).rejects.toThrow(`The chunk directory ${taken} cannot be used`)
})
