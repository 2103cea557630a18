import { PutPublicAccessBlockCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestServer, type UserName, uniqueName, useServer } from '../support/server.ts'

function get(server: TestServer, bucket: string, as: UserName = 'root') {
  return server.request('GET', `/${bucket}`, { query: { publicAccessBlock: undefined }, as })
}

async function block(server: TestServer, Bucket: string): Promise<void> {
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true }
  await server.s3().send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
}

describe('GetPublicAccessBlock', () => {
  const server = useServer()

  it('answers as RGW does, also where nothing is set', async () => {
    const bucket = await createBucket(server())
    const switches = (first: boolean) =>
      `<BlockPublicAcls>${first}</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>` +
      '<BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>'
    const document = (first: boolean) =>
      '<?xml version="1.0" encoding="UTF-8"?>' +
      `<BlockPublicAccessBlockConfiguration>${switches(first)}</BlockPublicAccessBlockConfiguration>`
    expect((await get(server(), bucket)).text).toBe(document(false))
    await block(server(), bucket)
    const { text, headers } = await get(server(), bucket)
    expect(text).toBe(document(true))
    expect(headers['content-type']).toBe('application/xml')
  })

  it('is for the owner alone', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await get(server(), bucket, as))).toBe('403 AccessDenied')
    }
    expect(verdict(await get(server(), uniqueName('none')))).toBe('404 NoSuchBucket')
    expect(verdict(await get(server(), bucket))).toBe('200')
  })
})

describe('GetPublicAccessBlock in the dialect ibm-cos', () => {
  const server = useServer({ config: { dialect: 'ibm-cos' } })

  it('knows a bucket that has none', async () => {
    const bucket = await createBucket(server())
    expect(verdict(await get(server(), bucket))).toBe('404 NoSuchPublicAccessBlockConfiguration')
    await block(server(), bucket)
    expect((await get(server(), bucket)).text).toContain('<PublicAccessBlockConfiguration xmlns=')
  })
})

describe('GetPublicAccessBlock in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('tells that a new bucket blocks everything', async () => {
    const { text } = await get(server(), await createBucket(server()))
    expect(text.match(/>true</g)).toHaveLength(4)
  })
})
