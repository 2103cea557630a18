import { describe, expect, it } from 'vitest'
import type { Caller } from '../../src/domain/accounts.ts'
import type { OperationName } from '../../src/s3/bindings.ts'
import { type ConditionSources, HeadConditions } from '../../src/s3/policy-conditions.ts'
import { readHead } from '../../src/s3/request-head.ts'
import { testAccount } from '../support/accounts.ts'
import { codeOf, type SentHead, wireHead } from '../support/wire-head.ts'

const NOW_MS = Date.UTC(2024, 1, 29, 12, 30, 15, 250)
const ANONYMOUS: Caller = { kind: 'anonymous' }
const ALICE: Caller = { kind: 'account', account: testAccount('t$alice') }
const BOB: Caller = { kind: 'account', account: testAccount('bob') }
const ROOT: Caller = { kind: 'account', account: testAccount('cozos', { isRoot: true }) }

type Given = Partial<Omit<ConditionSources, 'head'>> & Omit<SentHead, 'target'> & { readonly target?: string }

function conditionsOf(given: Given): HeadConditions {
  const { target = '/b/k', method, headers, remoteAddress, encrypted, ...sources } = given
  const head = wireHead({ target, method, headers, remoteAddress, encrypted } as SentHead)
  const authentication = { version: undefined, presigned: false }
  return new HeadConditions({
    head,
    operation: 'GetObject',
    caller: ANONYMOUS,
    authentication,
    nowMs: NOW_MS,
    ...sources,
  })
}

const put = (name: string, value: string): Given => ({
  method: 'PUT',
  operation: 'PutObject',
  headers: { [name]: value },
})
const list = (operation: OperationName): Given => ({ target: '/b?prefix=a%2Fb&delimiter=&max-keys=5', operation })

