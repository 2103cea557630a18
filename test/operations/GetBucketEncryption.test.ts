import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { encryptionDocument, putEncryption } from '../support/encryption.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const AES256 = '<SSEAlgorithm>AES256</SSEAlgorithm>'

function get(server: TestServer, bucket: string, request: TestRequest = {}) {
  return server.request('GET', `/${bucket}`, { query: { encryption: undefined }, ...request })
}

describe('GetBucketEncryption', () => {
  const server = useServer()

  it('answers what was put', async () => {
    const bucket = await createBucket(server())
    const body = encryptionDocument(AES256, '<BucketKeyEnabled>true</BucketKeyEnabled>')
    await putEncryption(server(), bucket, { body })
    const answer = await get(server(), bucket)
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.text).toBe(`<?xml version="1.0" encoding="UTF-8"?>${body}`)
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read' })
    await putEncryption(server(), bucket, { body: encryptionDocument(AES256) })
    expect(verdict(await get(server(), bucket))).toBe('200')
    expect(verdict(await get(server(), bucket, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), bucket, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
  })
})

describe.each<[DialectName, string]>([
  ['zos', '404 NoSuchEncryptionSetError'],
  ['rgw', '404 ServerSideEncryptionConfigurationNotFoundError'],
  ['ibm-cos', '404 ServerSideEncryptionConfigurationNotFoundError'],
  ['aws', '200'],
])('GetBucketEncryption of a bucket that has none, in %s', (dialect, expected) => {
  const server = useServer({ config: { dialect } })

  it(`answers ${expected}, before one is put and when it is deleted`, async () => {
    const bucket = await createBucket(server())
    expect(verdict(await get(server(), bucket))).toBe(expected)
    await putEncryption(server(), bucket, { body: encryptionDocument(AES256) })
    expect(verdict(await get(server(), bucket))).toBe('200')
    await server().request('DELETE', `/${bucket}`, { query: { encryption: undefined } })
    const answer = await get(server(), bucket)
    expect(verdict(answer)).toBe(expected)
    if (expected === '200') {
      expect(answer.text).toContain(encryptionDocument(AES256, '<BucketKeyEnabled>false</BucketKeyEnabled>'))
    }
  })
})
