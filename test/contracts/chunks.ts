import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ChunkStore, CorruptChunk, type LentBytes, MissingChunk } from '../../src/storage/chunks/store.ts'

export interface ChunkEngine {
  readonly name: string
  open(): Promise<{ store: ChunkStore; dispose(): Promise<void> }>
}

/** Around every boundary an engine may have: empty, a block, some blocks, a batch, and one byte to each side. */
const SIZES = [0, 1, 65_535, 65_536, 65_537, 200_000, 524_288, 524_289, 1_500_000]

/** What every chunk store must do. */
export function chunkStoreContract(engine: ChunkEngine): void {
  describe(`chunk store: ${engine.name}`, () => {
    const signal = new AbortController().signal
    let store: ChunkStore
    let dispose: () => Promise<void>

    beforeEach(async () => {
      ;({ store, dispose } = await engine.open())
    })
    afterEach(async () => {
      await store.close()
      await dispose()
    })

    it.each(SIZES)('gives back %i bytes, whole and in ranges', async (sizeBytes) => {
      const bytes = randomBytes(sizeBytes)
      const name = newName()
      expect(await store.put(name, pieces(bytes, 10_007), { signal })).toEqual({ sizeBytes })
      const ranges: [number, number][] = [
        [0, sizeBytes],
        [0, Math.min(sizeBytes, 1)],
        [Math.max(0, sizeBytes - 1), Math.min(sizeBytes, 1)],
        [Math.floor(sizeBytes / 2), 0],
        [Math.floor(sizeBytes / 3), Math.floor(sizeBytes / 2)],
        [Math.min(sizeBytes, 65_535), Math.min(2, Math.max(0, sizeBytes - 65_535))],
      ]
      for (const [offsetBytes, lengthBytes] of ranges) {
        const read = await drain(store.read(name, { offsetBytes, lengthBytes }, { signal }))
        const expected = bytes.subarray(offsetBytes, offsetBytes + lengthBytes)
        expect(read.equals(expected)).toBe(true)
        const lent = await borrow(store.lend(name, { offsetBytes, lengthBytes }, { signal }))
        expect(lent.equals(expected)).toBe(true)
      }
      await store.verify(name, sizeBytes)
    })

    it('takes pieces of every length', async () => {
      const bytes = randomBytes(400_000)
      for (const pieceBytes of [77, 65_536, 65_540, 400_000]) {
        const name = newName()
        await store.put(name, pieces(bytes, pieceBytes), { signal })
        expect((await drain(store.read(name, whole(bytes), { signal }))).equals(bytes)).toBe(true)
      }
    })

    it('serves many uploads and reads at a time', async () => {
      const all = Array.from({ length: 20 }, () => ({ name: newName(), bytes: randomBytes(150_000) }))
      await Promise.all(all.map(({ name, bytes }) => store.put(name, pieces(bytes, 30_000), { signal })))
      const read = await Promise.all(all.map(({ name, bytes }) => drain(store.read(name, whole(bytes), { signal }))))
      expect(read.every((bytes, n) => bytes.equals(all[n]!.bytes))).toBe(true)
    })

    it('hands out pieces that are the reader’s own', async () => {
      const bytes = randomBytes(700_000)
      const name = newName()
      await store.put(name, pieces(bytes, 65_536), { signal })
      for await (const piece of store.read(name, whole(bytes), { signal })) piece.fill(0)
      expect((await drain(store.read(name, whole(bytes), { signal }))).equals(bytes)).toBe(true)
    })

    it('lends pieces to many at a time, and to who does not take them all', async () => {
      const all = Array.from({ length: 20 }, () => ({ name: newName(), bytes: randomBytes(1_200_000) }))
      await Promise.all(all.map(({ name, bytes }) => store.put(name, pieces(bytes, 65_536), { signal })))
      const lent = await Promise.all(
        all.map(async ({ name, bytes }, n) => {
          for await (const piece of store.lend(name, whole(bytes), { signal })) {
            expect(piece.equals(bytes.subarray(0, piece.length))).toBe(true)
            break
          }
          return (await borrow(store.lend(name, whole(bytes), { signal }))).equals(all[n]!.bytes)
        }),
      )
      expect(lent).toEqual(all.map(() => true))
    })

    it('keeps nothing of a source that fails, and says why', async () => {
      const name = newName()
      const cause = new Error('the client went away')
      await expect(store.put(name, failing(randomBytes(700_000), cause), { signal })).rejects.toBe(cause)
      expect(await names(store)).toEqual([])
      await store.put(name, pieces(randomBytes(700_000), 65_536), { signal })
      expect(await names(store)).toEqual([name])
    })

    it('stops at a signal while the source is silent, and keeps nothing', async () => {
      const aborted = new AbortController()
      const name = newName()
      const putting = store.put(name, silent(randomBytes(70_000)), { signal: aborted.signal })
      const rejected = expect(putting).rejects.toThrow('enough')
      await setImmediate()
      aborted.abort(new Error('enough'))
      await rejected
      await expect(store.put(name, pieces(randomBytes(9), 9), { signal: aborted.signal })).rejects.toThrow('enough')
      expect(await names(store)).toEqual([])
      await store.put(name, pieces(randomBytes(9), 9), { signal })
      expect(await names(store)).toEqual([name])
    })

    it('reads fail for a chunk that is not there, and end with an aborted signal', async () => {
      const bytes = randomBytes(3_000_000)
      const name = newName()
      await store.put(name, pieces(bytes, 65_536), { signal })
      await expect(drain(store.read(newName(), whole(bytes), { signal }))).rejects.toBeInstanceOf(MissingChunk)
      await expect(borrow(store.lend(newName(), whole(bytes), { signal }))).rejects.toBeInstanceOf(MissingChunk)
      await expect(store.verify(newName(), 1)).rejects.toBeInstanceOf(MissingChunk)

      const aborted = new AbortController()
      const stream = store.read(name, whole(bytes), { signal: aborted.signal })
      stream.once('data', () => aborted.abort())
      await expect(drain(stream)).rejects.toMatchObject({ name: 'AbortError' })
      const late = store.read(name, whole(bytes), { signal: aborted.signal })
      await expect(drain(late)).rejects.toMatchObject({ name: 'AbortError' })
      await expect(borrow(store.lend(name, whole(bytes), aborted))).rejects.toMatchObject({ name: 'AbortError' })
      expect((await drain(store.read(name, whole(bytes), { signal }))).equals(bytes)).toBe(true)
    })

    it('a range beyond the end is a damaged chunk, not fewer bytes', async () => {
      const bytes = randomBytes(100_000)
      const name = newName()
      await store.put(name, pieces(bytes, 65_536), { signal })
      const beyond = { offsetBytes: 99_000, lengthBytes: 1_001 }
      await expect(drain(store.read(name, beyond, { signal }))).rejects.toBeInstanceOf(CorruptChunk)
      await expect(borrow(store.lend(name, beyond, { signal }))).rejects.toBeInstanceOf(CorruptChunk)
      await expect(store.verify(name, 100_001)).rejects.toBeInstanceOf(CorruptChunk)
      expect(await drain(store.read(name, { ...beyond, lengthBytes: 1_000 }, { signal }))).toHaveLength(1_000)
      await store.verify(name, 100_000)
    })

    it('removes chunks, known or not', async () => {
      const [kept, removed] = [newName(), newName()]
      for (const name of [kept, removed]) await store.put(name, pieces(randomBytes(10), 10), { signal })
      await store.remove([removed, newName()])
      await store.remove([removed])
      await store.remove([])
      expect(await names(store)).toEqual([kept])
      const range = { offsetBytes: 0, lengthBytes: 10 }
      await expect(drain(store.read(removed, range, { signal }))).rejects.toBeInstanceOf(MissingChunk)
      expect(await drain(store.read(kept, range, { signal }))).toHaveLength(10)
    })

    it('lists every chunk with the time of its writing', async () => {
      const beforeMs = Date.now()
      const made = Array.from({ length: 30 }, newName)
      for (const name of made) await store.put(name, pieces(randomBytes(10), 10), { signal })
      expect(await names(store)).toEqual(made.toSorted())
      for await (const { modifiedMs } of store.list()) {
        // File systems stamp with their own, coarser clock.
        expect(modifiedMs).toBeGreaterThan(beforeMs - 5_000)
        expect(modifiedMs).toBeLessThan(Date.now() + 5_000)
      }
    })
  })
}

export function newName(): string {
  return randomBytes(16).toString('hex')
}

export function whole(bytes: Buffer): { offsetBytes: number; lengthBytes: number } {
  return { offsetBytes: 0, lengthBytes: bytes.length }
}

export async function* pieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer, void, void> {
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes)
}

export async function drain(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const read: Buffer[] = []
  for await (const piece of stream) read.push(piece)
  return Buffer.concat(read)
}

/** The same of pieces that are only good until the next one. */
export async function borrow(lent: LentBytes): Promise<Buffer> {
  const read: Buffer[] = []
  for await (const piece of lent) read.push(Buffer.from(piece))
  return Buffer.concat(read)
}

export async function names(store: Pick<ChunkStore, 'list'>): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list()) found.push(name)
  return found.sort()
}

async function* failing(bytes: Buffer, cause: Error): AsyncGenerator<Buffer, void, void> {
  yield* pieces(bytes, 65_536)
  throw cause
}

/** Some bytes, and then nothing, not even an end. */
async function* silent(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  yield bytes
  await new Promise(() => undefined)
}
