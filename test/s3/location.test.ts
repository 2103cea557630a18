import { describe, expect, it } from 'vitest'
import { locationOf, pathLocation, readRedirectLocation, uriText, urlHost } from '../../src/s3/headers/location.ts'
import { codeOf } from '../support/errors.ts'

const target = { status: 301, protocol: 'https', host: 'a.example', ruleText: '', keyText: '' } as const

describe('locationOf', () => {
  it.each([
    ['', '', 'https://a.example/'],
    ['', 'a/b c', 'https://a.example/a/b%20c'],
    ['', 'ü?x=1#y', 'https://a.example/%C3%BC%3Fx%3D1%23y'],
    // However the key begins, it stays a path of the host that the rule names.
    ['', '//evil.example/', 'https://a.example///evil.example/'],
    ['', '\\evil.example', 'https://a.example/%5Cevil.example'],
    ['', 'a\r\nSet-Cookie: x=y', 'https://a.example/a%0D%0ASet-Cookie%3A%20x%3Dy'],
    // What the owner wrote is a part of the URL, not of a name.
    ['#!/', 'a/b', 'https://a.example/#!/a/b'],
    ['search?q=', 'a&b', 'https://a.example/search?q=a%26b'],
    ['already%20encoded', '', 'https://a.example/already%20encoded'],
    ['ü\r\nX: y', '', 'https://a.example/%C3%BC%0D%0AX:%20y'],
  ])('of %j and %j is %s', (ruleText, keyText, expected) => {
    expect(locationOf({ ...target, ruleText, keyText })).toBe(expected)
    expect(() => new URL(expected)).not.toThrow()
    expect(new URL(expected).hostname).toBe('a.example')
  })
})

describe('pathLocation', () => {
  it.each([
    ['a', '/a'],
    ['a/b c', '/a/b%20c'],
    ['/evil.example', '/%2Fevil.example'],
    ['//evil.example', '/%2F%2Fevil.example'],
    ['\\evil.example', '/%5Cevil.example'],
    ['\t/evil.example', '/%09/evil.example'],
  ])('of %j is %s, on the same host', (key, expected) => {
    expect(pathLocation(key)).toBe(expected)
    expect(new URL(`${expected}/`, 'http://site.example/').hostname).toBe('site.example')
  })
})

it.each([
  ['a.example', true],
  ['a.example:8080', true],
  ['[::1]:80', true],
  ['a.example:8080@evil', false],
  ['a.example/x', false],
  ['a example', false],
  ['', false],
  [undefined, false],
])('the host %j can stand in a URL: %s', (host, expected) => {
  expect(urlHost(host)).toBe(expected ? host : undefined)
})

it('encodes what no URI holds', () => {
  expect(uriText('/a b\u0000ü😀"<>')).toBe('/a%20b%00%C3%BC%F0%9F%98%80%22%3C%3E')
  expect(uriText('/a?b=%20#c')).toBe('/a?b=%20#c')
})

it.each([
  ['/a', '/a'],
  ['http://a.example/b', 'http://a.example/b'],
  ['https://a.example', 'https://a.example'],
  [undefined, undefined],
  ['', undefined],
  ['a', 'InvalidRedirectLocation'],
  ['javascript:alert(1)', 'InvalidRedirectLocation'],
  ['ftp://a.example', 'InvalidRedirectLocation'],
  [`/${'x'.repeat(2047)}`, `/${'x'.repeat(2047)}`],
  [`/${'x'.repeat(2048)}`, 'InvalidRedirectLocation'],
])('an object’s redirect to %j: %j', (value, expected) => {
  expect(codeOf(() => readRedirectLocation(value))).toBe(expected)
})
