import { describe, expect, it } from 'vitest'
import { verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, type TestUser, uniqueName, useServer } from '../support/server.ts'

// Who may do what through the whole server, as an owner, a second user and a stranger see it. Which combination gives
// which decision is test/domain/access/decisions.test.ts.

const olga: TestUser = { id: 'olga', accessKey: 'OLGAKEY', secretKey: 'olgas-secret-of-the-tests' }
const { id, ...key } = olga
const users = [{ id, keys: [key] }]

type Person = NonNullable<TestRequest['as']>

/** What olga does with a bucket of hers. */
class Owned {
  readonly #server: TestServer
  readonly name = uniqueName('b')

  constructor(server: TestServer) {
    this.#server = server
  }

  async create(headers: Record<string, string> = {}): Promise<this> {
    expect(verdict(await this.request('PUT', '', { headers }))).toBe('200')
    return this
  }

  request(method: string, path: string, options: TestRequest = {}) {
    return this.#server.request(method, `/${this.name}${path}`, { as: olga, ...options })
  }

  async asks(who: Person, method: string, path: string, options: TestRequest = {}): Promise<string> {
    return verdict(await this.request(method, path, { ...options, as: who }))
  }

  async put(path: string, headers: Record<string, string> = {}, as: Person = olga): Promise<string> {
    return this.asks(as, 'PUT', path, { body: 'bytes', headers })
  }

  /** Each statement is on the bucket and on all that is in it, unless it says otherwise. */
  async policy(...statements: Readonly<Record<string, unknown>>[]): Promise<void> {
    const arn = `arn:aws:s3:::${this.name}`
    const Statement = statements.map((one) => ({
      Effect: 'Allow',
      Principal: '*',
      Resource: [arn, `${arn}/*`],
      ...one,
    }))
    const body = JSON.stringify({ Version: '2012-10-17', Statement })
    expect(await this.asks(olga, 'PUT', '', { query: { policy: undefined }, body })).toBe('204')
  }
}

const ALT = { AWS: ['arn:aws:iam:::user/alt'] }
const DENIED = '403 AccessDenied'

describe('access by ACL', () => {
  const server = useServer({ users })

  it('gives a second user what is granted, and strangers what is granted to all', async () => {
    const bucket = await new Owned(server()).create({ 'x-amz-acl': 'public-read' })
    await bucket.put('/private')
    await bucket.put('/shown', { 'x-amz-acl': 'public-read' })
    await bucket.put('/members', { 'x-amz-acl': 'authenticated-read' })
    for (const [path, alt, stranger] of [
      ['/private', DENIED, DENIED],
      ['/shown', '200', '200'],
      ['/members', '200', DENIED],
      ['/none', '404 NoSuchKey', '404 NoSuchKey'],
      ['', '200', '200'],
    ] as const) {
      expect(await bucket.asks('alt', 'GET', path)).toBe(alt)
      expect(await bucket.asks('anonymous', 'GET', path)).toBe(stranger)
      expect(await bucket.asks(olga, 'GET', path)).toBe(path === '/none' ? '404 NoSuchKey' : '200')
    }
    expect(await bucket.put('/theirs', {}, 'alt')).toBe(DENIED)
    expect(await bucket.asks('alt', 'GET', '/shown', { query: { acl: undefined } })).toBe(DENIED)
  })

  it('leaves to writers what they wrote', async () => {
    const bucket = await new Owned(server()).create({ 'x-amz-acl': 'public-read-write' })
    expect(await bucket.put('/alts', {}, 'alt')).toBe('200')
    expect(await bucket.put('/given', { 'x-amz-acl': 'bucket-owner-full-control' }, 'alt')).toBe('200')
    expect(await bucket.asks(olga, 'GET', '/alts')).toBe(DENIED)
    expect(await bucket.asks(olga, 'GET', '/given')).toBe('200')
    expect(await bucket.asks('alt', 'GET', '/alts')).toBe('200')
    expect(await bucket.asks('root', 'GET', '/alts')).toBe('200')
  })

  it('does not tell strangers what there is not', async () => {
    const bucket = await new Owned(server()).create()
    for (const method of ['GET', 'HEAD']) {
      const { status } = await bucket.request(method, '/none', { as: 'anonymous' })
      expect(status).toBe(403)
    }
    expect(await bucket.asks(olga, 'GET', '/none')).toBe('404 NoSuchKey')
  })
})

