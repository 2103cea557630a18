import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { S3Error } from '../../../../src/errors.ts'
import { writeFailure } from '../../../../src/storage/chunks/disk/failure.ts'
import { chunkPath, storedSize, temporaryDir, temporaryPath } from '../../../../src/storage/chunks/disk/layout.ts'
import { openDiskStore } from '../../../../src/storage/chunks/disk/store.ts'
import { CorruptChunk } from '../../../../src/storage/chunks/store.ts'
import { drain, names, newName, pieces, whole } from '../../../contracts/chunks.ts'

const signal = new AbortController().signal
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-disk-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function stored(sizeBytes: number) {
  const store = await openDiskStore({ dir, durability: 'sync' })
  const name = newName()
  const bytes = randomBytes(sizeBytes)
  await store.put(name, pieces(bytes, 50_000), { signal })
  return { store, name, bytes, path: chunkPath(dir, name) }
}

async function flip(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position)
  await file.write(Buffer.from([buffer[0]! ^ 0x10]), 0, 1, position)
  await file.close()
}

it('chunks are there after a restart, in a file of the computed size', async () => {
  const { store, name, bytes, path } = await stored(1_000_000)
  expect((await stat(path)).size).toBe(storedSize(1_000_000))
  expect(await readdir(temporaryDir(dir))).toEqual([])
  await store.close()
  const reopened = await openDiskStore({ dir, durability: 'sync' })
  expect((await drain(reopened.read(name, whole(bytes), { signal }))).equals(bytes)).toBe(true)
})

it.each([
  ['in the data of the last block', 960_000],
  ['in a CRC', 65_536],
  ['in the first byte', 0],
])('a flipped bit %s is found before any byte of its block is handed out', async (_place, position) => {
  const { store, name, bytes, path } = await stored(1_000_000)
  await flip(path, position)
  const damagedBlock = Math.floor(position / 65_540)
  const handedOut: Buffer[] = []
  const stream = store.read(name, whole(bytes), { signal }).on('data', (piece) => handedOut.push(piece))
  const failure = await new Promise((resolve) => stream.once('error', resolve))
  expect(failure).toBeInstanceOf(CorruptChunk)
  const good = Buffer.concat(handedOut)
  expect(good.length).toBeLessThanOrEqual(damagedBlock * 65_536)
  expect(good.equals(bytes.subarray(0, good.length))).toBe(true)
  await expect(store.verify(name, bytes.length)).rejects.toBeInstanceOf(CorruptChunk)
  // Ranges that need only sound blocks are still served.
  const sound = { offsetBytes: damagedBlock === 0 ? 65_536 : 0, lengthBytes: 65_536 }
  expect(await drain(store.read(name, sound, { signal }))).toHaveLength(65_536)
  await store.verify(name, bytes.length, sound)
  await flip(path, position)
  await store.verify(name, bytes.length)
})

it('a truncated file is found, wherever it ends', async () => {
  const { store, name, bytes, path } = await stored(200_000)
  for (const sizeBytes of [200_015, 196_622, 196_620, 70_000, 65_538, 0]) {
    await truncate(path, sizeBytes)
    await expect(drain(store.read(name, whole(bytes), { signal }))).rejects.toBeInstanceOf(CorruptChunk)
    await expect(store.verify(name, bytes.length)).rejects.toBeInstanceOf(CorruptChunk)
  }
  const other = await stored(200_000)
  await other.store.verify(other.name, 200_000)
})

it('a block of zeros, as a lost write leaves it, does not pass', async () => {
  const { store, name, bytes, path } = await stored(200_000)
  await truncate(path, 65_540)
  await truncate(path, storedSize(200_000))
  await expect(store.verify(name, 200_000)).rejects.toBeInstanceOf(CorruptChunk)
  expect(await drain(store.read(name, { offsetBytes: 0, lengthBytes: 65_536 }, { signal }))).toEqual(
    bytes.subarray(0, 65_536),
  )
})

it('a full disk is ServiceUnavailable with its cause, and leaves nothing', async () => {
  const store = await openDiskStore({ dir, durability: 'sync' })
  const name = newName()
  // The device answers every write as a full disk does.
  await symlink('/dev/full', temporaryPath(dir, name))
  const failure = await store.put(name, pieces(randomBytes(2_000_000), 65_536), { signal }).catch((cause) => cause)
  expect(failure).toBeInstanceOf(S3Error)
  expect(failure).toMatchObject({ code: 'ServiceUnavailable', status: 503, cause: { code: 'ENOSPC' } })
  expect(failure.message).toContain('full')
  expect(await readdir(temporaryDir(dir))).toEqual([])
  await store.put(name, pieces(randomBytes(2_000_000), 65_536), { signal })
  expect(await names(store)).toEqual([name])
})

it('disks that cannot be written to are told from other failures', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EROFS']) {
    const cause = Object.assign(new Error(code), { code })
    expect(writeFailure(cause)).toMatchObject({ code: 'ServiceUnavailable', cause })
  }
  const other = Object.assign(new Error('EIO'), { code: 'EIO' })
  expect(writeFailure(other)).toBe(other)
})

it('opening removes what uploads left half-written, and nothing else', async () => {
  const { name, store } = await stored(100_000)
  await writeFile(temporaryPath(dir, newName()), 'half')
  await writeFile(join(dir, 'README'), 'not ours')
  await mkdir(join(dir, 'lost+found'))
  await store.close()
  const reopened = await openDiskStore({ dir, durability: 'sync' })
  expect(await readdir(temporaryDir(dir))).toEqual([])
  expect(await names(reopened)).toEqual([name])
  expect(await readdir(dir)).toEqual(expect.arrayContaining(['README', 'lost+found']))
})

it('a directory that cannot be used is named', async () => {
  await writeFile(join(dir, 'file'), '')
  const taken = join(dir, 'file', 'chunks')
  await expect(openDiskStore({ dir: taken, durability: 'sync' })).rejects.toThrow(taken)
  const free = join(dir, 'a', 'b', 'chunks')
  await expect(openDiskStore({ dir: free, durability: 'sync' })).resolves.toBeDefined()
})

it('a file that cannot be removed is an error, and does not keep the others', async () => {
  const { store, name } = await stored(10)
  const resisting = newName()
  await mkdir(chunkPath(dir, resisting), { recursive: true })
  await expect(store.remove([resisting, name])).rejects.toThrow(resisting)
  expect(await names(store)).toEqual([resisting])
  await rm(chunkPath(dir, resisting), { recursive: true })
  await store.remove([resisting, name])
  expect(await names(store)).toEqual([])
})

it('destroying a stream half-way closes its file', async () => {
  const { store, name, bytes } = await stored(3_000_000)
  const openFiles = async () => (await readdir('/proc/self/fd')).length
  const before = await openFiles()
  for (let n = 0; n < 20; n++) {
    const stream = store.read(name, whole(bytes), { signal })
    const closed = new Promise((resolve) => stream.once('close', resolve))
    if (n % 2 === 0) stream.destroy()
    else stream.once('data', () => stream.destroy())
    await closed
  }
  expect(await openFiles()).toBeLessThanOrEqual(before)
})
