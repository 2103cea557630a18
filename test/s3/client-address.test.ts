import { describe, expect, it } from 'vitest'
import { clientAddress } from '../../src/s3/client-address.ts'
import { wireHead } from '../support/wire-head.ts'

const isTrusted = (address: string): boolean => address.startsWith('10.')

describe('clientAddress', () => {
  it.each<readonly [peer: string, forwarded: string | undefined, expected: string]>([
    ['192.0.2.1', undefined, '192.0.2.1'],
    ['::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['2001:db8::1', undefined, '2001:db8::1'],
    ['', undefined, ''],
    // A stranger's list is worth nothing.
    ['192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    // What the client itself wrote stands before what the proxies wrote.
    ['10.0.0.1', '127.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', '127.0.0.1, 198.51.100.7, 10.0.0.2', '198.51.100.7'],
    ['10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['10.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', '198.51.100.7, unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.7, unknown, 10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '', '10.0.0.1'],
  ])('%j with %j is %j', (peer, forwarded, expected) => {
    expect(clientAddress(peer, forwarded, isTrusted)).toBe(expected)
  })

  it('is part of a head, whose peer stays known', () => {
    const headers = { Host: 'h', 'X-Forwarded-For': '198.51.100.7' }
    const head = wireHead({ target: '/', headers, remoteAddress: '10.0.0.1' }, { trustedProxies: isTrusted })
    expect(head).toMatchObject({ remoteAddress: '10.0.0.1', clientAddress: '198.51.100.7' })
    expect(wireHead({ target: '/', headers, remoteAddress: '192.0.2.1' }).clientAddress).toBe('192.0.2.1')
  })
})
