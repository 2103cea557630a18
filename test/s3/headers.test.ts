import { describe, expect, test } from 'vitest'
import { readAttributes } from '../../src/s3/headers/attributes.ts'
import { readConditions, readCopyConditions, readWriteConditions } from '../../src/s3/headers/conditions.ts'
import { readCopySource } from '../../src/s3/headers/copy-source.ts'
import { parseHttpDate, parseIsoDate } from '../../src/s3/headers/dates.ts'
import { encodeKey, encodePrefix, httpDate, isoDate } from '../../src/s3/headers/names.ts'
import { readOverrides } from '../../src/s3/headers/overrides.ts'
import { readCopyRange, readRange } from '../../src/s3/headers/range.ts'
import { refuseUnserved } from '../../src/s3/headers/refuse.ts'
import { readStorageClass } from '../../src/s3/headers/storage-class.ts'
import { codeOf } from '../support/errors.ts'
import { dialectOf, headOf } from '../support/head.ts'

type Headers = Readonly<Record<string, string>>

const put = (headers: Headers, target = '/b/k') => headOf('PUT', target, headers)
const zos = dialectOf('zos')
const aws = dialectOf('aws')
const attributes = (headers: Headers, dialect = zos) => codeOf(() => readAttributes({ head: put(headers), dialect }))

describe('names and dates', () => {
  test('encoding-type=url leaves what RGW leaves', () => {
    // Recorded: list.v1.special_keys.encoding_url and delimiter_encoding.
    expect(encodeKey('a/..//b &p<>"q\'~*!()_-.+%?=#\t')).toBe(
      "a%2F..%2F%2Fb%20%26p%3C%3E%22q'~*!()_-.%2B%25%3F%3D%23%09",
    )
    expect(encodeKey('中文/键')).toBe('%E4%B8%AD%E6%96%87%2F%E9%94%AE')
    expect(encodePrefix('中文/')).toBe('%E4%B8%AD%E6%96%87/')
  })

  test('dates are printed', () => {
    expect(httpDate(784_111_777_123)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
    expect(isoDate(784_111_777_123)).toBe('1994-11-06T08:49:37.123Z')
  })

  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
    ['Sun, 06 Nov 1994 08:49:37 +0000', 784_111_777_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777_000],
    ['Sun Nov  6 08:49:37 1994', 784_111_777_000],
    ['1994-11-06T08:49:37Z', 784_111_777_000],
    ['1994-11-06T08:49:37.250000000Z', 784_111_777_250],
    ['Saturday, 01-Jan-00 00:00:00 GMT', 946_684_800_000],
    ['yesterday', undefined],
    ['', undefined],
    ['Sun, 31 Feb 1994 08:49:37 GMT', undefined],
    ['Sun, 06 Foo 1994 08:49:37 GMT', undefined],
    ['Sun, 06 Nov 1994 25:49:37 GMT', undefined],
    ['Sun, 06 Nov 1994 08:61:37 GMT', undefined],
    ['1994-13-06T08:49:37Z', undefined],
  ])('%s is read as %s', (text, ms) => {
    expect(parseHttpDate(text)).toBe(ms)
  })

  test('an ISO date is in UTC and complete', () => {
    expect(parseIsoDate('2026-11-21T05:19:04+00:00')).toBe(parseIsoDate('2026-11-21T05:19:04Z'))
    expect(parseIsoDate('2026-11-21')).toBeUndefined()
    expect(parseIsoDate('2026-11-21T05:19:04+08:00')).toBeUndefined()
  })
})

describe('readRange', () => {
  // Recorded: object.get.range_*.
  test.each([
    ['bytes=0-9', { kind: 'from', firstByte: 0, lastByte: 9 }],
    ['bytes=30-', { kind: 'from', firstByte: 30, lastByte: undefined }],
    ['bytes=-5', { kind: 'suffix', lengthBytes: 5 }],
    ['bytes=0-3,10-12', { kind: 'from', firstByte: 0, lastByte: 3 }],
    ['bytes= 0-3 , 10-12', { kind: 'from', firstByte: 0, lastByte: 3 }],
    ['bytes=9-4', { kind: 'from', firstByte: 9, lastByte: 4 }],
    ['bytes=0-99999999999999999999', { kind: 'from', firstByte: 0, lastByte: Number.MAX_SAFE_INTEGER }],
    ['chars=0-4', undefined],
    ['0-4', undefined],
    ['bytes=abc', 'InvalidRange'],
    ['bytes=', 'InvalidRange'],
    ['bytes=-', 'InvalidRange'],
    ['bytes=1-2-3', 'InvalidRange'],
  ])('%s', (value, expected) => {
    expect(codeOf(() => readRange(headOf('GET', '/b/k', { Range: value })))).toEqual(expected)
  })

  test('none', () => {
    expect(readRange(headOf('GET', '/b/k'))).toBeUndefined()
  })

  test.each([
    ['bytes=0-9', { kind: 'from', firstByte: 0, lastByte: 9 }],
    ['0-9', 'InvalidArgument'],
    ['bytes=-9', 'InvalidArgument'],
    ['bytes=0-9,11-12', 'InvalidArgument'],
    ['bytes=10-', 'InvalidRange'],
    ['bytes=9-4', 'InvalidRange'],
  ])('of a copy: %s', (value, expected) => {
    expect(codeOf(() => readCopyRange(put({ 'x-amz-copy-source-range': value })))).toEqual(expected)
  })
})

