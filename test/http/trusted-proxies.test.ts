import { describe, expect, it } from 'vitest'
import { trustedProxies } from '../../src/http/trusted-proxies.ts'

describe('trustedProxies', () => {
  const trusts = trustedProxies(['10.1.0.0/16', '192.0.2.7', '2001:db8::/32'])

  it.each([
    ['10.1.255.1', true],
    ['10.2.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.1.0.1', true],
    ['2001:db8::5', true],
    ['2001:db9::5', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(trusts(address)).toBe(expected)
  })

  it('trusts nobody by default', () => {
    expect(trustedProxies([])('127.0.0.1')).toBe(false)
  })
})
