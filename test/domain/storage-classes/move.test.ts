import { createSecretKey, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openManifest } from '../../../src/domain/bytes/open.ts'
import { sealBytes } from '../../../src/domain/bytes/seal.ts'
import { newDataKey, renewWrapping } from '../../../src/domain/encryption/data-key.ts'
import { moveBytes } from '../../../src/domain/storage-classes/move.ts'
import type { NewChunk } from '../../../src/storage/metadata/rows.ts'
import { drain, pieces } from '../../contracts/chunks.ts'
import { forwardChunks } from '../../support/chunk-stores.ts'
import { classDir, openServices, type TestServices } from '../../support/services.ts'

const { signal } = new AbortController()
let services: TestServices

beforeEach(async () => {
  services = await openServices({}, ['GLACIER', 'STANDARD_IA'])
})
afterEach(() => services.dispose())

async function fileChunk(bytes: Buffer, store = ''): Promise<NewChunk> {
  const file = { name: services.ids.chunkName(), store }
  await services.chunks.put(file, pieces(bytes, 65_536), { signal })
  return { place: 'file', ...file, sizeBytes: bytes.length }
}

async function sealedChunk(bytes: Buffer, place: 'inline' | 'file'): Promise<NewChunk> {
  const { key, sealing } = await newDataKey(services.keyRing, { algorithm: 'AES256' })
  const sealed = sealBytes(createSecretKey(key.export()), bytes)
  if (place === 'inline') return { place, bytes: sealed, sizeBytes: bytes.length, sealing }
  const file = { name: services.ids.chunkName(), store: '' }
  await services.chunks.put(file, pieces(sealed, 65_536), { signal })
  return { place, ...file, sizeBytes: bytes.length, sealing }
}

function manifestOf(...chunks: NewChunk[]): Promise<number> {
  return services.metadata.write((tx) => tx.manifests.create(chunks))
}

function move(manifestId: number, { lengthBytes, offsetBytes = 0 }: { lengthBytes: number; offsetBytes?: number }) {
  return moveBytes(services, { manifestId, range: { offsetBytes, lengthBytes }, store: 'GLACIER' }, signal)
}

/** What a manifest of the moved chunks reads. */
async function read(chunks: readonly NewChunk[], lengthBytes: number): Promise<Buffer> {
  const manifestId = await services.metadata.write((tx) => tx.manifests.create(chunks))
  return await drain(openManifest(services, { manifestId, range: { offsetBytes: 0, lengthBytes } }, signal))
}

async function filesIn(store: string): Promise<string[]> {
  return (await Array.fromAsync(services.chunks.list())).filter((file) => file.store === store).map(({ name }) => name)
}

it('has nothing to move where all bytes lie there, or where there are none', async () => {
  const there = await manifestOf(
    await fileChunk(randomBytes(10), 'GLACIER'),
    await fileChunk(randomBytes(20), 'GLACIER'),
  )
  expect(await move(there, { lengthBytes: 30 })).toBeUndefined()
  expect(await move(await manifestOf(), { lengthBytes: 0 })).toBeUndefined()
  const home = await manifestOf({ place: 'inline', bytes: Buffer.from('small') }, await fileChunk(randomBytes(10)))
  const range = { offsetBytes: 0, lengthBytes: 15 }
  expect(await moveBytes(services, { manifestId: home, range, store: '' }, signal)).toBeUndefined()
})

it('looks at no segment where no class has a folder of its own', async () => {
  const undivided = await openServices()
  const nothing = moveBytes(undivided, { manifestId: -1, range: { offsetBytes: 0, lengthBytes: 5 }, store: '' }, signal)
  expect(await nothing).toBeUndefined()
  await undivided.dispose()
})

it('moves files and small bytes of any number into few files, in their order', async () => {
  const all: Buffer[] = []
  const chunks: NewChunk[] = []
  for (let n = 0; n < 40; n++) {
    const bytes = randomBytes(n % 3 === 0 ? 70_000 : 500)
    all.push(bytes)
    chunks.push(n % 3 === 0 ? await fileChunk(bytes, n % 2 === 0 ? '' : 'STANDARD_IA') : { place: 'inline', bytes })
  }
  const bytes = Buffer.concat(all)
  const moved = await move(await manifestOf(...chunks), { lengthBytes: bytes.length })
  expect(moved?.chunks.length).toBe(3)
  expect((await read(moved!.chunks, bytes.length)).equals(bytes)).toBe(true)
  expect((await filesIn('GLACIER')).length).toBe(3)
  expect((await readdir(classDir(services, 'GLACIER'))).length).toBeGreaterThan(2)
})

