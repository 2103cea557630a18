import { createHash, hash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Integrity, NO_INTEGRITY } from '../../../src/domain/bytes/integrity.ts'
import { type IncomingBody, receive } from '../../../src/domain/bytes/receive.ts'
import { openBytes, sealedSize } from '../../../src/domain/bytes/seal.ts'
import { openDataKey, renewWrapping } from '../../../src/domain/encryption/data-key.ts'
import type { Protection } from '../../../src/domain/encryption/protection.ts'
import { DEFAULT_LIMITS } from '../../../src/domain/limits.ts'
import { s3Error } from '../../../src/errors.ts'
import { checksum } from '../../../src/lib/checksums.ts'
import { IdSource } from '../../../src/lib/ids.ts'
import { temporaryDir } from '../../../src/storage/chunks/disk/layout.ts'
import { openDiskStore } from '../../../src/storage/chunks/disk/store.ts'
import type { ChunkStores } from '../../../src/storage/chunks/store.ts'
import { joinStores } from '../../../src/storage/chunks/stores.ts'
import type { KeyRing } from '../../../src/storage/keys/key-ring.ts'
import { openLocalKeyRing } from '../../../src/storage/keys/local.ts'
import type { ChecksumAlgorithm } from '../../../src/storage/metadata/rows.ts'
import { drain, names, pieces } from '../../contracts/chunks.ts'

const INLINE = DEFAULT_LIMITS.inlineBytesMax
/** One of each way to come in: collected, streamed, streamed after all. */
const WAYS = [
  { way: 'small, length known', sizeBytes: 4_096, known: true },
  { way: 'small, length unknown', sizeBytes: 4_096, known: false },
  { way: 'large, length known', sizeBytes: 700_000, known: true },
  { way: 'large, length unknown', sizeBytes: 700_000, known: false },
]

let dir: string
let chunks: ChunkStores
let keyRing: KeyRing
const signal = new AbortController().signal

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-receive-'))
  chunks = joinStores(new Map([['', await openDiskStore({ dir, durability: 'relaxed' })]]))
  keyRing = openLocalKeyRing({ dir })
})
afterEach(() => rm(dir, { recursive: true }))

interface Case {
  readonly integrity?: Partial<Integrity>
  readonly trailers?: Record<string, string>
  readonly maxBytes?: number
  readonly signal?: AbortSignal
  readonly known?: boolean
  readonly protection?: Protection
}

function bodyOf(bytes: Buffer, { known = true, trailers = {} }: Case = {}): IncomingBody {
  return {
    stream: Readable.from(pieces(bytes, 60_000), { objectMode: false }),
    sizeBytes: known ? bytes.length : undefined,
    trailers: () => new Map(Object.entries(trailers)),
  }
}

function take(body: IncomingBody, options: Case = {}) {
  const services = { chunks, ids: new IdSource(), keyRing, limits: DEFAULT_LIMITS }
  return receive(services, body, {
    integrity: { ...NO_INTEGRITY, ...options.integrity },
    signal: options.signal ?? signal,
    maxBytes: options.maxBytes ?? DEFAULT_LIMITS.putBytesMax,
    storageClass: 'STANDARD',
    protection: options.protection,
  })
}

async function nothingStays(): Promise<void> {
  expect(await names(chunks)).toEqual([])
  expect(await readdir(temporaryDir(dir))).toEqual([])
}

describe('where the bytes go', () => {
  it.each([
    [0, 'nowhere'],
    [1, 'inline'],
    [INLINE, 'inline'],
    [INLINE + 1, 'file'],
    [300_000, 'file'],
  ])('%i bytes: %s, whether the length is known or not', async (sizeBytes, place) => {
    const bytes = randomBytes(sizeBytes)
    for (const known of [true, false]) {
      const received = await take(bodyOf(bytes, { known }))
      expect(received).toMatchObject({ sizeBytes, md5: hash('md5', bytes), checksum: undefined })
      expect(received.chunk?.place ?? 'nowhere').toBe(place)
      if (received.chunk?.place === 'inline') expect(received.chunk.bytes.equals(bytes)).toBe(true)
      if (received.chunk?.place !== 'file') continue
      expect(received.chunk.sizeBytes).toBe(sizeBytes)
      const range = { offsetBytes: 0, lengthBytes: sizeBytes }
      expect((await drain(chunks.read(received.chunk, range, { signal }))).equals(bytes)).toBe(true)
    }
  })

  it('discard removes the file, may be called twice, and means nothing for inline bytes', async () => {
    const large = await take(bodyOf(randomBytes(200_000)))
    const small = await take(bodyOf(randomBytes(200)))
    expect(await names(chunks)).toHaveLength(1)
    for (const received of [large, small, large]) await received.discard()
    await nothingStays()
  })
})

