import { describe, expect, test } from 'vitest'
import type { DialectName } from '../../../src/config/config.ts'
import { Secret } from '../../../src/config/config.ts'
import { Accounts } from '../../../src/domain/accounts.ts'
import { aclDocument, readAcl } from '../../../src/s3/documents/acl.ts'
import type { Grant } from '../../../src/storage/metadata/rows.ts'
import { testAccount } from '../../support/accounts.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf, headOf } from '../../support/head.ts'

const account = testAccount('test-1', { displayName: 'test-1' })
const accounts = new Accounts([{ accessKey: 'key', secretKey: new Secret('secret'), account }])
const owner: Grant = { grantee: { kind: 'account', id: 'test-1' }, permission: 'FULL_CONTROL' }

const print = (grants: readonly Grant[], name: DialectName) =>
  aclDocument({ ownerId: 'test-1', grants }, { accounts, dialect: dialectOf(name) })

describe('aclDocument', () => {
  const publicReadWrite: Grant[] = [
    owner,
    { grantee: { kind: 'all-users' }, permission: 'READ' },
    { grantee: { kind: 'all-users' }, permission: 'WRITE' },
  ]

  test('is as long in zos as the manual’s sample', () => {
    // The manual's section 1.10: content-length 843.
    const text = print(publicReadWrite, 'zos')
    expect(text).toHaveLength(843)
    expect(text).toContain('<EmailAddress></EmailAddress><ID>test-1</ID><DisplayName>test-1</DisplayName></Grantee>')
  })

  test('has groups first in RGW, and the owner in AWS', () => {
    const permissions = (name: DialectName) =>
      Array.from(print(publicReadWrite, name).matchAll(/<Permission>(\w+)/g), ([, permission]) => permission)
    expect(permissions('rgw')).toEqual(['READ', 'WRITE', 'FULL_CONTROL'])
    expect(permissions('aws')).toEqual(['FULL_CONTROL', 'READ', 'WRITE'])
    expect(permissions('ibm-cos')).toEqual(['FULL_CONTROL', 'READ', 'WRITE'])
    expect(print(publicReadWrite, 'rgw')).not.toContain('EmailAddress')
  })

  test('sorts accounts by their ids in RGW, and keeps the order of one account', () => {
    const to = (id: string, permission: Grant['permission']): Grant => ({
      grantee: { kind: 'account', id },
      permission,
    })
    const grants = [to('b', 'WRITE'), to('c', 'READ'), to('a', 'READ'), to('b', 'READ')]
    const shown = Array.from(
      print(grants, 'rgw').matchAll(/<ID>(\w)<.*?<Permission>(\w+)/g),
      ([, id, what]) => `${id}${what}`,
    )
    expect(shown).toEqual(['aREAD', 'bWRITE', 'bREAD', 'cREAD'])
  })

  test('names each group', () => {
    const grants: Grant[] = [
      { grantee: { kind: 'authenticated-users' }, permission: 'READ' },
      { grantee: { kind: 'log-delivery' }, permission: 'READ_ACP' },
    ]
    const uris = Array.from(print(grants, 'aws').matchAll(/xsi:type="Group"><URI>([^<]+)/g), ([, uri]) => uri)
    expect(uris).toEqual([
      'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
      'http://acs.amazonaws.com/groups/s3/LogDelivery',
    ])
  })
})

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
const user = (id: string) => `<Grantee ${XSI} xsi:type="CanonicalUser"><ID>${id}</ID></Grantee>`
const grant = (grantee: string, permission = 'READ') =>
  `<Grant>${grantee}<Permission>${permission}</Permission></Grant>`
const policy = (inside: string) => `<AccessControlPolicy>${inside}</AccessControlPolicy>`
const OWNER = '<Owner><ID>test-1</ID></Owner>'
const list = (inside: string) => `<AccessControlList>${inside}</AccessControlList>`

