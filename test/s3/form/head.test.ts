import { describe, expect, it } from 'vitest'
import { addField, expandFilename } from '../../../src/s3/form/fields.ts'
import { formHead, refuseFormHeaders } from '../../../src/s3/form/head.ts'
import type { RequestHead } from '../../../src/s3/request.ts'
import { FILENAME } from '../../support/form.ts'
import { dialectOf, headOf } from '../../support/head.ts'
import { codeOf } from '../../support/wire-head.ts'

const sent = headOf('POST', '/b?x=y', { 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': '9' })

function head(fields: Record<string, string>, from = sent): RequestHead {
  return formHead(from, new Map(Object.entries(fields)), dialectOf('aws'))
}

const headers = (made: RequestHead): Record<string, string> =>
  Object.fromEntries(made.headers.entries.map(({ name, value }) => [name, value]))

describe('formHead', () => {
  it('has the key in its address, and the fields as headers', () => {
    const made = head({
      key: 'dir/中+%20 &x',
      'content-type': 'text/plain',
      'cache-control': 'no-cache',
      acl: 'public-read',
      'x-amz-meta-name': '值',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-checksum-algorithm': 'CRC32',
      success_action_status: '201',
    })
    expect(made.address).toEqual({ ...sent.address, key: 'dir/中+%20 &x' })
    expect(made).toMatchObject({ method: 'POST', rawPath: '/b', protocol: 'http' })
    expect(headers(made)).toEqual({
      host: 'localhost',
      'content-type': 'text/plain',
      'cache-control': 'no-cache',
      'x-amz-acl': 'public-read',
      'x-amz-meta-name': '值',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-sdk-checksum-algorithm': 'CRC32',
      success_action_status: '201',
    })
  })

  it('has its tags as a header has them', () => {
    const tags = '<Tag><Key>a b</Key><Value>1+&#x32;</Value></Tag><Tag><Key>c</Key><Value></Value></Tag>'
    const made = head({ key: 'k', tagging: `<Tagging><TagSet>${tags}</TagSet></Tagging>` })
    expect(made.headers.get('x-amz-tagging')).toBe('a%20b=1%2B2&c=')
    for (const tagging of ['not-xml', '<Other/>', '<Tagging><TagSet><Tag/></TagSet></Tagging>']) {
      expect(codeOf(() => head({ key: 'k', tagging }))).toBe('MalformedXML')
    }
  })

  it('leaves out what belongs to the form or to the page', () => {
    const other = {
      policy: 'p',
      signature: 's',
      awsaccesskeyid: 'a',
      bucket: 'other',
      'x-amz-algorithm': 'a',
      'x-amz-credential': 'c',
      'x-amz-signature': 's',
      'x-amz-security-token': 't',
      'x-ignore-x': '1',
      submit: 'Upload',
      host: 'elsewhere',
      authorization: 'AWS x:y',
      'content-length': '3',
      'if-match': '"x"',
    }
    expect(headers(head({ key: 'k', ...other }))).toEqual({ host: 'localhost' })
  })

  it('keeps when it was signed, by its own field or by the request', () => {
    const dated = headOf('POST', '/b', { Date: 'then', 'x-amz-date': 'earlier' })
    expect(headers(head({ key: 'k', 'x-amz-date': 'now' }, dated))).toEqual({ host: 'localhost', 'x-amz-date': 'now' })
    expect(headers(head({ key: 'k' }, dated))).toEqual({ host: 'localhost', 'x-amz-date': 'earlier', date: 'then' })
  })

  it('keeps what the request itself says to the server', () => {
    const own = { Referer: 'http://page', 'If-None-Match': '*', 'x-amz-expected-bucket-owner': 'me', Range: 'bytes=0-' }
    const made = head({ key: 'k' }, headOf('POST', '/b', { ...own, 'Content-Type': 'multipart/form-data' }))
    expect(headers(made)).toEqual({
      host: 'localhost',
      referer: 'http://page',
      'if-none-match': '*',
      'x-amz-expected-bucket-owner': 'me',
    })
  })

  it.each([
    [{}, 'UserKeyMustBeSpecified'],
    [{ key: '' }, 'UserKeyMustBeSpecified'],
    [{ key: 'a\0b' }, 'InvalidArgument'],
    [{ key: 'k', acl: 'private', 'x-amz-acl': 'public-read' }, 'InvalidArgument'],
    [{ key: 'k', 'x-amz-copy-source': '/b/k' }, 'NotImplemented'],
  ])('%j is refused', (fields, code) => {
    expect(codeOf(() => head(fields as Record<string, string>))).toBe(code)
  })
})

it.each([
  'Content-MD5',
  'x-amz-acl',
  'x-amz-grant-read',
  'x-amz-meta-a',
  'x-amz-tagging',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-object-lock-mode',
  'x-amz-checksum-crc32',
  'x-amz-trailer',
  'x-amz-copy-source',
  'x-amz-request-payer',
])('%s is a field of a form, and no header of its request', (name) => {
  expect(codeOf(() => refuseFormHeaders(headOf('POST', '/b', { [name]: 'x' })))).toBe('NotImplemented')
  for (const harmless of ['X-Amz-Cf-Id', 'X-Amzn-Trace-Id', 'x-amz-date', 'x-amz-content-sha256', 'Cache-Control']) {
    refuseFormHeaders(headOf('POST', '/b', { [harmless]: 'x' }))
  }
})

it('fields are compared without regard to case, and those of one name are joined', () => {
  const fields = new Map<string, string>()
  addField(fields, 'KEY', 'k')
  addField(fields, 'x-amz-meta-Tag', 'Ninja')
  addField(fields, 'X-Amz-Meta-tag', 'Stallman')
  expect(Object.fromEntries(fields)).toEqual({ key: 'k', 'x-amz-meta-tag': 'Ninja,Stallman' })
})

it.each([
  ['photo.jpg', 'photo.jpg'],
  ['C:\\Program Files\\dir\\photo.jpg', 'photo.jpg'],
  ['/home/me/photo.jpg', 'photo.jpg'],
  ['a/b\\c', 'c'],
  ['dir/', ''],
  ['$& $1', '$& $1'],
  ['a\nb', 'a\nb'],
  ['', ''],
  [undefined, ''],
])('the name of the file %j is put into every field', (filename, name) => {
  const fields = new Map([
    ['key', `u/${FILENAME}/${FILENAME}`],
    ['x-amz-meta-n', `n: ${FILENAME}`],
    ['a', '$filename'],
  ])
  expect(Object.fromEntries(expandFilename(fields, filename))).toEqual({
    key: `u/${name}/${name}`,
    'x-amz-meta-n': `n: ${name}`,
    a: '$filename',
  })
})
