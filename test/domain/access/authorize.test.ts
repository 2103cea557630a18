import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCapabilities } from '../../../src/config/capabilities.ts'
import {
  assertExpectedOwner,
  authorize,
  authorizeEach,
  type EachRequest,
} from '../../../src/domain/access/authorize.ts'
import { bucketRefFor } from '../../../src/domain/access/bucket-ref.ts'
import { NO_CONDITIONS, type RequestConditions } from '../../../src/domain/access/conditions.ts'
import type { Permission } from '../../../src/domain/access/permissions.ts'
import { type Account, ANONYMOUS_ID, type Caller } from '../../../src/domain/accounts.ts'
import { S3Error } from '../../../src/errors.ts'
import { RGW_RULES } from '../../../src/s3/dialects/rgw.ts'
import type { BucketRow, CannedAcl, NewVersion, Tag } from '../../../src/storage/metadata/rows.ts'
import type { MetadataStore, ReadTransaction } from '../../../src/storage/metadata/store.ts'
import { testAccount } from '../../support/accounts.ts'
import { newVersion } from '../../support/rows.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const ANONYMOUS: Caller = { kind: 'anonymous' }
const owner = caller('owner')
const writer = caller('writer')
const root = caller('root', { isRoot: true })

function caller(id: string, rest: Partial<Account> = {}): Caller {
  return { kind: 'account', account: testAccount(id, rest) }
}

let services: TestServices

async function makeBucket(name: string, rest: Partial<BucketRow> = {}): Promise<BucketRow> {
  return services.metadata.write((tx) =>
    tx.buckets.insert({
      tenant: '',
      name,
      ownerId: 'owner',
      createdMs: 0,
      versioning: 'enabled',
      objectLock: false,
      location: '',
      storageClass: 'STANDARD',
      azPolicy: undefined,
      acl: 'private',
      ...rest,
    }),
  )
}

type PutRest = Partial<NewVersion> & { readonly acl?: CannedAcl; readonly tags?: readonly Tag[] }

async function put(bucketId: number, key: string, rest: PutRest = {}): Promise<void> {
  const { acl = 'private', tags = [], ...version } = rest
  await services.metadata.write((tx) =>
    tx.versions.insert(
      newVersion(bucketId, key, { attributes: { contentType: undefined, metadata: {}, tags, acl }, ...version }),
    ),
  )
}

function petition(who: Caller, permissions: readonly Permission[]): EachRequest {
  return { caller: who, permissions, rules: RGW_RULES.access, conditions: NO_CONDITIONS, paysAsRequester: false }
}

/** `ok`, or the code of the error. */
async function outcome(who: Caller, permissions: readonly Permission[], bucket?: string): Promise<string> {
  const named = permissions.find((permission) => 'bucket' in permission)?.bucket
  const name = bucket ?? named
  try {
    const request = { ...petition(who, permissions), bucket: name === undefined ? undefined : { tenant: '', name } }
    const { decisions } = await authorize(services, request)
    expect(decisions).toHaveLength(permissions.length)
    return 'ok'
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}

const get = (bucket: string, key: string, versionId?: string): Permission =>
  versionId === undefined
    ? { action: 's3:GetObject', tenant: '', bucket, key }
    : { action: 's3:GetObjectVersion', tenant: '', bucket, key, versionId }

/** Red objects may be read and deleted by everybody, who may list nothing. */
function policyFor(bucket: string): string {
  const Condition = { StringEquals: { 's3:ExistingObjectTag/Colour': 'red' } }
  const Action = ['s3:GetObject', 's3:DeleteObject']
  const Resource = `arn:aws:s3:::${bucket}/*`
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action, Resource, Condition }],
  })
}

beforeAll(async () => {
  services = await openServices()
  const privately = await makeBucket('private')
  const open = await makeBucket('open', { acl: 'public-read-write' })
  await put(privately.id, 'mine')
  await put(privately.id, 'shown', { acl: 'public-read' })
  await put(open.id, 'theirs', { ownerId: 'writer' })
  await put(open.id, 'anon', { ownerId: ANONYMOUS_ID })
  await put(open.id, 'two', { ownerId: 'writer', versionId: 'first' })
  await put(open.id, 'two', { ownerId: 'owner', versionId: 'second' })
  await put(privately.id, 'gone', { kind: 'delete-marker' })
  await makeBucket('tenant-bucket', { tenant: 'acme', ownerId: 'acme-user' })
  const told = await makeBucket('told', { settings: { policy: policyFor('told') } })
  await put(told.id, 'red', { tags: [{ key: 'Colour', value: 'red' }] })
  await put(told.id, 'blue', { tags: [{ key: 'Colour', value: 'blue' }] })
  await makeBucket('paid', { acl: 'public-read', settings: { requestPayer: 'Requester' } })
  const enforced = await makeBucket('enforced', { settings: { ownership: 'BucketOwnerEnforced' } })
  await put(enforced.id, 'k', { ownerId: 'writer' })
})
afterAll(() => services.dispose())

