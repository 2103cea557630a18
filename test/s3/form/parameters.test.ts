import { expect, it } from 'vitest'
import { parseParameters } from '../../../src/s3/form/parameters.ts'

/** As the bytes of a header come: one character each. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1')

it.each<[string, string, Record<string, string>]>([
  ['form-data; name="key"', 'form-data', { name: 'key' }],
  ['form-data;name=key;filename=a.txt', 'form-data', { name: 'key', filename: 'a.txt' }],
  ['FORM-DATA ; Name = "key" ; ', 'form-data', { name: 'key' }],
  ['form-data; name="a;b"; filename="c=d, e.txt"', 'form-data', { name: 'a;b', filename: 'c=d, e.txt' }],
  ['form-data; name="file"; filename=""', 'form-data', { name: 'file', filename: '' }],
  // Browsers send a path of Windows as it is; curl escapes quotes; WHATWG writes %22, which means itself here.
  [
    String.raw`form-data; name="file"; filename="C:\dir\a.txt"`,
    'form-data',
    { name: 'file', filename: 'C:\\dir\\a.txt' },
  ],
  [String.raw`form-data; name="file"; filename="a \"b\".txt"`, 'form-data', { name: 'file', filename: 'a "b".txt' }],
  ['form-data; name="file"; filename="a%22b.txt"', 'form-data', { name: 'file', filename: 'a%22b.txt' }],
  [bytes('form-data; name="file"; filename="中文.txt"'), 'form-data', { name: 'file', filename: '中文.txt' }],
  ['form-data; name="file"; filename="caf\xe9.txt"', 'form-data', { name: 'file', filename: 'caf\xe9.txt' }],
  // urllib3 before 2 writes the extended form alone, others both.
  ['form-data; name="file"; filename*=utf-8\'\'%E4%B8%AD.txt', 'form-data', { name: 'file', filename: '中.txt' }],
  ['form-data; filename="x"; filename*=UTF-8\'en\'%E4%B8%AD; name=file', 'form-data', { name: 'file', filename: '中' }],
  ['form-data; name=a; name=b', 'form-data', { name: 'a' }],
  ['multipart/form-data; boundary=----x', 'multipart/form-data', { boundary: '----x' }],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b"', 'multipart/form-data', { charset: 'utf-8', boundary: 'a b' }],
  ['text/plain', 'text/plain', {}],
  ['', '', {}],
])('%s', (text, value, parameters) => {
  const read = parseParameters(text)
  expect(read?.value).toBe(value)
  expect(Object.fromEntries(read?.parameters ?? [])).toEqual(parameters)
})

it.each(['a; b', 'a; b="c', 'a; b="c"d', 'a;; b=c', "a; b*=latin1''x", "a; b*=utf-8''%E4%zz"])(
  '%s is not of this form',
  (text) => {
    expect(parseParameters(text)).toBeUndefined()
  },
)

it('a backslash before the last quote means itself', () => {
  expect(parseParameters(String.raw`a; b="C:\dir\"`)?.parameters.get('b')).toBe('C:\\dir\\')
})

it('takes time in proportion to the length', () => {
  const length = 200_000
  const hostile = [`a; b="${'\\'.repeat(length)}`, `a${'; b=c'.repeat(length)} d`, `a;${' '.repeat(length)}b`]
  for (const text of hostile) expect(parseParameters(text) === undefined).toBe(true)
})
