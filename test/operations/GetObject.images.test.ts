import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { setClock } from '../support/control.ts'
import { customerKey, encryptionDocument, KMS_RULE, putEncryption } from '../support/encryption.ts'
import {
  bucketWithPicture,
  gradient,
  HALF,
  HEIGHT,
  putFile,
  shapeOf,
  WIDTH,
  watermark,
} from '../support/image-files.ts'
import { type TestRequest, type TestResponse, useServer } from '../support/server.ts'

const PAST = 'Sat, 29 Oct 1994 19:43:31 GMT'
const FUTURE = 'Tue, 29 Oct 2130 19:43:31 GMT'
const MIB = 1024 * 1024

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

describe('GetObject with x-zos-process', () => {
  const server = useServer()

  function get(path: string, directive: string, options: TestRequest = {}): Promise<TestResponse> {
    const query = { ...options.query, 'x-zos-process': directive }
    return server().request('GET', path, { ...options, query })
  }

  it("answers with the headers of the manual's sample", async () => {
    const bucket = await bucketWithPicture(server(), {
      'x-amz-meta-s3cmd-attrs': 'uid:0',
      'cache-control': 'no-store',
      'content-encoding': 'identity',
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-sdk-checksum-algorithm': 'SHA256',
    })
    const path = `/${bucket}/p.jpg`
    const source = await server().request('GET', path, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(source.headers['x-amz-checksum-sha256']).toBeDefined()
    const response = await get(path, HALF, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(await shapeOf(response)).toBe(`jpeg ${WIDTH / 2}x${HEIGHT / 2}`)
    const names = response.rawHeaders.filter((_text, index) => index % 2 === 0)
    expect(names.slice(0, 9)).toEqual([
      'Content-Length',
      'Accept-Ranges',
      'Last-Modified',
      'x-rgw-object-type',
      'ETag',
      'x-amz-storage-class',
      'x-amz-meta-s3cmd-attrs',
      'Cache-Control',
      'Content-Type',
    ])
    expect(response.headers).toMatchObject({
      'content-length': String(response.body.length),
      'last-modified': source.headers['last-modified'],
      'x-rgw-object-type': 'Normal',
      etag: `"${md5(response.body)}"`,
      'x-amz-storage-class': 'STANDARD',
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
    })
    // They are the source's bytes' alone.
    expect(response.headers['content-encoding']).toBeUndefined()
    expect(response.headers['x-amz-checksum-sha256']).toBeUndefined()
    expect(source.headers['content-encoding']).toBe('identity')
  })

  it.each([
    ['image/resize,w_60', 'jpeg 60x40', 'image/jpeg'],
    ['image/resize,w_300,h_200,m_fixed,limit_0', 'jpeg 300x200', 'image/jpeg'],
    ['image/resize,w_50,h_50,m_pad,color_FF0000', 'jpeg 50x50', 'image/jpeg'],
    ['image/resize,w_50,h_50,m_fill', 'jpeg 50x50', 'image/jpeg'],
    ['image/resize,w_60,h_60,m_mfit', 'jpeg 90x60', 'image/jpeg'],
    ['image/crop,w_30,h_20,x_10,y_10,g_se', 'jpeg 20x10', 'image/jpeg'],
    ['image/rotate,90', 'jpeg 80x120', 'image/jpeg'],
    ['image/format,png', 'png 120x80', 'image/png'],
    ['image/format,webp', 'webp 120x80', 'image/webp'],
    ['image/format,bmp', 'bmp 120x80', 'image/bmp'],
    ['image/format,tiff', 'tiff 120x80', 'image/tiff'],
    ['image/watermark,text_Q2hpbmF0ZWx1Y29t,type_heiti,color_FF0000,size_40,g_se,t_80', 'jpeg 120x80', 'image/jpeg'],
    ['image/quality,q_50', 'jpeg 120x80', 'image/jpeg'],
    ['image/strip', 'jpeg 120x80', 'image/jpeg'],
    ['image/bright,30', 'jpeg 120x80', 'image/jpeg'],
    ['image/contrast,-30', 'jpeg 120x80', 'image/jpeg'],
    ['image/sharpen,100', 'jpeg 120x80', 'image/jpeg'],
    ['image/blur,r_3,s_2', 'jpeg 120x80', 'image/jpeg'],
    ['image/interlace,1', 'jpeg 120x80', 'image/jpeg'],
    ['image/auto-orient,1', 'jpeg 120x80', 'image/jpeg'],
    ['image/circle,r_20/format,png', 'png 41x41', 'image/png'],
    ['image/rounded-corners,r_10/format,png', 'png 120x80', 'image/png'],
    ['image/indexcrop,x_50,i_2', 'jpeg 20x80', 'image/jpeg'],
    ['image/rotate,90|image/resize,p_50', 'jpeg 40x60', 'image/jpeg'],
  ])('%s is %s', async (directive, shape, type) => {
    const bucket = await bucketWithPicture(server())
    const response = await get(`/${bucket}/p.jpg`, directive)
    expect(verdict(response)).toBe('200')
    expect([await shapeOf(response), response.headers['content-type']]).toEqual([shape, type])
  })

  it.each(['png', 'webp', 'tiff', 'gif'] as const)('a %s stays one', async (format) => {
    const bucket = await createBucket(server())
    await putFile(server(), `/${bucket}/p`, { body: await gradient({ format }) })
    const response = await get(`/${bucket}/p`, HALF)
    expect(await shapeOf(response)).toBe(`${format} 60x40`)
    expect(response.headers['content-type']).toBe(`image/${format}`)
  })

  it('tells facts and the average color', async () => {
    const bucket = await bucketWithPicture(server())
    const info = await get(`/${bucket}/p.jpg`, 'image/info')
    expect(info.headers['content-type']).toBe('application/json')
    const source = await server().request('GET', `/${bucket}/p.jpg`)
    expect(JSON.parse(info.text)).toMatchObject({
      FileSize: { value: String(source.body.length) },
      Format: { value: 'jpg' },
      ImageHeight: { value: String(HEIGHT) },
      ImageWidth: { value: String(WIDTH) },
    })
    const hue = await get(`/${bucket}/p.jpg`, 'image/average-hue')
    expect(JSON.parse(hue.text)).toEqual({ RGB: expect.stringMatching(/^0x[0-9a-f]{6}$/) })
    expect([info, hue].map(({ headers, body }) => headers.etag === `"${md5(body)}"`)).toEqual([true, true])
  })

  it.each([
    ['an operator that nobody knows', 'image/frobnicate', 'frobnicate'],
    ['a number out of its range', 'image/resize,w_4097', 'w_4097'],
    ['nothing', '', 'image/'],
    ['another kind of processing', 'video/snapshot', 'video'],
    ['a picture that would be too large', 'image/resize,p_1000/resize,p_1000/resize,p_1000', 'resize'],
  ])('%s is refused', async (_case, directive, named) => {
    const bucket = await bucketWithPicture(server())
    const refused = await get(`/${bucket}/p.jpg`, directive)
    expect(verdict(refused)).toBe('400 InvalidArgument')
    expect(refused.text).toContain(named)
    expect(verdict(await get(`/${bucket}/p.jpg`, 'image/resize,w_4096'))).toBe('200')
  })

  it('is for pictures, of 20 MB at most', async () => {
    const bucket = await createBucket(server())
    const whole = await gradient()
    const files = {
      text: Buffer.from('no picture at all'),
      empty: Buffer.alloc(0),
      cut: whole.subarray(0, whole.length / 2),
      // What follows the end of a JPEG is no part of it.
      limit: Buffer.concat([whole], 20 * MIB),
      large: Buffer.concat([whole], 20 * MIB + 1),
    }
    for (const [key, body] of Object.entries(files)) await putFile(server(), `/${bucket}/${key}`, { body })
    for (const key of ['text', 'empty', 'cut', 'large']) {
      const refused = await get(`/${bucket}/${key}`, HALF)
      expect([key, verdict(refused)]).toEqual([key, '400 InvalidArgument'])
      expect(refused.text).toMatch(/<Message>[^<]+<\/Message>/)
    }
    expect(await shapeOf(await get(`/${bucket}/limit`, HALF))).toBe('jpeg 60x40')
    expect((await get(`/${bucket}/large`, HALF)).text).toContain(String(20 * MIB))
  })

  it('reads the directive from a header, too', async () => {
    const bucket = await bucketWithPicture(server())
    const path = `/${bucket}/p.jpg`
    const response = await server().request('GET', path, { headers: { 'x-zos-process': HALF } })
    expect(await shapeOf(response)).toBe('jpeg 60x40')
    const twice = await get(path, HALF, { headers: { 'x-zos-process': HALF } })
    expect(await shapeOf(twice)).toBe('jpeg 60x40')
    const torn = await get(path, HALF, { headers: { 'x-zos-process': 'image/info' } })
    expect(verdict(torn)).toBe('400 InvalidArgument')
  })

  it('answers HEAD as it answers GET', async () => {
    const bucket = await bucketWithPicture(server())
    const path = `/${bucket}/p.jpg`
    const got = await get(path, HALF)
    const head = await server().request('HEAD', path, { query: { 'x-zos-process': HALF } })
    for (const name of ['content-length', 'content-type', 'etag', 'last-modified']) {
      expect(head.headers[name]).toBe(got.headers[name])
    }
    expect([head.status, head.body.length]).toEqual([200, 0])
    const plain = await server().request('HEAD', path)
    expect(plain.headers['etag']).not.toBe(got.headers.etag)
    expect((await server().request('HEAD', path, { query: { 'x-zos-process': 'x' } })).status).toBe(400)
  })

  it.each([
    ['bytes=0-9', 206],
    ['bytes=-5', 206],
    ['bytes=100-', 206],
    ['bytes=100000000-', 416],
    ['bytes=9-4', 416],
    ['chars=0-4', 200],
  ])('has the range %s of the result', async (range, status) => {
    const bucket = await bucketWithPicture(server())
    const { body } = await get(`/${bucket}/p.jpg`, HALF)
    const part = await get(`/${bucket}/p.jpg`, HALF, { headers: { range } })
    expect(part.status).toBe(status)
    if (status === 416) return
    const [, first = '0', last = String(body.length - 1)] =
      /^bytes (\d+)-(\d+)\//.exec(String(part.headers['content-range'])) ?? []
    expect(part.body.equals(body.subarray(Number(first), Number(last) + 1))).toBe(true)
    const expected = status === 206 ? `bytes ${first}-${last}/${body.length}` : undefined
    expect(part.headers['content-range']).toBe(expected)
  })

  it('has one part', async () => {
    const bucket = await bucketWithPicture(server())
    const { body } = await get(`/${bucket}/p.jpg`, HALF)
    const part = (partNumber: string) => get(`/${bucket}/p.jpg`, HALF, { query: { partNumber } })
    expect((await part('1')).body.equals(body)).toBe(true)
    expect((await part('1')).headers['x-amz-mp-parts-count']).toBeUndefined()
    expect((await part('2')).status).toBe(416)
  })

  it('holds conditions against its own ETag and the date of the source', async () => {
    const bucket = await bucketWithPicture(server())
    const { headers: result } = await get(`/${bucket}/p.jpg`, HALF)
    const { headers: source } = await server().request('HEAD', `/${bucket}/p.jpg`)
    const own = String(result.etag)
    for (const [name, value, status] of [
      ['if-match', own, 200],
      ['if-match', '*', 200],
      ['if-match', String(source.etag), 412],
      ['if-none-match', own, 304],
      ['if-none-match', String(source.etag), 200],
      ['if-modified-since', PAST, 200],
      ['if-modified-since', FUTURE, 304],
      ['if-unmodified-since', PAST, 412],
      ['if-unmodified-since', FUTURE, 200],
    ] as const) {
      const answer = await get(`/${bucket}/p.jpg`, HALF, { headers: { [name]: value } })
      expect([name, value, answer.status]).toEqual([name, value, status])
    }
  })

  it('needs no rendering where the date decides', async () => {
    const bucket = await createBucket(server())
    await putFile(server(), `/${bucket}/t`, { body: Buffer.from('no picture') })
    expect((await get(`/${bucket}/t`, HALF, { headers: { 'if-modified-since': FUTURE } })).status).toBe(304)
    expect((await get(`/${bucket}/t`, HALF, { headers: { 'if-modified-since': PAST } })).status).toBe(400)
  })

  it('overrides headers for signed requests', async () => {
    const bucket = await bucketWithPicture(server())
    const query = { 'response-content-type': 'image/x-own', 'response-content-disposition': 'attachment' }
    const { headers } = await get(`/${bucket}/p.jpg`, HALF, { query })
    expect(headers).toMatchObject({ 'content-type': 'image/x-own', 'content-disposition': 'attachment' })
  })

  it('reads any version, and nothing behind a delete marker', async () => {
    const bucket = await bucketWithPicture(server())
    await setVersioning(server(), bucket, 'Enabled')
    const path = `/${bucket}/p.jpg`
    const second = await putFile(server(), path, { body: await gradient({ width: 40, height: 40 }) })
    expect(await shapeOf(await get(path, HALF))).toBe('jpeg 20x20')
    const named = await get(path, HALF, { query: { versionId: 'null' } })
    expect([await shapeOf(named), named.headers['x-amz-version-id']]).toEqual(['jpeg 60x40', 'null'])
    await server().request('DELETE', path)
    expect(verdict(await get(path, HALF))).toBe('404 NoSuchKey')
    expect(await shapeOf(await get(path, HALF, { query: { versionId: String(second) } }))).toBe('jpeg 20x20')
    expect(verdict(await get(`/${bucket}/none`, HALF))).toBe('404 NoSuchKey')
    expect(verdict(await get('/no-such-bucket-at-all/p.jpg', HALF))).toBe('404 NoSuchBucket')
  })

  it.each([
    ['SSE-S3', 'AES256', '<SSEAlgorithm>AES256</SSEAlgorithm>'],
    ['SSE-KMS', 'aws:kms', KMS_RULE],
  ])('reads what is encrypted by %s', async (_name, algorithm, rule) => {
    const bucket = await createBucket(server())
    expect((await putEncryption(server(), bucket, { body: encryptionDocument(rule) })).status).toBe(200)
    await putFile(server(), `/${bucket}/p.jpg`)
    // The second time, too: results of it are not kept.
    for (let time = 0; time < 2; time += 1) {
      const response = await get(`/${bucket}/p.jpg`, HALF)
      expect(await shapeOf(response)).toBe('jpeg 60x40')
      expect(response.headers['x-amz-server-side-encryption']).toBe(algorithm)
    }
  })

  it("reads what is encrypted with the customer's key, for whoever has it", async () => {
    const bucket = await createBucket(server())
    const [key, other] = [customerKey(), customerKey()]
    await putFile(server(), `/${bucket}/p.jpg`, { headers: key.headers })
    expect(await shapeOf(await get(`/${bucket}/p.jpg`, HALF, { headers: key.headers }))).toBe('jpeg 60x40')
    for (const headers of [{}, other.headers]) {
      const answers = [
        await get(`/${bucket}/p.jpg`, HALF, { headers }),
        await server().request('GET', `/${bucket}/p.jpg`, { headers }),
      ]
      const [refused, plain] = answers.map(verdict)
      expect(refused).toBe(plain)
      expect(refused).toMatch(/^4\d\d /)
    }
  })

  it('reads archived pictures only while they are restored', async () => {
    const bucket = await bucketWithPicture(server(), { 'x-amz-storage-class': 'GLACIER' })
    const refused = await get(`/${bucket}/p.jpg`, HALF)
    expect(verdict(refused)).toBe('403 InvalidObjectState')
    const body = '<RestoreRequest><Days>1</Days></RestoreRequest>'
    const restore = await server().request('POST', `/${bucket}/p.jpg`, { query: { restore: undefined }, body })
    expect(restore.status).toBe(202)
    expect(verdict(await get(`/${bucket}/p.jpg`, HALF))).toBe('403 InvalidObjectState')
    await setClock(server(), { advance: 'PT1H', wait: true })
    expect(await shapeOf(await get(`/${bucket}/p.jpg`, HALF))).toBe('jpeg 60x40')
    await setClock(server(), { reset: true })
  })

  it('processes objects of many parts and of appended pieces as any other', async () => {
    const bucket = await createBucket(server())
    const picture = await gradient({ width: 300, height: 300, format: 'png' })
    const cut = Math.floor(picture.length / 2)
    for (const [position, body] of [
      ['0', picture.subarray(0, cut)],
      [String(cut), picture.subarray(cut)],
    ] as const) {
      await server().request('PUT', `/${bucket}/a`, { query: { append: undefined, position }, body })
    }
    const response = await get(`/${bucket}/a`, HALF)
    expect(await shapeOf(response)).toBe('png 150x150')
    expect(response.headers['x-rgw-object-type']).toBe('Normal')
    expect(response.headers['x-rgw-next-append-position']).toBeUndefined()
    expect(response.headers.etag).toBe(`"${md5(response.body)}"`)
  })

  it('lays pictures of the same bucket on it', async () => {
    const bucket = await bucketWithPicture(server())
    const mark = await gradient({ width: 30, height: 30, format: 'png' })
    await putFile(server(), `/${bucket}/${encodeURIComponent('标 志.png')}`, { body: mark })
    const path = `/${bucket}/p.jpg`
    const plain = await get(path, 'image/quality,q_90')
    const marked = await get(path, watermark('标 志.png?x-zos-process=image/resize,p_50/rotate,180', ',g_north,t_40'))
    expect(await shapeOf(marked)).toBe('jpeg 120x80')
    expect(marked.body.equals(plain.body)).toBe(false)
    const missing = await get(path, watermark('none.png'))
    expect(verdict(missing)).toBe('404 NoSuchKey')
    expect(missing.text).toContain('none.png')
    await putFile(server(), `/${bucket}/text`, { body: Buffer.from('no picture') })
    const bad = await get(path, watermark('text'))
    expect(verdict(bad)).toBe('400 InvalidArgument')
    expect(bad.text).toContain('The watermark image text')
  })
})
