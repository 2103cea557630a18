import { randomBytes } from 'node:crypto'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lendManifest, openManifest, readInlineOrOpen } from '../../../src/domain/bytes/open.ts'
import { chunkPath } from '../../../src/storage/chunks/disk/layout.ts'
import { CorruptChunk, MissingChunk } from '../../../src/storage/chunks/store.ts'
import type { NewChunk } from '../../../src/storage/metadata/rows.ts'
import { borrow, drain, pieces, whole } from '../../contracts/chunks.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const signal = new AbortController().signal
let services: TestServices

beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

async function fileChunk(bytes: Buffer): Promise<NewChunk & { place: 'file' }> {
  const file = { name: services.ids.chunkName(), store: '' }
  const { sizeBytes } = await services.chunks.put(file, pieces(bytes, 65_536), { signal })
  return { place: 'file', ...file, sizeBytes }
}

function manifestOf(...chunks: NewChunk[]): Promise<number> {
  return services.metadata.write((tx) => tx.manifests.create(chunks))
}

function inline(bytes: Buffer): NewChunk {
  return { place: 'inline', bytes }
}

/** More segments than a page of the metadata read, files and inline bytes mixed. */
async function mixed(): Promise<{ manifestId: number; bytes: Buffer }> {
  const chunks: NewChunk[] = []
  const all: Buffer[] = []
  for (let n = 0; n < 40; n++) {
    const bytes = randomBytes(n % 3 === 0 ? 70_000 : 500)
    all.push(bytes)
    chunks.push(n % 3 === 0 ? await fileChunk(bytes) : inline(bytes))
  }
  return { manifestId: await manifestOf(...chunks), bytes: Buffer.concat(all) }
}

function read(source: Buffer | Readable): Promise<Buffer> {
  return Buffer.isBuffer(source) ? Promise.resolve(source) : drain(source)
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve))
}

describe('an object of any make', () => {
  it('is read in whole and in ranges, from openManifest, readInlineOrOpen and lendManifest', async () => {
    const { manifestId, bytes } = await mixed()
    const ranges = [
      whole(bytes),
      { offsetBytes: 0, lengthBytes: 1 },
      { offsetBytes: 69_999, lengthBytes: 2 },
      { offsetBytes: bytes.length - 1, lengthBytes: 1 },
      { offsetBytes: 100_000, lengthBytes: 700_000 },
      { offsetBytes: 70_000, lengthBytes: 1_000 },
    ]
    for (const range of ranges) {
      const expected = bytes.subarray(range.offsetBytes, range.offsetBytes + range.lengthBytes)
      const stream = openManifest(services, { manifestId, range }, signal)
      expect((await drain(stream)).equals(expected)).toBe(true)
      const either = await readInlineOrOpen(services, { manifestId, range }, signal)
      expect((await read(either)).equals(expected)).toBe(true)
      expect((await borrow(lendManifest(services, { manifestId, range }, signal))).equals(expected)).toBe(true)
      await closed(stream)
    }
    await setImmediate()
    expect(services.pins.pinned().size).toBe(0)
  })

  it('is a Buffer only where the range lies in the database', async () => {
    const bytes = randomBytes(900)
    const small = await manifestOf(inline(bytes))
    const several = await manifestOf(inline(bytes), inline(bytes))
    const large = await manifestOf(inline(bytes), await fileChunk(randomBytes(70_000)))
    const range = { offsetBytes: 100, lengthBytes: 800 }
    expect(await readInlineOrOpen(services, { manifestId: small, range }, signal)).toEqual(bytes.subarray(100))
    expect(await readInlineOrOpen(services, { manifestId: large, range }, signal)).toEqual(bytes.subarray(100))
    const both = { offsetBytes: 100, lengthBytes: 1_700 }
    const joined = await readInlineOrOpen(services, { manifestId: several, range: both }, signal)
    expect(joined).toEqual(Buffer.concat([bytes, bytes]).subarray(100))
    const stream = await readInlineOrOpen(services, { manifestId: large, range: both }, signal)
    expect(stream).toBeInstanceOf(Readable)
    expect(await read(stream)).toHaveLength(1_700)
  })

  it('is empty without a manifest, and for an empty range', async () => {
    const manifestId = await manifestOf(inline(randomBytes(10)))
    const range = { offsetBytes: 5, lengthBytes: 0 }
    for (const manifest of [
      { manifestId, range },
      { manifestId: undefined, range: { ...range, offsetBytes: 0 } },
    ]) {
      expect(await drain(openManifest(services, manifest, signal))).toHaveLength(0)
      expect(await readInlineOrOpen(services, manifest, signal)).toHaveLength(0)
      expect(await borrow(lendManifest(services, manifest, signal))).toHaveLength(0)
    }
    expect(services.pins.pinned().size).toBe(0)
  })
})

