import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/config/config.ts'
import { isSameAcl, type RequestedAcl, resolveAcl } from '../../../src/domain/access/acl.ts'
import {
  assertNewBucketAcl,
  newBucketSettings,
  settleAcl,
  settleObject,
  shownAcl,
} from '../../../src/domain/access/settle.ts'
import { Accounts } from '../../../src/domain/accounts.ts'
import type { Acl, BucketRow, Grant } from '../../../src/storage/metadata/rows.ts'
import type { BucketSettings } from '../../../src/storage/metadata/settings.ts'
import { testAccount } from '../../support/accounts.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf } from '../../support/head.ts'
import { newBucket } from '../../support/rows.ts'

const secretKey = new Secret('secret')
const owner = testAccount('owner')
const writer = testAccount('writer', { email: 'Writer@x.org' })
const accounts = new Accounts([owner, writer].map((account) => ({ accessKey: account.id, secretKey, account })))

const bucketWith = (settings: BucketSettings): BucketRow => ({ ...newBucket('b'), id: 1, settings })
const to = (id: string, permission: Grant['permission'] = 'FULL_CONTROL'): Grant => {
  return { grantee: { kind: 'account', id }, permission }
}
const toAll: Grant = { grantee: { kind: 'all-users' }, permission: 'READ' }

function settle(settings: BucketSettings, acl?: RequestedAcl) {
  const bucket = bucketWith(settings)
  return codeOf(() =>
    settleObject(accounts, { bucket, caller: { kind: 'account', account: writer }, attributes: { acl } }),
  )
}

describe('whom a new object belongs to', () => {
  test.each<[settings: BucketSettings, acl: RequestedAcl | undefined, expected: unknown]>([
    [{}, undefined, { ownerId: 'writer', acl: 'private' }],
    [{}, 'bucket-owner-full-control', { ownerId: 'writer', acl: 'bucket-owner-full-control' }],
    [{ ownership: 'ObjectWriter' }, 'bucket-owner-full-control', { ownerId: 'writer' }],
    [{ ownership: 'BucketOwnerPreferred' }, undefined, { ownerId: 'writer', acl: 'private' }],
    [{ ownership: 'BucketOwnerPreferred' }, 'bucket-owner-read', { ownerId: 'writer' }],
    [{ ownership: 'BucketOwnerPreferred' }, 'bucket-owner-full-control', { ownerId: 'owner' }],
    [{ ownership: 'BucketOwnerPreferred' }, { grants: [to('owner')] }, { ownerId: 'writer' }],
    [{ ownership: 'BucketOwnerEnforced' }, undefined, { ownerId: 'owner', acl: 'private' }],
    [{ ownership: 'BucketOwnerEnforced' }, 'bucket-owner-full-control', { ownerId: 'owner', acl: 'private' }],
    [{ ownership: 'BucketOwnerEnforced' }, { grants: [to('owner')] }, { ownerId: 'owner', acl: 'private' }],
    [{ ownership: 'BucketOwnerEnforced' }, { grants: [to('owner', 'READ')] }, 'AccessControlListNotSupported'],
    [{ ownership: 'BucketOwnerEnforced' }, { grants: [to('owner'), to('writer')] }, 'AccessControlListNotSupported'],
    [{ ownership: 'BucketOwnerEnforced' }, 'private', 'AccessControlListNotSupported'],
    [{ ownership: 'BucketOwnerEnforced' }, 'bucket-owner-read', 'AccessControlListNotSupported'],
    [{ ownership: 'BucketOwnerEnforced' }, 'public-read', 'AccessControlListNotSupported'],
  ])('%j with %j', (settings, acl, expected) => {
    if (typeof expected === 'string') expect(settle(settings, acl)).toBe(expected)
    else expect(settle(settings, acl)).toMatchObject(expected as object)
  })

  test('an anonymous writer’s object is nobody’s, or the bucket owner’s', () => {
    const write = (settings: BucketSettings, acl: RequestedAcl) => {
      return settleObject(accounts, {
        bucket: bucketWith(settings),
        caller: { kind: 'anonymous' },
        attributes: { acl },
      })
    }
    expect(write({}, 'private').ownerId).toBe('anonymous')
    expect(write({ ownership: 'BucketOwnerEnforced' }, 'bucket-owner-full-control').ownerId).toBe('owner')
  })

  test('a public ACL is refused where those are blocked', () => {
    const { publicAccessBlock } = newBucketSettings(dialectOf('aws').access)
    expect(settle({ publicAccessBlock }, 'public-read')).toBe('AccessDenied')
    expect(settle({ publicAccessBlock }, { grants: [toAll] })).toBe('AccessDenied')
    expect(settle({ publicAccessBlock }, { grants: [to('owner')] })).toMatchObject({ ownerId: 'writer' })
    expect(settle({}, 'public-read')).toMatchObject({ acl: 'public-read' })
  })
})

