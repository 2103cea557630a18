import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCapabilities } from '../../../src/config/capabilities.ts'
import { Secret } from '../../../src/config/config.ts'
import { addKey, removeKey } from '../../../src/domain/accounts/keys.ts'
import { loadAccounts } from '../../../src/domain/accounts/load.ts'
import {
  createUser,
  describeUser,
  describeUserOfKey,
  modifyUser,
  type NewUser,
  removeUser,
} from '../../../src/domain/accounts/users.ts'
import { rootAccount } from '../../../src/domain/configured.ts'
import { S3Error } from '../../../src/errors.ts'
import { newBucket } from '../../support/rows.ts'
import { openServices, type TestServices } from '../../support/services.ts'

let services: TestServices
beforeEach(async () => {
  services = await openServices()
  const account = rootAccount('cozos')
  services.accounts.put(account, [{ accessKey: 'ROOT', secretKey: new Secret('root') }])
})
afterEach(() => services.dispose())

const newUser = (uid: string, change: Partial<NewUser> = {}): NewUser => ({
  tenant: '',
  uid,
  displayName: uid,
  maxBuckets: 1000,
  ...change,
})

async function codeOf(work: Promise<unknown>): Promise<string> {
  const cause = await work.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
  return cause instanceof S3Error ? cause.code : String(cause)
}

describe('a user', () => {
  it('is there for requests once it is stored, with a key of its own', async () => {
    const made = await createUser(services, newUser('alice', { key: { accessKey: undefined, secretKey: undefined } }))
    const { accessKey = '', secretKey } = made.key ?? {}
    expect(accessKey).toMatch(/^[A-Z0-9]{20}$/)
    expect(secretKey?.reveal()).toMatch(/^[A-Za-z0-9]{40}$/)
    expect(services.accounts.key(accessKey)?.secretKey.reveal()).toBe(secretKey?.reveal())
    expect(made.keys.map((key) => key.accessKey)).toEqual([accessKey])
    expect((await describeUserOfKey(services, accessKey)).user.id).toBe('alice')
    // After a restart, too.
    const root = { accessKey: 'ROOT', secretKey: new Secret('root'), account: rootAccount('cozos') }
    const { accounts } = await loadAccounts(services, root)
    expect(accounts.key(accessKey)?.account).toEqual(services.accounts.find('alice'))
  })

  it('is made once', async () => {
    await createUser(services, newUser('alice', { email: 'a@x.org' }))
    expect(await codeOf(createUser(services, newUser('alice')))).toBe('UserAlreadyExists')
    expect(await codeOf(createUser(services, newUser('cozos')))).toBe('UserAlreadyExists')
    expect(await codeOf(createUser(services, newUser('anonymous')))).toBe('UserAlreadyExists')
    expect(await codeOf(createUser(services, newUser('bob', { email: 'A@X.org' })))).toBe('EmailExists')
    expect(await codeOf(createUser(services, newUser('a/b')))).toBe('InvalidArgument')
    expect(await codeOf(createUser(services, newUser('bob', { tenant: 'a-b' })))).toBe('InvalidTenantName')
    expect(services.accounts.find('bob')).toBeUndefined()
    // In another tenant it is another one.
    expect((await createUser(services, newUser('alice', { tenant: 'acme' }))).user.id).toBe('acme$alice')
  })

  it('changes in what is said and stays in the rest', async () => {
    await createUser(services, newUser('alice', { email: 'a@x.org', caps: parseCapabilities('users=read') }))
    const change = { suspended: true, caps: parseCapabilities('users=write;info=read') }
    const { user } = await modifyUser(services, 'alice', change)
    expect(user).toMatchObject({ suspended: true, email: 'a@x.org', displayName: 'alice', caps: 'info=read;users=*' })
    expect(services.accounts.find('alice')?.suspended).toBe(true)
    await modifyUser(services, 'alice', { email: '', suspended: false, maxBuckets: -1, displayName: 'A' })
    expect(services.accounts.find('alice')).toMatchObject({ email: undefined, maxBuckets: -1, displayName: 'A' })
    expect(services.accounts.findByEmail('a@x.org')).toBeUndefined()
    expect(await codeOf(modifyUser(services, 'nobody', {}))).toBe('NoSuchUser')
  })

  it('is not the root account, whatever is tried on it', async () => {
    const tries = [
      () => modifyUser(services, 'cozos', { suspended: true }),
      () => removeUser(services, 'cozos'),
      () => addKey(services, 'cozos', { accessKey: undefined, secretKey: undefined }),
      () => removeKey(services, { accessKey: 'ROOT', userId: 'cozos' }),
    ]
    for (const one of tries) expect(await codeOf(one())).toBe('NoSuchUser')
    expect(await codeOf(removeKey(services, { accessKey: 'ROOT', userId: undefined }))).toBe('InvalidAccessKey')
    expect(services.accounts.key('ROOT')?.account.isRoot).toBe(true)
    expect(services.accounts.root?.id).toBe('cozos')
  })

  it('goes with its keys, but not as long as it owns buckets', async () => {
    const key = { accessKey: 'ALICE', secretKey: 's' }
    await createUser(services, newUser('alice', { key }))
    const bucket = await services.metadata.write((tx) => tx.buckets.insert(newBucket('b', { ownerId: 'alice' })))
    expect(await codeOf(removeUser(services, 'alice'))).toBe('BucketAlreadyExists')
    expect(services.accounts.key('ALICE')?.account.id).toBe('alice')
    await services.metadata.write((tx) => tx.buckets.remove(bucket.id, 0))
    await removeUser(services, 'alice')
    expect([services.accounts.find('alice'), services.accounts.key('ALICE')]).toEqual([undefined, undefined])
    expect(await codeOf(removeUser(services, 'alice'))).toBe('NoSuchUser')
    expect(await codeOf(describeUser(services, 'alice'))).toBe('NoSuchUser')
    expect(await codeOf(describeUserOfKey(services, 'ALICE'))).toBe('NoSuchUser')
    // Its key is free again.
    expect((await createUser(services, newUser('bob', { key }))).key?.accessKey).toBe('ALICE')
  })
})

