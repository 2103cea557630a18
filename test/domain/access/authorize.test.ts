import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertExpectedOwner, authorize, bucketRefFor } from '../../../src/domain/access/authorize.ts'
import type { Permission } from '../../../src/domain/access/permissions.ts'
import { type Account, ANONYMOUS_ID, type Caller } from '../../../src/domain/accounts.ts'
import { S3Error } from '../../../src/errors.ts'
import type { BucketRow, CannedAcl, NewVersion } from '../../../src/storage/metadata/rows.ts'
import { newVersion } from '../../support/rows.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const ANONYMOUS: Caller = { kind: 'anonymous' }
const owner = caller('owner')
const writer = caller('writer')
const root = caller('root', { isRoot: true })

function caller(id: string, rest: Partial<Account> = {}): Caller {
  const defaults = { tenant: '', displayName: id, email: undefined, suspended: false, maxBuckets: 10, isRoot: false }
  return { kind: 'account', account: { ...defaults, id, ...rest } }
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

async function put(bucketId: number, key: string, rest: Partial<NewVersion> & { acl?: CannedAcl } = {}): Promise<void> {
  const { acl = 'private', ...version } = rest
  await services.metadata.write((tx) =>
    tx.versions.insert(
      newVersion(bucketId, key, { attributes: { contentType: undefined, metadata: {}, tags: [], acl }, ...version }),
    ),
  )
}

/** `ok`, or the code of the error. */
async function outcome(who: Caller, permissions: readonly Permission[], bucket?: string): Promise<string> {
  const named = permissions.find((permission) => 'bucket' in permission)?.bucket
  const name = bucket ?? named
  try {
    const found = await authorize(services, {
      caller: who,
      permissions,
      bucket: name === undefined ? undefined : { tenant: '', name },
    })
    expect(found.reason).not.toBe('')
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
    const found = await authorize(services, { caller: root, permissions, bucket: { tenant: '', name: 'private' } })
    expect(found.bucket?.name).toBe('private')
    expect(
      (
        await authorize(services, {
          caller: owner,
          permissions: [{ action: 's3:ListAllMyBuckets' }],
          bucket: undefined,
        })
      ).bucket,
    ).toBeUndefined()
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
    const found = await authorize(services, {
      caller: member,
      permissions: [list('')],
      bucket: { tenant: '', name: 'tenant-bucket' },
    })
    expect(found.bucket?.tenant).toBe('acme')
    expect(await outcome(owner, [list('')])).toBe('NoSuchBucket')
    const foreign = { caller: owner, permissions: [list('acme')], bucket: { tenant: 'acme', name: 'tenant-bucket' } }
    await expect(authorize(services, foreign)).rejects.toMatchObject({ code: 'AccessDenied' })
    expect(bucketRefFor(ANONYMOUS, { tenant: '', name: 'b' })).toEqual({ tenant: '', name: 'b' })
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
    const request = { caller: owner, permissions, bucket: { tenant: '', name: 'private' } }
    await expect(authorize(services, { ...request, expectedOwner: 'other' })).rejects.toMatchObject({
      code: 'AccessDenied',
    })
    expect((await authorize(services, { ...request, expectedOwner: 'owner' })).bucket?.name).toBe('private')
  })
})