describe('conditions', () => {
  test.each([
    ['"abc"', ['abc']],
    ['abc', ['abc']],
    ['"abc", "def",ghi', ['abc', 'def', 'ghi']],
    ['W/"abc"', ['abc']],
    [' * ', '*'],
    ['', []],
  ])('If-Match: %s', (value, expected) => {
    expect(readConditions(headOf('GET', '/b/k', { 'If-Match': value })).ifMatch).toEqual(expected)
  })

  test('all four', () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
    const all = { 'If-Match': '"a"', 'If-None-Match': '*', 'If-Modified-Since': date, 'If-Unmodified-Since': date }
    const ms = 784_111_777_000
    const read = { ifMatch: ['a'], ifNoneMatch: '*', ifModifiedSinceMs: ms, ifUnmodifiedSinceMs: ms }
    expect(readConditions(headOf('GET', '/b/k', all))).toEqual(read)
    expect(readWriteConditions(put(all))).toEqual({ ifMatch: ['a'], ifNoneMatch: '*' })
    expect(readCopyConditions(put(all))).toEqual({})
    const ofCopy = Object.fromEntries(Object.entries(all).map(([name, value]) => [`x-amz-copy-source-${name}`, value]))
    expect(readCopyConditions(put(ofCopy))).toEqual(read)
    expect(readConditions(put(ofCopy))).toEqual({})
  })

  test('a date that cannot be read is an error to RGW and nothing to AWS', () => {
    const head = headOf('GET', '/b/k', { 'If-Modified-Since': 'yesterday' })
    expect(codeOf(() => readConditions(head, zos))).toBe('InvalidArgument')
    expect(readConditions(head, aws).ifModifiedSinceMs).toBeUndefined()
    expect(readConditions(head).ifModifiedSinceMs).toBeUndefined()
  })
})

describe('readCopySource', () => {
  test.each([
    ['/b/k', { tenant: '', bucket: 'b', key: 'k', versionId: undefined }],
    ['b/k', { tenant: '', bucket: 'b', key: 'k', versionId: undefined }],
    ['b/a/b%20c+d%2Be', { tenant: '', bucket: 'b', key: 'a/b c+d+e', versionId: undefined }],
    ['b%2Fk', { tenant: '', bucket: 'b', key: 'k', versionId: undefined }],
    ['b//k', { tenant: '', bucket: 'b', key: '/k', versionId: undefined }],
    ['b/k?versionId=null', { tenant: '', bucket: 'b', key: 'k', versionId: 'null' }],
    ['b/a%3FversionId=1?versionId=2', { tenant: '', bucket: 'b', key: 'a?versionId=1', versionId: '2' }],
    ['t:b/k:1', { tenant: 't', bucket: 'b', key: 'k:1', versionId: undefined }],
    ['b/中文', { tenant: '', bucket: 'b', key: '中文', versionId: undefined }],
    ['', 'InvalidArgument'],
    ['b', 'InvalidArgument'],
    ['/b/', 'InvalidArgument'],
    ['b/%zz', 'InvalidArgument'],
    ['b/k?versionId=', 'InvalidArgument'],
    ['arn:aws:s3:us-east-1:1:accesspoint/a/object/k', 'NotImplemented'],
  ])('%s', (value, expected) => {
    expect(codeOf(() => readCopySource(put({ 'x-amz-copy-source': value })))).toEqual(expected)
  })
})

