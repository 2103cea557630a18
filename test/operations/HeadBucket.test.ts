import { DeleteObjectCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { createBucket } from '../support/buckets.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

describe('HeadBucket', () => {
  const server = useServer()
  const head = (name: string, request: TestRequest = {}) => server().request('HEAD', `/${name}`, request)

  it('tells how many objects and bytes are in the bucket, old versions among them', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const usage = async (): Promise<unknown[]> => {
      const { headers } = await head(Bucket)
      return [headers['x-rgw-object-count'], headers['x-rgw-bytes-used']]
    }
    expect(await usage()).toEqual(['0', '0'])
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '12345' }))
    await s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: Buffer.alloc(5000) }))
    expect(await usage()).toEqual(['2', '5005'])
    await s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'x' }))
    expect(await usage()).toEqual(['2', '6'])
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'b' }))
    expect(await usage()).toEqual(['1', '5'])

    const versioned = await createBucket(server(), { versioning: 'Enabled' })
    for (const Body of ['one', 'three']) await s3.send(new PutObjectCommand({ Bucket: versioned, Key: 'k', Body }))
    await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }))
    const { headers } = await head(versioned)
    expect(headers).toMatchObject({ 'x-rgw-object-count': '2', 'x-rgw-bytes-used': '8' })
  })

  it('answers without a body, also where it refuses', async () => {
    const Bucket = await createBucket(server())
    expect(await head(Bucket)).toMatchObject({ status: 200, text: '' })
    expect(await head(uniqueName('none'))).toMatchObject({ status: 404, text: '' })
    expect(await head(uniqueName('none'), { as: 'anonymous' })).toMatchObject({ status: 404, text: '' })
    expect(await head(Bucket, { as: 'alt' })).toMatchObject({ status: 403, text: '' })
    expect(await head(Bucket, { as: 'anonymous' })).toMatchObject({ status: 403, text: '' })
    expect(await head(Bucket, { sign: 'v2' })).toMatchObject({ status: 200 })
  })

  it('answers whoever may list', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    expect((await head(Bucket, { as: 'anonymous' })).status).toBe(200)
    const authenticated = await createBucket(server(), { acl: 'authenticated-read' })
    expect((await head(authenticated, { as: 'alt' })).status).toBe(200)
    expect((await head(authenticated, { as: 'anonymous' })).status).toBe(403)
  })

  it('holds the bucket against the owner that the client expects', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    await s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: 'cozos' }))
    const wrong = new HeadBucketCommand({ Bucket, ExpectedBucketOwner: '111122223333' })
    await expect(s3.send(wrong)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  })
})

const REGION = 'eu-west-1'
const HEADERS: readonly (readonly [DialectName, readonly string[]])[] = [
  ['zos', ['x-rgw-object-count: 0', 'x-rgw-bytes-used: 0', `x-amz-bucket-region: ${REGION}`]],
  [
    'rgw',
    [
      'x-rgw-object-count: 0',
      'x-rgw-bytes-used: 0',
      'x-rgw-quota-user-size: -1',
      'x-rgw-quota-user-objects: -1',
      'x-rgw-quota-max-buckets: 1000',
      'x-rgw-quota-bucket-size: -1',
      'x-rgw-quota-bucket-objects: -1',
    ],
  ],
  ['aws', [`x-amz-bucket-region: ${REGION}`]],
  ['ibm-cos', [`x-amz-bucket-region: ${REGION}-standard`]],
]

describe.each(HEADERS)('HeadBucket in the dialect %s', (dialect, expected) => {
  const server = useServer({ config: { dialect, region: REGION } })

  it('has the headers of the provider', async () => {
    const Bucket = await createBucket(server(), { user: 'alt' })
    const { headers } = await server().request('HEAD', `/${Bucket}`, { as: 'alt' })
    const own = Object.entries(headers).filter(([name]) => /^x-(rgw|amz-bucket)/.test(name))
    expect(own.map(([name, value]) => `${name}: ${value}`)).toEqual(expected)
    expect((await server().s3({ user: 'alt' }).send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe(
      headers['x-amz-bucket-region'],
    )
  })
})
