import { PutBucketOwnershipControlsCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { putAcl, shownAcl } from '../support/acl.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const controls = (ownership: string) =>
  `<OwnershipControls><Rule><ObjectOwnership>${ownership}</ObjectOwnership></Rule></OwnershipControls>`

async function put(server: TestServer, bucket: string, request: TestRequest): Promise<string> {
  return verdict(await server.request('PUT', `/${bucket}`, { query: { ownershipControls: undefined }, ...request }))
}

async function current(server: TestServer, bucket: string): Promise<string | undefined> {
  const { text } = await server.request('GET', `/${bucket}`, { query: { ownershipControls: undefined } })
  return /<ObjectOwnership>(\w+)/.exec(text)?.[1]
}

const OWNERS = { 'x-amz-acl': 'bucket-owner-full-control' }

describe('PutBucketOwnershipControls', () => {
  const server = useServer()

  it('sets each mode, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    for (const ObjectOwnership of ['BucketOwnerPreferred', 'ObjectWriter', 'BucketOwnerEnforced'] as const) {
      const OwnershipControls = { Rules: [{ ObjectOwnership }] }
      await server().s3().send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
      expect(await current(server(), Bucket)).toBe(ObjectOwnership)
    }
    await server().restart()
    expect(await current(server(), Bucket)).toBe('BucketOwnerEnforced')
  })

  it('hands over what is written with bucket-owner-full-control', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const write = (key: string, headers = {}) =>
      server().request('PUT', `/${Bucket}/${key}`, { body: 'x', headers, as: 'alt' })
    await write('before', OWNERS)
    expect(await shownAcl(server(), `/${Bucket}/before`)).toBe('alt: alt FULL_CONTROL, cozos FULL_CONTROL')
    expect(await put(server(), Bucket, { body: controls('BucketOwnerPreferred') })).toBe('200')
    await write('with', OWNERS)
    await write('without')
    expect(await shownAcl(server(), `/${Bucket}/with`)).toBe('cozos: cozos FULL_CONTROL')
    expect(await shownAcl(server(), `/${Bucket}/without`)).toBe('alt: alt FULL_CONTROL')
    expect(await shownAcl(server(), `/${Bucket}/before`)).toBe('alt: alt FULL_CONTROL, cozos FULL_CONTROL')
  })

  it('switches ACLs off, and on again', async () => {
    const Bucket = await createBucket(server())
    const path = `/${Bucket}/k`
    await server().request('PUT', path, { body: 'x', headers: { 'x-amz-acl': 'public-read' } })
    const read = async () => verdict(await server().request('GET', path, { as: 'anonymous' }))
    expect(await read()).toBe('200')
    expect(await put(server(), Bucket, { body: controls('BucketOwnerEnforced') })).toBe('200')
    expect(await read()).toBe('403 AccessDenied')
    expect(await shownAcl(server(), path)).toBe('cozos: cozos FULL_CONTROL')
    for (const target of [`/${Bucket}`, path]) {
      const answer = await putAcl(server(), target, { headers: OWNERS })
      expect(verdict(answer)).toBe('400 AccessControlListNotSupported')
    }
    const write = async (headers: Record<string, string>) =>
      verdict(await server().request('PUT', `/${Bucket}/new`, { body: 'x', headers }))
    expect(await write({ 'x-amz-acl': 'public-read' })).toBe('400 AccessControlListNotSupported')
    expect(await write({ 'x-amz-acl': 'private' })).toBe('400 AccessControlListNotSupported')
    expect(await write({ 'x-amz-grant-full-control': 'id=alt' })).toBe('400 AccessControlListNotSupported')
    expect(await write({ 'x-amz-grant-full-control': 'id=cozos' })).toBe('200')
    expect(await write(OWNERS)).toBe('200')
    expect(await write({})).toBe('200')
    expect(await put(server(), Bucket, { body: controls('ObjectWriter') })).toBe('200')
    expect(await read()).toBe('200')
  })

  it('counts for a multipart upload at its completion', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const path = `/${Bucket}/k`
    const begun = await server().request('POST', path, { query: { uploads: undefined }, headers: OWNERS, as: 'alt' })
    const uploadId = /<UploadId>([^<]+)/.exec(begun.text)?.[1]
    const part = await server().request('PUT', path, { query: { partNumber: '1', uploadId }, body: 'x', as: 'alt' })
    expect(await put(server(), Bucket, { body: controls('BucketOwnerPreferred') })).toBe('200')
    const listed = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part>`
    const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
    expect(verdict(await server().request('POST', path, { query: { uploadId }, body, as: 'alt' }))).toBe('200')
    expect(await shownAcl(server(), path)).toBe('cozos: cozos FULL_CONTROL')
  })

  it('does not switch off ACLs that grant something to others', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read' })
    const body = controls('BucketOwnerEnforced')
    expect(await put(server(), Bucket, { body })).toBe('400 InvalidBucketAclWithObjectOwnership')
    expect(await current(server(), Bucket)).toBeUndefined()
    await putAcl(server(), `/${Bucket}`, { headers: { 'x-amz-grant-read-acp': 'id=alt' } })
    expect(await put(server(), Bucket, { body })).toBe('400 InvalidBucketAclWithObjectOwnership')
    expect(await put(server(), Bucket, { body: controls('BucketOwnerPreferred') })).toBe('200')
    await putAcl(server(), `/${Bucket}`, { headers: { 'x-amz-acl': 'private' } })
    expect(await put(server(), Bucket, { body })).toBe('200')
  })

  it.each([
    [''],
    ['<OwnershipControls'],
    ['<OwnershipControls/>'],
    [controls('')],
    [controls('bucketownerenforced')],
    ['<OwnershipControls><Rule/></OwnershipControls>'],
    [controls('ObjectWriter').replace('</Rule>', '</Rule><Rule/>')],
    [controls('ObjectWriter').replace('</Rule>', '<Other/></Rule>')],
  ])('refuses %j and changes nothing', async (body) => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body })).toBe('400 InvalidArgument')
    expect(await current(server(), Bucket)).toBeUndefined()
    expect(await put(server(), Bucket, { body: controls(' ObjectWriter ') })).toBe('200')
  })

  it('is for the owner alone', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write', user: 'alt' })
    const body = controls('ObjectWriter')
    expect(await put(server(), Bucket, { body, as: 'alt' })).toBe('200')
    expect(await put(server(), Bucket, { body, as: 'anonymous' })).toBe('403 AccessDenied')
    const other = await createBucket(server(), { acl: 'public-read-write' })
    expect(await put(server(), other, { body, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), uniqueName('none'), { body })).toBe('404 NoSuchBucket')
  })
})

describe('PutBucketOwnershipControls in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has AWS’s error', async () => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { body: controls('None') })).toBe('400 MalformedXML')
    expect(await put(server(), Bucket, { body: controls('ObjectWriter') })).toBe('200')
    expect(await current(server(), Bucket)).toBe('ObjectWriter')
  })
})
