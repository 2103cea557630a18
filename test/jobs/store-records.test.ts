import { afterEach, beforeEach, expect, it } from 'vitest'
import { WAITING_BYTES_MAX } from '../../src/domain/recording/access-log.ts'
import { STORE_EVERY_MS, storeRecords } from '../../src/jobs/store-records.ts'
import { makeBucket } from '../contracts/metadata/fixture.ts'
import { openServices, type TestServices } from '../support/services.ts'

const signal = new AbortController().signal
let services: TestServices

beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

it('stores what has been noted, every few seconds, and commits nothing without any', async () => {
  const { metadata, records } = services
  const bucketId = await makeBucket(metadata)
  const { transactions } = metadata.stats()
  const job = storeRecords(services, { onLost: () => undefined })
  const next = { afterMs: STORE_EVERY_MS }
  expect(await job.step(signal)).toEqual(next)
  expect(metadata.stats().transactions).toBe(transactions)
  records.log.add({ bucketId, atMs: 5, line: 'a' })
  expect(await job.step(signal)).toEqual(next)
  const stored = await metadata.read((tx) => tx.logRecords.list({ bucketId, afterId: 0, limit: 10 }))
  expect(stored).toMatchObject([{ line: 'a' }])
})

it('tells how many lines there was no room for', async () => {
  const { records } = services
  const lost: number[] = []
  const job = storeRecords(services, { onLost: (lines) => lost.push(lines) })
  records.log.add({ bucketId: 1, atMs: 5, line: 'x'.repeat(WAITING_BYTES_MAX) })
  records.log.add({ bucketId: 1, atMs: 5, line: 'one too many' })
  await job.step(signal)
  await job.step(signal)
  expect(lost).toEqual([1])
})
