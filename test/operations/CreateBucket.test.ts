import {
  CreateBucketCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { shownAcl } from '../support/acl.ts'
import { verdict } from '../support/buckets.ts'
import { type TestRequest, type TestServer, type UserName, uniqueName, useServer } from '../support/server.ts'

const CREATORS = 64
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

function located(constraint: string): string {
  const inside = `<LocationConstraint>${constraint}</LocationConstraint>`
  return `<CreateBucketConfiguration xmlns="${NAMESPACE}">${inside}</CreateBucketConfiguration>`
}

async function create(server: TestServer, name: string, request: TestRequest = {}): Promise<string> {
  return verdict(await server.request('PUT', `/${name}`, request))
}

describe('CreateBucket', () => {
  const server = useServer({
    users: [{ id: 'small', maxBuckets: 1, keys: [{ accessKey: 'SMALL', secretKey: 'small-secret' }] }],
  })
  const small = { id: 'small', accessKey: 'SMALL', secretKey: 'small-secret' }

  it('creates a bucket that its owner finds, and names its location', async () => {
    const Bucket = uniqueName('c')
    const s3 = server().s3()
    expect((await s3.send(new CreateBucketCommand({ Bucket }))).Location).toBe(`/${Bucket}`)
    await s3.send(new HeadBucketCommand({ Bucket }))
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: Bucket }))
    expect(Buckets.map(({ Name }) => Name)).toEqual([Bucket])
    await server().restart()
    await server().s3().send(new HeadBucketCommand({ Bucket }))
  })

  it('answers the same owner as if the bucket were new, and refuses everybody else', async () => {
    const name = uniqueName('c')
    expect(await create(server(), name)).toBe('200')
    expect(await create(server(), name)).toBe('200')
    expect(await create(server(), name, { headers: { 'x-amz-acl': 'public-read' } })).toBe('409 BucketAlreadyExists')
    const lock = { 'x-amz-bucket-object-lock-enabled': 'true' }
    expect(await create(server(), name, { headers: lock })).toBe('409 BucketAlreadyExists')
    expect(await create(server(), name, { as: 'alt' })).toBe('409 BucketAlreadyExists')
    expect(await create(server(), uniqueName('c'), { as: 'alt' })).toBe('200')
  })

  it('gives the bucket the tags of its configuration', async () => {
    const Bucket = uniqueName('c')
    const s3 = server().s3()
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '' },
    ]
    const command = (tags: typeof Tags) =>
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { Tags: tags } })
    await s3.send(command(Tags))
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(Tags)
    // What would not be honoured is refused, and what is there already is not.
    await s3.send(command(Tags))
    await expect(s3.send(command(Tags.slice(1)))).rejects.toMatchObject({ name: 'BucketAlreadyExists' })
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(Tags)
  })

  it('refuses anonymous callers, also where the bucket exists', async () => {
    const name = uniqueName('c')
    expect(await create(server(), name, { as: 'anonymous' })).toBe('403 AccessDenied')
    expect(await create(server(), name)).toBe('200')
    expect(await create(server(), name, { as: 'anonymous' })).toBe('403 AccessDenied')
  })

  it('has one winner among many creators at one time', async () => {
    const name = uniqueName('c')
    const as = (at: number): UserName => (at % 2 === 0 ? 'root' : 'alt')
    const answers = await Promise.all(
      Array.from({ length: CREATORS }, async (_, at) => ({
        as: as(at),
        verdict: await create(server(), name, { as: as(at) }),
      })),
    )
    const winners = new Set(answers.filter((one) => one.verdict === '200').map((one) => one.as))
    expect(winners.size).toBe(1)
    const [winner] = winners
    for (const one of answers) expect(one.verdict).toBe(one.as === winner ? '200' : '409 BucketAlreadyExists')
    const listed = await Promise.all(
      (['root', 'alt'] as const).map((user) =>
        server()
          .s3({ user })
          .send(new ListBucketsCommand({ Prefix: name })),
      ),
    )
    expect(listed.flatMap(({ Buckets = [] }) => Buckets)).toHaveLength(1)
  })

  it('counts the buckets of an account', async () => {
    const name = uniqueName('c')
    expect(await create(server(), name, { as: small })).toBe('200')
    expect(await create(server(), uniqueName('c'), { as: small })).toBe('400 TooManyBuckets')
    expect(await create(server(), name, { as: small })).toBe('200')
    expect(verdict(await server().request('DELETE', `/${name}`, { as: small }))).toBe('204')
    expect(await create(server(), uniqueName('c'), { as: small })).toBe('200')
  })

  it.each([
    ['default', '200'],
    ['', '200'],
    [':default-placement', '200'],
    ['mars-north-1', '400 InvalidLocationConstraint'],
    ['default:no-such-placement', '400 InvalidLocationConstraint'],
  ])('location constraint %j: %s', async (constraint, expected) => {
    expect(await create(server(), uniqueName('c'), { body: located(constraint) })).toBe(expected)
  })

  it.each([
    ['<CreateBucketConfiguration><Loc', '400 InvalidArgument'],
    ['<Foo/>', '400 InvalidArgument'],
    ['<CreateBucketConfiguration/>', '400 InvalidArgument'],
    ['<CreateBucketConfiguration><Tags><Tag/></Tags></CreateBucketConfiguration>', '400 MalformedXML'],
    ['<CreateBucketConfiguration><Bucket/></CreateBucketConfiguration>', '501 NotImplemented'],
    ['<CreateBucketConfiguration><AZPolicy>multi-az</AZPolicy></CreateBucketConfiguration>', '200'],
    ['<CreateBucketConfiguration><AZPolicy>no-az</AZPolicy></CreateBucketConfiguration>', '400 InvalidArgument'],
  ])('body %j: %s', async (body, expected) => {
    expect(await create(server(), uniqueName('c'), { body })).toBe(expected)
  })

  it.each([
    ['x-amz-acl', 'authenticated-read', '200'],
    ['x-amz-acl', 'public-everything', '400 InvalidArgument'],
    ['x-amz-storage-class', 'STANDARD_IA', '200'],
    ['x-amz-storage-class', 'NO_SUCH', '400 InvalidArgument'],
    ['x-amz-az-policy', 'multi-az', '200'],
    ['x-zos-az-policy', 'single-az', '200'],
    ['x-amz-az-policy', 'three-az', '400 InvalidArgument'],
    ['x-amz-bucket-object-lock-enabled', 'True', '200'],
    ['x-amz-bucket-object-lock-enabled', 'perhaps', '400 InvalidArgument'],
    ['x-amz-object-ownership', 'ObjectWriter', '200'],
    ['x-amz-object-ownership', 'BucketOwnerEnforced', '200'],
    ['x-amz-object-ownership', 'Nobody', '400 InvalidArgument'],
    ['x-amz-grant-read', 'id=alt', '200'],
    ['x-amz-grant-read', 'id=nobody', '400 InvalidArgument'],
    ['x-amz-grant-write', 'emailAddress=nobody@x.org', '400 UnresolvableGrantByEmailAddress'],
    ['x-amz-grant-read', 'alt', '400 InvalidArgument'],
    ['x-amz-grant-everything', 'id=alt', '501 NotImplemented'],
  ])('%s: %s answers %s', async (header, value, expected) => {
    expect(await create(server(), uniqueName('c'), { headers: { [header]: value } })).toBe(expected)
  })

  it('turns versioning on with object lock', async () => {
    const s3 = server().s3()
    const [locked, plain] = [uniqueName('c'), uniqueName('c')]
    await s3.send(new CreateBucketCommand({ Bucket: locked, ObjectLockEnabledForBucket: true }))
    await s3.send(new CreateBucketCommand({ Bucket: plain }))
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: locked }))).Status).toBe('Enabled')
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: plain }))).Status).toBeUndefined()
  })

  it('stores what the request says', async () => {
    const name = uniqueName('c')
    const headers = { 'x-amz-acl': 'public-read', 'x-amz-storage-class': 'GLACIER', 'x-amz-az-policy': 'multi-az' }
    expect(await create(server(), name, { headers })).toBe('200')
    const row = await server().running.services.metadata.read((tx) => tx.buckets.find({ tenant: '', name }))
    expect(row).toMatchObject({
      ownerId: 'cozos',
      acl: 'public-read',
      storageClass: 'GLACIER',
      azPolicy: 'multi-az',
      versioning: 'off',
      location: '',
    })
  })
})

