import { expect, it } from 'vitest'
import { newBucket, newVersion } from '../../support/rows.ts'
import { type MakePlace, makeBucket, useStore } from './fixture.ts'

export function transactionContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  it('undoes everything of a write that throws and nothing of its neighbours', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const writes = ['a', 'b', 'c', 'd'].map((key) =>
      store.write(async (tx) => {
        await tx.versions.insert(newVersion(bucketId, key))
        if (key === 'b') throw new Error('refused')
        return tx.buckets.usage(bucketId)
      }),
    )
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    const [first, second, third] = outcomes
    expect(first).toMatchObject({ value: { objects: 1, bytes: 3 } })
    expect(second).toMatchObject({ reason: { message: 'refused' } })
    expect(third).toMatchObject({ value: { objects: 2, bytes: 6 } })
    const range = { bucketId, prefix: '', from: undefined, limit: 10 }
    const keys = await store.read(async (tx) => (await tx.versions.listCurrent(range)).map((row) => row.key))
    expect(keys).toEqual(['a', 'c', 'd'])
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 3, bytes: 9 })
  })

  it('undoes a write that throws alone, and the next one succeeds', async () => {
    const { store } = at
    const failing = store.write(async (tx) => {
      await tx.buckets.insert(newBucket('one'))
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await store.read((tx) => tx.buckets.find({ tenant: '', name: 'one' }))).toBeUndefined()
    const row = await store.write((tx) => tx.buckets.insert(newBucket('one')))
    expect(await store.read((tx) => tx.buckets.find({ tenant: '', name: 'one' }))).toEqual(row)
  })

  it('shows a write to its own transaction, and to every read that starts after it', async () => {
    const { store } = at
    const seen = await store.write(async (tx) => {
      await tx.buckets.insert(newBucket('mine'))
      return tx.buckets.find({ tenant: '', name: 'mine' })
    })
    expect(seen?.name).toBe('mine')
    const found = []
    for (let i = 0; i < 50; i++) {
      const other = store.read((tx) => tx.buckets.count('owner'))
      await store.write((tx) => tx.buckets.insert(newBucket(`bucket-${i}`)))
      found.push(await store.read((tx) => tx.buckets.count('owner')))
      await other
    }
    expect(found).toEqual(Array.from({ length: 50 }, (_, i) => i + 2))
  })

  it('reads one snapshot, whatever is written meanwhile', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const ref = { bucketId, key: 'k' }
    const writes = Array.from({ length: 100 }, async (_, i) => {
      await store.write(async (tx) => {
        const old = await tx.versions.latest(ref)
        const version = newVersion(bucketId, 'k', { sizeBytes: i })
        return old === undefined ? tx.versions.insert(version) : tx.versions.replace(old, version, 0)
      })
      return store.read(async (tx) => {
        const before = await tx.versions.latest(ref)
        for (let calls = 0; calls < 20; calls++) await tx.buckets.count('owner')
        return [before?.id, (await tx.versions.latest(ref))?.id, (await tx.buckets.usage(bucketId)).bytes]
      })
    })
    for (const [before, after] of await Promise.all(writes)) expect(after).toBe(before)
  })

  it('serializes read-modify-write: of 64 that want to be first, one is', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const attempts = Array.from({ length: 64 }, () =>
      store.write(async (tx) => {
        if ((await tx.versions.latest({ bucketId, key: 'k' })) !== undefined) throw new Error('exists')
        return tx.versions.insert(newVersion(bucketId, 'k'))
      }),
    )
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 1, bytes: 3 })
  })

  it('counts commits and transactions', async () => {
    const { store } = at
    const before = store.stats()
    await Promise.all(Array.from({ length: 10 }, (_, i) => store.write((tx) => tx.buckets.insert(newBucket(`b${i}`)))))
    const after = store.stats()
    expect(after.transactions - before.transactions).toBe(10)
    expect(after.commits).toBeGreaterThan(before.commits)
    expect(after.commits - before.commits).toBeLessThanOrEqual(10)
    expect(after.databaseBytes + after.walBytes).toBeGreaterThan(0)
  })

  it('keeps what it acknowledged when it is closed and opened again', async () => {
    const bucketId = await makeBucket(at.store)
    const kept = await at.store.write(async (tx) => {
      const manifestId = await tx.manifests.create([{ place: 'inline', bytes: Buffer.from('abc') }])
      return tx.versions.insert(newVersion(bucketId, 'k', { manifestId }))
    })
    const store = await at.reopen()
    expect(await store.read((tx) => tx.versions.latest({ bucketId, key: 'k' }))).toEqual(kept)
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 1, bytes: 3 })
    const next = await store.write((tx) => tx.versions.replace(kept, newVersion(bucketId, 'k'), 0))
    expect(next.id).toBeGreaterThan(kept.id)
  })

  it('answers what was begun before it was closed and refuses what comes after', async () => {
    const { store } = at
    const begun = store.write((tx) => tx.buckets.insert(newBucket('begun')))
    const closed = store.close()
    const late = store.write((tx) => tx.buckets.insert(newBucket('late')))
    await expect(late).rejects.toThrow('closed')
    await expect(store.read((tx) => tx.buckets.count('owner'))).rejects.toThrow('closed')
    expect((await begun).name).toBe('begun')
    await closed
    const reopened = await at.reopen()
    expect(await reopened.read((tx) => tx.buckets.count('owner'))).toBe(1)
  })
}
