import { ListObjectsV2Command, type ListObjectsV2CommandInput, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const KEYS = ['a/1', 'a/2', 'b', 'c%2Fc', 'd d/1', '中/1', '\u{1f600}']

async function filled(server: TestServer): Promise<string> {
  const Bucket = await createBucket(server)
  for (const Key of KEYS) await server.s3().send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
  return Bucket
}

/** Everything that the pages of a listing show, and how many there were. */
async function pages(
  server: TestServer,
  input: ListObjectsV2CommandInput,
): Promise<{ names: string[]; pages: number }> {
  const names: string[] = []
  let ContinuationToken: string | undefined
  for (let count = 1; ; count += 1) {
    const page = await server.s3().send(new ListObjectsV2Command({ ...input, ContinuationToken }))
    const shown = [
      ...(page.Contents ?? []).map(({ Key }) => Key!),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!),
    ]
    expect(page.KeyCount).toBe(shown.length)
    expect(page.ContinuationToken).toBe(ContinuationToken)
    names.push(...shown)
    if (!page.IsTruncated) return { names, pages: count }
    ContinuationToken = page.NextContinuationToken
    expect(ContinuationToken).toBeDefined()
  }
}

const DIALECTS: readonly DialectName[] = ['zos', 'rgw', 'aws', 'ibm-cos']

describe.each(DIALECTS)('ListObjectsV2 in the dialect %s', (dialect) => {
  const server = useServer({ config: { dialect } })

  it('pages through keys and common prefixes, plain and url-encoded', async () => {
    const Bucket = await filled(server())
    for (const EncodingType of [undefined, 'url'] as const) {
      for (const MaxKeys of [1, 2, 3, 1000]) {
        const all = await pages(server(), { Bucket, MaxKeys, EncodingType: undefined })
        expect(all).toEqual({ names: KEYS, pages: Math.ceil(KEYS.length / MaxKeys) })
        const rolled = await pages(server(), { Bucket, MaxKeys, EncodingType, Delimiter: '/' })
        const decoded = EncodingType === 'url' ? rolled.names.map(decodeURIComponent) : rolled.names
        expect(decoded.sort()).toEqual(['a/', 'b', 'c%2Fc', 'd d/', '中/', '\u{1f600}'].sort())
      }
    }
  })

  it('begins behind start-after, until there is a token', async () => {
    const Bucket = await filled(server())
    const input = { Bucket, StartAfter: 'b', MaxKeys: 2 }
    expect(await pages(server(), input)).toEqual({ names: KEYS.slice(3), pages: 2 })
    const first = await server().s3().send(new ListObjectsV2Command(input))
    expect(first).toMatchObject({ StartAfter: 'b', KeyCount: 2, IsTruncated: true })
  })

  it('names owners when asked', async () => {
    const Bucket = await filled(server())
    const s3 = server().s3()
    const [without] = (await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }))).Contents!
    expect(without!.Owner).toBeUndefined()
    const [owned] = (await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, FetchOwner: true }))).Contents!
    expect(owned!.Owner).toMatchObject({ ID: 'cozos' })
  })
})

describe('ListObjectsV2', () => {
  const server = useServer()
  const list = (name: string, { query, ...rest }: TestRequest = {}) =>
    server().request('GET', `/${name}`, { query: { 'list-type': '2', ...query }, ...rest })

  it('takes a plain key as a token, and an empty one as the beginning', async () => {
    const Bucket = await filled(server())
    const count = async (token: string) =>
      /<KeyCount>(\d+)</.exec((await list(Bucket, { query: { 'continuation-token': token } })).text)?.[1]
    expect(await count('')).toBe('7')
    expect(await count('b')).toBe('4')
  })

  it('is for whom the ACL lets read', async () => {
    const Bucket = await createBucket(server())
    expect(verdict(await list(Bucket))).toBe('200')
    expect(verdict(await list(Bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await list(Bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await list(uniqueName('none')))).toBe('404 NoSuchBucket')
    const open = await createBucket(server(), { acl: 'authenticated-read' })
    expect(verdict(await list(open, { as: 'alt' }))).toBe('200')
    expect(verdict(await list(open, { as: 'anonymous' }))).toBe('403 AccessDenied')
  })

  it('refuses a bad max-keys', async () => {
    const Bucket = await createBucket(server())
    expect(verdict(await list(Bucket, { query: { 'max-keys': 'many' } }))).toBe('400 InvalidArgument')
    expect(verdict(await list(Bucket, { query: { 'max-keys': '1' } }))).toBe('200')
  })
})

describe('tokens in the dialect ibm-cos', () => {
  const server = useServer({ config: { dialect: 'ibm-cos' } })

  it('are opaque, and an empty one is none', async () => {
    const Bucket = await filled(server())
    const list = (token: string, more: Record<string, string> = {}) => {
      const query = { 'list-type': '2', 'continuation-token': token, ...more }
      return server().request('GET', `/${Bucket}`, { query })
    }
    const first = await list('')
    expect(first.text).toContain(`<KeyCount>${KEYS.length}</KeyCount>`)
    expect(first.text).not.toContain('<ContinuationToken>')
    expect((await list('', { 'start-after': KEYS[0]! })).text).toContain(`<KeyCount>${KEYS.length - 1}</KeyCount>`)
    expect(verdict(await list('b'))).toBe('400 InvalidArgument')
  })
})

describe('tokens in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('are opaque, and no others are taken', async () => {
    const Bucket = await filled(server())
    const first = await server()
      .s3()
      .send(new ListObjectsV2Command({ Bucket, MaxKeys: 2 }))
    expect(KEYS).not.toContain(first.NextContinuationToken)
    const query = { 'list-type': '2', 'continuation-token': first.NextContinuationToken! }
    expect(verdict(await server().request('GET', `/${Bucket}`, { query }))).toBe('200')
    for (const token of ['b', '', `${first.NextContinuationToken}x`]) {
      const bad = { ...query, 'continuation-token': token }
      expect(verdict(await server().request('GET', `/${Bucket}`, { query: bad })), token).toBe('400 InvalidArgument')
    }
    const encoding = { 'list-type': '2', 'encoding-type': 'base64' }
    expect(verdict(await server().request('GET', `/${Bucket}`, { query: encoding }))).toBe('400 InvalidArgument')
  })
})
