import { afterEach, beforeEach, expect, it } from 'vitest'
import { restores } from '../../src/jobs/restores.ts'
import type { NewVersion, RestoreState } from '../../src/storage/metadata/rows.ts'
import { makeFullTopic } from '../support/full-topic.ts'
import { newBucket, newVersion } from '../support/rows.ts'
import { openServices, type TestServices } from '../support/services.ts'

const { signal } = new AbortController()
let services: TestServices
let bucketId: number

beforeEach(async () => {
  services = await openServices()
  bucketId = (await services.metadata.write((tx) => tx.buckets.insert(newBucket('bucket')))).id
})
afterEach(() => services.dispose())

async function restored(key: string, untilMs: number, change: Partial<NewVersion> = {}): Promise<void> {
  const { bucketId: id = bucketId } = change
  const restore: RestoreState = { requestedMs: 1, readyMs: 2, days: 1, untilMs }
  const attributes = { ...newVersion(0, '').attributes, restore }
  await services.metadata.write(async (tx) => {
    const row = await tx.versions.insert(newVersion(id, key, { storageClass: 'GLACIER', attributes, ...change }))
    await tx.restored.note({ dueMs: untilMs, bucketId: id, key, versionId: row.versionId })
  })
}

const restoreOf = (key: string) =>
  services.metadata.read(async (tx) => (await tx.versions.latest({ bucketId, key }))?.attributes.restore?.untilMs)

it('has nothing to do where nothing was restored, and commits nothing', async () => {
  const { transactions } = services.metadata.stats()
  expect(await restores(services).step(signal)).toBe('idle')
  expect(services.metadata.stats().transactions).toBe(transactions)
})

it('waits for the first one by the clock, and cleans up what is over', async () => {
  const at = services.clock.nowMs
  await restored('later', at + 2_000)
  await restored('soon', at + 1_000)
  const job = restores(services)
  expect(await job.step(signal)).toEqual({ at: at + 1_000 })
  services.clock.nowMs += 1_000
  expect(await job.step(signal)).toBe('again')
  expect([await restoreOf('soon'), await restoreOf('later')]).toEqual([undefined, at + 2_000])
  expect(await job.step(signal)).toEqual({ at: at + 2_000 })
})

it('takes any number in batches', async () => {
  for (let n = 0; n < 150; n++) await restored(`k${n}`, services.clock.nowMs)
  const job = restores(services)
  expect([await job.step(signal), await job.step(signal), await job.step(signal)]).toEqual(['again', 'again', 'idle'])
  expect(await restoreOf('k149')).toBeUndefined()
})

it('passes over versions that have gone, were replaced, or are restored for longer by now', async () => {
  const nowMs = services.clock.nowMs
  await restored('gone', nowMs)
  await restored('replaced', nowMs)
  await restored('longer', nowMs)
  await services.metadata.write(async (tx) => {
    const [gone, replaced, longer] = await Promise.all(
      ['gone', 'replaced', 'longer'].map((key) => tx.versions.latest({ bucketId, key })),
    )
    await tx.versions.remove(gone!, 0)
    await tx.versions.replace(replaced!, newVersion(bucketId, 'replaced'), 0)
    const restore = { ...longer!.attributes.restore!, untilMs: nowMs + 500 }
    await tx.versions.setAttributes(longer!, { ...longer!.attributes, restore })
  })
  const job = restores(services)
  expect(await job.step(signal)).toBe('again')
  expect(await job.step(signal)).toBe('idle')
  expect([await restoreOf('replaced'), await restoreOf('longer')]).toEqual([undefined, nowMs + 500])
})

it('keeps what a full queue cannot be told of, and makes nobody else wait for it', async () => {
  const nowMs = services.clock.nowMs
  const full = await makeFullTopic(services.metadata, ['s3:ObjectRestore:*'])
  const { notifications } = full
  const told = await services.metadata.write((tx) =>
    tx.buckets.insert(newBucket('told', { settings: { notifications } })),
  )
  for (let n = 0; n < 120; n++) await restored(`full${n}`, nowMs - 200 + n, { bucketId: told.id })
  for (let n = 0; n < 120; n++) await restored(`k${n}`, nowMs - 150 + n)
  await restored('later', nowMs + 1_000)
  const job = restores(services)
  const settle = async () => {
    for (;;) {
      const next = await job.step(signal)
      if (next !== 'again') return next
    }
  }
  expect(await settle()).toEqual({ at: nowMs + 1_000, afterMs: 60_000 })
  // It is at rest although much is due: whoever waits for that would wait for ever.
  expect(await job.step(signal)).toEqual({ at: nowMs + 1_000, afterMs: 60_000 })
  const due = () => services.metadata.read((tx) => tx.restored.due({ nowMs: nowMs + 1_000, limit: 1_000 }))
  expect((await due()).map(({ key }) => key)).toEqual([...Array.from({ length: 120 }, (_, n) => `full${n}`), 'later'])
  await full.drain()
  expect(await settle()).toEqual({ at: nowMs + 1_000 })
  expect(await due()).toMatchObject([{ key: 'later' }])
})
