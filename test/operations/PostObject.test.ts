import { createHash } from 'node:crypto'
import { GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src/lib/checksums.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import {
  FILENAME,
  type Fields,
  FORM_TYPE,
  formBody,
  policyOf,
  post,
  signedV2,
  signedV4,
  signFormV2,
} from '../support/form.ts'
import { uniqueName, useServer } from '../support/server.ts'

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex')
const SUSPENDED = { id: 'sleeper', accessKey: 'SLEEPERKEY', secretKey: 'secret-of-the-sleeper' }

const server = useServer({
  config: { domains: ['s3.test'] },
  users: [
    { id: SUSPENDED.id, suspended: true, keys: [{ accessKey: SUSPENDED.accessKey, secretKey: SUSPENDED.secretKey }] },
  ],
})

/** The keys in a bucket. */
async function keysOf(bucket: string): Promise<string[]> {
  const { text } = await server().request('GET', `/${bucket}`)
  return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
}

describe('a signed form', () => {
  it.each([
    ['SigV2', signedV2],
    ['SigV4', signedV4],
  ])('%s stores its file, and what its fields say of it', async (_name, sign) => {
    const Bucket = await createBucket(server())
    const tags = '<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag>'
    const fields: Fields = [
      ['key', 'dir/a.txt'],
      ['Content-Type', 'text/plain'],
      ['Cache-Control', 'max-age=60'],
      ['Content-Disposition', 'attachment; filename="a.txt"'],
      ['Content-Encoding', 'identity'],
      ['Expires', 'Wed, 21 Oct 2026 07:28:00 GMT'],
      ['acl', 'public-read'],
      ['tagging', `<Tagging><TagSet>${tags}</TagSet></Tagging>`],
      ['x-amz-meta-Color', '蓝'],
      ['x-amz-storage-class', 'STANDARD_IA'],
      ['x-amz-website-redirect-location', '/other'],
      ['x-amz-checksum-sha256', checksum('SHA256', Buffer.from('hello'))],
    ]
    const answer = await post(server(), Bucket, { fields: sign(server(), Bucket, fields), file: 'hello' })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers).toMatchObject({
      etag: `"${md5('hello')}"`,
      location: `${server().url}/${Bucket}/dir%2Fa.txt`,
      'x-amz-checksum-sha256': checksum('SHA256', Buffer.from('hello')),
    })
    const s3 = server().s3()
    const at = { Bucket, Key: 'dir/a.txt' }
    expect(await s3.send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }))).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'identity',
      StorageClass: 'STANDARD_IA',
      WebsiteRedirectLocation: '/other',
      ChecksumSHA256: checksum('SHA256', Buffer.from('hello')),
    })
    const { TagSet } = await s3.send(new GetObjectTaggingCommand(at))
    expect(TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ])
    const anonymous = await server().request('GET', `/${Bucket}/dir/a.txt`, { as: 'anonymous' })
    expect(anonymous).toMatchObject({ status: 200, text: 'hello' })
    expect(Buffer.from(String(anonymous.headers['x-amz-meta-color']), 'latin1').toString()).toBe('蓝')
  })

  it('stores a private object of the default type where its fields say nothing', async () => {
    const bucket = await createBucket(server())
    expect((await post(server(), bucket, { fields: signedV4(server(), bucket, [['key', 'k']]) })).status).toBe(204)
    const got = await server().request('GET', `/${bucket}/k`)
    expect(got.headers['content-type']).toBe('binary/octet-stream')
    expect(verdict(await server().request('GET', `/${bucket}/k`, { as: 'anonymous' }))).toBe('403 AccessDenied')
  })

  it.each([0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])('stores %i bytes in the database or in a file', async (size) => {
    const bucket = await createBucket(server())
    const file = Buffer.alloc(size, '0\r\n--abc')
    expect((await post(server(), bucket, { fields: signedV2(server(), bucket, [['key', 'k']]), file })).status).toBe(
      204,
    )
    const got = await server().request('GET', `/${bucket}/k`)
    expect([got.body.length, md5(got.body)]).toEqual([size, md5(file)])
  })

  it.each(['per%cent%20', 'pl+us', 'sp ace', '中文/键', '/lead', 'tr/', 'a//b', 'a/../b', '"<&>', "~*!()'#?"])(
    'takes the key %s as it is',
    async (key) => {
      const bucket = await createBucket(server())
      const fields = signedV4(server(), bucket, [
        ['key', key],
        ['success_action_status', '201'],
      ])
      const { status, text } = await post(server(), bucket, { fields, file: key })
      expect(status).toBe(201)
      const location = /<Location>(.*)<\/Location>/.exec(text)?.[1]?.replaceAll('&apos;', "'") ?? ''
      const path = location.slice(server().url.length)
      expect((await server().request('GET', path)).text).toBe(key)
    },
  )

  it('puts the name of its file into its fields before its policy is asked', async () => {
    const bucket = await createBucket(server())
    const conditions = [{ bucket }, ['starts-with', '$key', 'user/'], { 'x-amz-meta-name': 'my file.txt' }]
    const fields: Fields = [
      ['key', `user/${FILENAME}`],
      ['x-amz-meta-name', FILENAME],
      ...signFormV2(policyOf(conditions), server().root),
    ]
    const filename = String.raw`C:\dir\my file.txt`
    expect((await post(server(), bucket, { fields, filename })).status).toBe(204)
    expect(verdict(await post(server(), bucket, { fields, filename: 'other.txt' }))).toBe('403 AccessDenied')
    expect(
      (await post(server(), bucket, { fields: signedV2(server(), bucket, [['key', 'plain']]), filename: null })).status,
    ).toBe(204)
    expect(await keysOf(bucket)).toEqual(['plain', 'user/my file.txt'])
  })

  it('may be posted to the bucket as a host', async () => {
    const bucket = await createBucket(server())
    const fields = signedV4(server(), bucket, [
      ['key', 'a/b'],
      ['success_action_status', '201'],
    ])
    const headers = { 'content-type': FORM_TYPE, host: `${bucket}.s3.test` }
    const answer = await server().request('POST', '/', { as: 'anonymous', headers, body: formBody({ fields }) })
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe(`http://${bucket}.s3.test/a%2Fb`)
    expect(await keysOf(bucket)).toEqual(['a/b'])
  })

  it('ignores fields behind its file, and whatever the page marks as its own', async () => {
    const bucket = await createBucket(server())
    const fields: Fields = [['x-ignore-page', '1'], ...signedV2(server(), bucket, [['key', 'k']])]
    const after: Fields = [
      ['submit', 'Upload'],
      ['acl', 'public-read'],
      ['key', 'other'],
    ]
    expect((await post(server(), bucket, { fields, after })).status).toBe(204)
    expect(await keysOf(bucket)).toEqual(['k'])
    expect(verdict(await server().request('GET', `/${bucket}/k`, { as: 'anonymous' }))).toBe('403 AccessDenied')
  })

  it('makes versions, and protects them as it asks', async () => {
    const bucket = await createBucket(server(), { objectLock: true })
    const lock: Fields = [
      ['x-amz-object-lock-mode', 'GOVERNANCE'],
      ['x-amz-object-lock-retain-until-date', new Date(Date.now() + 3_600_000).toISOString()],
    ]
    const first = await post(server(), bucket, { fields: signedV4(server(), bucket, [['key', 'k'], ...lock]) })
    const second = await post(server(), bucket, { fields: signedV4(server(), bucket, [['key', 'k']]) })
    const ids = [first, second].map(({ headers }) => String(headers['x-amz-version-id']))
    expect(new Set(ids).size).toBe(2)
    const remove = (versionId: string) => server().request('DELETE', `/${bucket}/k`, { query: { versionId } })
    expect(verdict(await remove(ids[0]!))).toBe('403 AccessDenied')
    expect((await remove(ids[1]!)).status).toBe(204)
  })
})

