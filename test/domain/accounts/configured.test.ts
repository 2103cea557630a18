import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_CAPABILITIES, parseCapabilities } from '../../../src/config/capabilities.ts'
import { Secret, type UserConfig } from '../../../src/config/config.ts'
import { storeConfiguredUsers } from '../../../src/domain/accounts/configured.ts'
import { addKey } from '../../../src/domain/accounts/keys.ts'
import { loadAccounts } from '../../../src/domain/accounts/load.ts'
import { createUser, describeUser, editUser, listUserIds } from '../../../src/domain/accounts/users.ts'
import type { Accounts } from '../../../src/domain/accounts.ts'
import { rootAccount } from '../../../src/domain/configured.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const ROOT = { accessKey: 'ROOT', secretKey: new Secret('root'), account: rootAccount('cozos') }

let services: TestServices
beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

function user(id: string, change: Partial<UserConfig> = {}): UserConfig {
  return {
    id,
    tenant: '',
    displayName: id,
    email: undefined,
    suspended: false,
    maxBuckets: 1000,
    caps: NO_CAPABILITIES,
    quota: undefined,
    bucketQuota: undefined,
    keys: [],
    ...change,
  }
}

const key = (accessKey: string, secret = `secret of ${accessKey}`) => ({ accessKey, secretKey: new Secret(secret) })

/** A start with these users; what requests meet behind it. */
async function start(...users: UserConfig[]): Promise<Accounts> {
  await storeConfiguredUsers(services, users, services.clock.now())
  const { accounts, unreadable } = await loadAccounts(services, ROOT)
  expect(unreadable).toEqual([])
  return accounts
}

