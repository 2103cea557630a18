import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { ReadTransaction, WriteTransaction } from '../../../../src/storage/metadata/store.ts'
import { newBucket } from '../../../support/rows.ts'
import { useFolder } from './fixture.ts'

const folder = useFolder()

it('undoes a write that waits for something else, says so, and serves the others', async () => {
  const store = await folder.open()
  const write = (name: string, wait: () => Promise<void>) =>
    store.write(async (tx) => {
      await tx.buckets.insert(newBucket(name))
      await wait()
      return tx.buckets.count('owner')
    })
  const nothing = async () => undefined
  const outcomes = await Promise.allSettled([
    write('a', nothing),
    write('b', () => setImmediate()),
    write('c', nothing),
    write('d', () => new Promise<void>(() => undefined)),
    write('e', nothing),
  ])
  const foreign = { reason: { message: expect.stringContaining('awaited something other than its transaction') } }
  expect(outcomes).toMatchObject([{ value: 1 }, foreign, { value: 2 }, foreign, { value: 3 }])
  await expect(write('f', () => setImmediate())).rejects.toThrow('awaited something other')
  const range = { ownerId: 'owner', prefix: '', after: undefined, limit: 10 }
  const names = await store.read(async (tx) => (await tx.buckets.list(range)).map((bucket) => bucket.name))
  expect(names).toEqual(['a', 'c', 'e'])
})

it('ends a read that waits for something else, and says so', async () => {
  const store = await folder.open()
  const waiting = store.read(async (tx) => {
    await tx.buckets.count('owner')
    await setImmediate()
    return tx.buckets.count('owner')
  })
  await expect(waiting).rejects.toThrow('awaited something other than its transaction')
  expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(0)
})

it('refuses to use a transaction after its end', async () => {
  const store = await folder.open()
  let writing: WriteTransaction | undefined
  let reading: ReadTransaction | undefined
  await store.write(async (tx) => {
    writing = tx
  })
  await store.read(async (tx) => {
    reading = tx
  })
  await expect(writing!.buckets.insert(newBucket('late'))).rejects.toThrow('used after its end')
  await expect(writing!.buckets.count('owner')).rejects.toThrow('used after its end')
  await expect(reading!.buckets.count('owner')).rejects.toThrow('used after its end')
  expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(0)
})

it('rejects with what a work throws before its first await', async () => {
  const store = await folder.open()
  const refuse = (): Promise<never> => {
    throw new Error('refused')
  }
  await expect(store.write(refuse)).rejects.toThrow('refused')
  await expect(store.read(refuse)).rejects.toThrow('refused')
  expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(0)
})

it('commits many writes of one moment together', async () => {
  const store = await folder.open()
  const before = store.stats()
  const writes = Array.from({ length: 300 }, (_, i) => store.write((tx) => tx.buckets.insert(newBucket(`b${i}`))))
  await Promise.all(writes)
  const after = store.stats()
  expect(after.transactions - before.transactions).toBe(300)
  expect(after.commits - before.commits).toBeLessThan(100)
  expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(300)
})