describe('authorize', () => {
  it('answers a suspended account before anything else', async () => {
    const suspended = caller('owner', { suspended: true })
    expect(await outcome(suspended, [get('private', 'mine')])).toBe('UserSuspended')
    expect(await outcome(suspended, [{ action: 's3:ListAllMyBuckets' }])).toBe('UserSuspended')
    expect(await outcome(suspended, [get('nowhere', 'k')])).toBe('UserSuspended')
    expect(await outcome(owner, [get('private', 'mine')])).toBe('ok')
  })

  it('tells everybody of a missing bucket, but lets only accounts create one', async () => {
    const create: Permission = { action: 's3:CreateBucket', tenant: '', bucket: 'nowhere' }
    for (const who of [owner, root, ANONYMOUS]) expect(await outcome(who, [get('nowhere', 'k')])).toBe('NoSuchBucket')
    expect(await outcome(ANONYMOUS, [create])).toBe('AccessDenied')
    expect(await outcome(owner, [create])).toBe('ok')
  })

  it('hands out the bucket that the URL names', async () => {
    const permissions: Permission[] = [
      get('open', 'theirs'),
      { action: 's3:PutObject', tenant: '', bucket: 'private', key: 'k' },
    ]
    const bucket = { tenant: '', name: 'private' }
    const found = await authorize(services, { ...petition(root, permissions), bucket })
    expect(found.bucket?.name).toBe('private')
    const list = petition(owner, [{ action: 's3:ListAllMyBuckets' }])
    expect((await authorize(services, { ...list, bucket: undefined })).bucket).toBeUndefined()
  })

  it('needs all of the permissions', async () => {
    const write: Permission = { action: 's3:PutObject', tenant: '', bucket: 'private', key: 'k' }
    expect(await outcome(owner, [get('private', 'mine'), write])).toBe('ok')
    expect(await outcome(owner, [get('open', 'theirs'), write])).toBe('AccessDenied')
    expect(await outcome(writer, [get('open', 'theirs'), write])).toBe('AccessDenied')
    expect(await outcome(owner, [get('nowhere', 'k'), write], 'private')).toBe('NoSuchBucket')
    expect(await outcome(root, [])).toBe('AccessDenied')
  })

  it('reads the owner and the ACL of the very version', async () => {
    expect(await outcome(ANONYMOUS, [get('private', 'shown')])).toBe('ok')
    expect(await outcome(ANONYMOUS, [get('private', 'mine')])).toBe('AccessDenied')
    expect(await outcome(owner, [get('open', 'theirs')])).toBe('AccessDenied')
    expect(await outcome(writer, [get('open', 'theirs')])).toBe('ok')
    expect(await outcome(owner, [get('open', 'anon')])).toBe('ok')
    expect(await outcome(writer, [get('open', 'two')])).toBe('AccessDenied')
    expect(await outcome(writer, [get('open', 'two', 'first')])).toBe('ok')
    expect(await outcome(owner, [get('open', 'two', 'second')])).toBe('ok')
    expect(await outcome(root, [get('open', 'theirs')])).toBe('ok')
  })

  it('tells of missing keys and of delete markers only who may list', async () => {
    for (const key of ['none', 'gone']) {
      expect(await outcome(ANONYMOUS, [get('private', key)])).toBe('AccessDenied')
      expect(await outcome(owner, [get('private', key)])).toBe('ok')
    }
    expect(await outcome(ANONYMOUS, [get('open', 'none')])).toBe('ok')
  })

  it('looks a bucket without a tenant up in the tenant of the caller', async () => {
    const list = (tenant: string): Permission => ({ action: 's3:ListBucket', tenant, bucket: 'tenant-bucket' })
    const member = caller('acme-user', { tenant: 'acme' })
    const bucket = { tenant: '', name: 'tenant-bucket' }
    const found = await authorize(services, { ...petition(member, [list('')]), bucket })
    expect(found.bucket?.tenant).toBe('acme')
    expect(await outcome(owner, [list('')])).toBe('NoSuchBucket')
    const foreign = { ...petition(owner, [list('acme')]), bucket: { tenant: 'acme', name: 'tenant-bucket' } }
    await expect(authorize(services, foreign)).rejects.toMatchObject({ code: 'AccessDenied' })
    expect(bucketRefFor(ANONYMOUS, { tenant: '', name: 'b' })).toEqual({ tenant: '', name: 'b' })
  })
})