describe('readAttributes', () => {
  test('everything that is kept', () => {
    const read = readAttributes({
      head: put({
        'Content-Type': 'text/plain',
        'Cache-Control': 'max-age=60',
        'Content-Disposition': 'attachment; filename="文.txt"',
        'Content-Encoding': 'aws-chunked, gzip',
        'Content-Language': 'zh',
        Expires: 'never',
        'x-amz-website-redirect-location': '/x',
        'x-amz-meta-Color': 'Blue',
        'x-amz-meta-u': '中文',
        'x-amz-meta-rfc': '=?UTF-8?B?5Lit?=',
        'x-amz-meta-empty': '',
        'x-amz-tagging': 'tag=tag-value&b=a+b%20c%2B&c',
        'x-amz-acl': 'public-read',
        'x-amz-object-lock-mode': 'GOVERNANCE',
        'x-amz-object-lock-retain-until-date': '2026-11-21T05:19:04Z',
        'x-amz-object-lock-legal-hold': 'ON',
      }),
      dialect: aws,
    })
    expect(read).toEqual({
      contentType: 'text/plain',
      cacheControl: 'max-age=60',
      contentDisposition: 'attachment; filename="文.txt"',
      contentEncoding: 'gzip',
      contentLanguage: 'zh',
      expires: 'never',
      websiteRedirectLocation: '/x',
      metadata: { color: 'Blue', u: '中文', rfc: '=?UTF-8?B?5Lit?=', empty: '' },
      tags: [
        { key: 'tag', value: 'tag-value' },
        { key: 'b', value: 'a b c+' },
        { key: 'c', value: '' },
      ],
      acl: 'public-read',
      retention: { mode: 'GOVERNANCE', retainUntilMs: Date.UTC(2026, 10, 21, 5, 19, 4) },
      legalHold: true,
    })
  })

  test('nothing', () => {
    expect(attributes({})).toEqual({ contentType: undefined, metadata: {}, tags: [] })
    expect(attributes({ 'Content-Encoding': 'aws-chunked', 'Content-Type': '', 'x-amz-acl': '' })).toMatchObject({
      contentType: undefined,
      contentEncoding: undefined,
      acl: undefined,
    })
  })

  test('metadata named like a property of every object', () => {
    const { metadata } = readAttributes({
      head: put({ 'x-amz-meta-__proto__': 'a', 'x-amz-meta-constructor': 'b' }),
      dialect: zos,
    })
    expect(Object.entries(metadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  test('metadata in a presigned URL', () => {
    const head = headOf('PUT', '/b/k?x-amz-meta-a=1&x-amz-acl=public-read&X-Amz-Signature=0')
    expect(readAttributes({ head, dialect: zos })).toMatchObject({ metadata: { a: '1' }, acl: 'public-read' })
    // Names there are not bound by HTTP's rules, but they become header names.
    for (const name of ['a%0d%0ab', 'a%20b', '%E4%B8%AD', 'a:']) {
      const bad = headOf('PUT', `/b/k?x-amz-meta-${name}=1&X-Amz-Signature=0`)
      expect(codeOf(() => readAttributes({ head: bad, dialect: zos }))).toBe('InvalidArgument')
    }
  })

  test('metadata has a size', () => {
    const fits = { 'x-amz-meta-a': 'v'.repeat(2047) }
    const exceeds = { 'x-amz-meta-a': 'v'.repeat(2048) }
    expect(attributes(fits, aws)).toMatchObject({ metadata: { a: fits['x-amz-meta-a'] } })
    expect(attributes(exceeds, aws)).toBe('MetadataTooLarge')
    // Recorded: object.put.meta_3k.
    expect(attributes(exceeds, zos)).toMatchObject({ metadata: { a: exceeds['x-amz-meta-a'] } })
    expect(attributes({ 'x-amz-meta-a': 'v'.repeat(64 * 1024) }, zos)).toBe('MetadataTooLarge')
  })

  test('tags', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `k${at}=v`).join('&')
    const tagging = (value: string, dialect = zos) => attributes({ 'x-amz-tagging': value }, dialect)
    const good = { metadata: {} }
    expect(tagging(many(10), aws)).toMatchObject(good)
    expect(tagging(many(11), aws)).toBe('BadRequest')
    expect(tagging(many(11), dialectOf('rgw'))).toBe('InvalidArgument')
    expect(tagging(many(50))).toMatchObject(good)
    expect(tagging(many(51))).toBe('InvalidArgument')
    expect(tagging(`${'k'.repeat(128)}=${'v'.repeat(256)}`)).toMatchObject(good)
    expect(tagging(`${'k'.repeat(129)}=v`)).toBe('InvalidArgument')
    expect(tagging(`k=${'v'.repeat(257)}`)).toBe('InvalidArgument')
    expect(tagging(`${'k'.repeat(129)}=v`, aws)).toBe('InvalidTag')
    // 128 characters, and 384 bytes of UTF-8.
    expect(tagging(encodeURIComponent('键'.repeat(128)), aws)).toMatchObject(good)
    expect(tagging(encodeURIComponent('键'.repeat(43)))).toBe('InvalidArgument')
    expect(tagging(encodeURIComponent('键'.repeat(42)))).toMatchObject(good)
    expect(tagging('=v')).toBe('InvalidArgument')
    expect(tagging('a=%zz')).toBe('InvalidArgument')
    expect(tagging('a=1&a=2')).toMatchObject({ tags: [{ value: '1' }, { value: '2' }] })
    expect(tagging('a=1&a=2', aws)).toBe('InvalidArgument')
    expect(tagging('a=%7B', aws)).toBe('InvalidTag')
    expect(tagging('a=%7B')).toMatchObject(good)
    expect(tagging('aws:a=b', aws)).toBe('InvalidTag')
    expect(tagging('aws:a=b')).toMatchObject(good)
  })

  test.each([
    [{ 'x-amz-acl': 'bogus' }],
    [{ 'x-amz-acl': 'log-delivery-write' }],
    [{ 'x-amz-object-lock-mode': 'GOVERNANCE' }],
    [{ 'x-amz-object-lock-retain-until-date': '2026-11-21T05:19:04Z' }],
    [{ 'x-amz-object-lock-mode': 'X', 'x-amz-object-lock-retain-until-date': '2026-11-21T05:19:04Z' }],
    [{ 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': 'soon' }],
    [{ 'x-amz-object-lock-legal-hold': 'MAYBE' }],
    [{ 'x-amz-meta-a': 'b\u0001' }],
    [{ 'Content-Type': 'a\u0001' }],
  ])('%j is InvalidArgument', (headers) => {
    expect(attributes(headers)).toBe('InvalidArgument')
    expect(attributes({ 'x-amz-object-lock-legal-hold': 'OFF' })).toMatchObject({ legalHold: false })
  })
})

describe('storage classes', () => {
  test('known, unknown and none', () => {
    const read = (value: string, dialect = zos) =>
      codeOf(() => readStorageClass({ head: put({ 'x-amz-storage-class': value }), dialect }))
    expect(read('STANDARD_IA')).toBe('STANDARD_IA')
    expect(read('')).toBeUndefined()
    expect(read('NOPE')).toBe('InvalidArgument')
    expect(read('NOPE', aws)).toBe('InvalidStorageClass')
    expect(read('ONEZONE_IA', aws)).toBe('ONEZONE_IA')
    expect(readStorageClass({ head: put({}), dialect: zos })).toBeUndefined()
  })
})

describe('readOverrides', () => {
  test('the six, for callers that signed them', () => {
    const query =
      'response-content-type=a%2Fb&response-content-language=en&response-expires=e&response-cache-control=no-cache' +
      '&response-content-disposition=inline%3B%20filename%3D%E6%96%87&response-content-encoding=gzip&response-other=x'
    const head = headOf('GET', `/b/k?${query}`)
    expect(readOverrides(head, false)).toEqual({
      'content-type': 'a/b',
      'content-language': 'en',
      expires: 'e',
      'cache-control': 'no-cache',
      'content-disposition': 'inline; filename=文',
      'content-encoding': 'gzip',
    })
    expect(codeOf(() => readOverrides(head, true))).toBe('InvalidRequest')
    expect(readOverrides(headOf('GET', '/b/k?versionId=response-x'), true)).toEqual({})
    expect(readOverrides(headOf('GET', '/b/k?__proto__=a&constructor=b&response-x'), false)).toEqual({})
  })

  test('a value cannot split the response', () => {
    const head = headOf('GET', '/b/k?response-content-type=a%0d%0aSet-Cookie:%20b')
    expect(codeOf(() => readOverrides(head, false))).toBe('InvalidArgument')
  })
})

describe('refuseUnserved', () => {
  test.each([
    ['x-amz-server-side-encryption-magic', 'AES256'],
    ['x-amz-copy-source-server-side-encryption', 'AES256'],
    ['x-amz-grant-everything', 'id=a'],
    ['x-amz-mfa', '1 2'],
    ['x-amz-if-match-size', '1'],
    ['x-amz-write-offset-bytes', '0'],
    ['x-amz-rename-source', '/b/k'],
    ['X-Delete-After', '3600'],
    ['ibm-sse-kp-encryption-algorithm', 'AES256'],
    ['Retention-Period', '60'],
  ])('%s', (name, value) => {
    expect(codeOf(() => refuseUnserved(put({ [name]: value })))).toBe('NotImplemented')
    expect(refuseUnserved(put({}))).toBeUndefined()
  })

  test('a header that was moved into a presigned URL', () => {
    const signed = '/b/k?x-amz-mfa=1&X-Amz-Signature=0'
    expect(codeOf(() => refuseUnserved(headOf('PUT', signed)))).toBe('NotImplemented')
  })

  test('what is honoured, or asks for nothing', () => {
    const served = {
      'x-amz-object-ownership': 'BucketOwnerEnforced',
      'x-amz-grant-read': 'id=a',
      'x-amz-request-payer': 'requester',
      'x-amz-acl': 'private',
      'x-amz-server-side-encryption': 'AES256',
      'x-amz-copy-source-server-side-encryption-customer-algorithm': 'AES256',
    }
    expect(refuseUnserved(put({ ...served, Referer: 'x', 'x-amz-meta-grant': 'y', 'If-Match': 'z' }))).toBeUndefined()
  })
})
