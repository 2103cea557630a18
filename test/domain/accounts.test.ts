import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/config/config.ts'
import { Accounts, mayOwnAnother } from '../../src/domain/accounts.ts'
import { testAccount } from '../support/accounts.ts'

const key = (accessKey: string) => ({ accessKey, secretKey: new Secret(`secret of ${accessKey}`) })

describe('Accounts', () => {
  it('finds an account by its id, its keys and its e-mail address', () => {
    const alice = testAccount('acme$alice', { email: 'Alice@Example.com', displayName: 'Alice' })
    const accounts = new Accounts(['A', 'B'].map((name) => ({ ...key(name), account: alice })))
    expect(accounts.find('acme$alice')).toBe(alice)
    expect(accounts.find('alice')).toBeUndefined()
    expect(accounts.key('A')?.account).toBe(alice)
    expect(accounts.key('B')?.secretKey.reveal()).toBe('secret of B')
    expect(accounts.key('C')).toBeUndefined()
    expect(accounts.findByEmail('aLICE@example.COM')).toBe(alice)
    expect(accounts.findByEmail('bob@example.com')).toBeUndefined()
    expect([accounts.displayName('acme$alice'), accounts.displayName('nobody')]).toEqual(['Alice', 'nobody'])
  })

  it('replaces an account with its keys and its address', () => {
    const accounts = new Accounts([])
    accounts.put(testAccount('a', { email: 'old@x.org' }), [key('A'), key('B')])
    const before = accounts.key('B')
    const later = testAccount('a', { email: 'new@x.org', suspended: true })
    accounts.put(later, [key('B'), key('C')])
    expect([accounts.key('A'), accounts.key('B')?.account, accounts.key('C')?.account]).toEqual([
      undefined,
      later,
      later,
    ])
    // Signing keys are kept by the object: see s3/signature/keys.ts.
    expect(accounts.key('B')).not.toBe(before)
    expect([accounts.findByEmail('old@x.org'), accounts.findByEmail('new@x.org')]).toEqual([undefined, later])
  })

  it('removes an account, and nothing of another one that took over its address or key', () => {
    const accounts = new Accounts([])
    accounts.put(testAccount('a', { email: 'x@x.org' }), [key('A'), key('K')])
    accounts.put(testAccount('b', { email: 'x@x.org' }), [key('K')])
    accounts.remove('a')
    expect([accounts.find('a'), accounts.key('A')]).toEqual([undefined, undefined])
    expect([accounts.findByEmail('x@x.org')?.id, accounts.key('K')?.account.id]).toEqual(['b', 'b'])
    accounts.remove('nobody')
  })

  it('leaves the root account its key, also where a stored user of earlier times has the same', () => {
    const accounts = new Accounts([])
    const root = testAccount('root', { isRoot: true })
    accounts.put(testAccount('a'), [key('A'), key('K')])
    accounts.put(root, [key('K')])
    accounts.put(testAccount('a', { suspended: true }), [key('A'), key('K')])
    expect([accounts.key('K')?.account, accounts.key('A')?.account.id]).toEqual([root, 'a'])
    accounts.remove('a')
    expect(accounts.key('K')?.account).toBe(root)
  })

  it('runs changes one behind the other, also behind one that failed', async () => {
    const accounts = new Accounts([])
    const order: string[] = []
    const first = accounts.exclusively(async () => {
      order.push('first begins')
      await new Promise((resolve) => setImmediate(resolve))
      order.push('first ends')
      throw new Error('failed')
    })
    const second = accounts.exclusively(async () => {
      order.push('second')
      return 2
    })
    await expect(first).rejects.toThrow('failed')
    expect(await second).toBe(2)
    expect(order).toEqual(['first begins', 'first ends', 'second'])
  })
})

describe('mayOwnAnother', () => {
  it.each([
    [0, 0, true],
    [0, 1_000_000, true],
    [-1, 0, false],
    [1, 0, true],
    [1, 1, false],
    [1000, 999, true],
    [1000, 1000, false],
  ])('with a maximum of %i and %i owned: %s', (maxBuckets, owned, may) => {
    expect(mayOwnAnother({ maxBuckets }, owned)).toBe(may)
  })
})
