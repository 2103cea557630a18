// Stored bytes that were changed, exchanged or cut, with checksums that fit: a read fails, and never gives wrong bytes.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { SEAL_BLOCK_BYTES, SEAL_TAG_BYTES } from '../../src/domain/bytes/seal.ts'
import { crc32c } from '../../src/lib/checksums.ts'
import type { ReadSegment, SealedSegment } from '../../src/storage/metadata/rows.ts'
import { createBucket } from '../support/buckets.ts'
import { type TestResponse, useServer } from '../support/server.ts'

const STORED_BLOCK = SEAL_BLOCK_BYTES + SEAL_TAG_BYTES
const server = useServer()
const signal = new AbortController().signal
const headers = { 'x-amz-server-side-encryption': 'AES256' }

interface Stored {
  readonly path: string
  readonly body: Buffer
  readonly segment: SealedSegment
}

async function put(sizeBytes: number, body = randomBytes(sizeBytes)): Promise<Stored> {
  const bucket = await createBucket(server())
  const path = `/${bucket}/k`
  expect((await server().request('PUT', path, { headers, body })).status).toBe(200)
  const [segment] = await server().running.services.metadata.read(async (tx): Promise<ReadSegment[]> => {
    const { id = 0 } = (await tx.buckets.find({ tenant: '', name: bucket })) ?? {}
    const { manifestId = 0 } = (await tx.versions.latest({ bucketId: id, key: 'k' })) ?? {}
    return tx.manifests.segments(manifestId, { offsetBytes: 0, lengthBytes: sizeBytes, limit: 1 })
  })
  if (segment?.place !== 'sealed') throw new Error('it is sealed')
  return { path, body, segment }
}

/** The body that was read, as far as it came; undefined where the answer broke off or was an error. */
async function read(path: string, range?: string): Promise<TestResponse | undefined> {
  const answer = await server()
    .request('GET', path, { headers: range === undefined ? {} : { range } })
    .catch(() => undefined)
  return answer?.status === 200 || answer?.status === 206 ? answer : undefined
}

function fileOf({ segment: { stored } }: Stored) {
  if (stored.place !== 'file') throw new Error('it is in a file')
  return stored
}

async function storedBytes(object: Stored): Promise<Buffer> {
  const file = fileOf(object)
  const { chunkBytes } = object.segment
  const lengthBytes = chunkBytes + Math.ceil(chunkBytes / SEAL_BLOCK_BYTES) * SEAL_TAG_BYTES
  const { chunks } = server().running.services
  return Buffer.concat(await Array.fromAsync(chunks.read(file, { offsetBytes: 0, lengthBytes }, { signal })))
}

/** Writes the file anew: its checksums fit what is in it. */
async function rewrite(object: Stored, bytes: Buffer): Promise<void> {
  const { chunks } = server().running.services
  await chunks.remove([fileOf(object)])
  await chunks.put(
    fileOf(object),
    (async function* () {
      yield bytes
    })(),
    { signal },
  )
}

function sql(statement: string, ...parameters: unknown[]): void {
  const db = new Database(join(server().dataDir, 'metadata.db'))
  try {
    expect(db.prepare(statement).run(...parameters).changes).toBe(1)
  } finally {
    db.close()
  }
}

/** The line is written when the connection has been broken off, which the client may see first. */
async function logged(pattern: RegExp): Promise<boolean> {
  return await vi.waitUntil(() => pattern.test(server().logLines.join('')))
}