describe('CreateBucket with an ACL', () => {
  const server = useServer()

  it('has it by grants, which an owner who repeats the request does not change', async () => {
    const name = uniqueName('c')
    const headers = { 'x-amz-grant-read': 'id=alt', 'x-amz-grant-full-control': 'id="cozos"' }
    expect(await create(server(), name, { headers })).toBe('200')
    expect(await shownAcl(server(), `/${name}`)).toBe('cozos: alt READ, cozos FULL_CONTROL')
    expect(await create(server(), name, { headers })).toBe('200')
    expect(await create(server(), name, { headers: { 'x-amz-grant-read': 'id=alt' } })).toBe('409 BucketAlreadyExists')
    expect(await create(server(), name)).toBe('409 BucketAlreadyExists')
    const canned = { 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=alt' }
    expect(await create(server(), uniqueName('c'), { headers: canned })).toBe('400 InvalidRequest')
  })

  it('has none for others where ACLs are switched off', async () => {
    const enforced = (acl: string) => ({
      headers: { 'x-amz-object-ownership': 'BucketOwnerEnforced', 'x-amz-acl': acl },
    })
    expect(await create(server(), uniqueName('c'), enforced('public-read'))).toBe(
      '400 InvalidBucketAclWithObjectOwnership',
    )
    const name = uniqueName('c')
    expect(await create(server(), name, enforced('private'))).toBe('200')
    const ownership = (value: string) => ({ headers: { 'x-amz-object-ownership': value } })
    expect(await create(server(), name, ownership('ObjectWriter'))).toBe('409 BucketAlreadyExists')
    expect(await create(server(), name, ownership('BucketOwnerEnforced'))).toBe('200')
    expect(await create(server(), name)).toBe('200')
  })
})

describe('CreateBucket in the dialect aws, which blocks public access', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has no ACL for others unless ACLs are asked for, and no public one', async () => {
    const of = (headers: Record<string, string>) => create(server(), uniqueName('c'), { headers })
    const writers = { 'x-amz-object-ownership': 'ObjectWriter' }
    expect(await of({ 'x-amz-acl': 'public-read' })).toBe('400 InvalidBucketAclWithObjectOwnership')
    expect(await of({ 'x-amz-grant-read': 'id=alt' })).toBe('400 InvalidBucketAclWithObjectOwnership')
    expect(await of({ 'x-amz-acl': 'private' })).toBe('200')
    expect(await of({ ...writers, 'x-amz-acl': 'public-read' })).toBe('400 InvalidBucketAclWithBlockPublicAccessError')
    expect(await of({ ...writers, 'x-amz-grant-read': 'id=alt' })).toBe('200')
    expect(await of({ ...writers, 'x-amz-acl': 'log-delivery-write' })).toBe('200')
  })
})

