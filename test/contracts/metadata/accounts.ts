import { expect, it } from 'vitest'
import type { KeyRow, UserRow } from '../../../src/storage/metadata/rows.ts'
import { UniqueViolation } from '../../../src/storage/metadata/store.ts'
import { type MakePlace, useStore } from './fixture.ts'

function newUser(id: string, change: Partial<UserRow> = {}): UserRow {
  return {
    id,
    tenant: '',
    uid: id,
    displayName: id,
    email: undefined,
    suspended: false,
    maxBuckets: 1000,
    caps: '',
    quota: undefined,
    bucketQuota: undefined,
    isConfigured: false,
    createdMs: 5,
    ...change,
  }
}

function newKey(accessKey: string, userId: string, change: Partial<KeyRow> = {}): KeyRow {
  const sealedSecret = Buffer.from([0, 1, 255])
  return { accessKey, userId, sealedSecret, isConfigured: false, createdMs: 5, ...change }
}

export function accountContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const put = (...users: UserRow[]) =>
    at.store.write(async (tx) => {
      for (const user of users) await tx.users.put(user)
    })
  const find = (id: string) => at.store.read((tx) => tx.users.find(id))
  const findByEmail = (email: string) => at.store.read((tx) => tx.users.findByEmail(email))

  it('hands back every field, and replaces the user of the same id', async () => {
    const full = newUser('acme$u', {
      tenant: 'acme',
      uid: 'u',
      displayName: 'Ü',
      email: 'Ü@Example.com',
      suspended: true,
      maxBuckets: -1,
      caps: 'buckets=read;users=*',
      quota: { enabled: true, maxBytes: 2 ** 50, maxObjects: undefined },
      bucketQuota: { enabled: false, maxBytes: undefined, maxObjects: 0 },
      isConfigured: true,
    })
    await put(newUser('plain'), full)
    expect(await find('plain')).toStrictEqual(newUser('plain'))
    expect(await find('acme$u')).toStrictEqual(full)
    await put(newUser('acme$u', { displayName: 'new' }))
    expect(await find('acme$u')).toStrictEqual(newUser('acme$u', { displayName: 'new' }))
    expect(await find('ACME$u')).toBeUndefined()
    await at.reopen()
    expect(await find('plain')).toStrictEqual(newUser('plain'))
  })

  it('finds a user by e-mail address without regard to case, and has each address once', async () => {
    await put(newUser('a', { email: 'Jürgen.Ü@Example.com' }), newUser('b'), newUser('c'))
    expect(await findByEmail('jürgen.ü@example.COM')).toMatchObject({ id: 'a', email: 'Jürgen.Ü@Example.com' })
    expect(await findByEmail('nobody@example.com')).toBeUndefined()
    await expect(put(newUser('b', { email: 'JÜRGEN.Ü@EXAMPLE.COM' }))).rejects.toThrow(UniqueViolation)
    await expect(put(newUser('d', { email: 'jürgen.ü@example.com' }))).rejects.toThrow(UniqueViolation)
    expect(await find('d')).toBeUndefined()
    await put(newUser('a', { email: 'other@example.com' }), newUser('b', { email: 'jürgen.ü@example.com' }))
    expect(await findByEmail('JÜRGEN.ü@example.com')).toMatchObject({ id: 'b' })
    await put(newUser('a'))
    expect(await findByEmail('other@example.com')).toBeUndefined()
  })

  it('lists users by id', async () => {
    await put(...['b', 'acme$u', 'c', 'a'].map((id) => newUser(id)))
    const list = (after: string | undefined, limit = 100) =>
      at.store.read(async (tx) => (await tx.users.list({ after, limit })).map(({ id }) => id))
    expect(await list(undefined)).toEqual(['a', 'acme$u', 'b', 'c'])
    expect(await list(undefined, 2)).toEqual(['a', 'acme$u'])
    expect(await list('acme$u', 1)).toEqual(['b'])
    expect(await list('c')).toEqual([])
  })

  it('keeps keys, each with its user', async () => {
    const { store } = at
    const keys = [
      newKey('K2', 'a'),
      newKey('K1', 'a', { isConfigured: true, createdMs: 9 }),
      newKey('K3', 'b'),
    ] as const
    await put(newUser('a'), newUser('b'))
    await store.write(async (tx) => {
      for (const key of keys) await tx.users.putKey(key)
    })
    const key = (accessKey: string) => store.read((tx) => tx.users.key(accessKey))
    expect(await key('K1')).toStrictEqual(keys[1])
    expect(await key('k1')).toBeUndefined()
    expect(await store.read((tx) => tx.users.keys('a'))).toStrictEqual([keys[1], keys[0]])
    const sealedSecret = Buffer.from('new')
    await store.write((tx) => tx.users.putKey({ ...keys[0], sealedSecret }))
    expect(await key('K2')).toStrictEqual({ ...keys[0], sealedSecret })
    await store.write((tx) => tx.users.removeKey('K2'))
    expect(await key('K2')).toBeUndefined()
    await store.write((tx) => tx.users.remove('a'))
    expect([await find('a'), await key('K1'), await key('K3')]).toEqual([undefined, undefined, keys[2]])
  })

  it('leaves nothing of a write that throws', async () => {
    const { store } = at
    const failing = store.write(async (tx) => {
      await tx.users.put(newUser('a'))
      await tx.users.putKey(newKey('K1', 'a'))
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await store.read(async (tx) => [await tx.users.find('a'), await tx.users.key('K1')])).toEqual([
      undefined,
      undefined,
    ])
  })
}