describe('a sealed file', () => {
  const SIZE = 4 * SEAL_BLOCK_BYTES + 100
  const block = (bytes: Buffer, number: number) => bytes.subarray(number * STORED_BLOCK, (number + 1) * STORED_BLOCK)
  const blocks = (bytes: Buffer, ...numbers: number[]) => Buffer.concat(numbers.map((number) => block(bytes, number)))

  it.each<[string, (bytes: Buffer, other: Buffer) => Buffer]>([
    ['a flipped bit', (bytes) => Buffer.from(bytes.map((byte, place) => (place === 70_000 ? byte ^ 1 : byte)))],
    [
      'a flipped bit of a tag',
      (bytes) => Buffer.from(bytes.map((byte, place) => (place === SEAL_BLOCK_BYTES ? byte ^ 1 : byte))),
    ],
    ['two blocks exchanged', (bytes) => blocks(bytes, 0, 2, 1, 3, 4)],
    ['a block repeated', (bytes) => blocks(bytes, 0, 1, 1, 3, 4)],
    [
      'a block of another object',
      (bytes, other) => Buffer.concat([blocks(bytes, 0, 1), block(other, 2), blocks(bytes, 3, 4)]),
    ],
    ['all of another object', (_bytes, other) => other],
    ['its end cut off', (bytes) => blocks(bytes, 0, 1, 2, 3)],
    ['more behind its end', (bytes) => Buffer.concat([blocks(bytes, 0, 1, 2, 3, 3), block(bytes, 4)])],
    ['nothing', () => Buffer.alloc(0)],
  ])('with %s gives no wrong byte', async (_what, damage) => {
    const [object, other] = [await put(SIZE), await put(SIZE)]
    await rewrite(object, damage(await storedBytes(object), await storedBytes(other)))
    expect(await read(object.path)).toBeUndefined()
    expect((await read(other.path))?.body.equals(other.body)).toBe(true)
    // What lies in sound blocks can be read, and what does not is refused.
    for (const first of [0, 70_000, 140_000, 200_000, SIZE - 50]) {
      const part = await read(object.path, `bytes=${first}-${first + 9}`)
      if (part !== undefined) expect(part.body.equals(object.body.subarray(first, first + 10))).toBe(true)
    }
    expect(await logged(/CorruptChunk/)).toBe(true)
  })

  it('whose size in the database was changed gives no wrong byte', async () => {
    const object = await put(2 * SEAL_BLOCK_BYTES)
    const { name } = fileOf(object)
    sql('UPDATE chunks SET size_bytes = ? WHERE file = ?', SEAL_BLOCK_BYTES, name)
    await server().restart()
    expect(await read(object.path, 'bytes=0-9')).toBeUndefined()
    sql('UPDATE chunks SET size_bytes = ? WHERE file = ?', 2 * SEAL_BLOCK_BYTES, name)
    await server().restart()
    expect((await read(object.path))?.body.equals(object.body)).toBe(true)
  })

  it('with the wrapped key of another gives no byte', async () => {
    const [object, other] = [await put(SIZE), await put(SIZE)]
    const exchange = (key: Buffer) => sql('UPDATE chunks SET sealed_key = ? WHERE file = ?', key, fileOf(object).name)
    exchange(other.segment.sealing.sealedKey)
    await server().restart()
    expect(await read(object.path)).toBeUndefined()
    exchange(object.segment.sealing.sealedKey)
    await server().restart()
    expect((await read(object.path))?.body.equals(object.body)).toBe(true)
  })
})

describe('sealed bytes in the database', () => {
  it.each<[string, (bytes: Buffer, other: Buffer) => Buffer]>([
    ['a flipped bit', (bytes) => Buffer.from(bytes.map((byte, place) => (place === 3 ? byte ^ 1 : byte)))],
    ['those of another object', (_bytes, other) => other],
    ['a byte cut off', (bytes) => bytes.subarray(0, -1)],
    ['a byte more', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
  ])('changed to %s are not handed out', async (_what, damage) => {
    const [object, other] = [await put(1_000), await put(1_000)]
    const bytesOf = ({ segment: { stored } }: Stored) => (stored.place === 'inline' ? stored.bytes : Buffer.alloc(0))
    const damaged = damage(bytesOf(object), bytesOf(other))
    const { sealedKey } = object.segment.sealing
    sql('UPDATE chunks SET bytes = ?, crc32c = ? WHERE sealed_key = ?', damaged, crc32c(damaged), sealedKey)
    await server().restart()
    const answer = await server().request('GET', object.path)
    expect([answer.status, answer.text]).toEqual([500, expect.stringContaining('<Code>InternalError</Code>')])
    expect((await read(other.path))?.body.equals(other.body)).toBe(true)
  })
})
