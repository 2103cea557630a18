import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { IdSource } from '../../src/lib/ids.ts'
import { startTestServer, uniqueName, useServer } from '../support/server.ts'

const server = useServer()

describe('an error', () => {
  it('is a document with the id that the header bears, too', async () => {
    const answer = await server().request('GET', '/no-such-bucket-here')
    const id = answer.headers['x-amz-request-id']
    expect(answer.status).toBe(404)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/xml', 'accept-ranges': 'bytes' })
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    expect(answer.text).toContain('<Code>NoSuchBucket</Code>')
    expect(answer.text).toContain('<BucketName>no-such-bucket-here</BucketName>')
    expect(answer.text).toContain(`<RequestId>${id}</RequestId>`)
    expect(answer.headers['server']).toBeUndefined()
  })

  it('of a HEAD request has the length of the document, but no document', async () => {
    const [head, get] = await Promise.all([
      server().request('HEAD', '/no-such-bucket-here'),
      server().request('GET', '/no-such-bucket-here'),
    ])
    expect(head.status).toBe(404)
    expect(head.body.length).toBe(0)
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  })

  it('of authentication names no bucket', async () => {
    const path = `/${uniqueName('b')}`
    const wrong = { ...server().root, secretKey: 'wrong' }
    const answer = await server().request('GET', path, { as: wrong })
    expect(answer.text).toContain('<Code>SignatureDoesNotMatch</Code>')
    expect(answer.text).not.toContain('<BucketName>')
    expect((await server().request('GET', path)).text).toContain('<Code>NoSuchBucket</Code>')
  })

  it('of what is no operation here names none either, as recorded', async () => {
    // Recorded: restore.glacier, which RGW does not serve, and object.patch.
    const path = `/${uniqueName('b')}/k`
    const notServed = await server().request('GET', path, { query: { torrent: undefined } })
    expect(notServed.text).toContain('<Code>NotImplemented</Code>')
    expect(notServed.text).not.toContain('<BucketName>')
    const noOperation = await server().request('PATCH', path)
    expect(noOperation.text).toContain('<Code>MethodNotAllowed</Code>')
    expect(noOperation.text).not.toContain('<BucketName>')
    expect((await server().request('GET', path)).text).toContain('<BucketName>')
  })

  it.each([
    ['PUT', { accelerate: undefined }, 'PutBucketAccelerateConfiguration'],
    ['PUT', { replication: undefined }, 'PutBucketReplication'],
    ['DELETE', { analytics: undefined, id: 'x' }, 'DeleteBucketAnalyticsConfiguration'],
  ])('of an operation that is not served names it: %s %j', async (method, query, operation) => {
    const path = `/${uniqueName('b')}`
    expect((await server().request('PUT', path)).status).toBe(200)
    const answer = await server().request(method, path, { query })
    expect(answer.status).toBe(501)
    expect(answer.text).toContain('<Code>NotImplemented</Code>')
    expect(answer.text).toContain(`${operation} is not implemented`)
    expect((await server().request('HEAD', path)).status).toBe(200)
  })

  it.each(['PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'QUERY'])(
    'is what a method that S3 has not gets: %s',
    async (method) => {
      const headers = { 'content-type': 'junk' }
      const answer = await server().request(method, '/', { headers })
      expect(answer.status).toBe(405)
      expect(answer.text).toContain('<Code>MethodNotAllowed</Code>')
      expect((await server().request('GET', '/', { headers })).status).toBe(200)
    },
  )

  it('of a condition that nothing was modified has neither body nor length', async () => {
    const path = `/${uniqueName('b')}`
    await server().request('PUT', path)
    const { headers } = await server().request('PUT', `${path}/k`, { body: 'x' })
    const answer = await server().request('GET', `${path}/k`, { headers: { 'if-none-match': headers['etag'] ?? '' } })
    expect(answer.status).toBe(304)
    expect(answer.body.length).toBe(0)
    expect(answer.headers).not.toHaveProperty('content-type')
    expect(answer.headers).toHaveProperty('x-amz-request-id')
    expect((await server().request('GET', `${path}/k`)).status).toBe(200)
  })
})

describe('a request id', () => {
  it('is another one for every request', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await server().request('GET', '/')).headers['x-amz-request-id']),
    )
    expect(new Set(ids).size).toBe(3)
  })
})

describe('a document', () => {
  const xml = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  const query = { versioning: undefined }

  it('is held against its digests', async () => {
    const path = `/${uniqueName('b')}`
    await server().request('PUT', path)
    const put = (headers: Record<string, string>) => server().request('PUT', path, { query, headers, body: xml })
    const wrong = Buffer.alloc(16).toString('base64')
    expect((await put({ 'content-md5': wrong })).text).toContain('<Code>BadDigest</Code>')
    expect((await put({ 'x-amz-checksum-crc32': 'AAAAAA==' })).status).toBe(400)
    expect((await put({ 'x-amz-checksum-crc32c': 'AAAAAA==' })).status).toBe(400)
    expect((await put({})).status).toBe(200)
  })

  it('is refused beyond its size limit, and the connection stays usable', async () => {
    const path = `/${uniqueName('b')}`
    await server().request('PUT', path)
    const answer = await server().request('PUT', path, { query, body: Buffer.alloc(4 * 1024 * 1024, ' ') })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('<Code>MaxMessageLengthExceeded</Code>')
    expect((await server().request('PUT', path, { query, body: xml })).status).toBe(200)
  })
})

describe('a mistake of ours', () => {
  it('is InternalError for the client, and the log has the cause', async () => {
    let broken = false
    const bytes = (count: number): Buffer => {
      if (broken) throw new Error('the generator is broken')
      return randomBytes(count)
    }
    const own = await startTestServer({ overrides: { ids: new IdSource({ bytes }) } })
    try {
      const path = `/${uniqueName('b')}`
      expect((await own.request('PUT', path)).status).toBe(200)
      const create = () => own.request('POST', `${path}/k`, { query: { uploads: undefined } })
      expect((await create()).status).toBe(200)
      broken = true
      const answer = await create()
      expect(answer.status).toBe(500)
      expect(answer.text).toContain('<Code>InternalError</Code>')
      expect(answer.text).not.toContain('generator')
      const line = own.logLines.find((text) => text.includes('the generator is broken')) ?? ''
      expect(JSON.parse(line)).toMatchObject({ level: 50, requestId: answer.headers['x-amz-request-id'] })
    } finally {
      await own.stop()
    }
  })
})
