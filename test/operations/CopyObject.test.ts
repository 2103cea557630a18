import { createHash } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { shownAcl } from '../support/acl.ts'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { type TestResponse, type UserName, useServer } from '../support/server.ts'

const PAST = 'Sat, 29 Oct 1994 19:43:31 GMT'
const FUTURE = 'Tue, 29 Oct 2130 19:43:31 GMT'
const COPIERS = 64
const ETAG = createHash('md5').update('source').digest('hex')

describe('CopyObject', () => {
  const server = useServer()

  /** A bucket with the object `s` of six bytes, with attributes of every kind. */
  async function source(): Promise<string> {
    const Bucket = await createBucket(server())
    await server()
      .s3()
      .send(
        new PutObjectCommand({
          Bucket,
          Key: 's',
          Body: 'source',
          ContentType: 'text/src',
          CacheControl: 'no-store',
          Metadata: { a: '1' },
          Tagging: 'k=v',
          ACL: 'public-read',
          WebsiteRedirectLocation: '/elsewhere',
          ChecksumAlgorithm: 'CRC32',
        }),
      )
    return Bucket
  }

  function copy(target: string, headers: Record<string, string>, as: UserName = 'root'): Promise<TestResponse> {
    return server().request('PUT', target, { headers, as })
  }

  it('copies bytes, metadata and tags; neither the ACL nor the redirect', async () => {
    const Bucket = await source()
    const s3 = server().s3()
    const answer = await s3.send(new CopyObjectCommand({ Bucket, Key: '目标 d', CopySource: `${Bucket}/s` }))
    expect(answer.CopyObjectResult).toMatchObject({ ETag: ETAG, ChecksumType: 'FULL_OBJECT' })
    expect(Date.now() - answer.CopyObjectResult!.LastModified!.getTime()).toBeLessThan(60_000)
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: '目标 d', ChecksumMode: 'ENABLED' }))
    expect(await got.Body!.transformToString()).toBe('source')
    expect(got).toMatchObject({ ContentType: 'text/src', CacheControl: 'no-store', Metadata: { a: '1' }, TagCount: 1 })
    expect(got.WebsiteRedirectLocation).toBeUndefined()
    expect(got.ChecksumCRC32).toBe(answer.CopyObjectResult!.ChecksumCRC32)
    const anonymous = await server().request('GET', `/${Bucket}/${encodeURIComponent('目标 d')}`, { as: 'anonymous' })
    expect(verdict(anonymous)).toBe('403 AccessDenied')
  })

  it('prints the ETag without quotes, as RGW does', async () => {
    const bucket = await source()
    const { text, headers } = await copy(`/${bucket}/d`, { 'x-amz-copy-source': `/${bucket}/s` })
    expect(headers['content-type']).toBe('application/xml')
    expect(text).toContain(`<ETag>${ETAG}</ETag>`)
  })

  it('shares bytes in a file, which outlive the source', async () => {
    const from = await createBucket(server())
    const to = await createBucket(server())
    const body = Buffer.alloc(200_000, 'shared')
    await server().request('PUT', `/${from}/s`, { body })
    const filesBefore = server().running.services.metadata.stats().fileChunks
    expect(verdict(await copy(`/${to}/d`, { 'x-amz-copy-source': `${from}/s` }))).toBe('200')
    expect(server().running.services.metadata.stats().fileChunks).toBe(filesBefore)
    await server().request('DELETE', `/${from}/s`)
    expect(verdict(await server().request('DELETE', `/${from}`))).toBe('204')
    expect((await server().request('GET', `/${to}/d`)).body.equals(body)).toBe(true)
  })

  it.each([
    ['COPY', { 'x-amz-metadata-directive': 'COPY' }, 'text/src', '1', undefined, '1'],
    ['no directive', {}, 'text/src', '1', undefined, '1'],
    ['REPLACE', { 'x-amz-metadata-directive': 'REPLACE' }, 'text/new', undefined, '2', '1'],
    ['REPLACE of tags', { 'x-amz-tagging-directive': 'REPLACE' }, 'text/src', '1', undefined, '2'],
  ])('takes metadata and tags by directive: %s', async (_case, directives, type, a, b, tags) => {
    const bucket = await source()
    const given = { 'content-type': 'text/new', 'x-amz-meta-b': '2', 'x-amz-tagging': 'x=1&y=2' }
    const headers = { 'x-amz-copy-source': `${bucket}/s`, ...given, ...directives }
    expect(verdict(await copy(`/${bucket}/d`, headers))).toBe('200')
    const stored = (await server().request('HEAD', `/${bucket}/d`)).headers
    expect(stored['content-type']).toBe(type)
    expect([stored['x-amz-meta-a'], stored['x-amz-meta-b'], stored['x-amz-tagging-count']]).toEqual([a, b, tags])
  })

  it.each(['x-amz-metadata-directive', 'x-amz-tagging-directive'])('refuses another word for %s', async (name) => {
    const bucket = await source()
    const attempt = (word: string) => copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s`, [name]: word })
    expect(verdict(await attempt('MOVE'))).toBe('400 InvalidArgument')
    expect(verdict(await attempt('COPY'))).toBe('200')
  })

  it.each([
    ['if-match', `"${ETAG}"`, 200],
    ['if-match', '"x"', 412],
    ['if-none-match', '"x"', 200],
    ['if-none-match', `"${ETAG}"`, 412],
    ['if-modified-since', PAST, 200],
    ['if-modified-since', FUTURE, 412],
    ['if-unmodified-since', FUTURE, 200],
    ['if-unmodified-since', PAST, 412],
  ])('x-amz-copy-source-%s: %s answers %i', async (name, value, status) => {
    const bucket = await source()
    const headers = { 'x-amz-copy-source': `${bucket}/s`, [`x-amz-copy-source-${name}`]: value }
    const answer = await copy(`/${bucket}/d`, headers)
    expect(verdict(answer)).toBe(status === 200 ? '200' : '412 PreconditionFailed')
    expect((await server().request('HEAD', `/${bucket}/d`)).status).toBe(status === 200 ? 200 : 404)
  })

  it.each([
    ['nothing', {}, '400 InvalidRequest'],
    ['tags alone', { 'x-amz-tagging-directive': 'REPLACE' }, '400 InvalidRequest'],
    ['metadata', { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-a': '9' }, '200'],
    ['the storage class', { 'x-amz-storage-class': 'STANDARD_IA' }, '200'],
    ['the website redirect', { 'x-amz-website-redirect-location': '/y' }, '200'],
    ['the checksum', { 'x-amz-checksum-algorithm': 'SHA256' }, '200'],
  ])('onto itself with a change of %s', async (_case, change, expected) => {
    const bucket = await source()
    const answer = await copy(`/${bucket}/s`, { 'x-amz-copy-source': `${bucket}/s`, ...change })
    expect(verdict(answer)).toBe(expected)
    if (expected !== '200') expect(answer.text).toContain('trying to copy an object to itself')
    expect((await server().request('GET', `/${bucket}/s`)).text).toBe('source')
  })

  it('onto itself is so by the id of the null version too, unless the copy becomes another version', async () => {
    const bucket = await source()
    const itself = { 'x-amz-copy-source': `${bucket}/s?versionId=null` }
    expect(verdict(await copy(`/${bucket}/s`, itself))).toBe('400 InvalidRequest')
    expect(verdict(await copy(`/${bucket}/d`, itself))).toBe('200')
    await setVersioning(server(), bucket, 'Enabled')
    expect(verdict(await copy(`/${bucket}/s`, itself))).toBe('200')
  })

  it('onto itself keeps bytes in a file', async () => {
    const bucket = await createBucket(server())
    const body = Buffer.alloc(200_000, 'self')
    await server().request('PUT', `/${bucket}/s`, { body })
    for (const value of ['1', '2', '3']) {
      const change = { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-a': value }
      expect(verdict(await copy(`/${bucket}/s`, { 'x-amz-copy-source': `${bucket}/s`, ...change }))).toBe('200')
    }
    expect((await server().request('GET', `/${bucket}/s`)).body.equals(body)).toBe(true)
  })

  it.each([6, 200_000])('computes another checksum when it is asked for (%i bytes)', async (size) => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const Body = Buffer.alloc(size, 'source')
    await s3.send(new PutObjectCommand({ Bucket, Key: 's', Body, ChecksumAlgorithm: 'CRC32' }))
    const at = { Bucket, Key: 'd' }
    const answer = await s3.send(
      new CopyObjectCommand({ ...at, CopySource: `${Bucket}/s`, ChecksumAlgorithm: 'SHA256' }),
    )
    const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64')
    expect(answer.CopyObjectResult).toMatchObject({ ChecksumSHA256, ChecksumType: 'FULL_OBJECT' })
    const head = await s3.send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }))
    expect(head.ChecksumSHA256).toBe(ChecksumSHA256)
    expect(head.ChecksumCRC32).toBeUndefined()
    const junk = await copy(`/${Bucket}/d`, { 'x-amz-copy-source': `${Bucket}/s`, 'x-amz-checksum-algorithm': 'MD5' })
    expect(verdict(junk)).toBe('400 InvalidRequest')
  })

  it('takes the storage class of the request, else of the bucket that it goes to', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/s`, { body: 'x', headers: { 'x-amz-storage-class': 'STANDARD_IA' } })
    const copied = async (headers: Record<string, string>) => {
      const answer = await copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s`, ...headers })
      return [verdict(answer), (await server().request('HEAD', `/${bucket}/d`)).headers['x-amz-storage-class']]
    }
    expect(await copied({})).toEqual(['200', 'STANDARD'])
    expect(await copied({ 'x-amz-storage-class': 'GLACIER' })).toEqual(['200', 'GLACIER'])
    expect(await copied({ 'x-amz-storage-class': 'NOPE' })).toEqual(['400 InvalidArgument', 'GLACIER'])
  })

  it('copies any version, also back onto its own key', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const put = async (Body: string) => (await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }))).VersionId
    await put('null')
    await setVersioning(server(), Bucket, 'Enabled')
    const first = (await put('first'))!
    const second = (await put('second'))!
    const restore = (versionId?: string) => {
      const CopySource = versionId === undefined ? `${Bucket}/k` : `${Bucket}/k?versionId=${versionId}`
      return s3.send(new CopyObjectCommand({ Bucket, Key: versionId === undefined ? 'd' : 'k', CopySource }))
    }
    const latest = await restore()
    expect(latest.CopySourceVersionId).toBe(second)
    expect(latest.VersionId).toMatch(/^[A-Za-z0-9.-]{31}$/)
    expect((await server().request('GET', `/${Bucket}/d`)).text).toBe('second')
    for (const [versionId, text] of [
      [first, 'first'],
      ['null', 'null'],
    ] as const) {
      await restore(versionId)
      expect((await server().request('GET', `/${Bucket}/k`)).text).toBe(text)
    }
  })

  it('keeps the parts of a multipart object', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 's' }))
    const Parts = []
    for (const [index, Body] of ['a'.repeat(1024), 'b'].entries()) {
      const part = { Bucket, Key: 's', UploadId, PartNumber: index + 1, Body }
      Parts.push({ PartNumber: index + 1, ETag: (await s3.send(new UploadPartCommand(part))).ETag })
    }
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 's', UploadId, MultipartUpload: { Parts } }))
    expect(verdict(await copy(`/${Bucket}/d`, { 'x-amz-copy-source': `${Bucket}/s` }))).toBe('200')
    await server().request('DELETE', `/${Bucket}/s`)
    const part = await server().request('GET', `/${Bucket}/d`, { query: { partNumber: '2' } })
    expect([part.text, part.headers['x-amz-mp-parts-count']]).toEqual(['b', '2'])
    expect(part.headers.etag).toMatch(/-2"$/)
  })

  it('holds conditions against what it replaces, with one winner among many', async () => {
    const bucket = await source()
    const once = { 'x-amz-copy-source': `${bucket}/s`, 'if-none-match': '*' }
    const answers = await Promise.all(Array.from({ length: COPIERS }, () => copy(`/${bucket}/d`, once)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => verdict(answer) === '412 PreconditionFailed')).toHaveLength(COPIERS - 1)
    const match = (tag: string) => copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s`, 'if-match': tag })
    expect(verdict(await match('"x"'))).toBe('412 PreconditionFailed')
    expect(verdict(await match(ETAG))).toBe('200')
  })

  it('stores locks of its own headers, not of the source', async () => {
    const Bucket = await createBucket(server(), { objectLock: true })
    const hold = { ObjectLockLegalHoldStatus: 'ON' } as const
    await server()
      .s3()
      .send(new PutObjectCommand({ Bucket, Key: 's', Body: 'x', ...hold }))
    const copied = async (headers: Record<string, string>) => {
      expect(verdict(await copy(`/${Bucket}/d`, { 'x-amz-copy-source': `${Bucket}/s`, ...headers }))).toBe('200')
      return (await server().request('HEAD', `/${Bucket}/d`)).headers['x-amz-object-lock-legal-hold']
    }
    expect(await copied({})).toBeUndefined()
    expect(await copied({ 'x-amz-object-lock-legal-hold': 'ON' })).toBe('ON')
    const plain = await createBucket(server())
    const refused = { 'x-amz-copy-source': `${Bucket}/s`, 'x-amz-object-lock-legal-hold': 'ON' }
    expect(verdict(await copy(`/${plain}/d`, refused))).toBe('400 InvalidRequest')
  })

  it('while its source is being overwritten and deleted gives a whole version or none', async () => {
    const bucket = await createBucket(server())
    const bodies = ['one', 'two'].map((word) => Buffer.alloc(100_000, word))
    await server().request('PUT', `/${bucket}/s`, { body: bodies[0] })
    const rounds = Array.from({ length: 12 }, async (_, round) => {
      if (round % 3 === 0) return server().request('DELETE', `/${bucket}/s`)
      if (round % 3 === 1) return server().request('PUT', `/${bucket}/s`, { body: bodies[round % 2] })
      const checksum: Record<string, string> = round % 2 === 0 ? { 'x-amz-checksum-algorithm': 'SHA1' } : {}
      return copy(`/${bucket}/d${round}`, { 'x-amz-copy-source': `${bucket}/s`, ...checksum })
    })
    for (const [round, answer] of (await Promise.all(rounds)).entries()) {
      if (round % 3 !== 2) continue
      expect(['200', '404 NoSuchKey', '409 OperationAborted']).toContain(verdict(answer))
      const { status, body } = await server().request('GET', `/${bucket}/d${round}`)
      expect(status).toBe(answer.status === 200 ? 200 : 404)
      if (status === 200) expect(bodies.some((whole) => whole.equals(body))).toBe(true)
    }
  })

  it.each([
    ['a missing key', 'none', undefined, '404 NoSuchKey'],
    ['an unknown version', 's?versionId=abcdefgh', undefined, '404 NoSuchKey'],
    ['the null version', 's?versionId=null', undefined, '200'],
    ['a missing bucket', 's', 'no-such-bucket-at-all', '404 NoSuchBucket'],
    ['no key', '', undefined, '400 InvalidArgument'],
  ])('with %s as its source', async (_case, key, from, expected) => {
    const bucket = await source()
    expect(verdict(await copy(`/${bucket}/d`, { 'x-amz-copy-source': `${from ?? bucket}/${key}` }))).toBe(expected)
  })

  it('does not find what a delete marker hides', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    await server().request('PUT', `/${bucket}/s`, { body: 'x' })
    const versionId = (await server().request('DELETE', `/${bucket}/s`)).headers['x-amz-version-id'] as string
    for (const from of ['s', `s?versionId=${versionId}`]) {
      expect(verdict(await copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/${from}` }))).toBe('404 NoSuchKey')
    }
    await server().request('DELETE', `/${bucket}/s`, { query: { versionId } })
    expect(verdict(await copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s` }))).toBe('200')
  })

  it('gives the copy the ACL of its headers', async () => {
    const bucket = await source()
    const to = async (headers: Record<string, string>) =>
      verdict(await copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s`, ...headers }))
    // Recorded: copy.acl_get.
    expect(await to({ 'x-amz-acl': 'public-read' })).toBe('200')
    expect(await shownAcl(server(), `/${bucket}/d`)).toBe('cozos: AllUsers READ, cozos FULL_CONTROL')
    expect(await to({ 'x-amz-grant-read': 'id=alt', 'x-amz-metadata-directive': 'REPLACE' })).toBe('200')
    expect(await shownAcl(server(), `/${bucket}/d`)).toBe('cozos: alt READ')
    expect(await to({ 'x-amz-grant-read': 'id=nobody' })).toBe('400 InvalidArgument')
    expect(await shownAcl(server(), `/${bucket}/d`)).toBe('cozos: alt READ')
    expect(await to({})).toBe('200')
    expect(await shownAcl(server(), `/${bucket}/d`)).toBe('cozos: cozos FULL_CONTROL')
  })

  it('refuses what it does not know instead of dropping it', async () => {
    const bucket = await source()
    for (const name of ['x-amz-copy-source-server-side-encryption', 'x-amz-grant-all']) {
      const headers = { 'x-amz-copy-source': `${bucket}/s`, [name]: 'AES256' }
      expect(verdict(await copy(`/${bucket}/d`, headers))).toBe('501 NotImplemented')
    }
    expect(verdict(await copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s` }))).toBe('200')
  })

  it('heeds whom the client expects to own the source', async () => {
    const bucket = await source()
    const attempt = (owner: string) =>
      copy(`/${bucket}/d`, { 'x-amz-copy-source': `${bucket}/s`, 'x-amz-source-expected-bucket-owner': owner })
    expect(verdict(await attempt('somebody'))).toBe('403 AccessDenied')
    expect(verdict(await attempt(server().root.id))).toBe('200')
  })

  it('needs read access to the source and write access to the destination', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/closed`, { body: 'x' })
    await server().request('PUT', `/${bucket}/open`, { body: 'x', headers: { 'x-amz-acl': 'public-read' } })
    const own = await createBucket(server(), { user: 'alt' })
    const attempt = (target: string, key: string, as: UserName) =>
      copy(`/${target}/d`, { 'x-amz-copy-source': `${bucket}/${key}` }, as)
    expect(verdict(await attempt(own, 'closed', 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await attempt(bucket, 'open', 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await attempt(own, 'open', 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await attempt(own, 'open', 'alt'))).toBe('200')
    expect(verdict(await attempt('no-such-bucket-at-all', 'open', 'alt'))).toBe('404 NoSuchBucket')
  })
})

describe('CopyObject in dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('prints the ETag with quotes and names its errors as AWS does', async () => {
    const bucket = await createBucket(server(), { versioning: 'Enabled' })
    await server().request('PUT', `/${bucket}/s`, { body: 'source' })
    const copy = (from: string) =>
      server().request('PUT', `/${bucket}/d`, { headers: { 'x-amz-copy-source': `${bucket}/${from}` } })
    expect((await copy('s')).text).toContain(`<ETag>&quot;${ETAG}&quot;</ETag>`)
    expect(verdict(await copy('s?versionId=nope'))).toBe('404 NoSuchVersion')
    const marker = (await server().request('DELETE', `/${bucket}/s`)).headers['x-amz-version-id'] as string
    expect(verdict(await copy('s'))).toBe('404 NoSuchKey')
    expect(verdict(await copy(`s?versionId=${marker}`))).toBe('400 InvalidRequest')
  })
})