describe('the pin', () => {
  it('holds from the call until the end', async () => {
    const bytes = randomBytes(3_000_000)
    const manifestId = await manifestOf(await fileChunk(bytes))
    const manifest = { manifestId, range: whole(bytes) }
    const opened = [
      openManifest(services, manifest, signal),
      (await readInlineOrOpen(services, manifest, signal)) as Readable,
    ]
    expect([...services.pins.pinned()]).toEqual([manifestId])
    for (const stream of opened) {
      await drain(stream)
      await closed(stream)
    }
    expect(services.pins.pinned().size).toBe(0)
  })

  it('is held while pieces are lent, whoever ends it', async () => {
    const { manifestId, bytes } = await mixed()
    const manifest = { manifestId, range: whole(bytes) }
    for await (const _piece of lendManifest(services, manifest, signal)) {
      expect([...services.pins.pinned()]).toEqual([manifestId])
      break
    }
    expect(services.pins.pinned().size).toBe(0)
    const aborting = new AbortController()
    const lent = lendManifest(services, manifest, aborting.signal)
    await lent.next()
    aborting.abort()
    await expect(borrow(lent)).rejects.toMatchObject({ name: 'AbortError' })
    expect(services.pins.pinned().size).toBe(0)
  })

  it('is let go by destroy, by an abort and by a failure, before the first byte or after', async () => {
    const { manifestId, bytes } = await mixed()
    const single = await manifestOf(await fileChunk(randomBytes(3_000_000)))
    const broken = await manifestOf({ place: 'file', name: services.ids.chunkName(), store: '', sizeBytes: 100 })
    const aborting = new AbortController()
    const streams = [
      openManifest(services, { manifestId, range: whole(bytes) }, signal),
      (await readInlineOrOpen(
        services,
        { manifestId: single, range: whole(bytes.subarray(0, 99)) },
        signal,
      )) as Readable,
    ]
    const aborted = [
      openManifest(services, { manifestId, range: whole(bytes) }, aborting.signal),
      (await readInlineOrOpen(services, { manifestId, range: whole(bytes) }, aborting.signal)) as Readable,
    ]
    expect([...services.pins.pinned()].sort()).toEqual([manifestId, single].sort())
    await new Promise((resolve) => streams[0]!.once('data', resolve))
    for (const stream of streams) stream.destroy()
    await new Promise((resolve) => aborted[0]!.once('data', resolve))
    const failures = aborted.map((stream) => new Promise((resolve) => stream.once('error', resolve)))
    aborting.abort()
    expect(await Promise.all(failures)).toMatchObject([{ name: 'AbortError' }, { name: 'AbortError' }])
    await Promise.all([...streams, ...aborted].map(closed))
    expect(services.pins.pinned().size).toBe(0)

    const range = { offsetBytes: 0, lengthBytes: 100 }
    const failing = openManifest(services, { manifestId: broken, range }, signal)
    await expect(drain(failing)).rejects.toBeInstanceOf(MissingChunk)
    await closed(failing)
    expect(services.pins.pinned().size).toBe(0)
  })
})

describe('damage', () => {
  it('is an error of the stream, after sound bytes only', async () => {
    const bytes = randomBytes(200_000)
    const chunk = await fileChunk(bytes)
    const manifestId = await manifestOf(inline(bytes.subarray(0, 10)), chunk)
    await truncate(chunkPath(join(services.dir, 'chunks'), chunk.name), 100_000)
    const manifest = { manifestId, range: { offsetBytes: 0, lengthBytes: 200_010 } }
    await expect(drain(openManifest(services, manifest, signal))).rejects.toBeInstanceOf(CorruptChunk)
    const either = (await readInlineOrOpen(services, manifest, signal)) as Readable
    await expect(drain(either)).rejects.toBeInstanceOf(CorruptChunk)
    await expect(borrow(lendManifest(services, manifest, signal))).rejects.toBeInstanceOf(CorruptChunk)
    const sound = { manifestId, range: { offsetBytes: 0, lengthBytes: 10 } }
    expect(await readInlineOrOpen(services, sound, signal)).toEqual(bytes.subarray(0, 10))
  })

  it('a manifest that is not there, or ends early, is MissingChunk', async () => {
    const bytes = randomBytes(100)
    const manifestId = await manifestOf(inline(bytes))
    for (const manifest of [
      { manifestId: manifestId + 1000, range: whole(bytes) },
      { manifestId, range: { offsetBytes: 0, lengthBytes: 101 } },
    ]) {
      await expect(drain(openManifest(services, manifest, signal))).rejects.toBeInstanceOf(MissingChunk)
      const either = readInlineOrOpen(services, manifest, signal).then(read)
      await expect(either).rejects.toBeInstanceOf(MissingChunk)
      await expect(borrow(lendManifest(services, manifest, signal))).rejects.toBeInstanceOf(MissingChunk)
    }
    expect(await drain(openManifest(services, { manifestId, range: whole(bytes) }, signal))).toEqual(bytes)
    expect(services.pins.pinned().size).toBe(0)
  })
})
