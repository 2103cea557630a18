import { createHash } from 'node:crypto'
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'

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
