import { GetBucketRequestPaymentCommand, PutBucketRequestPaymentCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type UserName, uniqueName, useServer } from '../support/server.ts'
import { documentOf } from '../support/unset.ts'

describe('GetBucketRequestPayment', () => {
  const server = useServer()
  const get = (name: string, as: UserName = 'root') =>
    server().request('GET', `/${name}`, { query: { requestPayment: undefined }, as })

  it('tells that the owner pays, unless it was put otherwise', async () => {
    const Bucket = await createBucket(server())
    // Recorded from RGW: bucket.get_sub.requestPayment.
    const document = documentOf('RequestPaymentConfiguration', '<Payer>BucketOwner</Payer>')
    expect(await get(Bucket)).toMatchObject({
      status: 200,
      text: document,
      headers: { 'content-type': 'application/xml' },
    })
    const s3 = server().s3()
    const configuration = { Payer: 'Requester' } as const
    await s3.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: configuration }))
    expect((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer).toBe('Requester')
  })

  it('is for the owner alone', async () => {
    const name = await createBucket(server())
    expect(verdict(await get(name))).toBe('200')
    expect(verdict(await get(name, 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await get(name, 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await get(uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})
