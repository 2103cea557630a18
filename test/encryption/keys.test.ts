// What becomes of objects when the keys change: rotated, disabled, missing, another ring, a Vault that is away.
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { rotateKeys, rotationState } from '../../src/domain/encryption/rotation.ts'
import { renewKeys, SETTLE_MS } from '../../src/jobs/renew-keys.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { temporaryDir } from '../../src/storage/chunks/disk/layout.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey } from '../support/encryption.ts'
import { startTestServer, type TestServer, useServer } from '../support/server.ts'
import { signV4 } from '../support/sign.ts'
import { startTransit, type Transit } from '../support/transit.ts'

const SSE = 'x-amz-server-side-encryption'
const KEY_ID = `${SSE}-aws-kms-key-id`
type Headers = Readonly<Record<string, string>>

const mine = customerKey()
const kms = (id: string): Headers => ({ [SSE]: 'aws:kms', [KEY_ID]: id })

/** Objects in the database and in files, by each method; how to see that all of them are still there. */
async function writeObjects(server: TestServer, methods: readonly Headers[]) {
  const bucket = await createBucket(server)
  const objects: { path: string; body: Buffer; headers: Headers }[] = []
  for (const [index, headers] of methods.entries()) {
    for (const sizeBytes of [100, 100_000]) {
      const body = randomBytes(sizeBytes)
      const path = `/${bucket}/${index}-${sizeBytes}`
      const put = await server.request('PUT', path, { headers, body })
      expect(put.status, put.text).toBe(200)
      const isCustomers = headers === mine.headers
      objects.push({ path, body, headers: isCustomers ? headers : {} })
    }
  }
  return async () => {
    for (const { path, body, headers } of objects) {
      const answer = await server.request('GET', path, { headers })
      expect(answer.body.equals(body), `${path} ${answer.text.slice(0, 200)}`).toBe(true)
    }
  }
}

describe('a rotation', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('leaves every object readable before, during and after it, and touches no bytes of theirs', async () => {
    const expectAll = await writeObjects(server(), [{ [SSE]: 'AES256' }, kms('k'), mine.headers, {}])
    const { services } = server().running
    const before = services.metadata.stats()
    await rotateKeys(services, systemClock.now())
    await expectAll()
    const realClock = { now: () => systemClock.now() + SETTLE_MS }
    const job = renewKeys(services, { realClock, onStuck: ({ cause }) => expect.fail(String(cause)) })
    for (let next = await job.step(new AbortController().signal); next !== 'idle'; ) {
      await expectAll()
      next = await job.step(new AbortController().signal)
    }
    expect(await rotationState(services)).toBeUndefined()
    await expectAll()
    const { fileChunks, fileChunkBytes } = services.metadata.stats()
    expect({ fileChunks, fileChunkBytes }).toEqual({
      fileChunks: before.fileChunks,
      fileChunkBytes: before.fileChunkBytes,
    })
    await server().restart()
    await expectAll()
    const keys = JSON.parse(await readFile(join(server().dataDir, 'keyring.json'), 'utf8')) as { keys: object }
    expect(Object.keys(keys.keys)).toHaveLength(1)
    expect((await server().request('GET', '/', { as: 'alt' })).status).toBe(200)
  })

  it('does not reach what a download is at', async () => {
    const bucket = await createBucket(server())
    const body = randomBytes(8_000_000)
    await server().request('PUT', `/${bucket}/k`, { headers: { [SSE]: 'AES256' }, body })
    const { services } = server().running
    const path = `/${bucket}/k`
    const headers = signV4(
      { method: 'GET', url: { host: `127.0.0.1:${server().port}`, path }, headers: {} },
      server().root,
    )
    const pieces: Buffer[] = []
    await new Promise<void>((resolve, reject) => {
      request({ host: '127.0.0.1', port: server().port, path, headers }, (response) => {
        response.once('data', async (first: Buffer) => {
          response.pause()
          pieces.push(first)
          await rotateKeys(services, 0)
          const job = renewKeys(services, { onStuck: () => undefined })
          while ((await job.step(new AbortController().signal)) === 'again');
          response.on('data', (piece: Buffer) => pieces.push(piece)).resume()
        })
        response.on('end', resolve).on('error', reject)
      }).end()
    })
    expect(Buffer.concat(pieces).equals(body)).toBe(true)
  })

  it('reaches an upload that it has overtaken', async () => {
    const bucket = await createBucket(server())
    const { services } = server().running
    const body = randomBytes(200_000)
    const host = `127.0.0.1:${server().port}`
    const path = `/${bucket}/k`
    const signed = signV4({ method: 'PUT', url: { host, path }, headers: { [SSE]: 'AES256' }, body }, server().root)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...signed, 'content-length': body.length }
      const outgoing = request({ host: '127.0.0.1', port: server().port, method: 'PUT', path, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      outgoing.on('error', reject)
      outgoing.write(body.subarray(0, 100_000), async () => {
        const temporary = temporaryDir(join(server().dataDir, 'chunks'))
        await vi.waitUntil(async () => (await readdir(temporary)).length > 0)
        await services.keyRing.rotate()
        outgoing.end(body.subarray(100_000))
      })
    })
    expect(status).toBe(200)
    expect((await server().request('GET', path)).body.equals(body)).toBe(true)
    const chunks = await services.metadata.read((tx) => tx.chunks.sealed({ afterId: 0, limit: 1_000 }))
    const last = chunks.at(-1)
    expect(await services.keyRing.isCurrent(last?.sealedKey.subarray(1) ?? Buffer.alloc(0))).toBe(true)
  })
})