describe('access by policy', () => {
  const server = useServer({ users })

  it('opens to those it names what it names', async () => {
    const bucket = await new Owned(server()).create()
    await bucket.put('/k')
    expect(await bucket.asks('alt', 'GET', '/k')).toBe(DENIED)
    await bucket.policy({ Principal: ALT, Action: ['s3:GetObject', 's3:PutObject'] })
    expect(await bucket.asks('alt', 'GET', '/k')).toBe('200')
    expect(await bucket.put('/new', {}, 'alt')).toBe('200')
    expect(await bucket.asks('alt', 'DELETE', '/k')).toBe(DENIED)
    expect(await bucket.asks('anonymous', 'GET', '/k')).toBe(DENIED)
    // 404 is for those who may list.
    expect(await bucket.asks('alt', 'GET', '/none')).toBe(DENIED)
    await bucket.policy({ Principal: ALT, Action: ['s3:GetObject', 's3:ListBucket'] })
    expect(await bucket.asks('alt', 'GET', '/none')).toBe('404 NoSuchKey')
  })

  it('denies everybody, root and the owner too, but not the policy itself', async () => {
    const bucket = await new Owned(server()).create({ 'x-amz-acl': 'public-read' })
    await bucket.put('/k', { 'x-amz-acl': 'public-read' })
    await bucket.policy({ Effect: 'Deny', Action: 's3:*' })
    for (const who of [olga, 'root', 'alt', 'anonymous'] as const) {
      expect(await bucket.asks(who, 'GET', '/k')).toBe(DENIED)
      expect(await bucket.asks(who, 'GET', '')).toBe(DENIED)
    }
    const query = { policy: undefined }
    expect(await bucket.asks('alt', 'GET', '', { query })).toBe(DENIED)
    expect(await bucket.asks('root', 'GET', '', { query })).toBe('200')
    expect(await bucket.asks(olga, 'DELETE', '', { query })).toBe('200')
    expect(await bucket.asks('anonymous', 'GET', '/k')).toBe('200')
  })

  it('asks about the request: hotlinks, prefixes, the address', async () => {
    const bucket = await new Owned(server()).create()
    await bucket.put('/pictures/a')
    const StringLike = { 'aws:Referer': ['http://good.example/*'] }
    const own = { StringEquals: { 's3:prefix': 'pictures/' }, IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }
    await bucket.policy(
      { Action: 's3:GetObject', Condition: { StringLike } },
      { Action: 's3:ListBucket', Condition: own },
    )
    const referer = (from: string): TestRequest => ({ headers: { referer: from } })
    expect(await bucket.asks('anonymous', 'GET', '/pictures/a', referer('http://good.example/page'))).toBe('200')
    expect(await bucket.asks('anonymous', 'GET', '/pictures/a', referer('http://bad.example/page'))).toBe(DENIED)
    expect(await bucket.asks('anonymous', 'GET', '/pictures/a')).toBe(DENIED)
    expect(await bucket.asks('anonymous', 'GET', '', { query: { prefix: 'pictures/' } })).toBe('200')
    expect(await bucket.asks('anonymous', 'GET', '', { query: { prefix: '' } })).toBe(DENIED)
  })

  it('asks about the tags of the object that is there', async () => {
    const bucket = await new Owned(server()).create()
    await bucket.put('/red', { 'x-amz-tagging': 'Colour=red' })
    await bucket.put('/blue', { 'x-amz-tagging': 'Colour=blue' })
    await bucket.policy({
      Action: 's3:GetObject',
      Condition: { StringEquals: { 's3:ExistingObjectTag/Colour': 'red' } },
    })
    expect(await bucket.asks('anonymous', 'GET', '/red')).toBe('200')
    expect(await bucket.asks('anonymous', 'GET', '/blue')).toBe(DENIED)
  })
})