describe('the conditions of a request', () => {
  it.each<readonly [key: string, Given, string | readonly string[] | undefined]>([
    ['aws:currenttime', {}, '2024-02-29T12:30:15.250Z'],
    ['aws:epochtime', {}, '1709209815'],
    ['aws:sourceip', { remoteAddress: '::ffff:192.0.2.1' }, '192.0.2.1'],
    ['aws:securetransport', {}, 'false'],
    ['aws:securetransport', { encrypted: true }, 'true'],
    ['aws:referer', { headers: { Referer: 'http://x/' } }, 'http://x/'],
    ['aws:referer', {}, undefined],
    ['aws:referer', { headers: { Referer: '' } }, ''],
    ['aws:useragent', { headers: { 'User-Agent': 'curl' } }, 'curl'],
    ['aws:username', { caller: ALICE }, 'alice'],
    ['aws:username', {}, undefined],
    ['aws:userid', { caller: ALICE }, 't$alice'],
    ['aws:userid', {}, 'anonymous'],
    ['aws:principaltype', { caller: ALICE }, 'User'],
    ['aws:principaltype', { caller: ROOT }, 'Account'],
    ['aws:principaltype', {}, 'Anonymous'],
    ['aws:principalarn', { caller: ALICE }, 'arn:aws:iam::t:user/alice'],
    ['aws:principalarn', { caller: BOB }, 'arn:aws:iam:::user/bob'],
    ['aws:principalarn', {}, undefined],
    ['aws:principalaccount', { caller: ALICE }, 't'],
    ['aws:principalaccount', { caller: BOB }, 'bob'],
    ['s3:prefix', list('ListObjects'), 'a/b'],
    ['s3:prefix', list('ListObjectsV2'), 'a/b'],
    ['s3:prefix', list('ListMultipartUploads'), 'a/b'],
    ['s3:delimiter', list('ListObjectVersions'), ''],
    ['s3:max-keys', list('ListObjectsV2'), '5'],
    ['s3:prefix', { target: '/b', operation: 'ListObjects' }, undefined],
    ['s3:prefix', { ...list('GetBucketPolicy') }, undefined],
    ['s3:prefix', { target: '/b/k?prefix=a' }, undefined],
    ['s3:x-amz-acl', put('x-amz-acl', 'public-read'), 'public-read'],
    ['s3:x-amz-acl', { headers: { 'x-amz-acl': 'public-read' } }, undefined],
    ['s3:x-amz-grant-read', put('x-amz-grant-read', 'id="a"'), 'id="a"'],
    ['s3:x-amz-grant-write-acp', put('x-amz-grant-write-acp', 'id="a"'), 'id="a"'],
    ['s3:x-amz-storage-class', put('x-amz-storage-class', 'STANDARD'), 'STANDARD'],
    ['s3:x-amz-server-side-encryption', put('x-amz-server-side-encryption', 'AES256'), 'AES256'],
    ['s3:x-amz-website-redirect-location', put('x-amz-website-redirect-location', '/x'), '/x'],
    ['s3:x-amz-metadata-directive', put('x-amz-metadata-directive', 'COPY'), 'COPY'],
    ['s3:x-amz-content-sha256', put('x-amz-content-sha256', 'UNSIGNED-PAYLOAD'), 'UNSIGNED-PAYLOAD'],
    ['s3:if-none-match', put('if-none-match', '*'), '*'],
    ['s3:if-none-match', { headers: { 'if-none-match': '*' } }, undefined],
    ['s3:x-amz-copy-source', put('x-amz-copy-source', 'src/a%20b?versionId=x'), ['src/a b', '/src/a b']],
    ['s3:x-amz-copy-source', put('x-amz-copy-source', '/src/a%20b'), ['src/a b', '/src/a b']],
    ['s3:object-lock-mode', put('x-amz-object-lock-mode', 'GOVERNANCE'), 'GOVERNANCE'],
    ['s3:object-lock-legal-hold', put('x-amz-object-lock-legal-hold', 'ON'), 'ON'],
    [
      's3:object-lock-remaining-retention-days',
      put('x-amz-object-lock-retain-until-date', '2024-03-10T12:30:15Z'),
      '10',
    ],
    [
      's3:object-lock-remaining-retention-days',
      put('x-amz-object-lock-retain-until-date', '2024-03-10T12:30:16Z'),
      '11',
    ],
    ['s3:object-lock-remaining-retention-days', put('x-amz-object-lock-retain-until-date', 'soon'), undefined],
    ['s3:requestobjecttag/A b', put('x-amz-tagging', 'A+b=c%2Fd&e'), 'c/d'],
    ['s3:requestobjecttag/a b', put('x-amz-tagging', 'A+b=c%2Fd&e'), undefined],
    ['s3:requestobjecttagkeys', put('x-amz-tagging', 'A+b=c%2Fd&e'), ['A b', 'e']],
    ['s3:requestobjecttagkeys', put('x-amz-tagging', ''), undefined],
    ['s3:requestobjecttagkeys', { headers: { 'x-amz-tagging': 'a=b' } }, undefined],
    ['s3:signatureversion', { authentication: { version: 'v4', presigned: false } }, 'AWS4-HMAC-SHA256'],
    ['s3:signatureversion', { authentication: { version: 'v2', presigned: false } }, 'AWS'],
    ['s3:signatureversion', {}, undefined],
    ['s3:authtype', { authentication: { version: 'v4', presigned: true } }, 'REST-QUERY-STRING'],
    ['s3:authtype', { authentication: { version: 'v2', presigned: false } }, 'REST-HEADER'],
    ['s3:authtype', { operation: 'PostObject', authentication: { version: 'v4', presigned: false } }, 'POST'],
    ['s3:authtype', {}, undefined],
    [
      's3:signatureage',
      { target: '/b/k?X-Amz-Date=20240229T123000Z', authentication: { version: 'v4', presigned: true } },
      '15250',
    ],
    [
      's3:signatureage',
      { headers: { 'X-Amz-Date': '20240229T123010Z' }, authentication: { version: 'v4', presigned: false } },
      '5250',
    ],
    ['s3:signatureage', { authentication: { version: 'v2', presigned: true } }, '0'],
    ['s3:signatureage', { headers: { 'X-Amz-Date': '20240229T123010Z' } }, undefined],
    ['s3:existingobjecttag/a', put('x-amz-tagging', 'a=b'), undefined],
    ['constructor', {}, undefined],
    ['s3:locationconstraint', {}, undefined],
  ])('%s of %j: %j', (key, given, expected) => {
    const found = conditionsOf(given).get(key)
    expect(found).toEqual(typeof expected === 'string' ? [expected] : expected)
  })

  it('knows the TLS version where TLS ends here', () => {
    const raw = { method: 'GET', target: '/', rawHeaders: [], remoteAddress: '', encrypted: true }
    const settings = { domains: [], websiteDomains: [], trustedProxies: () => false, publicHosts: [] }
    const versionOf = (tlsVersion: string | undefined): readonly string[] | undefined => {
      const head = readHead({ ...raw, tlsVersion }, settings)
      const authentication = { version: undefined, presigned: false }
      const sources = { head, authentication, operation: 'ListBuckets', caller: ANONYMOUS, nowMs: NOW_MS } as const
      return new HeadConditions(sources).get('s3:tlsversion')
    }
    expect(versionOf('TLSv1.3')).toEqual(['1.3'])
    expect(versionOf(undefined)).toBeUndefined()
  })

  it('fails like the operation for a tagging header that is none', () => {
    const conditions = conditionsOf(put('x-amz-tagging', '%zz'))
    expect(codeOf(() => conditions.get('s3:requestobjecttag/a'))).toBe('InvalidArgument')
  })
})