describe('resolveAcl', () => {
  const resolve = (requested: RequestedAcl) => codeOf(() => resolveAcl(accounts, requested, 'owner'))
  const email = (address: string): RequestedAcl => {
    return { grants: [{ grantee: { kind: 'email', email: address }, permission: 'READ' }] }
  }

  test('an e-mail address becomes an id', () => {
    expect(resolve(email('writer@X.org'))).toEqual({ grants: [to('writer', 'READ')] })
    expect(resolve(email('nobody@x.org'))).toBe('UnresolvableGrantByEmailAddress')
  })

  test('a grantee exists', () => {
    expect(resolve({ grants: [to('writer')] })).toEqual({ grants: [to('writer')] })
    expect(resolve({ grants: [to('writer'), to('nobody')] })).toBe('InvalidArgument')
    expect(resolve({ grants: [to('anonymous')] })).toBe('InvalidArgument')
    expect(resolve({ grants: [to('nobody')], unknownGrantee: 'NoSuchKey' })).toBe('NoSuchKey')
    expect(resolve({ ...(email('nobody@x.org') as object), unknownGrantee: 'NoSuchKey' } as RequestedAcl)).toBe(
      'NoSuchKey',
    )
  })

  test('the owner is the resource’s', () => {
    expect(resolve({ grants: [], ownerId: 'owner' })).toEqual({ grants: [] })
    expect(resolve({ grants: [] })).toEqual({ grants: [] })
    expect(resolve({ grants: [], ownerId: 'writer' })).toBe('AccessDenied')
  })

  test('log delivery gets what AWS gives it', () => {
    const grantee = { kind: 'log-delivery' }
    expect(resolve('log-delivery-write')).toEqual({
      grants: [to('owner'), { grantee, permission: 'WRITE' }, { grantee, permission: 'READ_ACP' }],
    })
  })
})

test('two ACLs are the same if they grant the same', () => {
  const same = (one: Acl, other: Acl) => isSameAcl(one, other, 'owner')
  expect(same('private', { grants: [to('owner')] })).toBe(true)
  expect(same('private', 'bucket-owner-full-control')).toBe(true)
  expect(same('public-read', { grants: [toAll, to('owner')] })).toBe(true)
  expect(same('private', 'public-read')).toBe(false)
  expect(same('private', { grants: [] })).toBe(false)
})

describe('ACLs that are switched off', () => {
  const enforced = bucketWith({ ownership: 'BucketOwnerEnforced' })

  test('cannot be put', () => {
    const put = (bucket: BucketRow) =>
      codeOf(() => settleAcl(accounts, { bucket, ownerId: 'owner', requested: 'private' }))
    expect(put(enforced)).toBe('AccessControlListNotSupported')
    expect(put(bucketWith({ ownership: 'BucketOwnerPreferred' }))).toBe('private')
  })

  test('can be read, and say whose everything is', () => {
    const object = { ownerId: 'writer', acl: 'public-read' } as const
    expect(shownAcl(enforced, object)).toEqual({ ownerId: 'owner', grants: [to('owner')] })
    expect(shownAcl(bucketWith({}), object)).toEqual({ ownerId: 'writer', grants: [to('writer'), toAll] })
  })
})

describe('a new bucket', () => {
  test('has what its provider gives', () => {
    expect(newBucketSettings(dialectOf('zos').access)).toEqual({})
    expect(newBucketSettings(dialectOf('zos').access, 'ObjectWriter')).toEqual({ ownership: 'ObjectWriter' })
    const born = newBucketSettings(dialectOf('aws').access)
    expect(born).toMatchObject({ ownership: 'BucketOwnerEnforced', publicAccessBlock: { blockPublicAcls: true } })
    expect(newBucketSettings(dialectOf('aws').access, 'ObjectWriter')).toEqual({ ...born, ownership: 'ObjectWriter' })
  })

  test.each<[settings: BucketSettings, acl: Acl, expected: string | undefined]>([
    [{}, 'public-read', undefined],
    [{ ownership: 'BucketOwnerEnforced' }, 'private', undefined],
    [{ ownership: 'BucketOwnerEnforced' }, { grants: [to('owner')] }, undefined],
    [
      { ownership: 'BucketOwnerEnforced' },
      { grants: [to('owner'), to('writer')] },
      'InvalidBucketAclWithObjectOwnership',
    ],
    [{ ownership: 'BucketOwnerEnforced' }, 'public-read', 'InvalidBucketAclWithObjectOwnership'],
    [
      newBucketSettings(dialectOf('aws').access, 'ObjectWriter'),
      'authenticated-read',
      'InvalidBucketAclWithBlockPublicAccessError',
    ],
    [newBucketSettings(dialectOf('aws').access, 'ObjectWriter'), { grants: [to('writer')] }, undefined],
  ])('%j with %j', (settings, acl, expected) => {
    expect(codeOf(() => assertNewBucketAcl({ ownerId: 'owner', acl }, settings))).toBe(expected)
  })
})
