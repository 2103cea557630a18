import {
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, setVersioning, verdict } from '../support/buckets.ts'
import { type TestRequest, uniqueName, useServer } from '../support/server.ts'

describe('DeleteBucket', () => {
  const server = useServer()
  const remove = async (name: string, request: TestRequest = {}): Promise<string> =>
    verdict(await server().request('DELETE', `/${name}`, request))

  it('removes an empty bucket once', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    expect((await s3.send(new DeleteBucketCommand({ Bucket }))).$metadata.httpStatusCode).toBe(204)
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    })
    expect(await remove(Bucket)).toBe('404 NoSuchBucket')
    await server().restart()
    expect(await remove(Bucket)).toBe('404 NoSuchBucket')
  })

  it('keeps a bucket that is not empty, and finds a new one of its name empty', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
    expect(await remove(Bucket)).toBe('409 BucketNotEmpty')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
    expect(await remove(Bucket)).toBe('204')
    expect(verdict(await server().request('PUT', `/${Bucket}`))).toBe('200')
    expect(await remove(Bucket)).toBe('204')
  })

  it('counts old versions and delete markers', async () => {
    for (const status of ['Enabled', 'Suspended'] as const) {
      const Bucket = await createBucket(server(), { versioning: status })
      const s3 = server().s3()
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never' }))
      expect(await remove(Bucket), status).toBe('409 BucketNotEmpty')
      await setVersioning(server(), Bucket, 'Enabled')
      await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
      for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
        expect(await remove(Bucket), status).toBe('409 BucketNotEmpty')
        await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
      }
      expect(await remove(Bucket), status).toBe('204')
    }
  })

  it('does not mind open uploads', async () => {
    const Bucket = await createBucket(server())
    const { UploadId } = await server()
      .s3()
      .send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }))
    expect(await remove(Bucket)).toBe('204')
    expect(verdict(await server().request('PUT', `/${Bucket}`))).toBe('200')
    const query = { uploadId: UploadId }
    expect(verdict(await server().request('GET', `/${Bucket}/k`, { query }))).toBe('404 NoSuchUpload')
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    expect(await remove(Bucket, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await remove(Bucket, { as: 'alt' })).toBe('403 AccessDenied')
    expect(await remove(Bucket, { headers: { 'x-amz-expected-bucket-owner': 'alt' } })).toBe('403 AccessDenied')
    expect(await remove(Bucket, { headers: { 'x-amz-expected-bucket-owner': 'cozos' } })).toBe('204')
    expect(await remove(uniqueName('none'), { as: 'anonymous' })).toBe('404 NoSuchBucket')
  })

  it('never deletes the bucket for another subresource', async () => {
    const Bucket = await createBucket(server())
    for (const name of ['analytics', 'metrics', 'location']) {
      const answer = verdict(await server().request('DELETE', `/${Bucket}`, { query: { [name]: undefined } }))
      expect(answer, name).toMatch(/^(400 InvalidArgument|405 MethodNotAllowed|501 NotImplemented)$/)
    }
    expect(verdict(await server().request('HEAD', `/${Bucket}`))).toBe('200')
  })
})
