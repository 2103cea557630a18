import { PutObjectAclCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { ALL_USERS, AS_FRIEND, aclXml, FRIEND, putAcl, shownAcl } from '../support/acl.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

async function object(server: TestServer, path: string, as: TestRequest['as'] = 'root'): Promise<string | undefined> {
  const { headers } = await server.request('PUT', path, { body: 'x', as })
  return headers['x-amz-version-id'] as string | undefined
}

const put = async (server: TestServer, path: string, request: TestRequest & { versionId?: string | undefined }) =>
  verdict(await putAcl(server, path, request))
const get = async (server: TestServer, path: string, as: NonNullable<TestRequest['as']>): Promise<string> =>
  verdict(await server.request('GET', path, { as }))

describe('PutObjectAcl', () => {
  const server = useServer({ users: [FRIEND] })

  it('takes the three forms of the manual', async () => {
    const Bucket = await createBucket(server())
    const path = `/${Bucket}/k`
    await object(server(), path)
    const s3 = server().s3()
    await s3.send(new PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read-write' }))
    expect(await shownAcl(server(), path)).toBe('cozos: AllUsers READ, AllUsers WRITE, cozos FULL_CONTROL')
    expect(await get(server(), path, 'anonymous')).toBe('200')
    const body = aclXml('cozos', [
      ['CanonicalUser', 'cozos', 'FULL_CONTROL'],
      ['CanonicalUser', 'alt', 'READ'],
      ['AmazonCustomerByEmail', 'friend@x.org', 'WRITE'],
    ])
    expect(await put(server(), path, { body })).toBe('200')
    expect(await shownAcl(server(), path)).toBe('cozos: alt READ, cozos FULL_CONTROL, friend WRITE')
    expect(await get(server(), path, 'alt')).toBe('200')
    expect(await get(server(), path, AS_FRIEND)).toBe('403 AccessDenied')
    expect(await get(server(), path, 'anonymous')).toBe('403 AccessDenied')
    const grants = { GrantReadACP: 'id=alt', GrantWriteACP: 'emailAddress=friend@x.org' }
    await s3.send(new PutObjectAclCommand({ Bucket, Key: 'k', ...grants }))
    expect(await shownAcl(server(), path)).toBe('cozos: alt READ_ACP, friend WRITE_ACP')
    expect(await get(server(), path, 'alt')).toBe('403 AccessDenied')
  })

  it('leaves the object’s date, ETag and bytes alone, and survives a restart', async () => {
    const Bucket = await createBucket(server())
    const path = `/${Bucket}/k`
    await object(server(), path)
    const before = await server().request('GET', path)
    expect(await put(server(), path, { headers: { 'x-amz-grant-read': `uri="${ALL_USERS}"` } })).toBe('200')
    await server().restart()
    const after = await server().request('GET', path, { as: 'anonymous' })
    expect(after.text).toBe('x')
    for (const name of ['etag', 'last-modified', 'content-type']) expect(after.headers[name]).toBe(before.headers[name])
  })

  it('sets that of a version', async () => {
    const Bucket = await createBucket(server(), { versioning: 'Enabled' })
    const path = `/${Bucket}/k`
    const [first, second] = [await object(server(), path), await object(server(), path)]
    const headers = { 'x-amz-acl': 'public-read' }
    expect(await put(server(), path, { headers, versionId: first })).toBe('200')
    expect(await shownAcl(server(), path, first)).toBe('cozos: AllUsers READ, cozos FULL_CONTROL')
    expect(await shownAcl(server(), path, second)).toBe('cozos: cozos FULL_CONTROL')
    expect(await get(server(), path, 'anonymous')).toBe('403 AccessDenied')
    expect(await put(server(), path, { headers })).toBe('200')
    expect(await get(server(), path, 'anonymous')).toBe('200')
    const { headers: deleted } = await server().request('DELETE', path)
    const marker = deleted['x-amz-version-id'] as string
    expect(await put(server(), path, { headers })).toBe('404 NoSuchKey')
    expect(await put(server(), path, { headers, versionId: marker })).toBe('404 NoSuchKey')
    expect(await put(server(), path, { headers, versionId: second })).toBe('200')
  })

  it('compares the owner with the object’s, and not the bucket’s', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const path = `/${Bucket}/k`
    await object(server(), path, 'alt')
    const to = (owner: string) => ({ body: aclXml(owner, [['CanonicalUser', 'cozos', 'READ']]), as: 'alt' }) as const
    expect(await put(server(), path, to('cozos'))).toBe('403 AccessDenied')
    expect(await put(server(), path, to('alt'))).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: cozos READ')
    const canned = { headers: { 'x-amz-acl': 'bucket-owner-read' }, as: 'alt' } as const
    expect(await put(server(), path, canned)).toBe('200')
    expect(await shownAcl(server(), path)).toBe('alt: alt FULL_CONTROL, cozos READ')
  })

  it.each<[request: TestRequest, expected: string]>([
    [{}, '400 InvalidArgument'],
    [{ headers: { 'x-amz-acl': 'log-delivery-write' } }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=alt' } }, '400 InvalidRequest'],
    [{ headers: { 'x-amz-acl': 'private' }, body: aclXml('cozos', []) }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-grant-read': 'id=nobody' } }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-grant-write-acp': 'emailAddress=no@x.org' } }, '400 UnresolvableGrantByEmailAddress'],
    [{ body: '<AccessControlPolicy><Owner>' }, '400 InvalidArgument'],
    [{ body: aclXml('alt', []) }, '403 AccessDenied'],
  ])('refuses %j and changes nothing', async (request, expected) => {
    const Bucket = await createBucket(server())
    const path = `/${Bucket}/k`
    await object(server(), path)
    expect(await put(server(), path, request)).toBe(expected)
    expect(await shownAcl(server(), path)).toBe('cozos: cozos FULL_CONTROL')
    expect(await put(server(), path, { body: aclXml('cozos', []) })).toBe('200')
    expect(await shownAcl(server(), path)).toBe('cozos: ')
  })

  it('needs WRITE_ACP of the object, which WRITE to the bucket is not', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const path = `/${Bucket}/k`
    await object(server(), path)
    const headers = { 'x-amz-acl': 'private' }
    expect(await put(server(), path, { headers, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), path, { headers, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), path, { headers: { 'x-amz-grant-write-acp': 'id=alt' } })).toBe('200')
    expect(await put(server(), path, { headers, as: 'alt' })).toBe('200')
    expect(await put(server(), `/${Bucket}/none`, { headers })).toBe('404 NoSuchKey')
    expect(await put(server(), `/${uniqueName('none')}/k`, { headers })).toBe('404 NoSuchBucket')
  })
})

describe('PutObjectAcl in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('finds ACLs switched off', async () => {
    const Bucket = await createBucket(server())
    const path = `/${Bucket}/k`
    await object(server(), path)
    const headers = { 'x-amz-acl': 'bucket-owner-full-control' }
    expect(await put(server(), path, { headers })).toBe('400 AccessControlListNotSupported')
    const gone = await server().request('DELETE', `/${Bucket}`, { query: { ownershipControls: undefined } })
    expect(gone.status).toBe(204)
    expect(await put(server(), path, { headers })).toBe('200')
    expect(await put(server(), path, { headers: { 'x-amz-acl': 'public-read' } })).toBe('403 AccessDenied')
  })
})