it('moves a range only', async () => {
  const [first, second] = [randomBytes(100_000), randomBytes(100_000)]
  const manifestId = await manifestOf(await fileChunk(first), await fileChunk(second))
  const moved = await move(manifestId, { offsetBytes: 99_000, lengthBytes: 2_000 })
  const wanted = Buffer.concat([first, second]).subarray(99_000, 101_000)
  expect((await read(moved!.chunks, 2_000)).equals(wanted)).toBe(true)
  expect(moved!.chunks).toMatchObject([{ sizeBytes: 2_000 }])
})

it.each(['inline', 'file'] as const)(
  'moves sealed %s bytes as they are, and takes a part of them as a part',
  async (place) => {
    const [before, sealed] = [randomBytes(1_000), randomBytes(200_000)]
    const chunk = await sealedChunk(sealed, place)
    const manifestId = await manifestOf({ place: 'inline', bytes: before }, chunk)
    const whole = await move(manifestId, { lengthBytes: 201_000 })
    expect((await read(whole!.chunks, 201_000)).equals(Buffer.concat([before, sealed]))).toBe(true)
    const part = await move(manifestId, { offsetBytes: 1_500, lengthBytes: 90_000 })
    expect(part!.chunks).toMatchObject([{ sizeBytes: 200_000, range: { offsetBytes: 500, lengthBytes: 90_000 } }])
    expect((await read(part!.chunks, 90_000)).equals(sealed.subarray(500, 90_500))).toBe(true)
  },
)

it('hands out keys that are wrapped with the newest key, however long it took', async () => {
  const manifestId = await manifestOf(
    await sealedChunk(randomBytes(100_000), 'file'),
    await sealedChunk(randomBytes(100_000), 'file'),
  )
  let puts = 0
  const chunks = forwardChunks(services.chunks, {
    put: async (...call) => {
      puts += 1
      if (puts === 2) await services.keyRing.rotate()
      return await services.chunks.put(...call)
    },
  })
  const range = { offsetBytes: 0, lengthBytes: 200_000 }
  const moved = await moveBytes({ ...services, chunks }, { manifestId, range, store: 'GLACIER' }, signal)
  const renewed = moved!.chunks.map(({ sealing }) => renewWrapping(services.keyRing, sealing!.sealedKey))
  expect(await Promise.all(renewed)).toEqual([undefined, undefined])
  expect(await read(moved!.chunks, 200_000)).toHaveLength(200_000)
})

it('leaves nothing when it is aborted, fails, or is not wanted any more', async () => {
  const manifestId = await manifestOf(await fileChunk(randomBytes(300_000)), {
    place: 'inline',
    bytes: Buffer.from('x'),
  })
  const move = { manifestId, range: { offsetBytes: 0, lengthBytes: 300_001 }, store: 'GLACIER' }
  await expect(moveBytes(services, move, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  expect(await filesIn('GLACIER')).toEqual([])
  // At the port: the disk fails behind the first file.
  const broken = await manifestOf(
    ...Array.from({ length: 17 }, () => ({ place: 'inline', bytes: Buffer.from('x') }) as const),
  )
  let puts = 0
  const chunks = forwardChunks(services.chunks, {
    put: (...call) => {
      puts += 1
      return puts === 2 ? Promise.reject(new Error('disk')) : services.chunks.put(...call)
    },
  })
  const range = { offsetBytes: 0, lengthBytes: 17 }
  const failing = moveBytes({ ...services, chunks }, { manifestId: broken, range, store: 'GLACIER' }, signal)
  await expect(failing).rejects.toThrow('disk')
  expect([puts, await filesIn('GLACIER')]).toEqual([2, []])
  const moved = await moveBytes(services, move, signal)
  expect(await filesIn('GLACIER')).toHaveLength(1)
  await moved!.discard()
  expect(await filesIn('GLACIER')).toEqual([])
  expect(services.pins.pinned().size).toBe(0)
})
