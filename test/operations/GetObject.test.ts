import { createHash } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { type TestServer, useServer } from '../support/server.ts'
import { presignV4 } from '../support/sign.ts'

const BODY = '0123456789abcdefghijklmnopqrstuvwxyz'
const ETAG = createHash('md5').update(BODY).digest('hex')
const PAST = 'Sat, 29 Oct 1994 19:43:31 GMT'
const FUTURE = 'Tue, 29 Oct 2130 19:43:31 GMT'

async function bucketWithObject(server: TestServer): Promise<string> {
  const bucket = await createBucket(server)
  await server.request('PUT', `/${bucket}/k`, { body: BODY, headers: { 'content-type': 'text/plain' } })
  return bucket
}

/** An object of three parts: 1024 × a, 2048 × b, 5 × c. */
async function multipartObject(server: TestServer): Promise<{ bucket: string; key: string }> {
  const s3 = server.s3()
  const bucket = await createBucket(server)
  const at = { Bucket: bucket, Key: 'parts' }
  const created = await s3.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' }))
  const UploadId = created.UploadId!
  const Parts = []
  for (const [index, Body] of ['a'.repeat(1024), 'b'.repeat(2048), 'ccccc'].entries()) {
    const PartNumber = index + 1
    const part = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' }))
    Parts.push({ PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 })
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }))
  return { bucket, key: 'parts' }
}

