import { describe, expect, it } from 'vitest'
import { putAcl } from '../support/acl.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const query = { ownershipControls: undefined }

async function remove(server: TestServer, bucket: string, as: TestRequest['as'] = 'root'): Promise<string> {
  return verdict(await server.request('DELETE', `/${bucket}`, { query, as }))
}

async function enforced(server: TestServer): Promise<string> {
  const Bucket = uniqueName('b')
  const headers = { 'x-amz-object-ownership': 'BucketOwnerEnforced' }
  expect(verdict(await server.request('PUT', `/${Bucket}`, { headers }))).toBe('200')
  return Bucket
}

describe('DeleteBucketOwnershipControls', () => {
  const server = useServer()

  it('makes ACLs work again, and may be repeated', async () => {
    const Bucket = await enforced(server())
    const put = async () => verdict(await putAcl(server(), `/${Bucket}`, { headers: { 'x-amz-acl': 'public-read' } }))
    expect(await put()).toBe('400 AccessControlListNotSupported')
    expect(await remove(server(), Bucket)).toBe('204')
    expect(verdict(await server().request('GET', `/${Bucket}`, { query }))).toBe('404 OwnershipControlsNotFoundError')
    expect(await put()).toBe('200')
    expect(await remove(server(), Bucket)).toBe('204')
  })

  it('is for the owner alone, and leaves the bucket where it is', async () => {
    const Bucket = await enforced(server())
    expect(await remove(server(), Bucket, 'alt')).toBe('403 AccessDenied')
    expect(await remove(server(), Bucket, 'anonymous')).toBe('403 AccessDenied')
    expect(await remove(server(), uniqueName('none'))).toBe('404 NoSuchBucket')
    const other = await createBucket(server(), { acl: 'public-read-write' })
    expect(await remove(server(), other, 'alt')).toBe('403 AccessDenied')
    expect(await remove(server(), Bucket)).toBe('204')
    expect(verdict(await server().request('HEAD', `/${Bucket}`))).toBe('200')
  })
})