describe('what is looked up', () => {
  it('is the bucket alone, and an object only where it matters', async () => {
    const lookups = async (who: Caller, permission: Permission): Promise<string[]> => {
      const seen: string[] = []
      const name = 'bucket' in permission ? permission.bucket : ''
      const counting = { ...services, metadata: watched(services.metadata, seen) }
      await authorize(counting, { ...petition(who, [permission]), bucket: { tenant: '', name } })
      return seen
    }
    expect(await lookups(owner, { action: 's3:PutObject', tenant: '', bucket: 'private', key: 'k' })).toEqual([
      'bucket',
    ])
    expect(await lookups(root, get('private', 'mine'))).toEqual(['bucket'])
    expect(await lookups(owner, get('private', 'mine'))).toEqual(['bucket', 'version'])
    expect(await lookups(owner, get('enforced', 'k'))).toEqual(['bucket'])
    // The policy asks for tags.
    expect(await lookups(root, get('told', 'red'))).toEqual(['bucket', 'version'])
  })
})

/** Notes each lookup of a bucket and of a version, and passes it on. */
function watched(metadata: MetadataStore, seen: string[]): MetadataStore {
  const noting = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          seen.push(name)
          return value.apply(target, args)
        }
      },
    })
  return new Proxy(metadata, {
    get: (target, property) => {
      if (property !== 'read') return Reflect.get(target, property)
      return (work: (tx: ReadTransaction) => Promise<unknown>) =>
        target.read((tx) =>
          work({ ...tx, buckets: noting(tx.buckets, 'bucket'), versions: noting(tx.versions, 'version') }),
        )
    },
  })
}

describe('a policy', () => {
  it('is asked about the tags that the object bears', async () => {
    expect(await outcome(ANONYMOUS, [get('told', 'red')])).toBe('ok')
    expect(await outcome(ANONYMOUS, [get('told', 'blue')])).toBe('AccessDenied')
    const remove = (key: string): Permission => ({ action: 's3:DeleteObject', tenant: '', bucket: 'told', key })
    expect(await outcome(ANONYMOUS, [remove('red')])).toBe('ok')
    expect(await outcome(ANONYMOUS, [remove('blue')])).toBe('AccessDenied')
    expect(await outcome(ANONYMOUS, [remove('none')])).toBe('AccessDenied')
  })

  it('does not tell of missing keys to those who may not list', async () => {
    expect(await outcome(ANONYMOUS, [get('told', 'none')])).toBe('AccessDenied')
    expect(await outcome(owner, [get('told', 'none')])).toBe('ok')
  })

  it('is asked about the request', async () => {
    const conditions: RequestConditions = { get: (key) => (key === 'aws:username' ? ['somebody'] : undefined) }
    const Statement = [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: 'arn:aws:s3:::asked/*',
        Condition: { StringEquals: { 'aws:username': 'somebody' } },
      },
    ]
    await makeBucket('asked', { settings: { policy: JSON.stringify({ Version: '2012-10-17', Statement }) } })
    const request = { ...petition(root, [get('asked', 'k')]), bucket: { tenant: '', name: 'asked' } }
    await expect(authorize(services, { ...request, conditions })).rejects.toMatchObject({
      code: 'AccessDenied',
      reason: "statement 1 of the bucket's policy denies",
    })
    expect((await authorize(services, request)).bucket?.name).toBe('asked')
  })
})

describe('what a write says about its own object', () => {
  const on = { tenant: '', bucket: 'open', key: 'theirs' }
  const write: Permission = { action: 's3:PutObject', ...on }
  const described: Permission[] = [
    { action: 's3:PutObjectAcl', ...on },
    { action: 's3:PutObjectTagging', ...on },
  ]

  it('is decided as the write is, whoever wrote what it replaces', async () => {
    const stranger = caller('stranger')
    expect(await outcome(stranger, [write, ...described])).toBe('ok')
    for (const permission of described) expect(await outcome(stranger, [permission])).toBe('AccessDenied')
    // A copy onto itself reads what is there.
    expect(await outcome(stranger, [get('open', 'theirs'), write])).toBe('AccessDenied')
  })
})

