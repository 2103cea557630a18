import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startServer } from '../../../src/server.ts'
import { verdict } from '../../support/buckets.ts'
import { multipartBucket } from '../../support/multipart.ts'
import { startTestServer, testConfig, uniqueName, useServer } from '../../support/server.ts'

const LARGE = randomBytes(200_000)
const SMALL = Buffer.from('small')
const folders = mkdtempSync(join(tmpdir(), 'cozos-folders-'))
afterAll(() => rm(folders, { recursive: true, force: true }))

describe('a class with a folder of its own', () => {
  const config = { chunks: { classes: { STANDARD_IA: { dir: join(folders, 'ia') } } }, limits: { garbageDelayMs: 0 } }
  const server = useServer({ config })
  const path = async () => {
    const bucket = uniqueName('folders')
    expect((await server().request('PUT', `/${bucket}`)).status).toBe(200)
    return `/${bucket}`
  }
  const IA = { 'x-amz-storage-class': 'STANDARD_IA' }

  /** Where the bytes of an object lie: the stores of its segments, `inline` for those in the database. */
  async function placesOf(bucketPath: string, key: string): Promise<string[]> {
    const { metadata } = server().running.services
    const segments = await metadata.read(async (tx) => {
      const bucket = await tx.buckets.find({ tenant: '', name: bucketPath.slice(1) })
      const row = await tx.versions.latest({ bucketId: bucket!.id, key })
      const range = { offsetBytes: 0, lengthBytes: row!.sizeBytes, limit: 100 }
      return row!.manifestId === undefined ? [] : await tx.manifests.segments(row!.manifestId, range)
    })
    return segments.map((segment) => {
      const stored = segment.place === 'sealed' ? segment.stored : segment
      return stored.place === 'file' ? stored.store : stored.place
    })
  }

  it.each([
    ['large', LARGE, ['STANDARD_IA'], ['']],
    ['small', SMALL, ['STANDARD_IA'], ['inline']],
    ['no', Buffer.alloc(0), [], []],
  ])('holds all of %s bytes that are put, and they are read back', async (_size, body, there, home) => {
    const bucket = await path()
    await server().request('PUT', `${bucket}/there`, { body, headers: IA })
    await server().request('PUT', `${bucket}/home`, { body })
    expect([await placesOf(bucket, 'there'), await placesOf(bucket, 'home')]).toEqual([there, home])
    for (const key of ['there', 'home']) {
      expect((await server().request('GET', `${bucket}/${key}`)).body.equals(body)).toBe(true)
    }
    await server().restart()
    expect((await server().request('GET', `${bucket}/there`)).body.equals(body)).toBe(true)
  })

  it('is where a bucket of that class puts what names no class', async () => {
    const bucket = `/${uniqueName('folders')}`
    expect((await server().request('PUT', bucket, { headers: IA })).status).toBe(200)
    await server().request('PUT', `${bucket}/own`, { body: LARGE })
    await server().request('PUT', `${bucket}/home`, { body: LARGE, headers: { 'x-amz-storage-class': 'STANDARD' } })
    expect([await placesOf(bucket, 'own'), await placesOf(bucket, 'home')]).toEqual([['STANDARD_IA'], ['']])
  })

  it('is entered and left by a copy, also onto the same key; a copy within a class moves nothing', async () => {
    const bucket = await path()
    const copy = (from: string, to: string, headers = {}) =>
      server().request('PUT', `${bucket}/${to}`, { headers: { 'x-amz-copy-source': `${bucket}/${from}`, ...headers } })
    for (const [key, body] of [
      ['large', LARGE],
      ['small', SMALL],
    ] as const) {
      const put = await server().request('PUT', `${bucket}/${key}`, { body })
      expect((await copy(key, `${key}-there`, IA)).status).toBe(200)
      expect(await placesOf(bucket, `${key}-there`)).toEqual(['STANDARD_IA'])
      expect((await copy(`${key}-there`, `${key}-back`)).status).toBe(200)
      expect(await placesOf(bucket, `${key}-back`)).toEqual([''])
      const { fileChunks } = server().running.services.metadata.stats()
      expect((await copy(`${key}-there`, `${key}-too`, IA)).status).toBe(200)
      expect(server().running.services.metadata.stats().fileChunks).toBe(fileChunks)
      expect((await copy(key, key, IA)).status).toBe(200)
      expect(await placesOf(bucket, key)).toEqual(['STANDARD_IA'])
      for (const name of [key, `${key}-there`, `${key}-back`, `${key}-too`]) {
        const got = await server().request('GET', `${bucket}/${name}`)
        expect([got.body.equals(body), got.headers.etag]).toEqual([true, put.headers.etag])
      }
    }
  })

  it('leaves the bytes that a copy onto the same key replaces to those who have found them', async () => {
    const chunks = { classes: { STANDARD_IA: { dir: join(folders, 'slow') } } }
    const slow = await startTestServer({ config: { chunks, limits: { garbageDelayMs: 600_000 } } })
    const bucket = `/${uniqueName('folders')}`
    await slow.request('PUT', bucket)
    await slow.request('PUT', `${bucket}/k`, { body: LARGE })
    const startMs = Date.now()
    const headers = { ...IA, 'x-amz-copy-source': `${bucket}/k` }
    const copied = await slow.request('PUT', `${bucket}/k`, { headers })
    const deletableMs = await slow.running.services.metadata.read((tx) => tx.garbage.nextDeletableMs())
    await slow.stop()
    expect(verdict(copied)).toBe('200')
    expect(deletableMs).toBeGreaterThanOrEqual(startMs + 600_000)
  })

  it('takes the parts of its uploads, sent or copied, and keeps their sizes through a copy out of it', async () => {
    const multipart = await multipartBucket(server())
    const bucket = `/${multipart.bucket}`
    await server().request('PUT', `${bucket}/source`, { body: LARGE })
    const upload = { key: 'object', uploadId: await multipart.create('object', IA) }
    const first = await multipart.part(upload, 1, LARGE)
    const copied = await multipart.send('PUT', upload, {
      query: { partNumber: '2' },
      headers: { 'x-amz-copy-source': `${bucket}/source`, 'x-amz-copy-source-range': 'bytes=100-1199' },
    })
    const second = /<ETag>(?:&quot;)?(\w+)/.exec(copied.text)?.[1] ?? ''
    const completed = await multipart.complete(upload, [
      { partNumber: 1, etag: first },
      { partNumber: 2, etag: second },
    ])
    expect(verdict(completed)).toBe('200')
    expect(new Set(await placesOf(bucket, 'object'))).toEqual(new Set(['STANDARD_IA']))
    const whole = Buffer.concat([LARGE, LARGE.subarray(100, 1_200)])
    expect((await multipart.get('object')).body.equals(whole)).toBe(true)
    const headers = { 'x-amz-copy-source': `${bucket}/object` }
    expect((await server().request('PUT', `${bucket}/back`, { headers })).status).toBe(200)
    expect(new Set(await placesOf(bucket, 'back'))).toEqual(new Set(['']))
    const part = await server().request('GET', `${bucket}/back`, { query: { partNumber: '2' } })
    expect([part.status, part.body.equals(LARGE.subarray(100, 1_200))]).toEqual([206, true])
  })

  it('takes of a sealed object what is copied as a part, and no more', async () => {
    const multipart = await multipartBucket(server())
    const bucket = `/${multipart.bucket}`
    const sealed = { 'x-amz-server-side-encryption': 'AES256' }
    await server().request('PUT', `${bucket}/source`, { body: LARGE, headers: sealed })
    const upload = { key: 'object', uploadId: await multipart.create('object', { ...IA, ...sealed }) }
    const { fileChunkBytes } = server().running.services.metadata.stats()
    const headers = { 'x-amz-copy-source': `${bucket}/source`, 'x-amz-copy-source-range': 'bytes=100-50099' }
    const copied = await multipart.send('PUT', upload, { query: { partNumber: '1' }, headers })
    expect(server().running.services.metadata.stats().fileChunkBytes - fileChunkBytes).toBe(50_000)
    const etag = /<ETag>(?:&quot;)?(\w+)/.exec(copied.text)?.[1] ?? ''
    expect(verdict(await multipart.complete(upload, [{ partNumber: 1, etag }]))).toBe('200')
    expect(await placesOf(bucket, 'object')).toEqual(['STANDARD_IA'])
    expect((await multipart.get('object')).body.equals(LARGE.subarray(100, 50_100))).toBe(true)
  })

  it('takes what is appended to its objects, whatever class the request names', async () => {
    const bucket = await path()
    const append = (position: number, headers = {}) =>
      server().request('PUT', `${bucket}/log`, {
        query: { append: undefined, position: String(position) },
        body: SMALL,
        headers,
      })
    expect((await append(0, IA)).status).toBe(200)
    expect((await append(SMALL.length)).status).toBe(200)
    expect(await placesOf(bucket, 'log')).toEqual(['STANDARD_IA', 'STANDARD_IA'])
    expect((await server().request('GET', `${bucket}/log`)).text).toBe('smallsmall')
  })

  it('leaves nothing of a PUT that fails', async () => {
    const bucket = await path()
    const files = async () => (await Array.fromAsync(server().running.services.chunks.list())).length
    const before = await files()
    const wrong = { ...IA, 'content-md5': Buffer.alloc(16).toString('base64') }
    expect(verdict(await server().request('PUT', `${bucket}/k`, { body: LARGE, headers: wrong }))).toBe('400 BadDigest')
    expect(await files()).toBe(before)
  })
})

describe('the start', () => {
  it('is refused while bytes lie in a folder that the configuration does not name', async () => {
    const dir = join(folders, 'named')
    const server = await startTestServer({ config: { chunks: { classes: { GLACIER: { dir } } } } })
    try {
      await server.request('PUT', '/bucket')
      await server.request('PUT', '/bucket/k', { body: 'x', headers: { 'x-amz-storage-class': 'GLACIER' } })
      await server.running.close()
      await expect(startServer(testConfig(server.dataDir), { logStream: { write: () => undefined } })).rejects.toThrow(
        'chunks.classes.GLACIER.dir',
      )
      await server.restart()
      expect((await server.request('HEAD', '/bucket/k')).status).toBe(200)
    } finally {
      await server.stop()
    }
  })

  it('is refused on a folder of another data directory', async () => {
    const dir = join(folders, 'shared')
    const config = { chunks: { classes: { GLACIER: { dir } } } }
    const first = await startTestServer({ config })
    await expect(startTestServer({ config })).rejects.toThrow('belongs to another data directory')
    await first.stop()
  })
})
