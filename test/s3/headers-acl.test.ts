import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../src/config/config.ts'
import { type AclResource, readAclHeaders } from '../../src/s3/headers/acl.ts'
import { writePermissions } from '../../src/s3/headers/permissions.ts'
import { refuseUnserved } from '../../src/s3/headers/refuse.ts'
import { codeOf } from '../support/errors.ts'
import { dialectOf, headOf } from '../support/head.ts'

type Headers = Readonly<Record<string, string>>

const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers'
const AUTHENTICATED = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
const LOG_DELIVERY = 'http://acs.amazonaws.com/groups/s3/LogDelivery'

function read(headers: Headers, { name = 'zos', resource = 'object' }: { name?: DialectName; resource?: AclResource }) {
  const head = headOf('PUT', '/b/k', headers)
  return codeOf(() => readAclHeaders({ head, dialect: dialectOf(name) }, resource))
}

const grants = (headers: Headers, name: DialectName = 'zos') => {
  const acl = read(headers, { name })
  return typeof acl === 'object' ? acl.grants.map(({ grantee, permission }) => [permission, grantee]) : acl
}

describe('x-amz-acl', () => {
  test.each([
    'private',
    'public-read',
    'public-read-write',
    'authenticated-read',
    'bucket-owner-read',
    'bucket-owner-full-control',
  ])('%s is one of S3’s', (acl) => {
    for (const resource of ['bucket', 'object'] as const) {
      expect(read({ 'x-amz-acl': acl }, { resource })).toBe(acl)
      expect(read({ 'x-amz-acl': acl }, { resource, name: 'aws' })).toBe(acl)
    }
  })

  test.each<[acl: string, name: DialectName, resource: AclResource, expected: string | undefined]>([
    ['bogus', 'zos', 'bucket', 'InvalidArgument'],
    ['Private', 'aws', 'object', 'InvalidArgument'],
    ['private,public-read', 'aws', 'object', 'InvalidArgument'],
    ['', 'zos', 'bucket', undefined],
    // Recorded: object.put_acl.canned_log-delivery-write.
    ['log-delivery-write', 'rgw', 'object', 'InvalidArgument'],
    ['log-delivery-write', 'rgw', 'bucket', 'InvalidArgument'],
    ['log-delivery-write', 'ibm-cos', 'bucket', 'InvalidArgument'],
    ['log-delivery-write', 'aws', 'object', 'InvalidArgument'],
    ['log-delivery-write', 'aws', 'bucket', 'log-delivery-write'],
    ['aws-exec-read', 'zos', 'object', 'InvalidArgument'],
    ['aws-exec-read', 'aws', 'object', 'NotImplemented'],
  ])('%j in %s on a %s', (acl, name, resource, expected) => {
    expect(read({ 'x-amz-acl': acl }, { name, resource })).toBe(expected)
  })

  test('no header is no ACL', () => {
    expect(read({}, {})).toBeUndefined()
  })
})

