import { CreateBucketCommand, ListBucketsCommand, paginateListBuckets } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { verdict } from '../support/buckets.ts'
import { type TestServer, uniqueName, useServer } from '../support/server.ts'

const SUSPENDED = { id: 'suspended', accessKey: 'SUSPENDED', secretKey: 'suspended-secret' }
const USERS = [
  { id: SUSPENDED.id, suspended: true, keys: [{ accessKey: SUSPENDED.accessKey, secretKey: SUSPENDED.secretKey }] },
]

async function createMany(server: TestServer, count: number): Promise<string[]> {
  const prefix = uniqueName('l')
  const names = Array.from({ length: count }, (_, at) => `${prefix}-${at}`)
  for (const Bucket of names) await server.s3().send(new CreateBucketCommand({ Bucket }))
  return names
}

describe('ListBuckets', () => {
  const server = useServer({ users: USERS })
  const list = (query: Record<string, string>) => server().request('GET', '/', { query })

  it('lists what the caller owns, in the order of names', async () => {
    const names = await createMany(server(), 3)
    const mine = await server().s3().send(new ListBucketsCommand({}))
    expect(mine.Owner).toMatchObject({ ID: 'cozos' })
    expect(mine.Buckets!.map(({ Name }) => Name)).toEqual(expect.arrayContaining(names))
    const sorted = mine.Buckets!.map(({ Name }) => Name!)
    expect(sorted).toEqual([...sorted].sort())
    expect(mine.Buckets![0]!.CreationDate).toBeInstanceOf(Date)
    const theirs = await server().s3({ user: 'alt' }).send(new ListBucketsCommand({}))
    expect(theirs.Buckets ?? []).toEqual([])
    expect(theirs.Owner?.ID).toBe('alt')
  })

  it('pages by max-buckets and its tokens, within a prefix', async () => {
    const names = await createMany(server(), 5)
    const Prefix = names[0]!.slice(0, -1)
    const found: (string | undefined)[][] = []
    const client = server().s3()
    for await (const page of paginateListBuckets({ client, pageSize: 2 }, { Prefix })) {
      expect(page.Prefix).toBe(Prefix)
      found.push((page.Buckets ?? []).map(({ Name }) => Name))
    }
    expect(found).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)])
    const whole = await client.send(new ListBucketsCommand({ Prefix, MaxBuckets: 5 }))
    expect(whole.ContinuationToken).toBeUndefined()
    const regional = (BucketRegion: string) => client.send(new ListBucketsCommand({ Prefix, BucketRegion }))
    expect((await regional('default')).Buckets).toHaveLength(5)
    expect((await regional('elsewhere')).Buckets ?? []).toEqual([])
  })

  it.each(['0', '-1', '10001', 'abc', '1.5'])('refuses max-buckets=%s', async (count) => {
    expect(verdict(await list({ 'max-buckets': count }))).toBe('400 InvalidArgument')
    expect(verdict(await list({ 'max-buckets': '10000' }))).toBe('200')
  })

  it('refuses a token that it has not given', async () => {
    expect(verdict(await list({ 'continuation-token': 'mine' }))).toBe('400 InvalidArgument')
    expect(verdict(await list({ 'continuation-token': Buffer.from('k1:b').toString('base64url') }))).toBe('200')
  })

  it('answers HEAD with the headers alone', async () => {
    const [head, get] = await Promise.all(['HEAD', 'GET'].map((method) => server().request(method, '/')))
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head?.headers['content-type']).toBe(get?.headers['content-type'])
  })

  it('tells an anonymous caller that it has none, and a suspended one nothing', async () => {
    const anonymous = await server().request('GET', '/', { as: 'anonymous' })
    expect(anonymous.status).toBe(200)
    expect(anonymous.text).toContain('<Owner><ID>anonymous</ID><DisplayName></DisplayName></Owner><Buckets></Buckets>')
    expect(verdict(await server().request('GET', '/', { as: SUSPENDED }))).toBe('403 UserSuspended')
    const guess = { ...SUSPENDED, secretKey: 'guess' }
    expect(verdict(await server().request('GET', '/', { as: guess }))).toBe('403 SignatureDoesNotMatch')
    // Recorded: auth.v4.suspended.
    expect((await server().request('GET', '/b-1', { as: SUSPENDED })).text).toContain('<BucketName>b-1</BucketName>')
  })
})

describe('ListBuckets in the dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('does not page, as recorded', async () => {
    const names = await createMany(server(), 3)
    const { text } = await server().request('GET', '/', { query: { 'max-buckets': '2', marker: names[0] } })
    for (const name of names) expect(text).toContain(`<Name>${name}</Name>`)
    expect(text).not.toContain('ContinuationToken')
  })
})

describe('ListBuckets in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws', region: 'eu-west-1' } })

  it('refuses an anonymous caller, and prints regions', async () => {
    expect(verdict(await server().request('GET', '/', { as: 'anonymous' }))).toBe('403 AccessDenied')
    await createMany(server(), 1)
    const { Buckets } = await server().s3().send(new ListBucketsCommand({}))
    expect(Buckets![0]!.BucketRegion).toBe('eu-west-1')
  })
})
