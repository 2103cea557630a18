import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { encryptionDocument, putEncryption } from '../support/encryption.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

describe('DeleteBucketEncryption', () => {
  const server = useServer()
  const remove = (bucket: string, request: TestRequest = {}) =>
    server().request('DELETE', `/${bucket}`, { query: { encryption: undefined }, ...request })
  const write = async (bucket: string) =>
    (await server().request('PUT', `/${bucket}/k`, { body: 'x' })).headers['x-amz-server-side-encryption']

  it('removes the default, and not the bucket; there need not be one', async () => {
    const bucket = await createBucket(server())
    await putEncryption(server(), bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })
    expect(await write(bucket)).toBe('AES256')
    expect(await remove(bucket)).toMatchObject({ status: 204, text: '' })
    expect(await write(bucket)).toBeUndefined()
    expect((await remove(bucket)).status).toBe(204)
    expect((await server().request('GET', `/${bucket}/k`)).text).toBe('x')
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    expect(verdict(await remove(bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await remove(bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await remove(bucket))).toBe('204')
    expect(verdict(await remove(uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})
