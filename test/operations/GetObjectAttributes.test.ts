import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'

describe('GetObjectAttributes', () => {
  const server = useServer()
  const get = (
    path: string,
    options: { names?: string; as?: 'alt' | 'anonymous'; versionId?: string; more?: Record<string, string> } = {},
  ) => {
    const { names, as, versionId, more } = options
    const headers: Record<string, string> = {
      ...(names === undefined ? {} : { 'x-amz-object-attributes': names }),
      ...more,
    }
    const query = { attributes: undefined, ...(versionId === undefined ? {} : { versionId }) }
    return server().request('GET', path, { headers, query, as: as ?? 'root' })
  }

  it('tells what it is asked for', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello', ChecksumAlgorithm: 'CRC32' }))
    const all = await s3.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'k',
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'],
      }),
    )
    expect(all).toMatchObject({
      ETag: '5d41402abc4b2a76b9719d911017c592',
      Checksum: { ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' },
      StorageClass: 'STANDARD',
      ObjectSize: 5,
    })
    expect(all.ObjectParts).toBeUndefined()
    expect(all.LastModified).toBeInstanceOf(Date)
    const { text } = await get(`/${Bucket}/k`, { names: 'ObjectSize' })
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><GetObjectAttributesResponse ' +
        'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectSize>5</ObjectSize></GetObjectAttributesResponse>',
    )
  })

  it('pages through the parts of a multipart object', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    const at = { Bucket, Key: 'k' }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256' }))
    const Parts = []
    for (const [index, Body] of ['a'.repeat(1024), 'b'.repeat(1024), 'c'].entries()) {
      const PartNumber = index + 1
      const part = await s3.send(
        new UploadPartCommand({ ...at, UploadId, PartNumber, Body, ChecksumAlgorithm: 'SHA256' }),
      )
      Parts.push({ PartNumber, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 })
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }))
    const page = async (MaxParts: number, PartNumberMarker?: string) => {
      const command = { ...at, MaxParts, PartNumberMarker, ObjectAttributes: ['ObjectParts' as const] }
      return (await s3.send(new GetObjectAttributesCommand(command))).ObjectParts!
    }
    const first = await page(2)
    expect(first).toMatchObject({ TotalPartsCount: 3, MaxParts: 2, IsTruncated: true, NextPartNumberMarker: '2' })
    expect(first.Parts).toEqual([
      { PartNumber: 1, Size: 1024, ChecksumSHA256: Parts[0]!.ChecksumSHA256 },
      { PartNumber: 2, Size: 1024, ChecksumSHA256: Parts[1]!.ChecksumSHA256 },
    ])
    const second = await page(2, first.NextPartNumberMarker)
    expect(second).toMatchObject({ PartNumberMarker: '2', IsTruncated: false })
    expect(second.Parts).toEqual([{ PartNumber: 3, Size: 1, ChecksumSHA256: Parts[2]!.ChecksumSHA256 }])
  })

  it('describes any version', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    const s3 = server().s3()
    const { VersionId: first } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'a' }))
    const { VersionId: second } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'bb' }))
    for (const [versionId, size, answered] of [
      [first, 1, first],
      [undefined, 2, second],
    ] as const) {
      const { text, headers } = await get(`/${Bucket}/k`, { names: 'ObjectSize', versionId })
      expect(text).toContain(`<ObjectSize>${size}</ObjectSize>`)
      expect(headers['x-amz-version-id']).toBe(answered)
    }
    await server().request('DELETE', `/${Bucket}/k`)
    expect(verdict(await get(`/${Bucket}/k`, { names: 'ObjectSize' }))).toBe('404 NoSuchKey')
  })

  it.each([
    ['no attribute', undefined, {}, '400 InvalidRequest'],
    ['an empty list', ' , ', {}, '400 InvalidRequest'],
    ['an unknown attribute', 'ETag,Owner', {}, '400 InvalidArgument'],
    ['a list with spaces', 'ETag, ObjectSize', {}, '200'],
    ['junk as x-amz-max-parts', 'ObjectParts', { 'x-amz-max-parts': 'x' }, '400 InvalidArgument'],
    ['junk as the marker', 'ObjectParts', { 'x-amz-part-number-marker': '-1' }, '400 InvalidArgument'],
  ])('%s', async (_case, names, more, expected) => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/k`, { body: 'x' })
    expect(verdict(await get(`/${bucket}/k`, { names: names!, more }))).toBe(expected)
  })

  it('is for those whom an ACL lets read', async () => {
    const bucket = await createBucket(server())
    await server().request('PUT', `/${bucket}/closed`, { body: 'x' })
    await server().request('PUT', `/${bucket}/open`, { body: 'x', headers: { 'x-amz-acl': 'public-read' } })
    for (const as of ['alt', 'anonymous'] as const) {
      expect(verdict(await get(`/${bucket}/closed`, { names: 'ETag', as }))).toBe('403 AccessDenied')
      expect(verdict(await get(`/${bucket}/open`, { names: 'ETag', as }))).toBe('200')
    }
    expect(verdict(await get(`/${bucket}/none`, { names: 'ETag' }))).toBe('404 NoSuchKey')
    expect(verdict(await get('/no-such-bucket-at-all/k', { names: 'ETag' }))).toBe('404 NoSuchBucket')
  })
})
