import { DeleteObjectCommand, ListObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const KEYS = ['a.txt', 'b.txt', 'dir/1', 'dir/2', 'dir/sub/3', 'photos/2020/x.jpg', 'photos/2021/y.jpg', 'zz']
/** In the order of UTF-8, where the emoji stands behind U+FFFD. */
const SPECIAL_KEYS = [
  ' lead',
  '%41',
  "'apos'",
  '+',
  '..',
  '/lead',
  '<&>"',
  'a//b',
  'tr/',
  '中文/键',
  '\ufffd',
  '\u{1f600}',
]

async function fill(server: TestServer, Bucket: string, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await server.s3().send(new PutObjectCommand({ Bucket, Key, Body: Key }))
}

describe('ListObjects', () => {
  const server = useServer()
  const list = (name: string, request: TestRequest = {}) => server().request('GET', `/${name}`, request)

  it('lists keys with their size, date, ETag and owner, in the order of UTF-8', async () => {
    const Bucket = await createBucket(server())
    await fill(server(), Bucket, [...SPECIAL_KEYS].reverse())
    const { Contents = [], IsTruncated } = await server().s3().send(new ListObjectsCommand({ Bucket }))
    expect(Contents.map(({ Key }) => Key)).toEqual(SPECIAL_KEYS)
    expect(IsTruncated).toBe(false)
    expect(Contents[4]).toMatchObject({
      Key: '..',
      Size: 2,
      StorageClass: 'STANDARD',
      Owner: { ID: 'cozos' },
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      LastModified: expect.any(Date),
    })
  })

  it('rolls up by a delimiter, and goes on behind a common prefix', async () => {
    const Bucket = await createBucket(server())
    await fill(server(), Bucket, KEYS)
    const s3 = server().s3()
    const page = { Bucket, Delimiter: '/', MaxKeys: 3 }
    const first = await s3.send(new ListObjectsCommand(page))
    expect(first.Contents!.map(({ Key }) => Key)).toEqual(['a.txt', 'b.txt'])
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'dir/' }])
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'dir/' })
    const second = await s3.send(new ListObjectsCommand({ ...page, Marker: first.NextMarker }))
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'photos/' }])
    expect(second.Contents!.map(({ Key }) => Key)).toEqual(['zz'])
    expect(second).toMatchObject({ IsTruncated: false, Marker: 'dir/' })
    expect(second.NextMarker).toBeUndefined()
    const below = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', Prefix: 'photos/' }))
    expect(below.CommonPrefixes).toEqual([{ Prefix: 'photos/2020/' }, { Prefix: 'photos/2021/' }])
  })

  it('url-encodes what it prints', async () => {
    const Bucket = await createBucket(server())
    await fill(server(), Bucket, SPECIAL_KEYS)
    const query = { 'encoding-type': 'url', prefix: '中文/' }
    const { text } = await list(Bucket, { query })
    expect(text).toContain('<EncodingType>url</EncodingType>')
    expect(text).toContain('<Prefix>%E4%B8%AD%E6%96%87/</Prefix>')
    expect(text).toContain('<Key>%E4%B8%AD%E6%96%87%2F%E9%94%AE</Key>')
    expect((await list(Bucket, { query: { ...query, 'encoding-type': 'base64' } })).text).toContain(
      '<Key>中文/键</Key>',
    )
  })

  it('does not list what is deleted, under any versioning', async () => {
    for (const versioning of [undefined, 'Enabled', 'Suspended'] as const) {
      const Bucket = await createBucket(server(), versioning === undefined ? {} : { versioning })
      await fill(server(), Bucket, ['gone', 'here'])
      await server()
        .s3()
        .send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))
      const { Contents = [] } = await server().s3().send(new ListObjectsCommand({ Bucket }))
      expect(
        Contents.map(({ Key }) => Key),
        versioning,
      ).toEqual(['here'])
    }
  })

  it('bounds a page', async () => {
    const Bucket = await createBucket(server())
    await fill(server(), Bucket, KEYS)
    const page = async (maxKeys: string) => (await list(Bucket, { query: { 'max-keys': maxKeys } })).text
    expect(await page('0')).toMatch(/<MaxKeys>0<\/MaxKeys><IsTruncated>false<\/IsTruncated><Marker>/)
    expect(await page('-1')).toContain('<MaxKeys>0</MaxKeys>')
    expect(await page('5000')).toContain('<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>')
    expect(await page('8')).toContain('<IsTruncated>false</IsTruncated>')
    expect(await page('7')).toMatch(/<IsTruncated>true<.*<NextMarker>photos\/2021\/y.jpg<\/NextMarker>/)
    expect(verdict(await list(Bucket, { query: { 'max-keys': 'abc' } }))).toBe('400 InvalidArgument')
  })

  it('refuses allow-unordered with a delimiter', async () => {
    const Bucket = await createBucket(server())
    const query = { 'allow-unordered': 'true', delimiter: '/' }
    expect(verdict(await list(Bucket, { query }))).toBe('400 InvalidArgument')
    expect(verdict(await list(Bucket, { query: { ...query, delimiter: '' } }))).toBe('200')
  })

  it('is for whom the ACL lets read, and for the expected owner', async () => {
    const closed = await createBucket(server())
    expect(verdict(await list(closed))).toBe('200')
    expect(verdict(await list(closed, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await list(closed, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await list(closed, { headers: { 'x-amz-expected-bucket-owner': 'alt' } }))).toBe('403 AccessDenied')
    const open = await createBucket(server(), { acl: 'public-read' })
    for (const as of ['alt', 'anonymous'] as const) expect(verdict(await list(open, { as }))).toBe('200')
    expect(verdict(await list(uniqueName('none'), { as: 'anonymous' }))).toBe('404 NoSuchBucket')
  })
})
