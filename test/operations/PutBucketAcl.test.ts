import { type Grant, PutBucketAclCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { ALL_USERS, AS_FRIEND, aclXml, FRIEND, getAcl, putAcl, shownAcl } from '../support/acl.ts'
import { createBucket, verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, uniqueName, useServer } from '../support/server.ts'

const put = async (server: TestServer, bucket: string, request: TestRequest): Promise<string> =>
  verdict(await putAcl(server, `/${bucket}`, request))

const list = async (server: TestServer, bucket: string, as: TestRequest['as']): Promise<string> =>
  verdict(await server.request('GET', `/${bucket}`, as === undefined ? {} : { as }))

describe('PutBucketAcl', () => {
  const server = useServer({ users: [FRIEND] })

  it('answers with a type and no body', async () => {
    const Bucket = await createBucket(server())
    const answer = await putAcl(server(), `/${Bucket}`, { headers: { 'x-amz-acl': 'private' } })
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/xml' } })
  })

  it.each([
    ['private', 'cozos: cozos FULL_CONTROL'],
    ['public-read', 'cozos: AllUsers READ, cozos FULL_CONTROL'],
    ['public-read-write', 'cozos: AllUsers READ, AllUsers WRITE, cozos FULL_CONTROL'],
    ['authenticated-read', 'cozos: AuthenticatedUsers READ, cozos FULL_CONTROL'],
    ['bucket-owner-read', 'cozos: cozos FULL_CONTROL'],
    ['bucket-owner-full-control', 'cozos: cozos FULL_CONTROL'],
  ])('sets the canned ACL %s, which survives a restart', async (canned, expected) => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, { headers: { 'x-amz-acl': canned } })).toBe('200')
    expect(await shownAcl(server(), `/${Bucket}`)).toBe(expected)
    await server().restart()
    expect(await shownAcl(server(), `/${Bucket}`)).toBe(expected)
  })

  it('takes the three forms of the manual, each replacing all before', async () => {
    const Bucket = await createBucket(server())
    const s3 = server().s3()
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read-write' }))
    expect(await list(server(), Bucket, 'anonymous')).toBe('200')
    const Grants: Grant[] = [
      { Grantee: { Type: 'CanonicalUser', ID: 'cozos' }, Permission: 'FULL_CONTROL' },
      { Grantee: { Type: 'CanonicalUser', ID: 'alt' }, Permission: 'READ' },
      { Grantee: { Type: 'AmazonCustomerByEmail', EmailAddress: 'Friend@x.org' }, Permission: 'WRITE' },
      { Grantee: { Type: 'Group', URI: ALL_USERS }, Permission: 'READ_ACP' },
    ]
    await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: { Grants, Owner: { ID: 'cozos' } } }))
    expect(await shownAcl(server(), `/${Bucket}`)).toBe(
      'cozos: AllUsers READ_ACP, alt READ, cozos FULL_CONTROL, friend WRITE',
    )
    expect(await list(server(), Bucket, 'anonymous')).toBe('403 AccessDenied')
    expect(await list(server(), Bucket, 'alt')).toBe('200')
    expect(await list(server(), Bucket, AS_FRIEND)).toBe('403 AccessDenied')
    expect(verdict(await server().request('PUT', `/${Bucket}/k`, { body: 'x', as: AS_FRIEND }))).toBe('200')
    const grants = { GrantReadACP: 'id=alt', GrantWriteACP: 'emailAddress=friend@x.org' }
    await s3.send(new PutBucketAclCommand({ Bucket, ...grants }))
    expect(await shownAcl(server(), `/${Bucket}`)).toBe('cozos: alt READ_ACP, friend WRITE_ACP')
    expect(await list(server(), Bucket, 'alt')).toBe('403 AccessDenied')
  })

  it('leaves an owner without a grant READ_ACP and WRITE_ACP', async () => {
    const Bucket = await createBucket(server(), { user: 'alt' })
    expect(await put(server(), Bucket, { as: 'alt', headers: { 'x-amz-grant-read': 'id=friend' } })).toBe('200')
    expect(await list(server(), Bucket, 'alt')).toBe('403 AccessDenied')
    expect(await list(server(), Bucket, AS_FRIEND)).toBe('200')
    expect(verdict(await getAcl(server(), `/${Bucket}`, { as: 'alt' }))).toBe('200')
    expect(await put(server(), Bucket, { as: 'alt', body: aclXml('alt', []) })).toBe('200')
    expect(await shownAcl(server(), `/${Bucket}`)).toBe('alt: ')
    expect(await put(server(), Bucket, { as: 'alt', headers: { 'x-amz-acl': 'private' } })).toBe('200')
    expect(await list(server(), Bucket, 'alt')).toBe('200')
  })

  const toRoot = ['CanonicalUser', 'cozos', 'FULL_CONTROL'] as const

  it.each<[request: TestRequest, expected: string]>([
    [{}, '400 InvalidArgument'],
    [{ headers: { 'x-amz-acl': 'bogus' } }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=alt' } }, '400 InvalidRequest'],
    [{ headers: { 'x-amz-acl': 'private' }, body: aclXml('cozos', [toRoot]) }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-grant-read': 'id=alt' }, body: aclXml('cozos', [toRoot]) }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-grant-read': 'garbage' } }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-grant-read': 'id=nobody' } }, '400 InvalidArgument'],
    [{ headers: { 'x-amz-grant-read': 'emailAddress=nobody@x.org' } }, '400 UnresolvableGrantByEmailAddress'],
    [{ body: '<AccessControlPolicy><Owner>' }, '400 InvalidArgument'],
    [{ body: aclXml('alt', [toRoot]) }, '403 AccessDenied'],
    [{ body: aclXml('cozos', [['CanonicalUser', 'nobody', 'READ']]) }, '400 InvalidArgument'],
    [
      { body: aclXml('cozos', [['AmazonCustomerByEmail', 'nobody@x.org', 'READ']]) },
      '400 UnresolvableGrantByEmailAddress',
    ],
    [{ body: aclXml('cozos', [['Group', 'http://acs.amazonaws.com/groups/none', 'READ']]) }, '400 InvalidArgument'],
    [{ body: aclXml('cozos', [['CanonicalUser', 'cozos', 'EVERYTHING']]) }, '400 InvalidArgument'],
    [
      {
        body: aclXml(
          'cozos',
          Array.from({ length: 101 }, () => toRoot),
        ),
      },
      '400 LimitExceeded',
    ],
  ])('refuses %j and changes nothing', async (request, expected) => {
    const Bucket = await createBucket(server())
    expect(await put(server(), Bucket, request)).toBe(expected)
    expect(await shownAcl(server(), `/${Bucket}`)).toBe('cozos: cozos FULL_CONTROL')
    const lines = Array.from({ length: 100 }, () => toRoot)
    expect(await put(server(), Bucket, { body: aclXml('cozos', lines) })).toBe('200')
  })

  it('tells why a grantee is none', async () => {
    const Bucket = await createBucket(server())
    const unknown = await putAcl(server(), `/${Bucket}`, {
      body: aclXml('cozos', [['CanonicalUser', 'nobody', 'READ']]),
    })
    expect(unknown.text).toContain('<Message>Invalid id</Message>')
    const group = await putAcl(server(), `/${Bucket}`, { body: aclXml('cozos', [['Group', 'urn:x', 'READ']]) })
    expect(group.text).toContain('<Message>Invalid group uri</Message>')
  })

  it('needs WRITE_ACP', async () => {
    const Bucket = await createBucket(server(), { acl: 'public-read-write' })
    const headers = { 'x-amz-acl': 'private' }
    expect(await put(server(), Bucket, { headers, as: 'alt' })).toBe('403 AccessDenied')
    expect(await put(server(), Bucket, { headers, as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await put(server(), Bucket, { headers: { 'x-amz-grant-write-acp': 'id=alt' } })).toBe('200')
    expect(await put(server(), Bucket, { headers, as: 'alt' })).toBe('200')
    expect(await shownAcl(server(), `/${Bucket}`)).toBe('cozos: cozos FULL_CONTROL')
    expect(await put(server(), Bucket, { headers, as: 'alt' })).toBe('403 AccessDenied')
  })

  it('knows no other buckets, and none of another owner than the expected one', async () => {
    const headers = { 'x-amz-acl': 'private' }
    expect(await put(server(), uniqueName('none'), { headers })).toBe('404 NoSuchBucket')
    const Bucket = await createBucket(server())
    const expecting = (owner: string) => ({ headers: { ...headers, 'x-amz-expected-bucket-owner': owner } })
    expect(await put(server(), Bucket, expecting('alt'))).toBe('403 AccessDenied')
    expect(await put(server(), Bucket, expecting('cozos'))).toBe('200')
  })
})

