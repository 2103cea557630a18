import { GetBucketEncryptionCommand, PutBucketEncryptionCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { customerKey, encryptionDocument, KMS_RULE, putEncryption } from '../support/encryption.ts'
import { uniqueName, useServer } from '../support/server.ts'

const ZOS_ID = '6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0'
const SSE = 'x-amz-server-side-encryption'

describe('PutBucketEncryption', () => {
  const server = useServer()
  const put = async (bucket: string, request: Parameters<typeof putEncryption>[2]) =>
    verdict(await putEncryption(server(), bucket, request))

  it('keeps the manual’s example, over a restart', async () => {
    const Bucket = await createBucket(server())
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: ZOS_ID } }]
    await server()
      .s3()
      .send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }))
    await server().restart()
    const read = await server().s3().send(new GetBucketEncryptionCommand({ Bucket }))
    expect(read.ServerSideEncryptionConfiguration?.Rules).toEqual(Rules)
  })

  it('encrypts what is put from then on, and replaces what was said before', async () => {
    const bucket = await createBucket(server())
    const stored = async (key: string) => {
      const answer = await server().request('PUT', `/${bucket}/${key}`, { body: 'x' })
      const head = await server().request('HEAD', `/${bucket}/${key}`)
      expect(head.headers[SSE]).toBe(answer.headers[SSE])
      return head.headers[SSE]
    }
    expect(await stored('before')).toBeUndefined()
    expect(await put(bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })).toBe('200')
    expect(await stored('then')).toBe('AES256')
    expect(await put(bucket, { body: encryptionDocument(KMS_RULE) })).toBe('200')
    expect(await stored('later')).toBe('aws:kms')
    const still = await server().request('HEAD', `/${bucket}/before`)
    expect(still.headers[SSE]).toBeUndefined()
  })

  it('refuses what is none, and changes nothing', async () => {
    const bucket = await createBucket(server())
    expect(await put(bucket, { body: encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>') })).toBe('200')
    for (const [body, expected] of [
      ['', '400 InvalidArgument'],
      [encryptionDocument('<SSEAlgorithm>DES</SSEAlgorithm>'), '400 InvalidArgument'],
      [encryptionDocument('<SSEAlgorithm>aws:kms</SSEAlgorithm>'), '400 InvalidArgument'],
      [encryptionDocument('<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm>'), '501 NotImplemented'],
      [`<!--${' '.repeat(64 * 1024)}-->`, '400 MaxMessageLengthExceeded'],
    ] as const) {
      expect(await put(bucket, { body })).toBe(expected)
    }
    const read = await server().request('GET', `/${bucket}`, { query: { encryption: undefined } })
    expect(read.text).toContain('<SSEAlgorithm>AES256</SSEAlgorithm>')
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const body = encryptionDocument('<SSEAlgorithm>AES256</SSEAlgorithm>')
    expect(await put(bucket, { body, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(bucket, { body, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(bucket, { body })).toBe('200')
    expect(await put(uniqueName('none'), { body })).toBe('404 NoSuchBucket')
  })
})

describe('PutBucketEncryption in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  const blocking = (type: string) =>
    `<BlockedEncryptionTypes><EncryptionType>${type}</EncryptionType></BlockedEncryptionTypes>`

  it('lets a bucket refuse customers’ keys', async () => {
    const bucket = await createBucket(server())
    const key = customerKey()
    const write = async () =>
      verdict(await server().request('PUT', `/${bucket}/k`, { body: 'x', headers: key.headers }))
    expect(await write()).toBe('200')
    const rule = '<SSEAlgorithm>AES256</SSEAlgorithm>'
    await putEncryption(server(), bucket, { body: encryptionDocument(rule, blocking('SSE-C')) })
    expect(await write()).toBe('403 AccessDenied')
    // What is there can still be read.
    expect(verdict(await server().request('GET', `/${bucket}/k`, { headers: key.headers }))).toBe('200')
    await putEncryption(server(), bucket, { body: encryptionDocument(rule, blocking('NONE')) })
    expect(await write()).toBe('200')
  })
})