describe('GetObject', () => {
  const server = useServer()

  it('answers with the headers of RGW in their order', async () => {
    const bucket = await bucketWithObject(server())
    const response = await server().request('GET', `/${bucket}/k`)
    expect(response.text).toBe(BODY)
    const names = response.rawHeaders.filter((_text, index) => index % 2 === 0)
    expect(names.slice(0, 8)).toEqual([
      'Content-Length',
      'Accept-Ranges',
      'Last-Modified',
      'x-rgw-object-type',
      'ETag',
      'x-amz-storage-class',
      'Content-Type',
      'x-amz-request-id',
    ])
    expect(response.headers).toMatchObject({ etag: `"${ETAG}"`, 'content-type': 'text/plain', 'content-length': '36' })
  })

  it('answers binary/octet-stream where no type was given', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    expect((await server().request('GET', `/${bucket}/k`)).headers['content-type']).toBe('binary/octet-stream')
  })

  describe.each([
    ['in the database', 36],
    ['in a file', 200_000],
  ])('ranges of an object %s', (_place, size) => {
    const body = Buffer.alloc(size, BODY)
    it.each([
      ['bytes=0-9', 206, [0, 10]],
      ['bytes=30-', 206, [30, size]],
      ['bytes=-5', 206, [size - 5, size]],
      ['bytes=0-0', 206, [0, 1]],
      [`bytes=${size - 1}-${size + 9}`, 206, [size - 1, size]],
      [`bytes=-${size + 1000}`, 206, [0, size]],
      ['bytes=0-3,10-12', 206, [0, 4]],
      ['chars=0-4', 200, [0, size]],
      ['0-4', 200, [0, size]],
      [`bytes=${size}-${size + 4}`, 416, undefined],
      ['bytes=9-4', 416, undefined],
      ['bytes=-0', 416, undefined],
      ['bytes=abc', 416, undefined],
    ] as const)('%s', async (range, status, slice) => {
      const bucket = await createBucket(server())
      await server().request('PUT', `/${bucket}/k`, { body })
      for (const method of ['GET', 'HEAD']) {
        const response = await server().request(method, `/${bucket}/k`, { headers: { range } })
        expect(response.status).toBe(status)
        if (slice === undefined) {
          if (method === 'GET') expect(verdict(response)).toBe('416 InvalidRange')
          continue
        }
        const [start, end] = slice
        const bytes = body.subarray(start, end)
        expect(response.headers['content-length']).toBe(String(bytes.length))
        expect(response.headers['content-range']).toBe(status === 206 ? `bytes ${start}-${end - 1}/${size}` : undefined)
        expect(response.body.equals(method === 'GET' ? bytes : Buffer.alloc(0))).toBe(true)
      }
    })
  })

  it('has no range in an empty object', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/zero`, { body: '' })
    const get = (headers: Record<string, string>) => server().request('GET', `/${bucket}/zero`, { headers })
    expect(verdict(await get({ range: 'bytes=0-' }))).toBe('416 InvalidRange')
    const whole = await get({})
    expect([whole.status, whole.headers['content-length'], whole.text]).toEqual([200, '0', ''])
  })

  it.each([
    ['If-Match', `"${ETAG}"`, 200],
    ['If-Match', ETAG, 200],
    ['If-Match', `"abc", "${ETAG}"`, 200],
    ['If-Match', '*', 200],
    ['If-Match', '"abc"', 412],
    ['If-None-Match', `"${ETAG}"`, 304],
    ['If-None-Match', '"abc"', 200],
    ['If-Modified-Since', PAST, 200],
    ['If-Modified-Since', FUTURE, 304],
    ['If-Unmodified-Since', PAST, 412],
    ['If-Unmodified-Since', FUTURE, 200],
    ['If-Modified-Since', 'yesterday', 400],
  ])('%s: %s answers %i', async (name, value, status) => {
    const bucket = await bucketWithObject(server())
    for (const method of ['GET', 'HEAD']) {
      const response = await server().request(method, `/${bucket}/k`, { headers: { [name]: value } })
      expect(response.status).toBe(status)
      if (status === 304) expect(response.body.length).toBe(0)
      if (status === 412 && method === 'GET') expect(verdict(response)).toBe('412 PreconditionFailed')
    }
  })

  it('lets the tag decide before the date, and the condition before the range', async () => {
    const bucket = await bucketWithObject(server())
    const get = (headers: Record<string, string>) => server().request('GET', `/${bucket}/k`, { headers })
    expect((await get({ 'if-match': ETAG, 'if-unmodified-since': PAST })).status).toBe(200)
    expect((await get({ 'if-none-match': '"x"', 'if-modified-since': FUTURE })).status).toBe(200)
    expect((await get({ 'if-none-match': ETAG, range: 'bytes=900-' })).status).toBe(304)
    expect((await get({ 'if-none-match': '"x"', range: 'bytes=900-' })).status).toBe(416)
  })

  it('overrides headers for signed requests only', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read' })
    await server().request('PUT', `/${bucket}/k`, { body: 'x', headers: { 'x-amz-acl': 'public-read' } })
    const query = {
      'response-content-type': 'text/x-other',
      'response-content-disposition': 'attachment; filename="a.txt"',
      'response-cache-control': 'no-store',
    }
    const signed = await server().request('GET', `/${bucket}/k`, { query })
    expect(signed.headers).toMatchObject({ 'content-type': 'text/x-other', 'cache-control': 'no-store' })
    expect(signed.headers['content-disposition']).toBe('attachment; filename="a.txt"')
    expect(verdict(await server().request('GET', `/${bucket}/k`, { query, as: 'anonymous' }))).toBe(
      '400 InvalidRequest',
    )
    expect(verdict(await server().request('GET', `/${bucket}/k`, { as: 'anonymous' }))).toBe('200')
  })

  describe('parts', () => {
    it.each([
      ['1', 206, 'a'.repeat(1024), 'bytes 0-1023/3077'],
      ['2', 206, 'b'.repeat(2048), 'bytes 1024-3071/3077'],
      ['3', 206, 'ccccc', 'bytes 3072-3076/3077'],
      ['4', 416, undefined, undefined],
      ['0', 400, undefined, undefined],
      ['10001', 400, undefined, undefined],
      ['x', 400, undefined, undefined],
    ])('part %s', async (partNumber, status, text, range) => {
      const { bucket, key } = await multipartObject(server())
      const response = await server().request('GET', `/${bucket}/${key}`, { query: { partNumber } })
      expect(response.status).toBe(status)
      expect(response.headers['content-range']).toBe(range)
      if (text === undefined) return
      expect(response.text).toBe(text)
      expect(response.headers['x-amz-mp-parts-count']).toBe('3')
    })

    it('bear their own checksum, which the SDK verifies', async () => {
      const { bucket, key } = await multipartObject(server())
      const s3 = server().s3()
      const got = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, PartNumber: 3, ChecksumMode: 'ENABLED' }),
      )
      expect(await got.Body!.transformToString()).toBe('ccccc')
      expect(got.ChecksumCRC32).toMatch(/^[A-Za-z0-9+/]{6}==$/)
    })

    it('of an object put whole are itself', async () => {
      const bucket = await bucketWithObject(server())
      await server().request('PUT', `/${bucket}/zero`, { body: '' })
      const get = (key: string, partNumber: string) =>
        server().request('GET', `/${bucket}/${key}`, { query: { partNumber } })
      const one = await get('k', '1')
      expect([one.status, one.text, one.headers['content-range']]).toEqual([206, BODY, 'bytes 0-35/36'])
      expect(one.headers['x-amz-mp-parts-count']).toBeUndefined()
      expect((await get('k', '2')).status).toBe(416)
      expect((await get('zero', '1')).status).toBe(200)
    })

    it('exclude a range', async () => {
      const bucket = await bucketWithObject(server())
      const get = (headers: Record<string, string>) =>
        server().request('GET', `/${bucket}/k`, { query: { partNumber: '1' }, headers })
      expect(verdict(await get({ range: 'bytes=0-1' }))).toBe('400 InvalidRequest')
      expect((await get({})).status).toBe(206)
    })
  })

  it('reads any version', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const put = async (Body: string) => (await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }))).VersionId
    await put('null')
    await setVersioning(server(), Bucket, 'Enabled')
    const first = (await put('first'))!
    const second = (await put('second'))!
    const read = async (versionId?: string) => {
      const { text, headers } = await server().request(
        'GET',
        `/${Bucket}/k`,
        versionId === undefined ? {} : { query: { versionId } },
      )
      return [text, headers['x-amz-version-id']]
    }
    expect(await read()).toEqual(['second', second])
    expect(await read(first)).toEqual(['first', first])
    expect(await read('null')).toEqual(['null', 'null'])
  })

  it.each([
    ['a missing key', 'none', undefined, '404 NoSuchKey'],
    ['an unknown version', 'k', 'abcdefgh', '404 NoSuchKey'],
    ['an empty version id', 'k', '', '400 InvalidArgument'],
    ['the null version', 'k', 'null', '200'],
    ['a key of 1024 bytes', 'k'.repeat(1024), undefined, '404 NoSuchKey'],
    ['a key of 1025 bytes', 'k'.repeat(1025), undefined, '400 InvalidObjectName'],
  ])('%s', async (_case, key, versionId, expected) => {
    const bucket = await bucketWithObject(server())
    const query = versionId === undefined ? {} : { versionId }
    expect(verdict(await server().request('GET', `/${bucket}/${key}`, { query }))).toBe(expected)
  })

  it('finds nothing behind a delete marker', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    const versionId = (await server().request('DELETE', `/${bucket}/k`)).headers['x-amz-version-id'] as string
    const current = await server().request('GET', `/${bucket}/k`)
    expect([verdict(current), current.headers['x-amz-delete-marker']]).toEqual(['404 NoSuchKey', undefined])
    expect(verdict(await server().request('GET', `/${bucket}/k`, { query: { versionId } }))).toBe('404 NoSuchKey')
  })

  it('is for those whom an ACL lets', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/closed`, { body: 'x' })
    await server().request('PUT', `/${bucket}/open`, { body: 'x', headers: { 'x-amz-acl': 'public-read' } })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await server().request('GET', `/${bucket}/closed`, { as }))).toBe('403 AccessDenied')
      expect(verdict(await server().request('GET', `/${bucket}/missing`, { as }))).toBe('403 AccessDenied')
      expect(verdict(await server().request('GET', `/${bucket}/open`, { as }))).toBe('200')
    }
    expect(verdict(await server().request('GET', '/no-such-bucket-at-all/k'))).toBe('404 NoSuchBucket')
  })
})

