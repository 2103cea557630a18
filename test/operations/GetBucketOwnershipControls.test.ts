import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

async function get(server: TestServer, bucket: string, as: TestRequest['as'] = 'root') {
  return server.request('GET', `/${bucket}`, { query: { ownershipControls: undefined }, as })
}

describe('GetBucketOwnershipControls', () => {
  const server = useServer()

  it('tells what was asked for at the creation, and nothing otherwise', async () => {
    const Bucket = uniqueName('b')
    const headers = { 'x-amz-object-ownership': 'BucketOwnerPreferred' }
    await server().request('PUT', `/${Bucket}`, { headers })
    expect((await get(server(), Bucket)).text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><OwnershipControls xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        '<Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>',
    )
    const other = await createBucket(server())
    expect(verdict(await get(server(), other))).toBe('404 OwnershipControlsNotFoundError')
  })

  it('is for the owner alone', async () => {
    const Bucket = uniqueName('b')
    const headers = { 'x-amz-object-ownership': 'ObjectWriter', 'x-amz-acl': 'public-read-write' }
    await server().request('PUT', `/${Bucket}`, { headers })
    expect(verdict(await get(server(), Bucket))).toBe('200')
    expect(verdict(await get(server(), Bucket, 'alt'))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), Bucket, 'anonymous'))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})

describe('GetBucketOwnershipControls in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws', buckets: [{ name: 'configured-bucket' }] } })

  it('finds ACLs switched off in new buckets, and in those of the configuration', async () => {
    for (const Bucket of [await createBucket(server()), 'configured-bucket']) {
      expect((await get(server(), Bucket)).text).toContain('<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>')
    }
  })
})
