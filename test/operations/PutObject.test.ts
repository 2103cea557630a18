import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { ALL_USERS, shownAcl } from '../support/acl.ts'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'

const WRITERS = 64

function md5(body: string | Buffer): string {
  return createHash('md5').update(body).digest('hex')
}

describe('PutObject', () => {
  const server = useServer()

  it('stores bytes, attributes and metadata, and hands them back', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const at = { Bucket, Key: 'docs/hello.txt' }
    const put = await s3.send(
      new PutObjectCommand({
        ...at,
        Body: 'hello',
        ContentType: 'text/plain',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment',
        ContentLanguage: 'zh',
        Metadata: { color: 'Blue', empty: '' },
        Tagging: 'a=1&b=2',
      }),
    )
    expect(put.ETag).toBe(`"${md5('hello')}"`)
    expect(put.VersionId).toBeUndefined()
    const got = await s3.send(new GetObjectCommand(at))
    expect(await got.Body!.transformToString()).toBe('hello')
    expect(got).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment',
      ContentLanguage: 'zh',
      Metadata: { color: 'Blue', empty: '' },
      TagCount: 2,
      ETag: put.ETag,
    })
  })

  it.each([0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])('stores %i bytes in the database or in a file', async (size) => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const Body = Buffer.alloc(size, 'abcdefghijk')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }))
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))
    expect(md5(Buffer.from(await got.Body!.transformToByteArray()))).toBe(md5(Body))
  })

  it.each([
    'sp ace',
    'pl+us',
    'per%cent',
    'a&b<c>"q"',
    '中文/键',
    'emoji😀',
    '/lead',
    'tr/',
    'a//b',
    'a/../b',
    "~*!()'",
    '#?',
  ])('keeps the key %s apart from others', async (Key) => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
    await s3.send(new PutObjectCommand({ Bucket, Key: `${Key}x`, Body: 'other' }))
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(await got.Body!.transformToString()).toBe(Key)
  })

  it('answers in the order of RGW', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    const response = await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    const names = response.rawHeaders.filter((_text, index) => index % 2 === 0)
    expect(names.slice(0, 5)).toEqual([
      'Content-Length',
      'ETag',
      'Accept-Ranges',
      'x-amz-version-id',
      'x-amz-request-id',
    ])
  })

  it('gives a version id only while versioning is enabled, and keeps the null version aside', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const put = async (Body: string) => (await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }))).VersionId
    expect(await put('off')).toBeUndefined()
    await setVersioning(server(), Bucket, 'Enabled')
    const first = await put('enabled')
    expect(first).toMatch(/^[A-Za-z0-9.-]{31}$/)
    await setVersioning(server(), Bucket, 'Suspended')
    expect(await put('suspended 1')).toBeUndefined()
    expect(await put('suspended 2')).toBeUndefined()
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    expect(Versions!.map(({ VersionId, IsLatest, Size }) => [VersionId, IsLatest, Size])).toEqual([
      ['null', true, 11],
      [first, false, 7],
    ])
  })

  describe('conditions', () => {
    it('If-None-Match: * lets one of two writes through', async () => {
      const bucket = await createBucket(server())
      const put = () => server().request('PUT', `/${bucket}/k`, { body: 'x', headers: { 'if-none-match': '*' } })
      expect(verdict(await put())).toBe('200')
      expect(verdict(await put())).toBe('412 PreconditionFailed')
    })

    it('If-Match writes over the version it names only', async () => {
      const bucket = await createBucket(server())
      const put = (tag: string, body: string) =>
        server().request('PUT', `/${bucket}/k`, { body, headers: { 'if-match': tag } })
      expect(verdict(await put('*', 'a'))).toBe('412 PreconditionFailed')
      await server().request('PUT', `/${bucket}/k`, { body: 'a' })
      expect(verdict(await put(`"${md5('z')}"`, 'b'))).toBe('412 PreconditionFailed')
      expect(verdict(await put(`"${md5('a')}"`, 'b'))).toBe('200')
      expect((await server().request('GET', `/${bucket}/k`)).text).toBe('b')
    })

    it('a delete marker is no object', async () => {
      const bucket = await createBucket(server(), { versioning: 'Enabled' })
      const put = (headers: Record<string, string>) => server().request('PUT', `/${bucket}/k`, { body: 'x', headers })
      await put({})
      expect(verdict(await put({ 'if-none-match': '*' }))).toBe('412 PreconditionFailed')
      await server().request('DELETE', `/${bucket}/k`)
      expect(verdict(await put({ 'if-match': '*' }))).toBe('412 PreconditionFailed')
      expect(verdict(await put({ 'if-none-match': '*' }))).toBe('200')
    })

    it.each(['off', 'Enabled'] as const)('one of many concurrent writers wins (versioning %s)', async (versioning) => {
      const bucket = await createBucket(server(), versioning === 'off' ? {} : { versioning })
      const answers = await Promise.all(
        Array.from({ length: WRITERS }, (_, writer) =>
          server().request('PUT', `/${bucket}/k`, { body: `writer ${writer}`, headers: { 'if-none-match': '*' } }),
        ),
      )
      const winners = answers.flatMap(({ status }, writer) => (status === 200 ? [`writer ${writer}`] : []))
      expect(winners).toHaveLength(1)
      expect(answers.filter((answer) => verdict(answer) === '412 PreconditionFailed')).toHaveLength(WRITERS - 1)
      expect((await server().request('GET', `/${bucket}/k`)).text).toBe(winners[0])
    })

    it('one of many concurrent If-Match writers wins, and losers leave no file', async () => {
      const bucket = await createBucket(server())
      await server().request('PUT', `/${bucket}/k`, { body: 'start' })
      const filesBefore = server().running.services.metadata.stats().fileChunks
      const bodies = Array.from({ length: WRITERS }, (_, writer) => Buffer.alloc(100_000, `writer ${writer} `))
      const answers = await Promise.all(
        bodies.map((body) =>
          server().request('PUT', `/${bucket}/k`, { body, headers: { 'if-match': `"${md5('start')}"` } }),
        ),
      )
      const winners = bodies.filter((_body, writer) => answers[writer]!.status === 200)
      expect(winners).toHaveLength(1)
      expect((await server().request('GET', `/${bucket}/k`)).body.equals(winners[0]!)).toBe(true)
      const { metadata, chunks } = server().running.services
      expect(metadata.stats().fileChunks - filesBefore).toBe(1)
      expect(await Array.fromAsync(chunks.list())).toHaveLength(metadata.stats().fileChunks)
    })
  })

  describe('integrity', () => {
    it('stores a checksum and hands it back when asked', async () => {
      const Bucket = await createBucket(server())
      const s3 = server().s3()
      const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ChecksumAlgorithm: 'SHA256' }))
      const ChecksumSHA256 = createHash('sha256').update('x').digest('base64')
      expect(put).toMatchObject({ ChecksumSHA256, ChecksumType: 'FULL_OBJECT' })
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }))
      expect(head).toMatchObject({ ChecksumSHA256, ChecksumType: 'FULL_OBJECT' })
      const plain = await server().request('HEAD', `/${Bucket}/k`)
      expect(plain.headers['x-amz-checksum-sha256']).toBeUndefined()
    })

    it('stores nothing of a body with a wrong MD5', async () => {
      const bucket = await createBucket(server())
      const put = (of: string) => {
        const digest = createHash('md5').update(of).digest('base64')
        return server().request('PUT', `/${bucket}/k`, { body: 'x', headers: { 'content-md5': digest } })
      }
      expect(verdict(await put('y'))).toBe('400 BadDigest')
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('404 NoSuchKey')
      expect(verdict(await put('x'))).toBe('200')
    })
  })

  it('wants the length of the body announced', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const put = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const sent = request(`${server().url}/${bucket}/k`, { method: 'PUT', headers }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode!))
        })
        sent.on('error', reject)
        sent.write('hello ')
        sent.end('chunked')
      })
    expect(await put({ 'transfer-encoding': 'chunked' })).toBe(411)
    expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('404 NoSuchKey')
    expect(await put({ 'content-length': '13' })).toBe(200)
  })

  it('takes the storage class of the request, else of the bucket', async () => {
    const bucket = await createBucket(server())
    const put = (storageClass: string) =>
      server().request('PUT', `/${bucket}/k`, { body: 'x', headers: { 'x-amz-storage-class': storageClass } })
    const stored = async () => (await server().request('HEAD', `/${bucket}/k`)).headers['x-amz-storage-class']
    expect(verdict(await put('STANDARD_IA'))).toBe('200')
    expect(await stored()).toBe('STANDARD_IA')
    expect(verdict(await put('NOPE'))).toBe('400 InvalidArgument')
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    expect(await stored()).toBe('STANDARD')
  })

  it('stores locks in a bucket with object lock only', async () => {
    const lock = {
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': '2099-01-01T00:00:00Z',
      'x-amz-object-lock-legal-hold': 'ON',
    }
    const plain = await createBucket(server())
    const locked = await createBucket(server(), { objectLock: true })
    const put = (bucket: string, headers: Record<string, string>) =>
      server().request('PUT', `/${bucket}/k`, { body: 'x', headers })
    expect(verdict(await put(plain, lock))).toBe('400 InvalidRequest')
    expect(verdict(await put(plain, {}))).toBe('200')
    const past = { ...lock, 'x-amz-object-lock-retain-until-date': '2001-01-01T00:00:00Z' }
    expect(verdict(await put(locked, past))).toBe('400 InvalidArgument')
    expect(verdict(await put(locked, lock))).toBe('200')
    const { headers } = await server().request('HEAD', `/${locked}/k`)
    expect(headers).toMatchObject({
      'x-amz-object-lock-mode': 'GOVERNANCE',
      'x-amz-object-lock-retain-until-date': '2099-01-01T00:00:00.000000000Z',
      'x-amz-object-lock-legal-hold': 'ON',
    })
  })

  it.each(['x-amz-server-side-encryption-magic', 'x-amz-mfa', 'x-amz-grant-all'])(
    'refuses %s instead of dropping it',
    async (header) => {
      const bucket = await createBucket(server())
      const put = (headers: Record<string, string>) => server().request('PUT', `/${bucket}/k`, { body: 'x', headers })
      expect(verdict(await put({ [header]: 'AES256' }))).toBe('501 NotImplemented')
      expect(verdict(await server().request('GET', `/${bucket}/k`))).toBe('404 NoSuchKey')
      expect(verdict(await put({}))).toBe('200')
    },
  )

  it.each([
    ['a missing bucket', 'no-such-bucket-at-all', '404 NoSuchBucket'],
    ['a key of 1024 bytes', 'k'.repeat(1024), '200'],
    ['a key of 1025 bytes', 'k'.repeat(1025), '400 InvalidObjectName'],
  ])('%s', async (name, text, expected) => {
    const bucket = name === 'a missing bucket' ? text : await createBucket(server())
    const key = name === 'a missing bucket' ? 'k' : text
    expect(verdict(await server().request('PUT', `/${bucket}/${key}`, { body: 'x' }))).toBe(expected)
  })

  it('stores the ACL of its headers', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const path = `/${bucket}/k`
    const put = async (headers: Record<string, string>) =>
      verdict(await server().request('PUT', path, { body: 'x', headers, as: 'alt' }))
    expect(await put({ 'x-amz-acl': 'bucket-owner-read' })).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: alt FULL_CONTROL, cozos READ')
    expect(await put({ 'x-amz-grant-read': `uri=${ALL_USERS}`, 'x-amz-grant-full-control': 'id="alt"' })).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: AllUsers READ, alt FULL_CONTROL')
    expect(verdict(await server().request('GET', path, { as: 'anonymous' }))).toBe('200')
    expect(await put({ 'x-amz-acl': 'log-delivery-write' })).toBe('400 InvalidArgument')
    expect(await put({ 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=alt' })).toBe('400 InvalidRequest')
    expect(await put({ 'x-amz-grant-read': 'emailAddress=no@x.org' })).toBe('400 UnresolvableGrantByEmailAddress')
    expect(await shownAcl(server(), path)).toBe('alt: AllUsers READ, alt FULL_CONTROL')
    expect(await put({})).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: alt FULL_CONTROL')
  })

  it('stores no public ACL where those are blocked', async () => {
    const bucket = await createBucket(server())
    const body =
      '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>'
    await server().request('PUT', `/${bucket}`, { query: { publicAccessBlock: undefined }, body })
    const put = async (headers: Record<string, string>) =>
      verdict(await server().request('PUT', `/${bucket}/k`, { body: 'x', headers }))
    expect(await put({ 'x-amz-acl': 'public-read' })).toBe('403 AccessDenied')
    expect(await put({ 'x-amz-grant-read': `uri="${ALL_USERS}"` })).toBe('403 AccessDenied')
    expect(await put({ 'x-amz-grant-read': 'id=alt' })).toBe('200')
  })

  it('lets others write only where the ACL does', async () => {
    const closed = await createBucket(server())
    const open = await createBucket(server(), { acl: 'public-read-write' })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await server().request('PUT', `/${closed}/k`, { body: 'x', as }))).toBe('403 AccessDenied')
      expect(verdict(await server().request('PUT', `/${open}/${as}`, { body: 'x', as }))).toBe('200')
    }
    const acl = { 'x-amz-acl': 'bucket-owner-full-control' }
    expect(verdict(await server().request('PUT', `/${open}/k`, { body: 'x', as: 'alt', headers: acl }))).toBe('200')
    const hold = { 'x-amz-object-lock-legal-hold': 'ON' }
    const locked = await createBucket(server(), { acl: 'public-read-write', objectLock: true })
    const put = (headers: Record<string, string>) =>
      server().request('PUT', `/${locked}/k`, { body: 'x', as: 'alt', headers })
    expect(verdict(await put(hold))).toBe('403 AccessDenied')
    expect(verdict(await put({}))).toBe('200')
  })

  it('is there after a restart', async () => {
    const bucket = await createBucket(server())
    const large = Buffer.alloc(200_000, 'large')
    await server().request('PUT', `/${bucket}/small`, { body: 'small' })
    await server().request('PUT', `/${bucket}/large`, { body: large })
    await server().restart()
    expect((await server().request('GET', `/${bucket}/small`)).text).toBe('small')
    expect((await server().request('GET', `/${bucket}/large`)).body.equals(large)).toBe(true)
  })
})

describe('PutObject in dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('names its errors as AWS does', async () => {
    const bucket = await createBucket(server())
    const put = (key: string, headers: Record<string, string>) =>
      server().request('PUT', `/${bucket}/${key}`, { body: 'x', headers })
    expect(verdict(await put('k'.repeat(1025), {}))).toBe('400 KeyTooLongError')
    expect(verdict(await put('k', { 'if-match': '*' }))).toBe('404 NoSuchKey')
    expect(verdict(await put('k', { 'if-none-match': '*' }))).toBe('200')
    expect(verdict(await put('k', { 'if-match': '*' }))).toBe('200')
  })

  it('knows If-None-Match with an asterisk only', async () => {
    const bucket = await createBucket(server())
    const put = (tag: string) =>
      server().request('PUT', `/${bucket}/k`, { body: 'x', headers: { 'if-none-match': tag } })
    expect(verdict(await put('"d41d8cd98f00b204e9800998ecf8427e"'))).toBe('501 NotImplemented')
    expect(verdict(await put('*'))).toBe('200')
    expect(verdict(await put('*'))).toBe('412 PreconditionFailed')
  })
})
