import { expect, it } from 'vitest'
import type { BucketRow } from '../../../../src/storage/metadata/rows.ts'
import { RowCache } from '../../../../src/storage/metadata/sqlite/row-cache.ts'
import type { MetadataStore } from '../../../../src/storage/metadata/store.ts'
import { newBucket } from '../../../support/rows.ts'
import { useFolder } from './fixture.ts'

const folder = useFolder()
const ref = { tenant: '', name: 'a' }
const find = (store: MetadataStore) => store.read((tx) => tx.buckets.find(ref))

it('shows a read every change that was committed before it, whoever has asked for the bucket before', async () => {
  const store = await folder.open()
  expect(await find(store)).toBeUndefined()
  const first = await store.write((tx) => tx.buckets.insert(newBucket('a')))
  expect(await find(store)).toEqual(first)
  expect(await find(store)).toEqual(first)
  await store.write((tx) => tx.buckets.setVersioning(first.id, 'enabled'))
  expect(await find(store)).toEqual({ ...first, versioning: 'enabled' })
  await store.write((tx) => tx.buckets.remove(first.id, 0))
  expect(await find(store)).toBeUndefined()
  const second = await store.write((tx) => tx.buckets.insert(newBucket('a')))
  expect(await find(store)).toEqual(second)
  expect(second.id).not.toBe(first.id)
})

it('shows a write what its batch has changed, and nobody what was undone', async () => {
  const store = await folder.open()
  const bucket = await store.write((tx) => tx.buckets.insert(newBucket('a')))
  expect(await find(store)).toEqual(bucket)
  const versioningSeen = (versioning: 'enabled' | 'suspended', cause?: Error) =>
    store.write(async (tx) => {
      await tx.buckets.setVersioning(bucket.id, versioning)
      const seen = (await tx.buckets.find(ref))?.versioning
      if (cause !== undefined) throw cause
      return seen
    })
  const outcomes = await Promise.allSettled([
    store.write((tx) => tx.buckets.find(ref)),
    versioningSeen('enabled'),
    versioningSeen('suspended', new Error('undone')),
    store.write((tx) => tx.buckets.find(ref)),
  ])
  expect(outcomes).toMatchObject([
    { value: { versioning: 'off' } },
    { value: 'enabled' },
    { reason: { message: 'undone' } },
    { value: { versioning: 'enabled' } },
  ])
  expect(await find(store)).toMatchObject({ versioning: 'enabled' })
})

it('leaves a read in its own snapshot when a commit comes between, and does not keep what it saw there', async () => {
  const store = await folder.open()
  const bucket = await store.write((tx) => tx.buckets.insert(newBucket('a')))
  const seen: (string | undefined)[] = []
  let reading: Promise<void> | undefined
  await store.write(async (tx) => {
    await tx.buckets.setVersioning(bucket.id, 'enabled')
    const { commits } = store.stats()
    // Begins before the commit and outlasts it: the two take turns, microtask by microtask.
    reading = store.read(async (read) => {
      const look = async () => seen.push((await read.buckets.find(ref))?.versioning)
      while (store.stats().commits === commits) await look()
      await look()
      await look()
    })
  })
  await reading
  expect(new Set(seen)).toEqual(new Set(['off']))
  expect(await find(store)).toMatchObject({ versioning: 'enabled' })
})

it('tells buckets of several tenants apart, and is bounded', () => {
  const cache = new RowCache<BucketRow>()
  const row = (tenant: string, name: string) => ({ ...newBucket(name), tenant, id: 1, settings: {} })
  cache.keep(row('one', 'a'))
  expect(cache.get({ tenant: 'one', name: 'a' })).toMatchObject({ tenant: 'one' })
  expect(cache.get({ tenant: 'two', name: 'a' })).toBeUndefined()
  cache.keep(row('two', 'a'))
  expect(cache.get({ tenant: 'two', name: 'a' })).toMatchObject({ tenant: 'two' })
  for (let index = 0; index < 1000; index += 1) cache.keep(row('two', `b${index}`))
  expect(cache.get({ tenant: 'two', name: 'a' })).toBeUndefined()
  expect(cache.get({ tenant: 'two', name: 'b999' })).toBeDefined()
})