describe.each<[DialectName, string, string]>([
  ['aws', '400 KMS.DisabledException', '400 KMS.NotFoundException'],
  ['rgw', '400 InvalidArgument', '400 InvalidArgument'],
])('keys of clients in %s', (dialect, disabled, missing) => {
  const keys = { autoCreate: false, kms: [{ id: 'good' }, { id: 'bad', disabled: true }] }
  const server = useServer({ config: { dialect, keys } })
  const code = async (answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer
    const found = /<Code>([\w.]+)<\/Code>/.exec(text)?.[1]
    return found === undefined ? String(status) : `${status} ${found}`
  }

  it('are refused by name where they are disabled or missing, in every way to write', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/s`, { body: 'x' })
    const ways: readonly ((headers: Headers) => Promise<{ status: number; text: string }>)[] = [
      (headers) => server().request('PUT', `/${bucket}/k`, { headers, body: 'x' }),
      (headers) => server().request('PUT', `/${bucket}/k`, { headers, body: Buffer.alloc(100_000) }),
      (headers) =>
        server().request('PUT', `/${bucket}/k`, { headers: { ...headers, 'x-amz-copy-source': `/${bucket}/s` } }),
      (headers) => server().request('POST', `/${bucket}/k`, { headers, query: { uploads: undefined } }),
    ]
    for (const way of ways) {
      expect(await code(way(kms('bad')))).toBe(disabled)
      expect(await code(way(kms('unknown')))).toBe(missing)
      expect(await code(way(kms('good')))).toBe('200')
    }
    const refused = await server().request('PUT', `/${bucket}/k`, { headers: kms('bad'), body: 'x' })
    expect(refused.text).toContain('bad is disabled')
  })
})

describe('another key ring', () => {
  it('opens nothing, and the server says so instead of handing out nonsense', async () => {
    const server = await startTestServer()
    try {
      const bucket = await createBucket(server)
      for (const sizeBytes of [10, 100_000]) {
        const path = `/${bucket}/${sizeBytes}`
        await server.request('PUT', path, { headers: { [SSE]: 'AES256' }, body: randomBytes(sizeBytes) })
      }
      const file = join(server.dataDir, 'keyring.json')
      const before = await readFile(file, 'utf8')
      const { active } = JSON.parse(before) as { active: string }
      const other = { version: 1, active, keys: { [active]: randomBytes(32).toString('base64') } }
      await writeFile(file, JSON.stringify(other), { mode: 0o600 })
      await server.restart()
      for (const sizeBytes of [10, 100_000]) {
        expect(verdict(await server.request('GET', `/${bucket}/${sizeBytes}`))).toBe('500 InternalError')
        expect((await server.request('HEAD', `/${bucket}/${sizeBytes}`)).status).toBe(200)
      }
      expect(server.logLines.join('')).toContain('does not open with this key ring')
      await writeFile(file, before)
      await server.restart()
      expect((await server.request('GET', `/${bucket}/100000`)).status).toBe(200)
    } finally {
      await server.stop()
    }
  })
})

describe('a server whose keys are in a Vault', () => {
  let transit: Transit
  let server: TestServer
  beforeAll(async () => {
    transit = await startTransit()
    const vault = { address: transit.address, token: transit.token, timeoutMs: 1_000 }
    server = await startTestServer({ config: { dialect: 'aws', keys: { provider: 'vault', vault } } })
  })
  afterAll(async () => {
    await server.stop()
    await transit.close()
  })

  it('serves objects of every kind, and its users, over a restart', async () => {
    const expectAll = await writeObjects(server, [{ [SSE]: 'AES256' }, kms('k'), kms('alias/l'), mine.headers])
    await expectAll()
    expect([...transit.keys.keys()].sort()).toEqual(['cozos', 'k', 'l'])
    await server.restart()
    await expectAll()
    expect((await server.request('GET', '/', { as: 'alt' })).status).toBe(200)
  })

  it('answers 503 while it is away, without its token, and goes on when it is back', async () => {
    const bucket = await createBucket(server)
    const headers = { [SSE]: 'AES256' }
    await server.request('PUT', `/${bucket}/k`, { headers, body: 'x' })
    transit.tokenIsGood = false
    const away = [
      await server.request('GET', `/${bucket}/k`),
      await server.request('PUT', `/${bucket}/l`, { headers, body: 'x' }),
    ]
    for (const answer of away) {
      expect(verdict(answer)).toBe('503 ServiceUnavailable')
      expect(answer.text).not.toContain('hvs.')
    }
    // What needs no key of the Vault's is served.
    const read = await server.request('PUT', `/${bucket}/m`, { headers: mine.headers, body: 'mine' })
    expect(read.status).toBe(200)
    expect((await server.request('GET', `/${bucket}/m`, { headers: mine.headers })).text).toBe('mine')
    transit.tokenIsGood = true
    expect((await server.request('GET', `/${bucket}/k`)).text).toBe('x')
    expect((await server.request('GET', `/${bucket}/l`)).status).toBe(404)
    expect(server.logLines.join('')).not.toContain('hvs.')
  })

  it('is rotated there', async () => {
    const expectAll = await writeObjects(server, [{ [SSE]: 'AES256' }, kms('k')])
    const { services } = server.running
    await rotateKeys(services, 0)
    expect(transit.keys.get('cozos')).toHaveLength(2)
    await expectAll()
    const job = renewKeys(services, { onStuck: ({ cause }) => expect.fail(String(cause)) })
    while ((await job.step(new AbortController().signal)) !== 'idle');
    await expectAll()
    const chunks = await services.metadata.read((tx) => tx.chunks.sealed({ afterId: 0, limit: 1_000 }))
    const masters = chunks.filter(({ sealedKey }) => sealedKey[0] === 1)
    expect(masters.length).toBeGreaterThan(1)
    for (const { sealedKey } of masters) expect(sealedKey.toString('latin1', 1, 10)).toBe('vault:v2:')
  })
})