describe('PutBucketAcl in the dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('has RGW’s code for who is nobody in a header', async () => {
    const Bucket = await createBucket(server())
    const headers = (value: string) => ({ headers: { 'x-amz-grant-read': value } })
    expect(await put(server(), Bucket, headers('emailAddress=def@def.com'))).toBe('404 NoSuchKey')
    expect(await put(server(), Bucket, headers('id=no-such-user'))).toBe('404 NoSuchKey')
    expect(await put(server(), Bucket, headers('id=alt'))).toBe('200')
    const body = aclXml('cozos', [['AmazonCustomerByEmail', 'def@def.com', 'READ']])
    expect(await put(server(), Bucket, { body })).toBe('400 UnresolvableGrantByEmailAddress')
  })
})

describe('PutBucketAcl in the dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  const ownership = { headers: { 'x-amz-object-ownership': 'ObjectWriter' } }
  const open = (bucket: string) => server().request('DELETE', `/${bucket}`, { query: { publicAccessBlock: undefined } })

  it('finds ACLs switched off, and public ones blocked', async () => {
    const Bucket = await createBucket(server())
    const headers = { 'x-amz-acl': 'public-read' }
    expect(await put(server(), Bucket, { headers })).toBe('400 AccessControlListNotSupported')
    expect(await put(server(), Bucket, { headers: { 'x-amz-acl': 'private' } })).toBe(
      '400 AccessControlListNotSupported',
    )
    const other = uniqueName('b')
    expect(verdict(await server().request('PUT', `/${other}`, ownership))).toBe('200')
    expect(await put(server(), other, { headers })).toBe('403 AccessDenied')
    expect(await put(server(), other, { headers: { 'x-amz-grant-read': 'id=alt' } })).toBe('200')
    expect(verdict(await open(other))).toBe('204')
    expect(await put(server(), other, { headers })).toBe('200')
    expect(await shownAcl(server(), `/${other}`)).toBe('cozos: cozos FULL_CONTROL, AllUsers READ')
  })

  it('has AWS’s errors, and its log delivery', async () => {
    const Bucket = uniqueName('b')
    expect(verdict(await server().request('PUT', `/${Bucket}`, ownership))).toBe('200')
    const body = aclXml('cozos', [['CanonicalUser', 'cozos', 'FULL_CONTROL']])
    expect(await put(server(), Bucket, {})).toBe('400 MissingSecurityHeader')
    expect(await put(server(), Bucket, { body: '<AccessControlPolicy/>' })).toBe('400 MalformedACLError')
    expect(await put(server(), Bucket, { body, headers: { 'x-amz-acl': 'private' } })).toBe('400 UnexpectedContent')
    expect(await put(server(), Bucket, { headers: { 'x-amz-acl': 'aws-exec-read' } })).toBe('501 NotImplemented')
    expect(await put(server(), Bucket, { headers: { 'x-amz-grant-read': 'id=nobody' } })).toBe('400 InvalidArgument')
    const answer = await putAcl(server(), `/${Bucket}`, { body })
    expect(answer).toMatchObject({ status: 200, text: '' })
    expect(answer.headers).not.toHaveProperty('content-type')
    expect(await put(server(), Bucket, { headers: { 'x-amz-acl': 'log-delivery-write' } })).toBe('200')
    expect(await shownAcl(server(), `/${Bucket}`)).toBe(
      'cozos: cozos FULL_CONTROL, LogDelivery WRITE, LogDelivery READ_ACP',
    )
  })
})