describe('configured users', () => {
  it('are stored with all that the file says', async () => {
    const accounts = await start(
      user('alice', {
        tenant: 'acme',
        displayName: 'Alice',
        email: 'alice@x.org',
        suspended: true,
        maxBuckets: 3,
        caps: parseCapabilities('users=*;buckets=read') ?? NO_CAPABILITIES,
        quota: { enabled: true, maxBytes: undefined, maxObjects: 2 },
        bucketQuota: { enabled: true, maxBytes: 9, maxObjects: undefined },
        keys: [key('A')],
      }),
    )
    const account = accounts.find('acme$alice')
    expect(account).toMatchObject({
      uid: 'alice',
      tenant: 'acme',
      displayName: 'Alice',
      suspended: true,
      maxBuckets: 3,
    })
    expect([...(account?.caps ?? [])]).toEqual([
      ['buckets', 'read'],
      ['users', '*'],
    ])
    expect([account?.quota?.maxObjects, account?.bucketQuota?.maxBytes]).toEqual([2, 9])
    expect(accounts.findByEmail('ALICE@x.org')).toBe(account)
    expect(accounts.key('A')?.account).toBe(account)
    expect(accounts.key('A')?.secretKey.reveal()).toBe('secret of A')
    expect(accounts.key('ROOT')?.account.isRoot).toBe(true)
  })

  it('become again what the file says, whatever was changed at run time', async () => {
    await start(user('alice', { keys: [key('A')] }))
    await editUser(services, 'alice', () => ({ caps: 'users=*' }))
    expect((await describeUser(services, 'alice')).user.caps).toBe('users=*')
    const accounts = await start(user('alice', { displayName: 'Alice', keys: [key('A', 'another')] }))
    expect(accounts.find('alice')?.caps.size).toBe(0)
    expect(accounts.find('alice')?.displayName).toBe('Alice')
    expect(accounts.key('A')?.secretKey.reveal()).toBe('another')
  })

  it('keep the keys that were made at run time, and lose those that the file no longer has', async () => {
    await start(user('alice', { keys: [key('A'), key('B')] }))
    await addKey(services, 'alice', { accessKey: 'RUNTIME', secretKey: undefined })
    const accounts = await start(user('alice', { keys: [key('B')] }))
    const known = ['A', 'B', 'RUNTIME'].map((name) => accounts.key(name)?.account.id)
    expect(known).toEqual([undefined, 'alice', 'alice'])
  })

  it('stay when the file drops them, without its keys', async () => {
    await start(user('alice', { keys: [key('A')] }), user('bob', { keys: [key('B')] }))
    await addKey(services, 'alice', { accessKey: 'RUNTIME', secretKey: 'kept' })
    const accounts = await start(user('bob', { keys: [key('B')] }))
    expect(accounts.find('alice')?.id).toBe('alice')
    expect([accounts.key('A'), accounts.key('RUNTIME')?.account.id]).toEqual([undefined, 'alice'])
    // It is like any other user now: a change at run time lasts.
    await editUser(services, 'alice', () => ({ caps: 'info=read' }))
    expect((await start(user('bob', { keys: [key('B')] }))).find('alice')?.caps.get('info')).toBe('read')
  })

  it('may exchange their keys and their addresses', async () => {
    await start(user('a', { email: 'a@x.org', keys: [key('A')] }), user('b', { email: 'b@x.org', keys: [key('B')] }))
    const accounts = await start(
      user('a', { email: 'B@x.org', keys: [key('B')] }),
      user('b', { email: 'a@x.org', keys: [key('A')] }),
    )
    expect([accounts.key('A')?.account.id, accounts.key('B')?.account.id]).toEqual(['b', 'a'])
    expect([accounts.findByEmail('a@x.org')?.id, accounts.findByEmail('b@x.org')?.id]).toEqual(['b', 'a'])
  })

  it('cannot take the address of a user that was made at run time', async () => {
    await createUser(services, { tenant: '', uid: 'runtime', displayName: 'R', maxBuckets: 0, email: 'x@x.org' })
    const refused = start(user('alice', { email: 'X@X.org', keys: [key('A')] }))
    await expect(refused).rejects.toThrow('alice cannot have the e-mail address X@X.org: another user has it')
    expect((await start(user('alice', { email: 'y@x.org', keys: [key('A')] }))).find('alice')?.email).toBe('y@x.org')
  })

  it('that say nothing new write nothing', async () => {
    const quota = { enabled: true, maxBytes: undefined, maxObjects: 2 } as const
    const same = () => user('alice', { email: 'a@x.org', quota, keys: [key('A')] })
    await start(same())
    const { transactions } = services.metadata.stats()
    await start(same())
    expect(services.metadata.stats().transactions).toBe(transactions)
    await start({ ...same(), suspended: true })
    expect(services.metadata.stats().transactions).toBe(transactions + 1)
  })

  it('are loaded in pages', async () => {
    const many = Array.from({ length: 1100 }, (_, i) =>
      user(`u${String(i).padStart(4, '0')}`, { keys: [key(`K${i}`)] }),
    )
    const accounts = await start(...many)
    expect([accounts.key('K0')?.account.id, accounts.key('K1099')?.account.id]).toEqual(['u0000', 'u1099'])
    const page = await listUserIds(services, { after: 'u0498', limit: 2 })
    expect(page).toEqual({ ids: ['u0499', 'u0500'], isTruncated: true })
    expect((await listUserIds(services, { after: 'u1098', limit: 2 })).isTruncated).toBe(false)
  })
})

describe('a key whose secret the ring does not open', () => {
  it('is named and left out; the others work, and so does the key once the file names it', async () => {
    await start(user('alice', { keys: [key('A')] }))
    const stranger = await openServices()
    await addKey(services, 'alice', { accessKey: 'RUNTIME', secretKey: 'x' })
    const other = { metadata: services.metadata, keyRing: stranger.keyRing }
    expect((await loadAccounts(other, ROOT)).unreadable).toEqual(['A', 'RUNTIME'])
    await storeConfiguredUsers(other, [user('alice', { keys: [key('A')] })], 0)
    const { accounts, unreadable } = await loadAccounts(other, ROOT)
    expect(unreadable).toEqual(['RUNTIME'])
    expect([accounts.key('A')?.secretKey.reveal(), accounts.key('RUNTIME')]).toEqual(['secret of A', undefined])
    await stranger.dispose()
  })
})
