import { describe, expect, it } from 'vitest'
import { readHead } from '../../src/s3/request-head.ts'
import { codeOf, wireHead } from '../support/wire-head.ts'

describe('readHead: target', () => {
  it('keeps path and query as sent', () => {
    const head = wireHead({ target: '/b/a%2fb?prefix=a%20b&x?y', headers: { Host: 'h' } })
    expect(head).toMatchObject({
      target: '/b/a%2fb?prefix=a%20b&x?y',
      rawPath: '/b/a%2fb',
      rawQuery: 'prefix=a%20b&x?y',
    })
    expect(head.address).toEqual({ style: 'path', tenant: '', bucket: 'b', key: 'a/b' })
    expect(head.query.get('prefix')).toBe('a b')
  })

  it('takes an absolute target, whose authority decides the bucket', () => {
    const settings = { domains: ['localhost'] }
    const head = wireHead({ target: 'http://bkt.localhost:7480/k?acl', headers: { Host: 'other' } }, settings)
    expect(head).toMatchObject({ rawPath: '/k', rawQuery: 'acl', hosts: ['bkt.localhost:7480'] })
    expect(head.address).toMatchObject({ style: 'virtual-host', bucket: 'bkt', key: 'k' })
    expect(wireHead({ target: 'HTTPS://h?acl' }).rawPath).toBe('/')
  })

  it('refuses a target that is neither', () => {
    for (const target of ['*', 'b/k', 'ftp://h/', 'http:///k'])
      expect(codeOf(() => wireHead({ target }))).toBe('InvalidURI')
  })
})

describe('readHead: headers', () => {
  it('joins repeated fields, in lower case, and keeps them apart in entries', () => {
    const { headers } = wireHead({
      target: '/',
      headers: [
        ['X-Amz-Meta-A', ' one\t'],
        ['Host', 'h'],
        ['x-amz-meta-a', 'two  words'],
      ],
    })
    expect(headers.get('x-amz-meta-a')).toBe('one,two  words')
    expect(headers.has('host')).toBe(true)
    expect(headers.get('X-Amz-Meta-A')).toBeUndefined()
    expect(headers.get('absent')).toBeUndefined()
    expect(headers.entries).toEqual([
      { name: 'x-amz-meta-a', value: 'one' },
      { name: 'host', value: 'h' },
      { name: 'x-amz-meta-a', value: 'two  words' },
    ])
  })

  it('reads values as UTF-8 where they are such, and keeps the bytes for the signature', () => {
    const raw = { method: 'GET', target: '/', remoteAddress: '', encrypted: false }
    const settings = { domains: [], websiteDomains: [], trustedProxies: () => false, publicHosts: [] }
    const { headers } = readHead({ ...raw, rawHeaders: ['A', 'Ã¤Â\xa0', 'B', '\xe4'] }, settings)
    expect(headers.get('a')).toBe('ä\u00a0')
    expect(headers.raw('a')).toBe('Ã¤Â\xa0')
    expect(headers.get('b')).toBe('ä')
    expect(headers.raw('b')).toBe('\xe4')
  })

  it('refuses a second Host, but no other repeated field', () => {
    const twice = (name: string) =>
      wireHead({
        target: '/',
        headers: [
          [name, 'a'],
          [name.toUpperCase(), 'b'],
        ],
      })
    expect(codeOf(() => twice('host'))).toBe('BadRequest')
    expect(twice('accept').headers.get('accept')).toBe('a,b')
  })

  it('counts the x-amz parameters of a presigned URL as headers that win over sent ones', () => {
    const query = 'X-Amz-Signature=0&X-Amz-Date=1&x-amz-meta-a=%C3%A4&x-amz-acl=private&other=1'
    const { headers } = wireHead({ target: `/b/k?${query}`, headers: { 'x-amz-acl': 'public-read', host: 'h' } })
    expect(headers.get('x-amz-acl')).toBe('private')
    expect(headers.raw('x-amz-acl')).toBe('public-read')
    expect(headers.get('x-amz-meta-a')).toBe('ä')
    expect(headers.has('x-amz-date')).toBe(false)
    expect(headers.has('other')).toBe(false)
    expect(headers.entries.map(({ name }) => name)).toEqual(['host', 'x-amz-meta-a', 'x-amz-acl'])
    // Without a signature that covers them they are parameters like any other.
    expect(wireHead({ target: '/b/k?x-amz-acl=private' }).headers.has('x-amz-acl')).toBe(false)
  })
})

describe('readHead: proxies', () => {
  const headers = { Host: 'inner:7480', 'X-Forwarded-Host': 'bkt.s3.example.com, x', 'X-Forwarded-Proto': 'https' }
  const settings = { domains: ['s3.example.com'], trustedProxies: (address: string) => address === '10.0.0.1' }

  it('believes what a trusted proxy forwards', () => {
    const head = wireHead({ target: '/k', headers, remoteAddress: '10.0.0.1' }, settings)
    expect(head.address).toMatchObject({ bucket: 'bkt', key: 'k' })
    expect(head).toMatchObject({ protocol: 'https', hosts: ['bkt.s3.example.com'] })
  })

  it('believes nobody else', () => {
    const head = wireHead({ target: '/k', headers, remoteAddress: '10.0.0.2' }, settings)
    expect(head.address).toMatchObject({ style: 'path', bucket: 'k' })
    expect(head).toMatchObject({ protocol: 'http', hosts: ['inner:7480'] })
  })

  it('knows TLS of its own, unless the proxy says that the client spoke none', () => {
    const tls = { target: '/', encrypted: true, remoteAddress: '10.0.0.1' }
    expect(wireHead(tls, settings).protocol).toBe('https')
    expect(wireHead({ ...tls, headers: { 'X-Forwarded-Proto': 'http' } }, settings).protocol).toBe('http')
  })

  it('adds the configured public hosts behind the sent one', () => {
    const head = wireHead({ target: '/', headers: { Host: 'a' } }, { publicHosts: ['b:1', 'a'] })
    expect(head.hosts).toEqual(['a', 'b:1'])
    expect(wireHead({ target: '/' }).hosts).toEqual([])
  })
})
