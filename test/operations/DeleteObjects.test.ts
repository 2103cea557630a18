import { createHash } from 'node:crypto'
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestUser, uniqueName, useServer } from '../support/server.ts'

function document(inner: string): string {
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</Delete>`
}

describe('DeleteObjects', () => {
  const server = useServer()
  const put = async (Bucket: string, keys: readonly string[]) => {
    const s3 = server().s3()
    await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))))
  }
  const send = (bucket: string, body: string, as: 'root' | 'alt' | 'anonymous' = 'root') =>
    server().request('POST', `/${bucket}`, { query: { delete: undefined }, body, as })

  it('deletes each key, also those that are not there', async () => {
    const Bucket = await createBucket(server())
    await put(Bucket, ['a', 'a&b <x>', '中文', 'stays'])
    const Objects = ['a', 'a&b <x>', '中文', 'missing'].map((Key) => ({ Key }))
    const answer = await server()
      .s3()
      .send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect(answer.Deleted).toEqual(Objects)
    expect(answer.Errors).toBeUndefined()
    const { Contents } = await server().s3().send(new ListObjectsV2Command({ Bucket }))
    expect(Contents!.map(({ Key }) => Key)).toEqual(['stays'])
  })

  it('reports failures only when it is to be quiet', async () => {
    const Bucket = await createBucket(server())
    await put(Bucket, ['a', 'b'])
    const Objects = [{ Key: 'a' }, { Key: 'b', ETag: '"wrong"' }]
    const answer = await server()
      .s3()
      .send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
    expect(answer.Deleted).toBeUndefined()
    expect(answer.Errors).toMatchObject([{ Key: 'b', Code: 'PreconditionFailed' }])
    const { Contents } = await server().s3().send(new ListObjectsV2Command({ Bucket }))
    expect(Contents!.map(({ Key }) => Key)).toEqual(['b'])
  })

  it('answers as RGW does', async () => {
    const bucket = await createBucket(server())
    const { text, headers } = await send(bucket, document('<Object><Key>x</Key></Object>'))
    expect(headers['content-type']).toBe('application/xml')
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        '<Deleted><Key>x</Key></Deleted></DeleteResult>',
    )
  })

  it('deletes versions and makes markers', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    const s3 = server().s3()
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))
    await put(Bucket, ['b'])
    const deleteAll = (Objects: { Key: string; VersionId?: string | undefined }[]) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    const first = await deleteAll([{ Key: 'a', VersionId }, { Key: 'b' }])
    expect(first.Deleted![0]).toEqual({ Key: 'a', VersionId })
    const { DeleteMarkerVersionId: marker } = first.Deleted![1]!
    expect(first.Deleted![1]).toEqual({ Key: 'b', DeleteMarker: true, DeleteMarkerVersionId: marker })
    const second = await deleteAll([{ Key: 'b', VersionId: marker }])
    expect(second.Deleted).toEqual([{ Key: 'b', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker }])
    expect((await server().request('GET', `/${Bucket}/b`)).text).toBe('b')
  })

  it('holds ETags against what is there', async () => {
    const Bucket = await createBucket(server())
    await put(Bucket, ['a', 'b', 'c'])
    const tag = (key: string) => `"${createHash('md5').update(key).digest('hex')}"`
    const Objects = [
      { Key: 'a', ETag: tag('a') },
      { Key: 'b', ETag: tag('a') },
      { Key: 'c', ETag: '*' },
      { Key: 'none', ETag: '*' },
    ]
    const answer = await server()
      .s3()
      .send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect(answer.Deleted!.map(({ Key }) => Key)).toEqual(['a', 'c'])
    expect(answer.Errors!.map(({ Key, Code }) => [Key, Code])).toEqual([
      ['b', 'PreconditionFailed'],
      ['none', 'PreconditionFailed'],
    ])
  })

  it('leaves locked versions, unless the bypass is asked for', async () => {
    const Bucket = await createBucket(server(), { objectLock: true })
    const s3 = server().s3()
    const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date('2099-01-01') } as const
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...lock }))
    const deleteAll = (BypassGovernanceRetention: boolean) =>
      s3.send(
        new DeleteObjectsCommand({ Bucket, BypassGovernanceRetention, Delete: { Objects: [{ Key: 'k', VersionId }] } }),
      )
    expect((await deleteAll(false)).Errors).toMatchObject([{ Key: 'k', VersionId, Code: 'AccessDenied' }])
    expect((await deleteAll(true)).Deleted).toEqual([{ Key: 'k', VersionId }])
  })

  it('takes 1000 keys and not one more', async () => {
    const bucket = await createBucket(server())
    const keys = Array.from({ length: 1001 }, (_, index) => `k${index}`)
    await put(bucket, keys.slice(0, 150))
    const objects = (count: number) =>
      keys
        .slice(0, count)
        .map((key) => `<Object><Key>${key}</Key></Object>`)
        .join('')
    expect(verdict(await send(bucket, document(objects(1001))))).toBe('400 MalformedXML')
    const answer = await send(bucket, document(`<Quiet>true</Quiet>${objects(1000)}`))
    expect(answer.text).toContain('<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>')
    expect(verdict(await server().request('DELETE', `/${bucket}`))).toBe('204')
  })

  it.each([
    ['no document', '', '400 MalformedXML'],
    ['half a document', '<Delete><Obj', '400 MalformedXML'],
    ['another document', '<Other><Object><Key>a</Key></Object></Other>', '400 MalformedXML'],
    ['no object', document(''), '400 MalformedXML'],
    ['an object without a key', document('<Object></Object>'), '400 MalformedXML'],
    ['an empty key', document('<Object><Key></Key></Object>'), '400 MalformedXML'],
    ['a condition of directory buckets', document('<Object><Key>a</Key><Size>1</Size></Object>'), '501 NotImplemented'],
    ['no namespace', '<Delete><Object><Key>b</Key></Object></Delete>', '200'],
  ])('%s', async (_case, body, expected) => {
    const bucket = await createBucket(server())
    await put(bucket, ['a'])
    expect(verdict(await send(bucket, body))).toBe(expected)
    expect(verdict(await server().request('GET', `/${bucket}/a`))).toBe('200')
  })

  it('answers a key that is too long by itself', async () => {
    const bucket = await createBucket(server())
    const objects = `<Object><Key>${'k'.repeat(1025)}</Key></Object><Object><Key>ok</Key></Object>`
    const { status, text } = await send(bucket, document(objects))
    expect(status).toBe(200)
    expect(text).toContain('<Code>InvalidObjectName</Code>')
    expect(text).toContain('<Deleted><Key>ok</Key></Deleted>')
  })

  it('is for those who may write the bucket', async () => {
    const closed = await createBucket(server())
    const open = await createBucket(server(), { acl: 'public-read-write' })
    const body = document('<Object><Key>a</Key></Object>')
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await send(closed, body, as))).toBe('403 AccessDenied')
      expect(verdict(await send(open, body, as))).toBe('200')
    }
    expect(verdict(await send('no-such-bucket-at-all', body))).toBe('404 NoSuchBucket')
  })
})

describe('DeleteObjects under a policy', () => {
  const olga: TestUser = { id: 'olga', accessKey: 'OLGAKEY', secretKey: 'olgas-secret-of-the-tests' }
  const { id, ...key } = olga
  const server = useServer({ users: [{ id, keys: [key] }] })
  type Statement = { readonly effect: 'Allow' | 'Deny'; readonly actions: readonly string[]; readonly keys: string }

  /** A bucket of olga's with these keys, and a policy that speaks of alt, or of everybody where it denies. */
  async function bucketWith(keys: readonly string[], statements: readonly Statement[]): Promise<string> {
    const bucket = uniqueName('b')
    const send = (path: string, options: TestRequest) =>
      server().request('PUT', `/${bucket}${path}`, { ...options, as: olga })
    await send('', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
    for (const one of keys) await send(`/${one}`, { body: one })
    const Statement = statements.map(({ effect, actions, keys: pattern }) => ({
      Effect: effect,
      Principal: effect === 'Deny' ? '*' : { AWS: 'arn:aws:iam:::user/alt' },
      Action: actions,
      Resource: `arn:aws:s3:::${bucket}/${pattern}`,
    }))
    const policy = { query: { policy: undefined }, body: JSON.stringify({ Version: '2012-10-17', Statement }) }
    expect((await send('', policy)).status).toBe(204)
    return bucket
  }

  /** The keys that were deleted, the codes of the others; or the verdict on the whole. */
  async function remove(bucket: string, objects: readonly string[], options: TestRequest): Promise<string> {
    const body = document(objects.map((inner) => `<Object>${inner}</Object>`).join(''))
    const answer = await server().request('POST', `/${bucket}`, { query: { delete: undefined }, body, ...options })
    if (answer.status !== 200) return verdict(answer)
    const found = answer.text.matchAll(/<(Deleted|Error)><Key>(.*?)<\/Key>.*?(?:<Code>(\w+)<\/Code>.*?)?<\/\1>/g)
    return [...found].map(([, , name, code]) => (code === undefined ? name : `${name} ${code}`)).join(', ')
  }

  const named = (key: string) => `<Key>${key}</Key>`

  it('asks for each key, and deletes those that are allowed', async () => {
    const bucket = await bucketWith(
      ['logs/a', 'secret/b'],
      [{ effect: 'Allow', actions: ['s3:DeleteObject'], keys: 'logs/*' }],
    )
    const both = [named('logs/a'), named('secret/b')]
    expect(await remove(bucket, both, { as: 'alt' })).toBe('logs/a, secret/b AccessDenied')
    expect(verdict(await server().request('GET', `/${bucket}/secret/b`, { as: olga }))).toBe('200')
    expect(verdict(await server().request('GET', `/${bucket}/logs/a`, { as: olga }))).toBe('404 NoSuchKey')
    // Nothing of it: RGW refuses the whole.
    expect(await remove(bucket, [named('secret/b')], { as: 'alt' })).toBe('403 AccessDenied')
    expect(await remove(bucket, both, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await remove(bucket, both, { as: olga })).toBe('logs/a, secret/b')
  })

  it('asks for versions by their own action', async () => {
    const bucket = await bucketWith(['k'], [{ effect: 'Allow', actions: ['s3:DeleteObject'], keys: '*' }])
    const { headers } = await server().request('GET', `/${bucket}/k`, { as: olga })
    const version = `${named('k')}<VersionId>${String(headers['x-amz-version-id'])}</VersionId>`
    expect(await remove(bucket, [version, named('other')], { as: 'alt' })).toBe('other, k AccessDenied')
    expect(await remove(bucket, [version], { as: olga })).toBe('k')
  })

  it('tells the owner of each key that the policy protects', async () => {
    const bucket = await bucketWith(['keep', 'go'], [{ effect: 'Deny', actions: ['s3:DeleteObject'], keys: 'keep' }])
    for (const as of [olga, 'root'] as const) {
      expect(await remove(bucket, [named('keep')], { as })).toBe('keep AccessDenied')
      expect(await remove(bucket, [named('keep'), named('go')], { as })).toBe('go, keep AccessDenied')
    }
  })

  it('asks for the bypass on each key, too', async () => {
    const bucket = await bucketWith(
      ['a', 'b'],
      [
        { effect: 'Allow', actions: ['s3:DeleteObject'], keys: '*' },
        { effect: 'Allow', actions: ['s3:BypassGovernanceRetention'], keys: 'a' },
      ],
    )
    const headers = { 'x-amz-bypass-governance-retention': 'true' }
    expect(await remove(bucket, [named('a'), named('b')], { as: 'alt', headers })).toBe('a, b AccessDenied')
    expect(await remove(bucket, [named('b')], { as: 'alt' })).toBe('b')
  })
})
