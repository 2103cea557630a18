// What is put encrypted comes back as it was, with the headers of its provider; what brings the wrong key does not.
import { hash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey } from '../support/encryption.ts'
import { type TestServer, useServer } from '../support/server.ts'

const SSE = 'x-amz-server-side-encryption'
const KEY_ID = `${SSE}-aws-kms-key-id`
const CONTEXT = `${SSE}-context`
const BUCKET_KEY = `${SSE}-bucket-key-enabled`
const CUSTOMER = `${SSE}-customer`
const ZOS_ID = '6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0'
const context = Buffer.from('{"project":"x"}').toString('base64')

type Headers = Readonly<Record<string, string>>

/** In the database, in a file of one block, in a file of several; none at all. */
const SIZES = [0, 5, 65_536, 70_000, 300_000]

function encryptionOf(headers: Readonly<Record<string, unknown>>): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(SSE))) as Headers
}

async function stored(server: TestServer, headers: Headers, body: Buffer) {
  const path = `/${await createBucket(server)}/k`
  const put = await server.request('PUT', path, { headers, body })
  expect(put.status, put.text).toBe(200)
  return { path, put, read: (more: Headers = {}) => server.request('GET', path, { headers: more }) }
}

describe.each<DialectName>(['zos', 'rgw', 'aws'])('encrypted objects in the dialect %s', (dialect) => {
  const server = useServer({ config: { dialect } })
  const kmsId = dialect === 'zos' ? ZOS_ID : 'testkey-1'
  const mine = customerKey()
  const METHODS: readonly [name: string, write: Headers, read: Headers, told: Headers][] = [
    ['SSE-S3', { [SSE]: 'AES256' }, {}, { [SSE]: 'AES256' }],
    ['SSE-KMS', { [SSE]: 'aws:kms', [KEY_ID]: kmsId }, {}, { [SSE]: 'aws:kms', [KEY_ID]: kmsId }],
    [
      'SSE-C',
      mine.headers,
      mine.headers,
      { [`${CUSTOMER}-algorithm`]: 'AES256', [`${CUSTOMER}-key-md5`]: mine.key.md5 },
    ],
  ]

  describe.each(METHODS)('%s', (name, write, read, told) => {
    it.each(SIZES)('gives back %i bytes, and says how they are encrypted', async (sizeBytes) => {
      const body = randomBytes(sizeBytes)
      const object = await stored(server(), write, body)
      expect(encryptionOf(object.put.headers)).toEqual(told)
      const answer = await object.read(read)
      expect(answer.status, answer.text).toBe(200)
      expect(answer.body.equals(body)).toBe(true)
      expect(encryptionOf(answer.headers)).toEqual(told)
      const head = await server().request('HEAD', object.path, { headers: read })
      expect(encryptionOf(head.headers)).toEqual(told)
      expect(head.headers['content-length']).toBe(String(sizeBytes))
      expect(head.headers.etag).toBe(object.put.headers.etag)
    })

    it('has the ETag that its provider gives', async () => {
      const body = randomBytes(100)
      const { put } = await stored(server(), write, body)
      const md5 = `"${hash('md5', body)}"`
      if (dialect === 'aws' && name !== 'SSE-S3') {
        expect(put.headers.etag).toMatch(/^"[0-9a-f]{32}"$/)
        expect(put.headers.etag).not.toBe(md5)
      } else expect(put.headers.etag).toBe(md5)
    })

    it('gives back ranges, also over the borders of blocks', async () => {
      const body = randomBytes(200_000)
      const object = await stored(server(), write, body)
      for (const [first, last] of [
        [0, 0],
        [65_535, 65_536],
        [65_536, 131_071],
        [1, 199_998],
        [131_072, 131_072],
        [199_999, 199_999],
        [150_000, 999_999],
      ] as const) {
        const answer = await object.read({ ...read, range: `bytes=${first}-${last}` })
        expect(answer.status).toBe(206)
        expect(answer.body.equals(body.subarray(first, last + 1)), `${first}-${last}`).toBe(true)
      }
      const suffix = await object.read({ ...read, range: 'bytes=-10' })
      expect(suffix.body.equals(body.subarray(-10))).toBe(true)
    })

    it('is still there after a restart', async () => {
      const objects = [
        await stored(server(), write, randomBytes(10)),
        await stored(server(), write, randomBytes(99_999)),
      ]
      const before = await Promise.all(objects.map(async (object) => (await object.read(read)).body.toString('hex')))
      await server().restart()
      const after = await Promise.all(objects.map(async (object) => (await object.read(read)).body.toString('hex')))
      expect(after).toEqual(before)
    })

    it('leaves nothing behind of what did not arrive as announced', async () => {
      const path = `/${await createBucket(server())}/k`
      for (const sizeBytes of [100, 100_000]) {
        const headers = { ...write, 'content-md5': hash('md5', 'other', 'base64') }
        const answer = await server().request('PUT', path, { headers, body: randomBytes(sizeBytes) })
        expect(verdict(answer)).toBe('400 BadDigest')
      }
      expect((await server().request('GET', path, { headers: read })).status).toBe(404)
    })
  })

  it('SSE-KMS keeps its context, and tells of it where it is written', async () => {
    const headers = { [SSE]: 'aws:kms', [KEY_ID]: kmsId, [CONTEXT]: context, [BUCKET_KEY]: 'true' }
    const object = await stored(server(), headers, Buffer.from('x'))
    expect(encryptionOf(object.put.headers)).toEqual(headers)
    const { [CONTEXT]: _context, ...read } = headers
    expect(encryptionOf((await object.read()).headers)).toEqual(read)
  })

  it('a customer’s key is needed for each read, and no other will do', async () => {
    for (const sizeBytes of [5, 100_000]) {
      const body = randomBytes(sizeBytes)
      const object = await stored(server(), mine.headers, body)
      const [missing, wrong] =
        dialect === 'aws' ? ['400 InvalidRequest', '403 AccessDenied'] : ['400 InvalidArgument', '400 InvalidArgument']
      expect(verdict(await object.read())).toBe(missing)
      expect(verdict(await object.read(customerKey().headers))).toBe(wrong)
      expect((await server().request('HEAD', object.path)).status).toBe(400)
      const range = { range: 'bytes=0-0' }
      expect(verdict(await object.read(range))).toBe(missing)
      expect(verdict(await object.read({ ...range, 'if-none-match': String(object.put.headers.etag) }))).toBe(missing)
      const attributes = (headers: Headers) =>
        server().request('GET', object.path, {
          query: { attributes: undefined },
          headers: { ...headers, 'x-amz-object-attributes': 'ETag,ObjectSize' },
        })
      expect(verdict(await attributes({}))).toBe(missing)
      expect(verdict(await attributes(customerKey().headers))).toBe(wrong)
      expect((await attributes(mine.headers)).text).toContain(`<ObjectSize>${sizeBytes}</ObjectSize>`)
      expect((await object.read(mine.headers)).body.equals(body)).toBe(true)
    }
  })

  it('a key for an object that needs none', async () => {
    const path = `/${await createBucket(server())}/k`
    await server().request('PUT', path, { body: 'x' })
    const answer = verdict(await server().request('GET', path, { headers: mine.headers }))
    expect(answer).toBe(dialect === 'aws' ? '400 InvalidRequest' : '200')
    expect((await server().request('GET', path)).text).toBe('x')
  })

  it('what is deleted, listed or tagged needs no key', async () => {
    const object = await stored(server(), mine.headers, Buffer.from('x'))
    const [, bucket = ''] = object.path.split('/')
    expect((await server().request('GET', `/${bucket}`)).text).toContain('<Size>1</Size>')
    expect((await server().request('GET', object.path, { query: { tagging: undefined } })).status).toBe(200)
    expect((await server().request('DELETE', object.path)).status).toBe(204)
  })
})