describe('the tags of PutObjectTagging', () => {
  const before = () => conditionsOf({ method: 'PUT', target: '/b/k?tagging', operation: 'PutObjectTagging' })

  it('are pending until the body has been read', () => {
    const conditions = before()
    expect(conditions.isPending('s3:prefix')).toBe(false)
    expect(conditions.askedPending).toBe(false)
    expect(conditions.isPending('s3:requestobjecttag/a')).toBe(true)
    expect(conditions.isPending('s3:requestobjecttagkeys')).toBe(true)
    expect(conditions.askedPending).toBe(true)
    const after = conditions.withBody({ tags: [{ key: 'a', value: 'b' }] })
    expect(after.isPending('s3:requestobjecttag/a')).toBe(false)
    expect(after.get('s3:requestobjecttag/a')).toEqual(['b'])
    expect(after.get('s3:requestobjecttagkeys')).toEqual(['a'])
    expect(before().withBody({ tags: [] }).get('s3:requestobjecttagkeys')).toBeUndefined()
  })

  it('of other operations stand in the head', () => {
    expect(conditionsOf(put('x-amz-tagging', 'a=b')).isPending('s3:requestobjecttag/a')).toBe(false)
  })
})

describe('the locks of PutObjectRetention and PutObjectLegalHold', () => {
  const lock = { 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-legal-hold': 'ON' }
  const keys = ['mode', 'retain-until-date', 'remaining-retention-days', 'legal-hold'].map(
    (name) => `s3:object-lock-${name}`,
  )
  const valuesOf = (conditions: HeadConditions) => keys.map((key) => conditions.get(key)?.[0])

  it.each(['PutObjectRetention', 'PutObjectLegalHold'] as const)(
    'are pending in %s, whatever its headers say',
    (operation) => {
      const conditions = conditionsOf({ method: 'PUT', target: '/b/k?retention', operation, headers: lock })
      expect(valuesOf(conditions)).toEqual([undefined, undefined, undefined, undefined])
      expect(keys.map((key) => conditions.isPending(key))).toEqual([true, true, true, true])
      expect(conditions.isPending('s3:requestobjecttagkeys')).toBe(false)
      const retention = { mode: 'GOVERNANCE', retainUntilMs: NOW_MS + 1.5 * 86_400_000 } as const
      const until = new Date(retention.retainUntilMs).toISOString()
      expect(valuesOf(conditions.withBody({ retention }))).toEqual(['GOVERNANCE', until, '2', undefined])
      expect(valuesOf(conditions.withBody({ legalHold: false }))).toEqual([undefined, undefined, undefined, 'OFF'])
      expect(valuesOf(conditions.withBody({ retention: undefined }))).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ])
      expect(conditions.withBody({ retention }).isPending('s3:object-lock-mode')).toBe(false)
    },
  )

  it('stand in the head of other writes', () => {
    const conditions = conditionsOf({ method: 'PUT', target: '/b/k', operation: 'PutObject', headers: lock })
    expect(valuesOf(conditions)).toEqual(['COMPLIANCE', undefined, undefined, 'ON'])
    expect(conditions.isPending('s3:object-lock-mode')).toBe(false)
  })
})