describe('a key', () => {
  it('is added beside the others, or gets another secret', async () => {
    await createUser(services, newUser('alice', { key: { accessKey: 'ONE', secretKey: 'first' } }))
    const before = services.accounts.key('ONE')
    const { keys } = await addKey(services, 'alice', { accessKey: 'TWO', secretKey: undefined })
    expect(keys.map((key) => key.accessKey)).toEqual(['ONE', 'TWO'])
    const again = await addKey(services, 'alice', { accessKey: 'ONE', secretKey: 'second' })
    expect([again.keys.length, again.key.secretKey.reveal()]).toEqual([2, 'second'])
    expect(services.accounts.key('ONE')?.secretKey.reveal()).toBe('second')
    expect(services.accounts.key('ONE')).not.toBe(before)
  })

  it('belongs to one user', async () => {
    await createUser(services, newUser('alice', { key: { accessKey: 'ALICE', secretKey: 's' } }))
    await createUser(services, newUser('bob'))
    expect(await codeOf(addKey(services, 'bob', { accessKey: 'ALICE', secretKey: 's' }))).toBe('KeyExists')
    expect(await codeOf(addKey(services, 'bob', { accessKey: 'ROOT', secretKey: 's' }))).toBe('KeyExists')
    expect(await codeOf(addKey(services, 'nobody', { accessKey: 'NEW', secretKey: 's' }))).toBe('NoSuchUser')
    expect(await codeOf(addKey(services, 'bob', { accessKey: 'a/b', secretKey: 's' }))).toBe('InvalidAccessKey')
    expect(await codeOf(addKey(services, 'bob', { accessKey: 'NEW', secretKey: '' }))).toBe('InvalidSecretKey')
    expect((await addKey(services, 'bob', { accessKey: 'NEW', secretKey: 's' })).keys).toHaveLength(1)
  })

  it('is removed from its user alone', async () => {
    await createUser(services, newUser('alice', { key: { accessKey: 'ALICE', secretKey: 's' } }))
    await createUser(services, newUser('bob'))
    expect(await codeOf(removeKey(services, { accessKey: 'ALICE', userId: 'bob' }))).toBe('InvalidAccessKey')
    expect(await codeOf(removeKey(services, { accessKey: 'ALICE', userId: 'nobody' }))).toBe('NoSuchUser')
    expect(await codeOf(removeKey(services, { accessKey: 'NONE', userId: undefined }))).toBe('InvalidAccessKey')
    expect(services.accounts.key('ALICE')?.account.id).toBe('alice')
    await removeKey(services, { accessKey: 'ALICE', userId: undefined })
    expect(services.accounts.key('ALICE')).toBeUndefined()
    expect((await describeUser(services, 'alice')).keys).toEqual([])
  })

  it('ends up in memory as it was stored last, whoever came first', async () => {
    await createUser(services, newUser('alice', { key: { accessKey: 'K', secretKey: '0' } }))
    const secrets = Array.from({ length: 20 }, (_, i) => String(i))
    await Promise.all(secrets.map((secretKey) => addKey(services, 'alice', { accessKey: 'K', secretKey })))
    const root = { accessKey: 'ROOT', secretKey: new Secret('root'), account: rootAccount('cozos') }
    const { accounts } = await loadAccounts(services, root)
    expect(services.accounts.key('K')?.secretKey.reveal()).toBe(accounts.key('K')?.secretKey.reveal())
  })
})