describe('x-amz-grant-*', () => {
  test('each header is a permission, in RGW’s order', () => {
    const headers = {
      'x-amz-grant-full-control': 'id="testid"',
      'x-amz-grant-write-acp': 'emailAddress=def@def.com',
      'x-amz-grant-read-acp': 'id=test-4',
      'x-amz-grant-write': `uri="${AUTHENTICATED}"`,
      'x-amz-grant-read': `uri=${ALL_USERS}`,
    }
    expect(grants(headers)).toEqual([
      ['READ', { kind: 'all-users' }],
      ['WRITE', { kind: 'authenticated-users' }],
      ['READ_ACP', { kind: 'account', id: 'test-4' }],
      ['WRITE_ACP', { kind: 'email', email: 'def@def.com' }],
      ['FULL_CONTROL', { kind: 'account', id: 'testid' }],
    ])
  })

  const one = { kind: 'account', id: 'one' }
  const two = { kind: 'email', email: 'two@x.org' }

  test.each<[value: string, expected: unknown]>([
    ['id=one', [one]],
    ['id="one"', [one]],
    ['ID=one', [one]],
    [' id = "one" ', [one]],
    ['id=one,emailAddress=two@x.org', [one, two]],
    ['id="one", emailAddress="two@x.org"', [one, two]],
    ['id="one" , emailAddress = two@x.org ,', [one, two]],
    ['id="a,b"', [{ kind: 'account', id: 'a,b' }]],
    ['id=tenant$one', [{ kind: 'account', id: 'tenant$one' }]],
    // Recorded: bucket.put_acl.grant_malformed.
    ['garbage', 'InvalidArgument'],
    ['id', 'InvalidArgument'],
    ['id=', 'InvalidArgument'],
    ['id=""', 'InvalidArgument'],
    ['id="one', 'InvalidArgument'],
    ['id=one"', 'InvalidArgument'],
    ['id="one"two', 'InvalidArgument'],
    ['name=one', 'InvalidArgument'],
    [',id=one', 'InvalidArgument'],
    ['id=one,,id=two', 'InvalidArgument'],
    ['uri=http://example.org/group', 'InvalidArgument'],
    [`uri=${LOG_DELIVERY}`, 'InvalidArgument'],
  ])('%j', (value, expected) => {
    const found = grants({ 'x-amz-grant-read': value })
    expect(Array.isArray(found) ? found.map(([, grantee]) => grantee) : found).toEqual(expected)
  })

  test('the log delivery group is AWS’s', () => {
    expect(grants({ 'x-amz-grant-write': `uri=${LOG_DELIVERY}` }, 'aws')).toEqual([['WRITE', { kind: 'log-delivery' }]])
    expect(grants({ 'x-amz-grant-write': `uri=${LOG_DELIVERY}` }, 'ibm-cos')).toBe('InvalidArgument')
  })

  test('a canned ACL beside them is refused', () => {
    // Recorded: object.put_acl.canned_and_grant.
    expect(grants({ 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=one' })).toBe('InvalidRequest')
    expect(grants({ 'x-amz-acl': 'private', 'x-amz-grant-read': '' })).toBe('private')
  })

  test('a hundred grants are the most', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, n) => `id=u${n}`).join()
    expect(grants({ 'x-amz-grant-read': ids(100) })).toHaveLength(100)
    expect(grants({ 'x-amz-grant-read': ids(100), 'x-amz-grant-write': 'id=u1' })).toBe('LimitExceeded')
    expect(grants({ 'x-amz-grant-read': ids(101) }, 'aws')).toBe('MalformedACLError')
  })

  test('a hostile value is read in one pass', () => {
    const spaces = ' '.repeat(16_000)
    for (const value of [`id=${spaces}"`, `id=x${spaces}"`, `id="x"${spaces}y`, `${spaces}=`, 'a'.repeat(16_000)]) {
      expect(grants({ 'x-amz-grant-read': value })).toBe('InvalidArgument')
    }
  })

  test('a grant of something else is not implemented', () => {
    const refuse = (name: string) => codeOf(() => refuseUnserved(headOf('PUT', '/b/k', { [name]: 'id=one' })))
    expect(refuse('x-amz-grant-everything')).toBe('NotImplemented')
    expect(refuse('x-amz-grant-read-acp')).toBeUndefined()
  })
})

test('an ACL in a write’s headers needs a permission of its own, once', () => {
  const actions = (headers: Headers) => {
    return writePermissions(headOf('PUT', '/b/k', headers)).map(
      (permission) => 'action' in permission && permission.action,
    )
  }
  const both = ['s3:PutObject', 's3:PutObjectAcl']
  expect(actions({})).toEqual(['s3:PutObject'])
  expect(actions({ 'x-amz-acl': 'private' })).toEqual(both)
  expect(actions({ 'x-amz-grant-read': 'id=one', 'x-amz-grant-full-control': 'id=two' })).toEqual(both)
})