describe('authorizeEach', () => {
  it('decides each by itself, in order', async () => {
    const keys = ['red', 'blue', 'red']
    const permissions = keys.map((key): Permission => ({ action: 's3:DeleteObject', tenant: '', bucket: 'told', key }))
    const decisions = await authorizeEach(services, petition(ANONYMOUS, permissions))
    expect(decisions.map(({ verdict }) => verdict)).toEqual(['allow', 'deny', 'allow'])
    await expect(authorizeEach(services, petition(owner, [get('nowhere', 'k')]))).rejects.toMatchObject({
      code: 'NoSuchBucket',
    })
  })

  it('lets others have their turn while it decides many keys by a policy made to hurt', async () => {
    const Resource = Array.from({ length: 18 }, (_, index) => {
      return `arn:aws:s3:::hurt/*${'a'.repeat(500)}*${'a'.repeat(480)}b${index}`
    })
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource }
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] })
    await makeBucket('hurt', { settings: { policy } })
    const keys = Array.from({ length: 100 }, (_, index) => `${'a'.repeat(1000)}${index}`)
    const permissions = keys.map((key): Permission => ({ action: 's3:DeleteObject', tenant: '', bucket: 'hurt', key }))
    let turns = 0
    const count = (): void => {
      turns += 1
      next = setImmediate(count)
    }
    let next = setImmediate(count)
    const decisions = await authorizeEach(services, petition(owner, permissions))
    clearImmediate(next)
    expect(decisions.map(({ verdict }) => verdict)).toEqual(keys.map(() => 'allow'))
    expect(turns).toBeGreaterThan(2)
  })

  it('is what keys in the body wait for, where a policy may tell them apart', async () => {
    const inBody = (bucket: string): Permission => ({
      action: 's3:DeleteObject',
      tenant: '',
      bucket,
      keys: 'in-body',
    })
    expect(await outcome(ANONYMOUS, [inBody('told')])).toBe('ok')
    expect(await outcome(ANONYMOUS, [inBody('private')])).toBe('AccessDenied')
    expect(await outcome(ANONYMOUS, [inBody('open')])).toBe('ok')
  })
})

describe('requests that their senders pay', () => {
  const bucket = { tenant: '', name: 'paid' }
  const list: Permission = { action: 's3:ListBucket', tenant: '', bucket: 'paid' }

  it('are charged to those who say so, and to no owner', async () => {
    expect(await outcome(writer, [list])).toBe('AccessDenied')
    expect(await outcome(owner, [list])).toBe('ok')
    for (const [who, isCharged] of [
      [writer, true],
      [owner, false],
    ] as const) {
      const request = { ...petition(who, [list]), bucket, paysAsRequester: true }
      expect((await authorize(services, request)).isCharged).toBe(isCharged)
    }
    const nobody = { ...petition(ANONYMOUS, [list]), bucket, paysAsRequester: true }
    await expect(authorize(services, nobody)).rejects.toMatchObject({ code: 'AccessDenied' })
  })
})

describe('capabilities', () => {
  it('are those of the account, all for root and none for strangers', async () => {
    const read: Permission = { capability: 'users', access: 'read' }
    const write: Permission = { capability: 'users', access: 'write' }
    const admin = caller('admin', { caps: parseCapabilities('users=read;buckets=*')! })
    expect(await outcome(admin, [read])).toBe('ok')
    expect(await outcome(admin, [read, write])).toBe('AccessDenied')
    expect(await outcome(root, [read, write])).toBe('ok')
    expect(await outcome(owner, [read])).toBe('AccessDenied')
    expect(await outcome(ANONYMOUS, [read])).toBe('AccessDenied')
  })
})

describe('assertExpectedOwner', () => {
  it('refuses a bucket of another owner, and expects nobody where nothing is said', () => {
    const bucket = { ownerId: 'owner' }
    expect(() => assertExpectedOwner('other', bucket)).toThrowError(expect.objectContaining({ code: 'AccessDenied' }))
    expect(() => assertExpectedOwner('owner', bucket)).not.toThrow()
    expect(() => assertExpectedOwner(undefined, bucket)).not.toThrow()
  })

  it('is asked of the bucket that the URL names, after the permissions', async () => {
    const permissions: Permission[] = [{ action: 's3:PutObject', tenant: '', bucket: 'private', key: 'k' }]
    const request = { ...petition(owner, permissions), bucket: { tenant: '', name: 'private' } }
    await expect(authorize(services, { ...request, expectedOwner: 'other' })).rejects.toMatchObject({
      code: 'AccessDenied',
    })
    expect((await authorize(services, { ...request, expectedOwner: 'owner' })).bucket?.name).toBe('private')
  })
})