describe('the answer', () => {
  const answerTo = async (fields: Fields) => {
    const bucket = await createBucket(server())
    return { bucket, answer: await post(server(), bucket, { fields: signedV4(server(), bucket, fields) }) }
  }

  it.each([
    ['200', 200],
    ['201', 201],
    ['204', 204],
    ['404', 204],
    ['', 204],
  ])('success_action_status %s is %i', async (value, status) => {
    const { bucket, answer } = await answerTo([
      ['key', 'a b/中'],
      ['success_action_status', value],
    ])
    expect(answer.status).toBe(status)
    const location = `${server().url}/${bucket}/a%20b%2F%E4%B8%AD`
    expect(answer.headers.location).toBe(location)
    const etag = md5('file content')
    expect(answer.text).toBe(
      status === 201
        ? `<?xml version="1.0" encoding="UTF-8"?><PostResponse><Location>${location}</Location>` +
            `<Bucket>${bucket}</Bucket><Key>a b/中</Key><ETag>${etag}</ETag></PostResponse>`
        : '',
    )
    expect(answer.headers['content-type']).toBe(status === 201 ? 'application/xml' : undefined)
  })

  it.each([
    ['http://page.test/done', 'http://page.test/done?'],
    ['https://page.test/done?x=1&y', 'https://page.test/done?x=1&y&'],
    ['http://page.test/done?x=1#top', 'http://page.test/done?x=1&', '#top'],
  ])('success_action_redirect %s sends the browser there', async (url, start, end = '') => {
    const { bucket, answer } = await answerTo([
      ['key', 'a b/c'],
      ['success_action_redirect', url],
      ['success_action_status', '201'],
    ])
    expect([answer.status, answer.text]).toEqual([303, ''])
    const added = `bucket=${bucket}&key=a%20b%2Fc&etag=%22${md5('file content')}%22`
    expect(answer.headers.location).toBe(start + added + end)
  })

  it('redirect is its old name', async () => {
    const { answer } = await answerTo([
      ['key', 'k'],
      ['redirect', 'http://old.test/'],
    ])
    expect(answer.status).toBe(303)
    const both: Fields = [
      ['key', 'k'],
      ['redirect', 'http://old.test/'],
      ['success_action_redirect', 'http://new.test/'],
    ]
    expect((await answerTo(both)).answer.headers.location).toMatch(/^http:\/\/new\.test\/\?/)
  })

  it.each(['/relative', 'javascript:alert(1)', 'http://', 'http://[', 'nonsense', ''])(
    'a redirect to %s is none',
    async (url) => {
      expect(
        (
          await answerTo([
            ['key', 'k'],
            ['success_action_redirect', url],
          ])
        ).answer.status,
      ).toBe(204)
    },
  )
})

