import { expect, it } from 'vitest'
import { type MakePlace, makeBucket, useStore } from './fixture.ts'

export function logRecordContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const add = (...records: [bucketId: number, atMs: number, line: string][]) =>
    at.store.write((tx) => tx.logRecords.add(records.map(([bucketId, atMs, line]) => ({ bucketId, atMs, line }))))
  const pending = () => at.store.read((tx) => tx.logRecords.pending())
  const list = (bucketId: number, limit = 100, afterId = 0) =>
    at.store.read((tx) => tx.logRecords.list({ bucketId, afterId, limit }))

  it('hands back records in the order in which they were added, and tells for whom some wait', async () => {
    const a = await makeBucket(at.store, { name: 'a' })
    const b = await makeBucket(at.store, { name: 'b' })
    expect(await pending()).toEqual([])
    await add([b, 5, 'b1'], [a, 10, 'ü 1'], [a, 20, 'a2'])
    await add([a, 30, 'a3'])
    expect(await list(a)).toMatchObject([
      { bucketId: a, atMs: 10, line: 'ü 1' },
      { bucketId: a, atMs: 20, line: 'a2' },
      { bucketId: a, atMs: 30, line: 'a3' },
    ])
    const page = await list(a, 2)
    expect(page.map(({ line }) => line)).toEqual(['ü 1', 'a2'])
    expect((await list(a, 2, page[1]!.id)).map(({ line }) => line)).toEqual(['a3'])
    expect(await pending()).toEqual([
      { bucketId: a, bucket: { tenant: '', name: 'a' }, oldestMs: 10, bytes: 8 },
      { bucketId: b, bucket: { tenant: '', name: 'b' }, oldestMs: 5, bytes: 2 },
    ])
  })

  it('removes the records of one bucket up to an id', async () => {
    const { store } = at
    const a = await makeBucket(store, { name: 'a' })
    const b = await makeBucket(store, { name: 'b' })
    await add([a, 10, 'one'], [b, 15, 'other'], [a, 20, 'three'], [a, 30, 'ü'])
    const remove = async (index: number) => {
      const throughId = (await list(a))[index]!.id
      await store.write((tx) => tx.logRecords.remove({ bucketId: a, throughId }))
    }
    await remove(1)
    expect(await pending()).toEqual([
      { bucketId: a, bucket: { tenant: '', name: 'a' }, oldestMs: 30, bytes: 2 },
      { bucketId: b, bucket: { tenant: '', name: 'b' }, oldestMs: 15, bytes: 5 },
    ])
    await remove(0)
    expect(await list(a)).toEqual([])
    expect(await pending()).toEqual([{ bucketId: b, bucket: { tenant: '', name: 'b' }, oldestMs: 15, bytes: 5 }])
    await store.write((tx) => tx.logRecords.remove({ bucketId: a, throughId: Number.MAX_SAFE_INTEGER }))
    await add([a, 40, 'again'])
    expect(await pending()).toEqual([
      { bucketId: a, bucket: { tenant: '', name: 'a' }, oldestMs: 40, bytes: 5 },
      { bucketId: b, bucket: { tenant: '', name: 'b' }, oldestMs: 15, bytes: 5 },
    ])
  })

  it('forgets the records of a bucket that is removed, and keeps the others over a restart', async () => {
    const a = await makeBucket(at.store, { name: 'a' })
    const b = await makeBucket(at.store, { name: 'b' })
    await add([a, 10, 'gone'], [b, 15, 'kept'])
    await at.store.write((tx) => tx.buckets.remove(a, 0))
    await add([a, 20, 'late'])
    await at.reopen()
    expect(await list(a)).toEqual([])
    expect(await pending()).toEqual([{ bucketId: b, bucket: { tenant: '', name: 'b' }, oldestMs: 15, bytes: 4 }])
  })

  it('leaves nothing of a write that throws, and everything that it would have removed', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await add([bucketId, 10, 'kept'])
    const failing = store.write(async (tx) => {
      await tx.logRecords.add([{ bucketId, atMs: 20, line: 'undone' }])
      await tx.logRecords.remove({ bucketId, throughId: Number.MAX_SAFE_INTEGER })
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await list(bucketId)).toMatchObject([{ line: 'kept' }])
    expect(await pending()).toEqual([{ bucketId, bucket: { tenant: '', name: 'bucket' }, oldestMs: 10, bytes: 4 }])
  })
}