describe('sealed bytes', () => {
  const protection: Protection = { algorithm: 'AES256' }

  it.each(WAYS)('have a key that is wrapped with the newest one: $way', async ({ sizeBytes, known }) => {
    const bytes = randomBytes(sizeBytes)
    async function* slowly(): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, sizeBytes / 2)
      await keyRing.rotate()
      yield bytes.subarray(sizeBytes / 2)
    }
    const stream = Readable.from(slowly(), { objectMode: false })
    const { chunk } = await take({ ...bodyOf(bytes, { known }), stream }, { protection })
    expect(await renewWrapping(keyRing, chunk!.sealing!.sealedKey)).toBeUndefined()
  })

  it.each([1, INLINE, INLINE + 1, 300_000])(
    '%i of them are kept sealed, and described as they came',
    async (sizeBytes) => {
      const bytes = randomBytes(sizeBytes)
      for (const known of [true, false]) {
        const received = await take(bodyOf(bytes, { known }), { protection })
        expect(received).toMatchObject({ sizeBytes, md5: hash('md5', bytes) })
        const { chunk } = received
        if (chunk?.sealing === undefined) throw new Error('it is sealed')
        expect([chunk.place, chunk.sizeBytes]).toEqual([sizeBytes > INLINE ? 'file' : 'inline', sizeBytes])
        const range = { offsetBytes: 0, lengthBytes: sealedSize(sizeBytes) }
        const stored = chunk.place === 'inline' ? chunk.bytes : await drain(chunks.read(chunk, range, { signal }))
        expect(stored).toHaveLength(sealedSize(sizeBytes))
        expect(stored.includes(bytes.subarray(0, 16)) && sizeBytes > 16).toBe(false)
        const key = await openDataKey(keyRing, chunk.sealing, undefined)
        const whole = { chunkBytes: sizeBytes, offsetBytes: 0, lengthBytes: sizeBytes }
        expect(openBytes(key, whole, stored).equals(bytes)).toBe(true)
      }
    },
  )

  it('none of them need no chunk', async () => {
    expect(await take(bodyOf(Buffer.alloc(0)), { protection })).toMatchObject({ chunk: undefined, sizeBytes: 0 })
  })

  it('a key that cannot be used is refused before a byte is taken, and the stream is left for the answer', async () => {
    keyRing = openLocalKeyRing({ dir, kms: { keys: [], autoCreate: false } })
    const body = bodyOf(randomBytes(300_000))
    const refused = take(body, { protection: { algorithm: 'aws:kms', kmsKeyId: 'k' } })
    await expect(refused).rejects.toMatchObject({ code: 'KMS.NotFoundException' })
    expect(body.stream.destroyed).toBe(false)
    expect(body.stream.listenerCount('data')).toBe(0)
    await nothingStays()
  })

  it('a stream that fails while the key is made harms nobody else', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ring = keyRing
    keyRing = Object.assign(Object.create(ring) as KeyRing, {
      seal: async (plain: Buffer, context: string) => {
        await promise
        return ring.seal(plain, context)
      },
    })
    const stream = new PassThrough()
    const taken = take({ stream, sizeBytes: 300_000, trailers: () => new Map() }, { protection })
    stream.destroy(new Error('the client is gone'))
    await setImmediate()
    resolve()
    await expect(taken).rejects.toThrow('the client is gone')
    await nothingStays()
  })
})