/** What the dialects answer differently. */
const DIALECTS: readonly (readonly [DialectName, Readonly<Record<string, string>>])[] = [
  ['zos', { underscore: '200', again: '200', malformed: '400 InvalidArgument', ibm: '400 InvalidLocationConstraint' }],
  [
    'rgw',
    {
      underscore: '400 InvalidBucketName',
      again: '200',
      malformed: '400 InvalidArgument',
      ibm: '400 InvalidLocationConstraint',
    },
  ],
  [
    'aws',
    {
      underscore: '400 InvalidBucketName',
      again: '409 BucketAlreadyOwnedByYou',
      malformed: '400 MalformedXML',
      ibm: '400 InvalidLocationConstraint',
    },
  ],
  [
    'ibm-cos',
    {
      underscore: '400 InvalidBucketName',
      again: '409 BucketAlreadyOwnedByYou',
      malformed: '400 MalformedXML',
      ibm: '200',
    },
  ],
]

describe.each(DIALECTS)('CreateBucket in the dialect %s', (dialect, expected) => {
  const server = useServer({ config: { dialect } })

  it('answers as the provider does', async () => {
    const name = uniqueName('c')
    expect(await create(server(), name)).toBe('200')
    expect({
      underscore: await create(server(), uniqueName('under_score')),
      again: await create(server(), name),
      malformed: await create(server(), uniqueName('c'), { body: '<Foo/>' }),
      ibm: await create(server(), uniqueName('c'), { body: located('us-south-smart') }),
    }).toEqual(expected)
    expect(await create(server(), 'ab')).toBe('400 InvalidBucketName')
  })
})

describe('CreateBucket in AWS’s oldest region', () => {
  const server = useServer({ config: { dialect: 'aws', region: 'us-east-1' } })

  it('answers the same owner 200, and another 409', async () => {
    const name = uniqueName('c')
    expect(await create(server(), name)).toBe('200')
    expect(await create(server(), name)).toBe('200')
    expect(await create(server(), name, { as: 'alt' })).toBe('409 BucketAlreadyExists')
    expect(await create(server(), uniqueName('c'), { body: located('eu-west-1') })).toBe(
      '400 IllegalLocationConstraintException',
    )
  })

  it('does not know its own name as a location', async () => {
    expect(await create(server(), uniqueName('c'), { body: located('us-east-1') })).toBe(
      '400 InvalidLocationConstraint',
    )
    expect(await create(server(), uniqueName('c'), { body: located('') })).toBe('200')
  })
})