describe('where nobody says anything', () => {
  const aws = useServer({ config: { dialect: 'aws' } })
  const zos = useServer()

  it('AWS encrypts by itself, and says so', async () => {
    const path = `/${await createBucket(aws())}/k`
    const put = await aws().request('PUT', path, { body: 'x' })
    expect(encryptionOf(put.headers)).toEqual({ [SSE]: 'AES256' })
    expect(put.headers.etag).toBe(`"${hash('md5', 'x')}"`)
    expect(encryptionOf((await aws().request('GET', path)).headers)).toEqual({ [SSE]: 'AES256' })
  })

  it('AWS has a key for aws:kms', async () => {
    const path = `/${await createBucket(aws())}/k`
    const put = await aws().request('PUT', path, { body: 'x', headers: { [SSE]: 'aws:kms' } })
    expect(put.headers[KEY_ID]).toBe('arn:aws:kms:default:000000000000:alias/aws/s3')
    expect((await aws().request('GET', path)).text).toBe('x')
  })

  it('others do neither', async () => {
    const path = `/${await createBucket(zos())}/k`
    expect(encryptionOf((await zos().request('PUT', path, { body: 'x' })).headers)).toEqual({})
    expect(verdict(await zos().request('PUT', path, { body: 'x', headers: { [SSE]: 'aws:kms' } }))).toBe(
      '400 InvalidArgument',
    )
  })
})
