import { GetBucketVersioningCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'
const versioning = (inside: string): string =>
  `<VersioningConfiguration xmlns="${NAMESPACE}">${inside}</VersioningConfiguration>`
const ENABLED = versioning('<Status>Enabled</Status>')
const SUSPENDED = versioning('<Status>Suspended</Status>')

async function put(server: TestServer, name: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, { query: { versioning: undefined }, ...request }))
}

async function statusOf(server: TestServer, Bucket: string): Promise<string | undefined> {
  return (await server.s3().send(new GetBucketVersioningCommand({ Bucket }))).Status
}

describe('PutBucketVersioning', () => {
  const server = useServer()

  it('enables, suspends and enables again, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    expect(await statusOf(server(), Bucket)).toBeUndefined()
    for (const Status of ['Enabled', 'Suspended', 'Enabled'] as const) {
      await server()
        .s3()
        .send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
      expect(await statusOf(server(), Bucket)).toBe(Status)
    }
    await server().restart()
    expect(await statusOf(server(), Bucket)).toBe('Enabled')
  })

  it('answers with a type and no body', async () => {
    const Bucket = await createBucket(server())
    const answer = await server().request('PUT', `/${Bucket}`, { query: { versioning: undefined }, body: ENABLED })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
  })

  it.each([
    ['', '400 InvalidArgument'],
    ['<Versioning', '400 InvalidArgument'],
    ['<Other/>', '400 InvalidArgument'],
    [versioning(''), '400 InvalidArgument'],
    [versioning('<Status>Disabled</Status>'), '400 InvalidArgument'],
    [versioning('<Status>enabled</Status>'), '400 InvalidArgument'],
    [versioning('<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>'), '501 NotImplemented'],
    [versioning('<Status>Enabled</Status><MfaDelete>perhaps</MfaDelete>'), '400 InvalidArgument'],
  ])('refuses %j and changes nothing', async (body, expected) => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body })).toBe(expected)
    expect(await statusOf(server(), Bucket)).toBeUndefined()
    const good = versioning('<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>')
    expect(await put(server(), Bucket, { body: good })).toBe('200')
  })

  it('never suspends a bucket with object lock', async () => {
    const Bucket = await createBucket(server(), { objectLock: true })
    expect(await put(server(), Bucket, { body: SUSPENDED })).toBe('409 InvalidBucketState')
    expect(await statusOf(server(), Bucket)).toBe('Enabled')
    expect(await put(server(), Bucket, { body: ENABLED })).toBe('200')
  })

  it('takes no other word for a status, whatever it means to a program', async () => {
    const Bucket = await createBucket(server())
    for (const word of ['enabled', '__proto__', 'constructor']) {
      expect(await put(server(), Bucket, { body: versioning(`<Status>${word}</Status>`) })).toBe('400 InvalidArgument')
    }
    expect(await put(server(), Bucket, { body: versioning('<Status>Enabled</Status>') })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    expect(await put(server(), Bucket, { body: ENABLED, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), Bucket, { body: ENABLED, as: 'anonymous' })).toBe('403 AccessDenied')
    const headers = { 'x-amz-expected-bucket-owner': 'alt' }
    expect(await put(server(), Bucket, { body: ENABLED, headers })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body: ENABLED })).toBe('404 NoSuchBucket')
    expect(await statusOf(server(), Bucket)).toBeUndefined()
    expect(await put(server(), Bucket, { body: ENABLED })).toBe('200')
  })

  it('refuses an MFA code that it could not check', async () => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body: ENABLED, headers: { 'x-amz-mfa': 'serial 123456' } })).toBe(
      '501 NotImplemented',
    )
    expect(await put(server(), Bucket, { body: ENABLED })).toBe('200')
  })
})

describe('PutBucketVersioning in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s errors', async () => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body: '<Versioning' })).toBe('400 MalformedXML')
    expect(await put(server(), Bucket, { body: versioning('<Status>On</Status>') })).toBe('400 MalformedXML')
    expect(await put(server(), Bucket, { body: versioning('') })).toBe('400 IllegalVersioningConfigurationException')
    expect(await put(server(), Bucket, { body: ENABLED })).toBe('200')
  })
})
