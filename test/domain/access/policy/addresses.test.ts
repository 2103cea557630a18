import { describe, expect, it } from 'vitest'
import { contains, parseIp, parseNetwork } from '../../../../src/domain/access/policy/addresses.ts'

describe('networks and addresses', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.200.0.1', true],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '10.0.0.1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1', true],
    ['10.0.0.0/8', '::ffff:10.9.8.7', true],
    ['10.0.0.0/8', '::ffff:0a09:0807', true],
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['::ffff:10.0.0.0/104', '11.1.1.1', false],
    ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:2ff', true],
    ['128.0.0.0/1', '200.1.1.1', true],
  ])('%s contains %s: %s', (network, address, expected) => {
    const [net, ip] = [parseNetwork(network), parseIp(address)]
    expect(net !== undefined && ip !== undefined && contains(net, ip)).toBe(expected)
  })

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '::/129',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '1.2.3.4::',
    'localhost',
  ])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined()
  })
})