function read(document: string, name: DialectName = 'rgw', headers: Readonly<Record<string, string>> = {}) {
  const head = headOf('PUT', '/b?acl', headers)
  const wire = { head, dialect: dialectOf(name), operation: 'PutBucketAcl', document: Buffer.from(document) } as const
  return codeOf(() => readAcl(wire, 'bucket'))
}

describe('readAcl', () => {
  test('takes a document', () => {
    const email = `<Grantee ${XSI} xsi:type="AmazonCustomerByEmail"><EmailAddress>abc@abc.com</EmailAddress></Grantee>`
    const group = `<Grantee ${XSI} xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>`
    const grants = grant(user('test-1'), 'FULL_CONTROL') + grant(email, 'WRITE') + grant(group, 'READ_ACP')
    expect(read(policy(OWNER + list(grants)))).toEqual({
      ownerId: 'test-1',
      grants: [
        { grantee: { kind: 'account', id: 'test-1' }, permission: 'FULL_CONTROL' },
        { grantee: { kind: 'email', email: 'abc@abc.com' }, permission: 'WRITE' },
        { grantee: { kind: 'all-users' }, permission: 'READ_ACP' },
      ],
    })
    expect(read(policy(OWNER + list('')))).toEqual({ ownerId: 'test-1', grants: [] })
  })

  test.each<[document: string]>([
    ['<AccessControlPolicy><Owner>'],
    ['<Other/>'],
    [policy(list(''))],
    [policy(`<Owner/>${list('')}`)],
    [policy(OWNER)],
    [policy(OWNER + list('') + list(''))],
    [policy(OWNER + list('<Other/>'))],
    [policy(OWNER + list(grant('')))],
    [policy(OWNER + list(`<Grant>${user('a')}</Grant>`))],
    [policy(OWNER + list(grant(user('a'), 'EVERYTHING')))],
    [policy(OWNER + list(grant(user('a'), 'read')))],
    [policy(OWNER + list(grant(user(''))))],
    [policy(OWNER + list(grant('<Grantee><ID>a</ID></Grantee>')))],
    [policy(OWNER + list(grant(`<Grantee ${XSI} xsi:type="Other"><ID>a</ID></Grantee>`)))],
    [policy(OWNER + list(grant(`<Grantee ${XSI} xsi:type="Group"><ID>a</ID></Grantee>`)))],
  ])('refuses %j', (document) => {
    expect(read(document)).toBe('InvalidArgument')
    expect(read(document, 'aws')).toBe('MalformedACLError')
    expect(read(document, 'ibm-cos')).toBe('MalformedACLError')
  })

  test('RGW takes an owner without an id for the resource’s', () => {
    const document = policy(`<Owner><ID></ID></Owner>${list('')}`)
    expect(read(document)).toMatchObject({ ownerId: undefined })
    expect(read(document, 'aws')).toMatchObject({ ownerId: '' })
  })

  test('counts grants', () => {
    const grants = (count: number) => policy(OWNER + list(grant(user('test-1')).repeat(count)))
    expect(read(grants(100))).toMatchObject({ ownerId: 'test-1' })
    // Recorded: bucket.put_acl.xml_too_many.
    expect(read(grants(101))).toBe('LimitExceeded')
    expect(read(grants(101), 'aws')).toBe('MalformedACLError')
  })

  test('takes one form, and not two', () => {
    const document = policy(OWNER + list(''))
    expect(read('', 'rgw', { 'x-amz-acl': 'private' })).toBe('private')
    // Recorded: object.put_acl.canned_and_xml, object.put_acl.empty.
    expect(read(document, 'rgw', { 'x-amz-acl': 'private' })).toBe('InvalidArgument')
    expect(read(document, 'rgw', { 'x-amz-grant-read': 'id=test-1' })).toBe('InvalidArgument')
    expect(read(document, 'aws', { 'x-amz-acl': 'private' })).toBe('UnexpectedContent')
    expect(read('')).toBe('InvalidArgument')
    expect(read('', 'aws')).toBe('MissingSecurityHeader')
  })
})