describe.each(WAYS)('digests of a body: $way', ({ sizeBytes, known }) => {
  const bytes = randomBytes(sizeBytes)

  it('Content-MD5', async () => {
    const right = createHash('md5').update(bytes).digest()
    const wrong = createHash('md5').update('other').digest()
    await expect(take(bodyOf(bytes, { known }), { integrity: { contentMd5: wrong } })).rejects.toMatchObject({
      code: 'BadDigest',
      message: 'The Content-MD5 you specified did not match what we received.',
      details: { ExpectedDigest: wrong.toString('base64'), CalculatedDigest: right.toString('base64') },
    })
    await nothingStays()
    const received = await take(bodyOf(bytes, { known }), { integrity: { contentMd5: right } })
    expect(received.md5).toBe(right.toString('hex'))
  })

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('%s', async (algorithm) => {
    const value = checksum(algorithm, bytes)
    const other = checksum(algorithm, Buffer.from('other'))
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const mismatch = {
      code: 'BadDigest',
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    }
    const inHeader = (expected: string | undefined) =>
      take(bodyOf(bytes, { known }), { integrity: announced(algorithm, expected) })
    const inTrailer = (trailers: Record<string, string>) =>
      take(bodyOf(bytes, { known, trailers }), { integrity: announced(algorithm, undefined, true) })

    await expect(inHeader(other)).rejects.toMatchObject(mismatch)
    await expect(inTrailer({ [name]: other })).rejects.toMatchObject(mismatch)
    await expect(inTrailer({})).rejects.toMatchObject({ code: 'MalformedTrailerError' })
    await expect(inTrailer({ [name]: 'AAAA' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: `Value for ${name} trailing header is invalid.`,
    })
    await nothingStays()
    const expected = { algorithm, value, type: 'FULL_OBJECT' }
    expect((await inHeader(value)).checksum).toEqual(expected)
    expect((await inHeader(undefined)).checksum).toEqual(expected)
    expect((await inTrailer({ [name]: value })).checksum).toEqual(expected)
  })
})

describe.each(WAYS)('failures: $way', ({ sizeBytes, known }) => {
  const bytes = randomBytes(sizeBytes)

  it('what the stream fails with comes through unchanged', async () => {
    const cause = s3Error('SignatureDoesNotMatch')
    const broken = async function* () {
      yield bytes.subarray(0, sizeBytes - 1)
      throw cause
    }
    const body = { ...bodyOf(bytes, { known }), stream: Readable.from(broken(), { objectMode: false }) }
    await expect(take(body)).rejects.toBe(cause)
    await nothingStays()
    await expect(take(bodyOf(bytes, { known }))).resolves.toMatchObject({ sizeBytes })
  })

  it('a signal ends the wait for a silent client, without destroying its stream', async () => {
    const aborted = new AbortController()
    const stream = new PassThrough()
    stream.write(bytes.subarray(0, sizeBytes - 1))
    const taking = take({ ...bodyOf(bytes, { known }), stream }, { signal: aborted.signal })
    const rejected = expect(taking).rejects.toThrow('server stops')
    await setImmediate()
    aborted.abort(new Error('server stops'))
    await rejected
    expect(stream.destroyed).toBe(false)
    // The connection dies later, when nobody waits for it any more.
    stream.destroy(new Error('ECONNRESET'))
    await setImmediate()
    await nothingStays()
  })

  it('more than maxBytes is EntityTooLarge', async () => {
    const failure = await take(bodyOf(bytes, { known }), { maxBytes: sizeBytes - 1 }).catch((cause) => cause)
    expect(failure).toMatchObject({ code: 'EntityTooLarge', details: { MaxSizeAllowed: sizeBytes - 1 } })
    await nothingStays()
    await expect(take(bodyOf(bytes, { known }), { maxBytes: sizeBytes })).resolves.toMatchObject({ sizeBytes })
  })
})

it('a body that is announced as too large is not read at all', async () => {
  const body = bodyOf(randomBytes(100))
  await expect(take(body, { maxBytes: 99 })).rejects.toMatchObject({ code: 'EntityTooLarge' })
  expect(body.stream.readableDidRead).toBe(false)
})

it.each([100, 200_000])('a body of another length than announced is IncompleteBody (%i bytes)', async (sizeBytes) => {
  const bytes = randomBytes(sizeBytes)
  for (const announcedBytes of [sizeBytes - 1, sizeBytes + 1]) {
    const lying = { ...bodyOf(bytes), sizeBytes: announcedBytes }
    await expect(take(lying)).rejects.toMatchObject({ code: 'IncompleteBody' })
  }
  await nothingStays()
  await expect(take(bodyOf(bytes))).resolves.toMatchObject({ sizeBytes })
})

it('a connection that is gone already does not hang', async () => {
  for (const sizeBytes of [100, 200_000]) {
    const stream = new PassThrough()
    stream.destroy()
    await expect(take({ ...bodyOf(Buffer.alloc(0)), stream, sizeBytes })).rejects.toThrow()
  }
})

it('a full disk is ServiceUnavailable, and the stream is left for the answer', async () => {
  const ids = new IdSource()
  const name = ids.chunkName()
  await symlink('/dev/full', join(temporaryDir(dir), name))
  const fixed = Object.assign(new IdSource(), { chunkName: () => name })
  const body = bodyOf(randomBytes(3_000_000))
  const options = {
    integrity: NO_INTEGRITY,
    signal,
    maxBytes: 10_000_000,
    storageClass: 'STANDARD',
    protection: undefined,
  }
  const services = { chunks, ids: fixed, keyRing, limits: DEFAULT_LIMITS }
  await expect(receive(services, body, options)).rejects.toMatchObject({ code: 'ServiceUnavailable' })
  expect(body.stream.destroyed).toBe(false)
  await nothingStays()
  await expect(take(bodyOf(randomBytes(3_000_000)))).resolves.toMatchObject({ sizeBytes: 3_000_000 })
})

it('receiving 300 MiB holds a few MiB', async () => {
  const piece = randomBytes(64 * 1024)
  let highestBytes = 0
  const held = () => process.memoryUsage().external + process.memoryUsage().heapUsed
  const startBytes = held()
  const source = async function* () {
    for (let n = 0; n < 300 * 16; n++) {
      if (n % 50 === 0) highestBytes = Math.max(highestBytes, held())
      // Fresh memory each time, as a socket gives it.
      yield Buffer.from(piece)
    }
  }
  const sizeBytes = 300 * 1024 * 1024
  const body = { stream: Readable.from(source(), { objectMode: false }), sizeBytes, trailers: () => new Map() }
  const integrity = announced('CRC64NVME', undefined)
  const received = await take(body, { integrity })
  expect(received.sizeBytes).toBe(sizeBytes)
  expect(highestBytes - startBytes).toBeLessThan(64 * 1024 * 1024)
})

function announced(algorithm: ChecksumAlgorithm, value: string | undefined, inTrailer = false): Partial<Integrity> {
  return { checksum: { algorithm, value, inTrailer } }
}
