import { expect, it } from 'vitest'
import { UniqueViolation } from '../../../src/storage/metadata/store.ts'
import { newVersion } from '../../support/rows.ts'
import { type MakePlace, makeBucket, putObject, useStore } from './fixture.ts'

export function ownerUsageContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const usageOf = (ownerId: string) => at.store.read((tx) => tx.buckets.usageOfOwner(ownerId))

  it('sums the buckets of an owner through puts, overwrites and removals', async () => {
    const { store } = at
    const a = await makeBucket(store, { name: 'a' })
    const b = await makeBucket(store, { name: 'b' })
    const theirs = await makeBucket(store, { name: 'c', ownerId: 'other' })
    expect(await usageOf('owner')).toEqual({ objects: 0, bytes: 0 })
    const old = await putObject(store, newVersion(a, 'k', { sizeBytes: 10 }))
    await putObject(store, newVersion(b, 'k', { sizeBytes: 5 }))
    await putObject(store, newVersion(theirs, 'k', { sizeBytes: 100 }))
    expect(await usageOf('owner')).toEqual({ objects: 2, bytes: 15 })
    const row = await store.write((tx) => tx.versions.replace(old, newVersion(a, 'k', { sizeBytes: 1 }), 0))
    expect(await usageOf('owner')).toEqual({ objects: 2, bytes: 6 })
    await store.write((tx) => tx.versions.remove(row, 0))
    expect(await usageOf('owner')).toEqual({ objects: 1, bytes: 5 })
    expect(await usageOf('other')).toEqual({ objects: 1, bytes: 100 })
    expect(await usageOf('nobody')).toEqual({ objects: 0, bytes: 0 })
    await at.reopen()
    expect(await usageOf('owner')).toEqual({ objects: 1, bytes: 5 })
  })

  it('shows a write what it and the ones before it in its batch have done, but nothing that was undone', async () => {
    const { store } = at
    const a = await makeBucket(store, { name: 'a' })
    const b = await makeBucket(store, { name: 'b' })
    const c = await makeBucket(store, { name: 'c', ownerId: 'other' })
    const put = (bucketId: number, key: string, cause?: Error) =>
      store.write(async (tx) => {
        await tx.versions.insert(newVersion(bucketId, key))
        if (cause !== undefined) throw cause
        return tx.buckets.usageOfOwner('owner')
      })
    const outcomes = await Promise.allSettled([put(a, '1'), put(b, '2'), put(b, '3', new Error('no')), put(c, '4')])
    expect(outcomes).toMatchObject([
      { value: { objects: 1, bytes: 3 } },
      { value: { objects: 2, bytes: 6 } },
      { reason: { message: 'no' } },
      { value: { objects: 2, bytes: 6 } },
    ])
    expect(await usageOf('owner')).toEqual({ objects: 2, bytes: 6 })
    expect(await usageOf('other')).toEqual({ objects: 1, bytes: 3 })
  })

  it('counts a bucket that is emptied and removed in one transaction, and one in the same batch', async () => {
    const { store } = at
    const a = await makeBucket(store, { name: 'a' })
    const b = await makeBucket(store, { name: 'b' })
    const stays = await makeBucket(store, { name: 'c' })
    const [first, second] = [
      await putObject(store, newVersion(a, 'k')),
      await putObject(store, newVersion(b, 'k', { sizeBytes: 7 })),
    ]
    await putObject(store, newVersion(stays, 'k', { sizeBytes: 9 }))
    await store.write(async (tx) => {
      await tx.versions.remove(first, 0)
      await tx.buckets.remove(a, 0)
      expect(await tx.buckets.usageOfOwner('owner')).toEqual({ objects: 2, bytes: 16 })
    })
    expect(await usageOf('owner')).toEqual({ objects: 2, bytes: 16 })
    await Promise.all([
      store.write((tx) => tx.versions.remove(second, 0)),
      store.write((tx) => tx.buckets.remove(b, 0)),
      store.write(async (tx) => expect(await tx.buckets.usageOfOwner('owner')).toEqual({ objects: 1, bytes: 9 })),
    ])
    expect(await usageOf('owner')).toEqual({ objects: 1, bytes: 9 })
  })

  it('moves what a bucket holds to its new owner, with what its batch has put into it', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const stays = await makeBucket(store, { name: 'stays' })
    await putObject(store, newVersion(bucketId, 'old', { sizeBytes: 10 }))
    await putObject(store, newVersion(stays, 'k', { sizeBytes: 1 }))
    const [, , seen] = await Promise.all([
      store.write((tx) => tx.versions.insert(newVersion(bucketId, 'new', { sizeBytes: 5 }))),
      store.write((tx) => tx.buckets.setOwner(bucketId, { ownerId: 'acme$u', tenant: 'acme' })),
      store.write(async (tx) => [await tx.buckets.usageOfOwner('owner'), await tx.buckets.usageOfOwner('acme$u')]),
    ])
    const moved = [
      { objects: 1, bytes: 1 },
      { objects: 2, bytes: 15 },
    ]
    expect(seen).toEqual(moved)
    expect([await usageOf('owner'), await usageOf('acme$u')]).toEqual(moved)
    expect(await store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))).toBeUndefined()
    expect(await store.read((tx) => tx.buckets.find({ tenant: 'acme', name: 'bucket' }))).toMatchObject({
      id: bucketId,
      ownerId: 'acme$u',
    })
  })

  it('leaves a bucket with its owner when the new one’s tenant has one of its name', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await makeBucket(store, { tenant: 'acme', ownerId: 'acme$u' })
    await putObject(store, newVersion(bucketId, 'k'))
    const owner = { ownerId: 'acme$u', tenant: 'acme' }
    await expect(store.write((tx) => tx.buckets.setOwner(bucketId, owner))).rejects.toThrow(UniqueViolation)
    // Also for a write that goes on after it.
    await store.write(async (tx) => {
      await tx.buckets.setOwner(bucketId, owner).catch((cause) => expect(cause).toBeInstanceOf(UniqueViolation))
    })
    expect(await store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))).toMatchObject({
      ownerId: 'owner',
    })
    expect(await usageOf('owner')).toEqual({ objects: 1, bytes: 3 })
    expect(await usageOf('acme$u')).toEqual({ objects: 0, bytes: 0 })
  })
}
