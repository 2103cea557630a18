import { describe, expect, it } from 'vitest'
import { foreignHost, parseAddress, parseWebsiteAddress } from '../../src/s3/address.ts'
import { codeOf } from '../support/wire-head.ts'

const DOMAINS = ['localhost', 's3.example.com', 'eu.s3.example.com']

function path(raw: string) {
  const { tenant, bucket, key } = parseAddress(raw, undefined, [])
  return [tenant, bucket, key]
}

describe('parseAddress: path style', () => {
  it.each([
    ['/', '', undefined, undefined],
    ['/bucket', '', 'bucket', undefined],
    ['/bucket/', '', 'bucket', undefined],
    ['/bucket/key', '', 'bucket', 'key'],
    ['/bucket/a/b/', '', 'bucket', 'a/b/'],
    ['/bucket//lead', '', 'bucket', '/lead'],
    ['/bucket/a//b', '', 'bucket', 'a//b'],
    ['/bucket/a/../b/./c', '', 'bucket', 'a/../b/./c'],
    ['/bucket/..', '', 'bucket', '..'],
    ['/bucket/pl+us', '', 'bucket', 'pl+us'],
    ['/bucket/a%2Fb%20c%3F%23%25', '', 'bucket', 'a/b c?#%'],
    ['/bucket/%2F', '', 'bucket', '/'],
    ['/bucket/%E4%B8%AD%F0%9F%98%80', '', 'bucket', '中😀'],
    ['/buc%6Bet/key', '', 'bucket', 'key'],
    ['/tenant:bucket/key', 'tenant', 'bucket', 'key'],
    ['/tenant%3Abucket', 'tenant', 'bucket', undefined],
    ['/bucket/a:b', '', 'bucket', 'a:b'],
    // Ceph 16.2 (recorded): the bucket's name is empty, which no bucket has.
    ['//bucket', '', '', 'bucket'],
  ])('%s', (raw, ...parts) => expect(path(raw)).toEqual(parts))

  it('refuses broken encoding, bytes that are no UTF-8, NUL, and a path without a slash', () => {
    for (const raw of ['/b/%', '/b/%zz', '/b/%ff%fe', '/b/nul%00x', '/%00', '*', '', 'b/k']) {
      expect(
        codeOf(() => path(raw)),
        raw,
      ).toBe('InvalidURI')
    }
    expect(path('/b/%01')).toEqual(['', 'b', '\x01'])
  })
})

describe('parseAddress: virtual-host style', () => {
  it.each([
    ['bucket.localhost', 'bucket'],
    ['bucket.localhost:7480', 'bucket'],
    ['Bucket.LOCALHOST:7480', 'bucket'],
    ['bucket.localhost.:7480', 'bucket'],
    ['dotted.name.s3.example.com', 'dotted.name'],
    ['bucket.eu.s3.example.com', 'bucket'],
  ])('%s', (host, bucket) => {
    const whole = { style: 'virtual-host', tenant: '', bucket }
    expect(parseAddress('/a/b', host, DOMAINS)).toEqual({ ...whole, key: 'a/b' })
    expect(parseAddress('//a', host, DOMAINS)).toEqual({ ...whole, key: '/a' })
    expect(parseAddress('/', host, DOMAINS)).toEqual({ ...whole, key: undefined })
  })

  it.each([
    'localhost',
    'localhost:7480',
    's3.example.com',
    'eu.s3.example.com',
    'example.com',
    'notlocalhost',
    'evil.test',
    '127.0.0.1:7480',
    '[::1]:7480',
    '.localhost',
    '',
  ])('%s names no bucket', (host) => {
    const expected = { style: 'path', tenant: '', bucket: 'b', key: 'k' }
    expect(parseAddress('/b/k', host, DOMAINS)).toEqual(expected)
    expect(parseAddress('/b/k', undefined, DOMAINS)).toEqual(expected)
  })

  it('never takes an address for a bucket, even below a domain that looks like one', () => {
    expect(parseAddress('/b', '10.0.0.1', ['0.0.1']).style).toBe('path')
    expect(parseAddress('/b', 'x.0.0.1', ['0.0.1']).bucket).toBe('x')
  })
})

describe('websites', () => {
  const known = { domains: ['example.com', 's3.web.example'], websiteDomains: ['site.example.com', 'web.example'] }

  it.each([
    ['b.site.example.com', '/a/b', 'b', 'a/b'],
    ['B.Site.Example.com:8080', '/', 'b', undefined],
    ['www.shop.example.web.example.', '//a', 'www.shop.example', '/a'],
    // The longer domain counts.
    ['b.s3.web.example', '/a', undefined, undefined],
    ['s3.web.example', '/a', undefined, undefined],
    ['b.example.com', '/a', undefined, undefined],
    ['site.example.com', '/a', undefined, undefined],
    ['xsite.example.com', '/a', undefined, undefined],
    ['.web.example', '/a', undefined, undefined],
    ['10.0.0.1', '/a', undefined, undefined],
    [undefined, '/a', undefined, undefined],
  ])('%s%s is the bucket %s and the key %s', (host, path, bucket, key) => {
    const address = parseWebsiteAddress(path, host, known)
    expect(address).toEqual(bucket === undefined ? undefined : { style: 'website', tenant: '', bucket, key })
  })

  it.each([
    ['www.shop.example', 'www.shop.example'],
    ['WWW.Shop.Example:80', 'www.shop.example'],
    ['cozos', 'cozos'],
    ['example.com', undefined],
    ['b.example.com', undefined],
    ['b.web.example', undefined],
    ['127.0.0.1:7480', undefined],
    ['[::1]:7480', undefined],
    [undefined, undefined],
  ])('%s may be a website of the name %s', (host, name) => {
    expect(foreignHost(host, { ...known, publicHosts: [] })).toBe(name)
  })

  it.each(['files.shop.example', 'FILES.shop.example.:8080'])('%s is ours where it is a public host', (host) => {
    const ours = { ...known, publicHosts: ['other', 'Files.Shop.Example:443'] }
    expect(foreignHost(host, ours)).toBeUndefined()
    expect(foreignHost('www.shop.example', ours)).toBe('www.shop.example')
  })
})