describe('who may post', () => {
  it('anonymous callers, to a bucket that everybody may write', async () => {
    const open = await createBucket(server(), { acl: 'public-read-write' })
    const closed = await createBucket(server())
    const fields: Fields = [
      ['key', 'anon'],
      ['Content-Type', 'text/plain'],
      ['acl', 'public-read'],
      ['unknown', 'x'],
    ]
    expect((await post(server(), open, { fields })).status).toBe(204)
    expect((await server().request('GET', `/${open}/anon`, { as: 'anonymous' })).headers['content-type']).toBe(
      'text/plain',
    )
    expect(verdict(await post(server(), closed, { fields }))).toBe('403 AccessDenied')
    expect(verdict(await post(server(), uniqueName('none'), { fields }))).toBe('404 NoSuchBucket')
  })

  it('nobody by a policy whose signer may not write', async () => {
    const bucket = await createBucket(server())
    const fields: Fields = [['key', 'k'], ...signFormV2(policyOf([{ bucket }, { key: 'k' }]), server().alt)]
    expect(verdict(await post(server(), bucket, { fields }))).toBe('403 AccessDenied')
    const own = await createBucket(server(), { user: 'alt' })
    const ownFields: Fields = [['key', 'k'], ...signFormV2(policyOf([{ bucket: own }, { key: 'k' }]), server().alt)]
    expect((await post(server(), own, { fields: ownFields })).status).toBe(204)
  })

  it('nobody whose account is suspended', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const fields: Fields = [['key', 'k'], ...signFormV2(policyOf([{ bucket }, { key: 'k' }]), SUSPENDED)]
    expect(verdict(await post(server(), bucket, { fields }))).toBe('403 UserSuspended')
  })

  it('the signer of the request, where the form has no policy', async () => {
    const bucket = await createBucket(server())
    const body = formBody({ fields: [['key', 'k']] })
    const send = (options: object) =>
      server().request('POST', `/${bucket}`, { headers: { 'content-type': FORM_TYPE }, body, ...options })
    expect(verdict(await send({ as: 'alt' }))).toBe('403 AccessDenied')
    expect((await send({})).status).toBe(204)
    expect((await send({ sign: 'v2' })).status).toBe(204)
    const wrongHash = { 'content-type': FORM_TYPE, 'x-amz-content-sha256': md5('x') + md5('y') }
    expect(
      verdict(await send({ sign: 'v2', headers: wrongHash, body: formBody({ fields: [['key', 'wrong']] }) })),
    ).toBe('400 XAmzContentSHA256Mismatch')
    const both = formBody({ fields: signedV4(server(), bucket, [['key', 'both']]) })
    expect(verdict(await send({ body: both }))).toBe('400 InvalidArgument')
    expect(await keysOf(bucket)).toEqual(['k'])
  })

  it('nobody past the policy: headers that a form has as fields are refused', async () => {
    const bucket = await createBucket(server())
    const send = (headers: Record<string, string>) =>
      server().request('POST', `/${bucket}`, {
        as: 'anonymous',
        headers: { 'content-type': FORM_TYPE, ...headers },
        body: formBody({ fields: signedV4(server(), bucket, [['key', 'k']]) }),
      })
    expect(verdict(await send({ 'x-amz-acl': 'public-read' }))).toBe('501 NotImplemented')
    expect(verdict(await send({ 'x-amz-meta-a': '1' }))).toBe('501 NotImplemented')
    expect((await send({ 'if-none-match': '*' })).status).toBe(204)
    expect(verdict(await send({ 'if-none-match': '*' }))).toBe('412 PreconditionFailed')
  })
})