describe('access by policy in the dialect aws', () => {
  const server = useServer({ users, config: { dialect: 'aws' } })

  it('asks for what the headers of a write set, and keeps out of what others own', async () => {
    const bucket = await new Owned(server()).create({ 'x-amz-object-ownership': 'ObjectWriter' })
    await bucket.policy({ Principal: ALT, Action: ['s3:PutObject', 's3:GetObject'] })
    expect(await bucket.put('/k', {}, 'alt')).toBe('200')
    expect(await bucket.put('/t', { 'x-amz-tagging': 'a=b' }, 'alt')).toBe(DENIED)
    await bucket.policy({ Principal: ALT, Action: ['s3:PutObject', 's3:PutObjectTagging'] })
    expect(await bucket.put('/t', { 'x-amz-tagging': 'a=b' }, 'alt')).toBe('200')
    expect(await bucket.asks(olga, 'GET', '/k')).toBe(DENIED)
    expect(await bucket.asks('alt', 'GET', '/k')).toBe('200')
  })

  it('gives everything to the owner of a bucket without ACLs, and nothing to others', async () => {
    const bucket = await new Owned(server()).create()
    await bucket.policy({ Principal: ALT, Action: 's3:PutObject' })
    expect(await bucket.put('/k', {}, 'alt')).toBe('200')
    expect(await bucket.asks(olga, 'GET', '/k')).toBe('200')
    expect(await bucket.asks('alt', 'GET', '/k')).toBe(DENIED)
  })
})

describe('buckets whose requesters pay', () => {
  const server = useServer({ users })
  const pays = { 'x-amz-request-payer': 'requester' }

  it('serve accounts that agree to pay, and tell them so', async () => {
    const bucket = await new Owned(server()).create({ 'x-amz-acl': 'public-read-write' })
    await bucket.put('/k', { 'x-amz-acl': 'public-read' })
    const body = '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>'
    expect(await bucket.asks(olga, 'PUT', '', { query: { requestPayment: undefined }, body })).toBe('200')
    for (const [method, path] of [
      ['GET', '/k'],
      ['HEAD', '/k'],
      ['PUT', '/new'],
      ['GET', ''],
      ['DELETE', '/new'],
    ] as const) {
      expect((await bucket.request(method, path, { as: 'alt' })).status).toBe(403)
      expect((await bucket.request(method, path, { as: 'anonymous', headers: pays })).status).toBe(403)
      const paid = await bucket.request(method, path, { as: 'alt', headers: pays })
      expect([method, paid.status]).toEqual([method, method === 'DELETE' ? 204 : 200])
      expect(paid.headers['x-amz-request-charged']).toBe('requester')
    }
    const own = await bucket.request('GET', '/k')
    expect(own.status).toBe(200)
    expect(own.headers['x-amz-request-charged']).toBeUndefined()
  })

  it('charge nobody where the owner pays', async () => {
    const bucket = await new Owned(server()).create({ 'x-amz-acl': 'public-read' })
    const { status, headers } = await bucket.request('GET', '', { as: 'alt', headers: pays })
    expect(status).toBe(200)
    expect(headers['x-amz-request-charged']).toBeUndefined()
  })
})

describe('the reason of a decision', () => {
  const server = useServer({ users, config: { logLevel: 'debug' } })

  it('is logged, and never told to the client', async () => {
    const bucket = await new Owned(server()).create()
    await bucket.put('/k')
    await bucket.policy({ Sid: 'NoStrangers', Effect: 'Deny', Principal: '*', Action: 's3:GetObject' })
    const answer = await bucket.request('GET', '/k', { as: 'anonymous' })
    expect(verdict(answer)).toBe(DENIED)
    expect(JSON.stringify(answer.rawHeaders) + answer.text).not.toContain('NoStrangers')
    const decisions = server()
      .logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ verdict: word }) => word !== undefined)
    expect(decisions).toContainEqual(
      expect.objectContaining({
        requestId: answer.headers['x-amz-request-id'],
        operation: 'GetObject',
        verdict: 'deny',
        reason: 'statement "NoStrangers" of the bucket\'s policy denies',
      }),
    )
    expect(decisions).toContainEqual(
      expect.objectContaining({
        operation: 'PutObject',
        verdict: 'allow',
        reason: "the bucket's ACL grants FULL_CONTROL to olga",
      }),
    )
  })
})
