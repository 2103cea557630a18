import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AccessLog, WAITING_BYTES_MAX } from '../../../src/domain/recording/access-log.ts'
import { Records, STORE_BATCH_ROWS } from '../../../src/domain/recording/records.ts'
import { HOUR_MS, UsageMeter } from '../../../src/domain/recording/usage-meter.ts'
import { UncertainCommit, type WriteTransaction } from '../../../src/storage/metadata/store.ts'
import { makeBucket } from '../../contracts/metadata/fixture.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const line = (text: string, bucketId = 1) => ({ bucketId, atMs: 5, line: text })
const request = {
  ownerId: 'owner',
  bucket: 'b',
  atMs: 5 * HOUR_MS + 1,
  category: 'put_obj',
  bytesSent: 1,
  bytesReceived: 10,
  isSuccess: true,
}

describe('AccessLog', () => {
  it('hands out the oldest lines, and takes back what could not be stored', () => {
    const log = new AccessLog()
    for (const text of ['a', 'b', 'c']) log.add(line(text))
    const taken = log.take(2)
    expect(taken.map((record) => record.line)).toEqual(['a', 'b'])
    log.add(line('d'))
    log.putBack(taken)
    expect(log.size).toBe(4)
    expect(log.take(10).map((record) => record.line)).toEqual(['a', 'b', 'c', 'd'])
    expect(log.size).toBe(0)
  })

  it('loses lines rather than fill the memory, and tells how many', () => {
    const log = new AccessLog()
    const half = 'x'.repeat(WAITING_BYTES_MAX / 2)
    for (let index = 0; index < 4; index += 1) log.add(line(half))
    expect([log.size, log.takeLost(), log.takeLost()]).toEqual([2, 2, 0])
    log.take(1)
    log.add(line(half))
    log.add(line('y'))
    expect([log.size, log.takeLost()]).toEqual([2, 1])
  })
})

describe('UsageMeter', () => {
  it('adds up requests of one kind, bucket, owner and hour', () => {
    const meter = new UsageMeter()
    meter.count(request)
    meter.count({ ...request, isSuccess: false, bytesSent: 100 })
    for (const other of [{ category: 'get_obj' }, { bucket: 'c' }, { ownerId: 'other' }, { atMs: 6 * HOUR_MS }]) {
      meter.count({ ...request, ...other })
    }
    expect(meter.size).toBe(5)
    const [sum] = meter.take(1)
    expect(sum).toEqual({
      ownerId: 'owner',
      bucket: 'b',
      hourMs: 5 * HOUR_MS,
      category: 'put_obj',
      bytesSent: 101,
      bytesReceived: 20,
      operations: 2,
      successfulOperations: 1,
    })
    expect(meter.size).toBe(4)
    meter.count(request)
    meter.putBack([sum!])
    const rows = meter.take(10)
    expect(rows).toHaveLength(5)
    expect(rows.find((row) => row.operations === 3)).toMatchObject({ bytesSent: 102, successfulOperations: 2 })
  })
})

describe('Records', () => {
  let services: TestServices
  beforeEach(async () => {
    services = await openServices()
  })
  afterEach(() => services.dispose())

  const stored = (bucketId: number) =>
    services.metadata.read(async (tx) => {
      const lines = await tx.logRecords.list({ bucketId, afterId: 0, limit: 10_000 })
      return lines.map((record) => record.line)
    })

  it('stores everything in batches, in order, and nothing twice when two ask for it at once', async () => {
    const { metadata } = services
    const bucketId = await makeBucket(metadata)
    const before = metadata.stats().transactions
    const records = new Records()
    const texts = Array.from({ length: STORE_BATCH_ROWS + 1 }, (_, index) => `line ${index}`)
    for (const text of texts) records.log.add(line(text, bucketId))
    records.usage.count(request)
    expect(records.isEmpty).toBe(false)
    await Promise.all([records.store(metadata), records.store(metadata)])
    expect(records.isEmpty).toBe(true)
    expect(await stored(bucketId)).toEqual(texts)
    expect(metadata.stats().transactions - before).toBe(2)
    const range = { ownerId: undefined, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after: undefined, limit: 10 }
    expect(await metadata.read((tx) => tx.usage.list(range))).toMatchObject([{ operations: 1 }])
  })

  it('keeps what could not be stored', async () => {
    const { metadata } = services
    const bucketId = await makeBucket(metadata)
    const records = new Records()
    records.log.add(line('kept', bucketId))
    records.usage.count(request)
    const broken = { write: () => Promise.reject(new Error('the disk is full')) }
    await expect(records.store(broken)).rejects.toThrow('the disk is full')
    expect(await stored(bucketId)).toEqual([])
    await records.store(metadata)
    expect(await stored(bucketId)).toEqual(['kept'])
    expect(records.isEmpty).toBe(true)
  })

  it('stores nothing twice whose commit was uncertain', async () => {
    const { metadata } = services
    const bucketId = await makeBucket(metadata)
    const records = new Records()
    records.log.add(line('once', bucketId))
    const uncertain = {
      write: async <T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T> => {
        await metadata.write(work)
        throw new UncertainCommit(new Error('the sync failed'))
      },
    }
    await expect(records.store(uncertain)).rejects.toThrow(UncertainCommit)
    await records.store(metadata)
    expect(await stored(bucketId)).toEqual(['once'])
  })
})
