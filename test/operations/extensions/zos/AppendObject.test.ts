import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { shownAcl } from '../../../support/acl.ts'
import { createBucket, setVersioning, verdict } from '../../../support/buckets.ts'
import { type TestRequest, type TestResponse, useServer } from '../../../support/server.ts'

const APPENDERS = 64

function md5(text: string | Buffer): string {
  return createHash('md5').update(text).digest('hex')
}

describe('AppendObject', () => {
  const server = useServer()
  const append = (path: string, position: string | undefined, body: string | Buffer, options: TestRequest = {}) => {
    const query = { append: undefined, ...(position === undefined ? {} : { position }) }
    return server().request('PUT', path, { ...options, query, body })
  }
  const next = ({ headers }: TestResponse) => headers['x-rgw-next-append-position']

  it('grows an object, chains its ETag and answers with the ETag of the piece', async () => {
    const bucket = await createBucket(server())
    const path = `/${bucket}/中文%20a`.replace('中文', encodeURIComponent('中文'))
    const first = await append(path, '0', 'hello ', { headers: { 'x-amz-meta-m1': 'v1', 'content-type': 'text/a' } })
    expect([verdict(first), first.headers.etag, next(first)]).toEqual(['200', `"${md5('hello ')}"`, '6'])
    expect((await server().request('HEAD', path)).headers.etag).toBe(`"${md5('hello ')}"`)
    const second = await append(path, '6', 'world', { headers: { 'x-amz-meta-m2': 'm2' } })
    expect([second.headers.etag, next(second)]).toEqual([`"${md5('world')}"`, '11'])
    // Recorded from RGW: append.range and append.get_after_bad_digest.
    const grown = await server().request('GET', path)
    expect(grown.text).toBe('hello world')
    expect(grown.headers).toMatchObject({
      etag: '"e09e4fd6265b36115fe3db32df945d84-2"',
      'x-rgw-object-type': 'Appendable',
      'x-rgw-next-append-position': '11',
      'x-amz-meta-m2': 'm2',
      'content-type': 'binary/octet-stream',
    })
    expect(grown.headers['x-amz-meta-m1']).toBeUndefined()
    await append(path, '11', '')
    await append(path, '11', '!!')
    expect((await server().request('HEAD', path)).headers.etag).toBe('"dc37d75a2eefe7d862937396e299cbf8-4"')
    const range = await server().request('GET', path, { headers: { range: 'bytes=4-8' } })
    expect([range.status, range.text, range.headers['content-range']]).toEqual([206, 'o wor', 'bytes 4-8/13'])
  })

  it('answers in the order of RGW', async () => {
    const bucket = await createBucket(server())
    const { rawHeaders } = await append(`/${bucket}/a`, '0', 'x')
    const names = rawHeaders.filter((_text, index) => index % 2 === 0)
    expect(names.slice(0, 4)).toEqual(['Content-Length', 'ETag', 'Accept-Ranges', 'x-rgw-next-append-position'])
  })

  it('reads back many pieces, small and large', async () => {
    const bucket = await createBucket(server())
    const pieces = Array.from({ length: 40 }, (_, index) =>
      Buffer.alloc(index === 20 ? 150_000 : 100 + index, `${index} `),
    )
    let length = 0
    for (const piece of pieces) {
      expect(verdict(await append(`/${bucket}/a`, String(length), piece))).toBe('200')
      length += piece.length
    }
    const whole = Buffer.concat(pieces)
    expect((await server().request('GET', `/${bucket}/a`)).body.equals(whole)).toBe(true)
    const range = await server().request('GET', `/${bucket}/a`, { headers: { range: 'bytes=150-2500' } })
    expect(range.body.equals(whole.subarray(150, 2501))).toBe(true)
  })

  it.each([
    ['beyond the end', '999', '409 PositionNotEqualToLength', '6'],
    ['before the end', '0', '409 PositionNotEqualToLength', '6'],
    ['negative', '-1', '400 InvalidArgument', undefined],
    ['no number', 'abc', '400 InvalidArgument', undefined],
    ['a fraction', '6.0', '400 InvalidArgument', undefined],
    ['empty', '', '400 InvalidArgument', undefined],
    ['absent', undefined, '400 InvalidArgument', undefined],
    ['too large for a number', '99999999999999999999', '400 InvalidArgument', undefined],
    ['right', '6', '200', '7'],
  ])('a position that is %s', async (_case, position, expected, tells) => {
    const bucket = await createBucket(server())
    await append(`/${bucket}/a`, '0', 'hello ')
    const answer = await append(`/${bucket}/a`, position, '!')
    expect([verdict(answer), next(answer)]).toEqual([expected, tells])
    expect((await server().request('GET', `/${bucket}/a`)).text).toBe(expected === '200' ? 'hello !' : 'hello ')
  })

  it('begins a new object at 0 only', async () => {
    const bucket = await createBucket(server())
    const wrong = await append(`/${bucket}/b`, '5', 'x')
    expect([verdict(wrong), next(wrong)]).toEqual(['409 PositionNotEqualToLength', '0'])
    expect(verdict(await append(`/${bucket}/b`, '0', ''))).toBe('200')
    expect(verdict(await append(`/${bucket}/b`, '0', 'x'))).toBe('200')
    expect((await server().request('GET', `/${bucket}/b`)).text).toBe('x')
  })

  it('does not touch an object that was put whole; a PUT makes one of it', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/n`, { body: 'normal' })
    for (const position of ['0', '6']) {
      expect(verdict(await append(`/${bucket}/n`, position, 'x'))).toBe('409 ObjectNotAppendable')
    }
    await append(`/${bucket}/a`, '0', 'x')
    await server().request('PUT', `/${bucket}/a`, { body: 'y' })
    const { headers } = await server().request('HEAD', `/${bucket}/a`)
    expect([headers['x-rgw-object-type'], headers['x-rgw-next-append-position']]).toEqual(['Normal', undefined])
    expect(verdict(await append(`/${bucket}/a`, '1', 'x'))).toBe('409 ObjectNotAppendable')
    await server().request('DELETE', `/${bucket}/a`)
    expect(verdict(await append(`/${bucket}/a`, '0', 'x'))).toBe('200')
  })

  it('is not for buckets with versions', async () => {
    const bucket = await createBucket(server())
    expect(verdict(await append(`/${bucket}/a`, '0', 'x'))).toBe('200')
    for (const versioning of ['Enabled', 'Suspended'] as const) {
      await setVersioning(server(), bucket, versioning)
      expect(verdict(await append(`/${bucket}/a`, '1', 'x'))).toBe('409 InvalidBucketState')
      expect(verdict(await append(`/${bucket}/new`, '0', 'x'))).toBe('409 InvalidBucketState')
    }
  })

  it('keeps the storage class of the first append', async () => {
    const bucket = await createBucket(server())
    await append(`/${bucket}/a`, '0', 'x', { headers: { 'x-amz-storage-class': 'STANDARD_IA' } })
    await append(`/${bucket}/a`, '1', 'x', { headers: { 'x-amz-storage-class': 'GLACIER' } })
    expect((await server().request('HEAD', `/${bucket}/a`)).headers['x-amz-storage-class']).toBe('STANDARD_IA')
  })

  it('has one winner among many at the same position', async () => {
    const bucket = await createBucket(server())
    await append(`/${bucket}/a`, '0', 'start ')
    const answers = await Promise.all(
      Array.from({ length: APPENDERS }, (_, appender) => append(`/${bucket}/a`, '6', `appender ${appender}`)),
    )
    const winners = answers.flatMap(({ status }, appender) => (status === 200 ? [`appender ${appender}`] : []))
    expect(winners).toHaveLength(1)
    const losers = answers.filter(({ status }) => status !== 200)
    expect(new Set(losers.map(verdict))).toEqual(new Set(['409 PositionNotEqualToLength']))
    expect(new Set(losers.map(next))).toEqual(new Set([String(6 + winners[0]!.length)]))
    expect((await server().request('GET', `/${bucket}/a`)).text).toBe(`start ${winners[0]}`)
  })

  it('has one winner among many that begin the object, and losers leave no file', async () => {
    const bucket = await createBucket(server())
    const bodies = Array.from({ length: APPENDERS }, (_, appender) => Buffer.alloc(70_000, `${appender} `))
    const answers = await Promise.all(bodies.map((body) => append(`/${bucket}/a`, '0', body)))
    const winners = bodies.filter((_body, appender) => answers[appender]!.status === 200)
    expect(winners).toHaveLength(1)
    expect((await server().request('GET', `/${bucket}/a`)).body.equals(winners[0]!)).toBe(true)
    const { metadata, chunks } = server().running.services
    expect(await Array.fromAsync(chunks.list())).toHaveLength(metadata.stats().fileChunks)
  })

  it('grows a copy and leaves its source alone', async () => {
    const bucket = await createBucket(server())
    await append(`/${bucket}/a`, '0', 'one')
    await server().request('PUT', `/${bucket}/copy`, { headers: { 'x-amz-copy-source': `${bucket}/a` } })
    expect(verdict(await append(`/${bucket}/copy`, '3', ' two'))).toBe('200')
    expect(verdict(await append(`/${bucket}/a`, '3', ' three'))).toBe('200')
    const text = async (key: string) => (await server().request('GET', `/${bucket}/${key}`)).text
    expect([await text('a'), await text('copy')]).toEqual(['one three', 'one two'])
    await server().request('DELETE', `/${bucket}/a`)
    expect(await text('copy')).toBe('one two')
  })

  it('verifies the piece, and keeps a CRC of the whole', async () => {
    const bucket = await createBucket(server())
    const contentMd5 = (of: string) => ({ 'content-md5': createHash('md5').update(of).digest('base64') })
    expect(verdict(await append(`/${bucket}/a`, '0', 'x', { headers: contentMd5('y') }))).toBe('400 BadDigest')
    expect((await server().request('HEAD', `/${bucket}/a`)).status).toBe(404)
    expect(verdict(await append(`/${bucket}/a`, '0', 'x', { headers: contentMd5('x') }))).toBe('200')
    const crc = { headers: { 'x-amz-sdk-checksum-algorithm': 'CRC32' } }
    await append(`/${bucket}/c`, '0', '12345', crc)
    const piece = await append(`/${bucket}/c`, '5', '6789', crc)
    expect(piece.headers['x-amz-checksum-crc32']).toBeDefined()
    const whole = () => server().request('HEAD', `/${bucket}/c`, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    // CRC-32 of "123456789" is cbf43926.
    expect((await whole()).headers['x-amz-checksum-crc32']).toBe(Buffer.from('cbf43926', 'hex').toString('base64'))
    await append(`/${bucket}/c`, '9', '0')
    expect((await whole()).headers['x-amz-checksum-crc32']).toBeUndefined()
  })

  it('holds conditions against the object as it is', async () => {
    const bucket = await createBucket(server())
    const fresh = { headers: { 'if-none-match': '*' } }
    expect(verdict(await append(`/${bucket}/a`, '0', 'x', fresh))).toBe('200')
    expect(verdict(await append(`/${bucket}/a`, '1', 'x', fresh))).toBe('412 PreconditionFailed')
    const match = { headers: { 'if-match': md5('x') } }
    expect(verdict(await append(`/${bucket}/a`, '1', 'y', match))).toBe('200')
    expect(verdict(await append(`/${bucket}/a`, '2', 'z', match))).toBe('412 PreconditionFailed')
  })

  it('is for those who may write the bucket, signed by V2 as well', async () => {
    const closed = await createBucket(server())
    const open = await createBucket(server(), { acl: 'public-read-write' })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await append(`/${closed}/a`, '0', 'x', { as }))).toBe('403 AccessDenied')
      expect(verdict(await append(`/${open}/${as}`, '0', 'x', { as }))).toBe('200')
    }
    expect(verdict(await append(`/${closed}/a`, '0', 'x', { sign: 'v2' }))).toBe('200')
    expect(verdict(await append('/no-such-bucket-at-all/a', '0', 'x'))).toBe('404 NoSuchBucket')
  })

  it("has the ACL of its owner's last append", async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const path = `/${bucket}/a`
    expect(verdict(await append(path, '0', 'x', { headers: { 'x-amz-acl': 'public-read' }, as: 'alt' }))).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: AllUsers READ, alt FULL_CONTROL')
    const unknown = { 'x-amz-grant-read': 'id=nobody' }
    expect(verdict(await append(path, '1', 'x', { headers: unknown, as: 'alt' }))).toBe('400 InvalidArgument')
    const headers = { 'x-amz-grant-read': 'id=cozos' }
    expect(verdict(await append(path, '1', 'x', { headers, as: 'alt' }))).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: cozos READ')
    expect(verdict(await append(path, '2', 'x', { as: 'alt' }))).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: alt FULL_CONTROL')
  })

  it('does not fall to a stranger who adds to it', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const path = `/${bucket}/a`
    const headers = { 'x-amz-tagging': 'level=secret' }
    expect(verdict(await append(path, '0', 'secret', { headers }))).toBe('200')
    const tags = async () => (await server().request('GET', path, { query: { tagging: undefined } })).text
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await server().request('GET', path, { as }))).toBe('403 AccessDenied')
      const { headers: sent } = await server().request('HEAD', path)
      const position = String(sent['x-rgw-next-append-position'])
      for (const [name, value] of Object.entries({ 'x-amz-acl': 'public-read', 'x-amz-tagging': 'level=open' })) {
        expect(verdict(await append(path, position, '!', { as, headers: { [name]: value } }))).toBe('403 AccessDenied')
      }
      expect(verdict(await append(path, position, '!', { as }))).toBe('200')
      expect(await shownAcl(server(), path)).toBe('cozos: cozos FULL_CONTROL')
      expect(await tags()).toContain('<Value>secret</Value>')
      expect(verdict(await server().request('GET', path, { as }))).toBe('403 AccessDenied')
    }
    expect((await server().request('GET', path)).text).toBe('secret!!')
  })

  it('refuses encryption that it does not have instead of dropping it', async () => {
    const bucket = await createBucket(server())
    const headers = { 'x-amz-server-side-encryption': 'aws:kms:dsse' }
    expect(verdict(await append(`/${bucket}/a`, '0', 'x', { headers }))).toBe('501 NotImplemented')
    expect(verdict(await append(`/${bucket}/a`, '0', 'x'))).toBe('200')
  })
})