describe('GetObject in dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('tells of delete markers and of unknown versions', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    const versionId = (await server().request('DELETE', `/${bucket}/k`)).headers['x-amz-version-id'] as string
    const current = await server().request('GET', `/${bucket}/k`)
    expect(verdict(current)).toBe('404 NoSuchKey')
    expect(current.headers).toMatchObject({ 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId })
    const named = await server().request('GET', `/${bucket}/k`, { query: { versionId } })
    expect(verdict(named)).toBe('405 MethodNotAllowed')
    expect(named.headers).toMatchObject({ 'x-amz-delete-marker': 'true', allow: 'DELETE' })
    const unknown = { versionId: '3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY' }
    expect(verdict(await server().request('GET', `/${bucket}/k`, { query: unknown }))).toBe('404 NoSuchVersion')
  })

  it('refuses what cannot be a version id', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    const versionId = (await server().request('PUT', `/${bucket}/k`, { body: 'x' })).headers['x-amz-version-id']
    for (const method of ['GET', 'DELETE']) {
      const malformed = await server().request(method, `/${bucket}/k`, { query: { versionId: 'nope' } })
      expect(verdict(malformed)).toBe('400 InvalidArgument')
      expect(malformed.text).toContain('Invalid version id specified')
    }
    expect(verdict(await server().request('GET', `/${bucket}/k`, { query: { versionId: 'null' } }))).toBe(
      '404 NoSuchVersion',
    )
    const made = { versionId: versionId as string }
    expect(verdict(await server().request('GET', `/${bucket}/k`, { query: made }))).toBe('200')
  })

  it('calls a presigned life of more than a week a fault of the query', async () => {
    const bucket = await bucketWithObject(server())
    const get = { method: 'GET', url: { host: `127.0.0.1:${server().port}`, path: `/${bucket}/k` } }
    const fetched = (expiresSeconds: number) =>
      fetch(`${server().url}${presignV4(get, server().root, { expiresSeconds }).target}`)
    const long = await fetched(604_801)
    expect(long.status).toBe(400)
    expect(await long.text()).toContain('<Code>AuthorizationQueryParametersError</Code>')
    expect((await fetched(604_800)).status).toBe(200)
  })

  it('sends validators with a 304', async () => {
    const bucket = await bucketWithObject(server())
    const response = await server().request('GET', `/${bucket}/k`, { headers: { 'if-none-match': ETAG } })
    expect(response.status).toBe(304)
    expect(response.headers.etag).toBe(`"${ETAG}"`)
  })
})
