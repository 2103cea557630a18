import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../../../support/buckets.ts'
import { customerKey, encryptionDocument, KMS_RULE, putEncryption } from '../../../support/encryption.ts'
import { inbox, makeTold } from '../../../support/events.ts'
import {
  bucketWithPicture,
  HALF,
  type ProcessOrder,
  processObject,
  putFile,
  shapeOf,
  watermark,
} from '../../../support/image-files.ts'
import { statementOn, usePolicy } from '../../../support/policies.ts'
import { type TestRequest, uniqueName, useServer } from '../../../support/server.ts'

const FORM = 'application/x-www-form-urlencoded'
const PUBLIC_WRITE = { acl: 'public-read-write' } as const

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

describe('ProcessObject', () => {
  const server = useServer()

  const process = (path: string, order?: ProcessOrder) => processObject(server(), path, order)
  const read = (path: string, options: TestRequest = {}) => server().request('GET', path, options)

  it("stores the result as an object with the source's metadata", async () => {
    const from = await bucketWithPicture(server(), {
      'x-amz-meta-color': 'blue',
      'cache-control': 'no-store',
      'content-encoding': 'identity',
      'x-amz-tagging': 'k=v',
      'x-amz-website-redirect-location': '/elsewhere',
      'x-amz-acl': 'public-read',
    })
    const to = await createBucket(server())
    const answer = await process(`/${to}/small.png`, { source: `${from}/p.jpg`, directive: `${HALF}/format,png` })
    const stored = await read(`/${to}/small.png`)
    expect([answer.status, answer.body.length]).toEqual([200, 0])
    expect(answer.headers).toMatchObject({
      'content-length': '0',
      'accept-ranges': 'bytes',
      etag: `"${md5(stored.body)}"`,
    })
    expect(await shapeOf(stored)).toBe('png 60x40')
    expect(stored.headers).toMatchObject({
      etag: answer.headers.etag,
      'content-type': 'image/png',
      'cache-control': 'no-store',
      'x-amz-meta-color': 'blue',
      'x-amz-tagging-count': '1',
      'x-rgw-object-type': 'Normal',
    })
    for (const name of ['content-encoding', 'x-amz-website-redirect-location', 'x-amz-version-id']) {
      expect(stored.headers[name]).toBeUndefined()
    }
    expect(verdict(await read(`/${to}/small.png`, { as: 'anonymous' }))).toBe('403 AccessDenied')
    // The source is as it was.
    expect(await shapeOf(await read(`/${from}/p.jpg`))).toBe('jpeg 120x80')
  })

  it('is not told from other objects by whoever lists', async () => {
    const bucket = await bucketWithPicture(server())
    await process(`/${bucket}/p.jpg`, { source: `${bucket}/p.jpg` })
    await process(`/${bucket}/q.jpg`, { source: `${bucket}/p.jpg` })
    expect(await shapeOf(await read(`/${bucket}/p.jpg`))).toBe('jpeg 60x40')
    expect(await shapeOf(await read(`/${bucket}/q.jpg`))).toBe('jpeg 30x20')
    const { text } = await read(`/${bucket}`)
    expect([...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)).toEqual(['p.jpg', 'q.jpg'])
  })

  it.each([
    ['image/resize,w_60', 'jpeg 60x40'],
    ['image/crop,w_30,h_20', 'jpeg 30x20'],
    ['image/rotate,90', 'jpeg 80x120'],
    ['image/format,webp', 'webp 120x80'],
    ['image/format,bmp', 'bmp 120x80'],
    ['image/watermark,text_Q2hpbmF0ZWx1Y29t', 'jpeg 120x80'],
    ['image/rotate,90|image/resize,p_50', 'jpeg 40x60'],
  ])('%s makes %s', async (directive, shape) => {
    const bucket = await bucketWithPicture(server())
    expect(verdict(await process(`/${bucket}/out`, { source: `${bucket}/p.jpg`, directive }))).toBe('200')
    expect(await shapeOf(await read(`/${bucket}/out`))).toBe(shape)
  })

  it('stores what a question is answered with', async () => {
    const bucket = await bucketWithPicture(server())
    for (const directive of ['image/info', 'image/average-hue']) {
      expect(verdict(await process(`/${bucket}/out`, { source: `${bucket}/p.jpg`, directive }))).toBe('200')
      const stored = await read(`/${bucket}/out`)
      const got = await read(`/${bucket}/p.jpg`, { query: { 'x-zos-process': directive } })
      expect([stored.text, stored.headers['content-type']]).toEqual([got.text, 'application/json'])
    }
  })

  it.each([
    ['a bucket that is not there', (_bucket: string) => 'no-such-bucket-at-all/p.jpg', '404 NoSuchBucket'],
    ['an object that is not there', (bucket: string) => `${bucket}/none`, '404 NoSuchKey'],
    ['a version that is not there', (bucket: string) => `${bucket}/p.jpg?versionId=abcdef`, '404 NoSuchKey'],
    ['what is no picture', (bucket: string) => `${bucket}/text`, '400 InvalidArgument'],
    ['a picture', (bucket: string) => `${bucket}/p.jpg`, '200'],
  ])('a source that is %s', async (_case, source, expected) => {
    const bucket = await bucketWithPicture(server())
    await putFile(server(), `/${bucket}/text`, { body: Buffer.from('no picture') })
    expect(verdict(await process(`/${bucket}/out`, { source: source(bucket) }))).toBe(expected)
    expect((await read(`/${bucket}/out`)).status).toBe(expected === '200' ? 200 : 404)
  })

  it('needs a bucket to store the result in, and a key that can be', async () => {
    const bucket = await bucketWithPicture(server())
    const source = `${bucket}/p.jpg`
    expect(verdict(await process('/no-such-bucket-at-all/out', { source }))).toBe('404 NoSuchBucket')
    expect(verdict(await process(`/${bucket}/${'k'.repeat(1025)}`, { source }))).toBe('400 InvalidObjectName')
    expect(verdict(await process(`/${bucket}/${'k'.repeat(1024)}`, { source }))).toBe('200')
  })

  describe('who may', () => {
    it('reads the source and writes the result', async () => {
      const from = await bucketWithPicture(server())
      const to = await createBucket(server())
      const open = await createBucket(server(), PUBLIC_WRITE)
      await putFile(server(), `/${from}/open.jpg`, { headers: { 'x-amz-acl': 'public-read' } })
      for (const as of ['alt', 'anonymous'] as const) {
        for (const [path, source, expected] of [
          [`/${to}/out`, `${from}/open.jpg`, '403 AccessDenied'],
          [`/${open}/out`, `${from}/p.jpg`, '403 AccessDenied'],
          [`/${open}/out`, `${from}/none.jpg`, '403 AccessDenied'],
          [`/${open}/${as}`, `${from}/open.jpg`, '200'],
        ] as const) {
          expect([path, source, verdict(await process(path, { source, as }))]).toEqual([path, source, expected])
        }
        expect(await shapeOf(await read(`/${open}/${as}`))).toBe('jpeg 60x40')
      }
    })

    it('is asked for a source that only the body names, too', async () => {
      const from = await bucketWithPicture(server())
      const open = await createBucket(server(), PUBLIC_WRITE)
      await putFile(server(), `/${from}/open.jpg`, { headers: { 'x-amz-acl': 'public-read' } })
      const post = (key: string) =>
        server().request('POST', `/${open}/out`, {
          as: 'alt',
          headers: { 'content-type': FORM },
          body: `x-zos-process=image/info&x-zos-process-source=${from}/${key}`,
        })
      expect(verdict(await post('p.jpg'))).toBe('403 AccessDenied')
      expect(verdict(await post('open.jpg'))).toBe('200')
    })

    it('reads what is laid on it', async () => {
      const from = await bucketWithPicture(server(), { 'x-amz-acl': 'public-read' })
      const open = await createBucket(server(), PUBLIC_WRITE)
      await putFile(server(), `/${from}/mark.png`)
      await putFile(server(), `/${open}/mark.png`)
      const order = { source: `${from}/p.jpg`, directive: watermark('mark.png'), as: 'alt' } as const
      expect(verdict(await process(`/${open}/out`, order))).toBe('403 AccessDenied')
      await putFile(server(), `/${from}/mark.png`, { headers: { 'x-amz-acl': 'public-read' } })
      expect(verdict(await process(`/${open}/out`, order))).toBe('200')
      expect(await shapeOf(await read(`/${open}/out`))).toBe('jpeg 120x80')
    })

    it("stores no tags of the source's where the policy asks for tags that the request only pretends to set", async () => {
      const from = await bucketWithPicture(server(), { 'x-amz-acl': 'public-read', 'x-amz-tagging': 'team=blue' })
      const to = await createBucket(server())
      const Condition = { StringEquals: { 's3:RequestObjectTag/team': 'red' } }
      await usePolicy(server(), to, statementOn(to, { Action: 's3:PutObject*', Condition }))
      const tagged = async (directive: Record<string, string>) => {
        const headers = { 'x-amz-tagging': 'team=red', ...directive }
        return verdict(await process(`/${to}/out`, { source: `${from}/p.jpg`, headers, as: 'alt' }))
      }
      expect(await tagged({})).toBe('403 AccessDenied')
      expect(await tagged({ 'x-amz-tagging-directive': 'COPY' })).toBe('403 AccessDenied')
      expect(await tagged({ 'x-amz-tagging-directive': 'REPLACE' })).toBe('200')
    })

    it('reads the version that the source names', async () => {
      const from = await bucketWithPicture(server(), {}, { versioning: 'Enabled' })
      const first = String((await server().request('HEAD', `/${from}/p.jpg`)).headers['x-amz-version-id'])
      const second = String(await putFile(server(), `/${from}/p.jpg`))
      const Condition = { StringEquals: { 's3:VersionId': first } }
      await usePolicy(server(), from, statementOn(from, { Action: 's3:GetObjectVersion', Condition }))
      const open = await createBucket(server(), PUBLIC_WRITE)
      for (const query of [{}, { versionId: first }]) {
        const processed = (versionId: string) =>
          process(`/${open}/out`, { query, source: `${from}/p.jpg?versionId=${versionId}`, as: 'alt' })
        expect(verdict(await processed(second))).toBe('403 AccessDenied')
        expect(verdict(await processed(first))).toBe('200')
      }
    })

    it('is who the client expects', async () => {
      const bucket = await bucketWithPicture(server())
      const source = `${bucket}/p.jpg`
      for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
        expect(verdict(await process(`/${bucket}/out`, { source, headers: { [name]: 'alt' } }))).toBe(
          '403 AccessDenied',
        )
        expect(verdict(await process(`/${bucket}/out`, { source, headers: { [name]: 'cozos' } }))).toBe('200')
      }
    })
  })

  describe('writes as a PUT does', () => {
    it('versions', async () => {
      const bucket = await bucketWithPicture(server())
      await setVersioning(server(), bucket, 'Enabled')
      const answer = await process(`/${bucket}/p.jpg`, { source: `${bucket}/p.jpg` })
      const versionId = String(answer.headers['x-amz-version-id'])
      expect(await shapeOf(await read(`/${bucket}/p.jpg`, { query: { versionId } }))).toBe('jpeg 60x40')
      expect(await shapeOf(await read(`/${bucket}/p.jpg`, { query: { versionId: 'null' } }))).toBe('jpeg 120x80')
    })

    it('the ACL, the class, the tags and the metadata that the request asks for', async () => {
      const bucket = await bucketWithPicture(server(), { 'x-amz-meta-color': 'blue', 'x-amz-tagging': 'k=v' })
      const source = `${bucket}/p.jpg`
      const answer = await process(`/${bucket}/out`, {
        source,
        headers: {
          'x-amz-acl': 'public-read',
          'x-amz-storage-class': 'STANDARD_IA',
          'x-amz-metadata-directive': 'REPLACE',
          'x-amz-meta-color': 'red',
          'content-type': 'text/plain',
          'x-amz-tagging-directive': 'REPLACE',
          'x-amz-tagging': 'a=1&b=2',
          'x-amz-checksum-algorithm': 'SHA256',
        },
      })
      expect(verdict(answer)).toBe('200')
      expect(answer.headers['x-amz-checksum-sha256']).toBeDefined()
      const stored = await read(`/${bucket}/out`, { as: 'anonymous' })
      expect(stored.headers).toMatchObject({
        'x-amz-meta-color': 'red',
        'x-amz-storage-class': 'STANDARD_IA',
        'x-amz-tagging-count': '2',
        'content-type': 'image/jpeg',
      })
    })

    it.each([
      ['by the bucket', {}, 'AES256', '<SSEAlgorithm>AES256</SSEAlgorithm>'],
      ['by the bucket with KMS', {}, 'aws:kms', KMS_RULE],
      ['by the request', { 'x-amz-server-side-encryption': 'AES256' }, 'AES256', undefined],
    ])('encrypted %s', async (_case, headers, algorithm, rule) => {
      const from = await bucketWithPicture(server())
      const to = await createBucket(server())
      if (rule !== undefined) await putEncryption(server(), to, { body: encryptionDocument(rule) })
      const answer = await process(`/${to}/out`, { source: `${from}/p.jpg`, headers })
      expect(answer.headers['x-amz-server-side-encryption']).toBe(algorithm)
      const stored = await read(`/${to}/out`)
      expect([await shapeOf(stored), stored.headers['x-amz-server-side-encryption']]).toEqual(['jpeg 60x40', algorithm])
    })

    it("with the customer's keys of both sides", async () => {
      const [one, other] = [customerKey(), customerKey()]
      const bucket = await bucketWithPicture(server(), one.headers)
      const source = `${bucket}/p.jpg`
      const without = await process(`/${bucket}/out`, { source, headers: other.headers })
      expect(without.status).toBe(400)
      const headers = { ...one.sourceHeaders, ...other.headers }
      expect(verdict(await process(`/${bucket}/out`, { source, headers }))).toBe('200')
      expect(await shapeOf(await read(`/${bucket}/out`, { headers: other.headers }))).toBe('jpeg 60x40')
      expect((await read(`/${bucket}/out`)).status).toBe(400)
    })

    it('events', async () => {
      const name = uniqueName('inbox')
      const { bucket } = await makeTold(server(), `inbox://${name}`)
      const from = await bucketWithPicture(server())
      const answer = await process(`/${bucket}/out`, { source: `${from}/p.jpg` })
      const [told, ...others] = await inbox(server(), name)
      expect(others).toEqual([])
      expect(told).toMatchObject({ event: 'ObjectCreated:Put', bucket, key: 'out' })
      expect(answer.headers.etag).toBe(`"${told?.etag}"`)
    })

    it('quotas', async () => {
      const bucket = await bucketWithPicture(server())
      const quota = (MaxObjects: number) =>
        `<QuotaConfiguration><Enabled>true</Enabled><MaxSizeKb>-1</MaxSizeKb><MaxObjects>${MaxObjects}</MaxObjects></QuotaConfiguration>`
      const put = (max: number) =>
        server().request('PUT', `/${bucket}`, { query: { quota: undefined }, body: quota(max) })
      const source = `${bucket}/p.jpg`
      expect((await put(1)).status).toBe(200)
      expect(verdict(await process(`/${bucket}/out`, { source }))).toBe('403 QuotaExceeded')
      expect((await put(2)).status).toBe(200)
      expect(verdict(await process(`/${bucket}/out`, { source }))).toBe('200')
    })

    it('locks', async () => {
      const bucket = await bucketWithPicture(server(), {}, { objectLock: true })
      const source = `${bucket}/p.jpg`
      const headers = { 'x-amz-object-lock-legal-hold': 'ON' }
      expect(verdict(await process(`/${bucket}/out`, { source, headers }))).toBe('200')
      expect((await read(`/${bucket}/out`)).headers['x-amz-object-lock-legal-hold']).toBe('ON')
      const open = await createBucket(server())
      expect(verdict(await process(`/${open}/out`, { source, headers }))).toBe('400 InvalidRequest')
    })

    it('conditions, on the result and on the source', async () => {
      const bucket = await bucketWithPicture(server())
      const source = `${bucket}/p.jpg`
      const { etag } = (await server().request('HEAD', `/${bucket}/p.jpg`)).headers
      for (const [name, value, expected] of [
        ['if-none-match', '*', '200'],
        ['if-none-match', '*', '412 PreconditionFailed'],
        ['if-match', '"x"', '412 PreconditionFailed'],
        ['x-amz-copy-source-if-match', String(etag), '200'],
        ['x-amz-copy-source-if-match', '"x"', '412 PreconditionFailed'],
      ] as const) {
        const answer = await process(`/${bucket}/out`, { source, headers: { [name]: value } })
        expect([name, value, verdict(answer)]).toEqual([name, value, expected])
      }
    })
  })

  it('processes no archived picture', async () => {
    const bucket = await bucketWithPicture(server(), { 'x-amz-storage-class': 'GLACIER' })
    expect(verdict(await process(`/${bucket}/out`, { source: `${bucket}/p.jpg` }))).toBe('403 InvalidObjectState')
  })

  it('leaves the other POSTs on a key what they are', async () => {
    const bucket = await bucketWithPicture(server())
    const query = { 'x-zos-process': HALF, uploads: undefined }
    const headers = { 'x-amz-process-source': `${bucket}/p.jpg` }
    const upload = await server().request('POST', `/${bucket}/out`, { query, headers })
    expect(upload.text).toContain('<UploadId>')
    const select = { select: undefined, 'select-type': '2', 'x-zos-process': HALF }
    expect((await server().request('POST', `/${bucket}/p.jpg`, { query: select, headers })).status).toBe(501)
  })
})

describe.each(['aws', 'rgw', 'ibm-cos'] as const)('in dialect %s', (dialect) => {
  const server = useServer({ config: { dialect } })

  it('is no operation', async () => {
    const bucket = await bucketWithPicture(server())
    const answer = await server().request('POST', `/${bucket}/out`, {
      query: { 'x-zos-process': HALF },
      headers: { 'x-amz-process-source': `${bucket}/p.jpg` },
    })
    expect(verdict(answer)).toBe('405 MethodNotAllowed')
    expect((await server().request('GET', `/${bucket}/out`)).status).toBe(404)
  })
})
