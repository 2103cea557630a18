import { GetBucketRequestPaymentCommand, PutBucketRequestPaymentCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const configuration = (inside: string): string =>
  `<RequestPaymentConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</RequestPaymentConfiguration>`
const REQUESTER = configuration('<Payer>Requester</Payer>')

async function put(server: TestServer, name: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, { query: { requestPayment: undefined }, ...request }))
}

async function payerOf(server: TestServer, Bucket: string): Promise<string | undefined> {
  return (await server.s3().send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer
}

describe('PutBucketRequestPayment', () => {
  const server = useServer()

  it('says who pays, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    for (const Payer of ['Requester', 'BucketOwner', 'Requester'] as const) {
      const command = new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer } })
      await server().s3().send(command)
      expect(await payerOf(server(), Bucket)).toBe(Payer)
    }
    await server().restart()
    expect(await payerOf(server(), Bucket)).toBe('Requester')
  })

  it.each([
    [''],
    ['<RequestPayment'],
    ['<Other/>'],
    [configuration('')],
    [configuration('<Payer>Nobody</Payer>')],
    [configuration('<Payer>requester</Payer>')],
    [configuration('<Payer>Requester</Payer><Payer>BucketOwner</Payer>')],
    [configuration('<Payer>Requester</Payer><Share>2</Share>')],
  ])('refuses %j and changes nothing', async (body) => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body })).toBe('400 InvalidArgument')
    expect(await payerOf(server(), Bucket)).toBe('BucketOwner')
    expect(await put(server(), Bucket, { body: REQUESTER })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    expect(await put(server(), Bucket, { body: REQUESTER, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), Bucket, { body: REQUESTER, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body: REQUESTER })).toBe('404 NoSuchBucket')
    expect(await payerOf(server(), Bucket)).toBe('BucketOwner')
    expect(await put(server(), Bucket, { body: REQUESTER })).toBe('200')
  })
})

describe('PutBucketRequestPayment in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s error', async () => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body: '<RequestPayment' })).toBe('400 MalformedXML')
    expect(await put(server(), Bucket, { body: configuration('<Payer>Nobody</Payer>') })).toBe('400 MalformedXML')
    expect(await put(server(), Bucket, { body: REQUESTER })).toBe('200')
  })
})
