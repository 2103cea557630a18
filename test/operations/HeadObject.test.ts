import { HeadObjectCommand, NotFound, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'

// Ranges, conditions and versions of HEAD stand beside GET's in GetObject.test.ts: both read their request alike.
describe('HeadObject', () => {
  const server = useServer()

  it('describes an object without its bytes', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const at = { Bucket, Key: '中文 键' }
    await s3.send(
      new PutObjectCommand({
        ...at,
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { a: '1' },
        StorageClass: 'GLACIER',
      }),
    )
    const head = await s3.send(new HeadObjectCommand(at))
    expect(head).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      Metadata: { a: '1' },
      StorageClass: 'GLACIER',
      AcceptRanges: 'bytes',
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
    })
    expect(Date.now() - head.LastModified!.getTime()).toBeLessThan(60_000)
  })

  it('hands metadata back as it came, also beyond ASCII', async () => {
    const bucket = await createBucket(server(), { acl: 'public-read-write' })
    const sent = { 'x-amz-meta-u': '中文' }
    await server().request('PUT', `/${bucket}/k`, { body: 'x', headers: sent, as: 'anonymous' })
    const { headers } = await server().request('HEAD', `/${bucket}/k`)
    expect(Buffer.from(headers['x-amz-meta-u'] as string, 'latin1').toString('utf8')).toBe('中文')
  })

  it('has errors without a body', async () => {
    const Bucket = await createBucket(server())
    await server().request('PUT', `/${Bucket}/k`, { body: 'x' })
    const missing = await server().request('HEAD', `/${Bucket}/none`)
    expect([missing.status, missing.body.length]).toEqual([404, 0])
    expect(Number(missing.headers['content-length'])).toBeGreaterThan(0)
    await expect(
      server()
        .s3()
        .send(new HeadObjectCommand({ Bucket, Key: 'none' })),
    ).rejects.toBeInstanceOf(NotFound)
    expect((await server().request('HEAD', `/${Bucket}/k`)).status).toBe(200)
    expect((await server().request('HEAD', `/${Bucket}/k`, { as: 'alt' })).status).toBe(403)
    expect((await server().request('HEAD', `/${Bucket}/k`, { as: 'anonymous' })).status).toBe(403)
    expect((await server().request('HEAD', '/no-such-bucket-at-all/k')).status).toBe(404)
  })
})
