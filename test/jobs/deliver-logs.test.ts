import { afterEach, beforeEach, expect, it } from 'vitest'
import { Secret } from '../../src/config/config.ts'
import { Accounts } from '../../src/domain/accounts.ts'
import { readInlineOrOpen } from '../../src/domain/bytes/open.ts'
import { deliverLog, LOG_OBJECT_BYTES } from '../../src/domain/recording/deliver.ts'
import type { Services } from '../../src/domain/services.ts'
import { deliverLogs, LOOK_MS, ROLL_MS } from '../../src/jobs/deliver-logs.ts'
import type { NewBucket } from '../../src/storage/metadata/rows.ts'
import type { LoggingTarget } from '../../src/storage/metadata/settings.ts'
import { testAccount } from '../support/accounts.ts'
import { makeFullTopic } from '../support/full-topic.ts'
import { dialectOf } from '../support/head.ts'
import { newBucket } from '../support/rows.ts'
import { openServices, type TestServices } from '../support/services.ts'

const signal = new AbortController().signal
const rules = dialectOf('rgw')
const LOGGING: LoggingTarget = { bucket: 'target', prefix: 'p/', grants: [], namesKeyFormat: false, setBy: 'owner' }
const accounts = new Accounts([
  { accessKey: 'A', secretKey: new Secret('s'), account: testAccount('owner') },
  { accessKey: 'B', secretKey: new Secret('s'), account: testAccount('other') },
])

let opened: TestServices
let services: TestServices
let refusals: string[]
beforeEach(async () => {
  opened = await openServices()
  services = { ...opened, accounts }
  refusals = []
})
afterEach(() => opened.dispose())

const make = async (name: string, change: Partial<NewBucket> = {}) =>
  (await services.metadata.write((tx) => tx.buckets.insert(newBucket(name, change)))).id

const makeLogged = (name = 'source', change: Partial<LoggingTarget> = {}) =>
  make(name, { settings: { logging: { ...LOGGING, ...change } } })

const add = (bucketId: number, atMs: number, ...lines: string[]) =>
  services.metadata.write((tx) => tx.logRecords.add(lines.map((line) => ({ bucketId, atMs, line }))))

const job = (with_: Services = services) =>
  deliverLogs(with_, {
    rules,
    onRefused: ({ log, cause }) => refusals.push(`${log.bucket.name} ${(cause as { code?: string }).code}`),
  })

const pending = () => services.metadata.read((tx) => tx.logRecords.pending())

async function objects(bucketId: number): Promise<{ key: string; text: string }[]> {
  return services.metadata.read(async (tx) => {
    const range = { bucketId, prefix: '', from: undefined, limit: 100 }
    const found: { key: string; text: string }[] = []
    for (const { key, sizeBytes } of await tx.versions.listCurrent(range)) {
      const row = await tx.versions.latest({ bucketId, key })
      const whole = { offsetBytes: 0, lengthBytes: sizeBytes, limit: 10 }
      const segments = await tx.manifests.segments(row!.manifestId!, whole)
      found.push({
        key,
        text: segments.map((one) => (one.place === 'inline' ? one.bytes.toString() : one.place)).join(''),
      })
    }
    return found
  })
}

it('encrypts a log as its bucket says', async () => {
  const { clock, keyRing, metadata } = services
  const target = await make('target', { settings: { encryption: { algorithm: 'AES256' } } })
  const source = await makeLogged()
  await add(source, clock.now(), 'a line')
  clock.nowMs += ROLL_MS
  expect(await job().step(signal)).toBe('again')
  const [object] = await objects(target)
  expect(object?.text).toBe('sealed')
  const row = await metadata.read((tx) => tx.versions.latest({ bucketId: target, key: object?.key ?? '' }))
  expect(row?.attributes.encryption).toEqual({ algorithm: 'AES256' })
  const bytes = { manifestId: row?.manifestId, range: { offsetBytes: 0, lengthBytes: row?.sizeBytes ?? 0 } }
  expect(String(await readInlineOrOpen({ ...services, keyRing }, bytes, signal))).toBe('a line\n')
})

it('waits until the oldest line is old enough, and has nothing to do without lines', async () => {
  const { clock } = services
  const [target, source] = [await make('target'), await makeLogged()]
  expect(await job().step(signal)).toBe('idle')
  const startMs = clock.now()
  await add(source, startMs, 'one', 'two')
  expect(await job().step(signal)).toEqual({ at: startMs + ROLL_MS, afterMs: LOOK_MS })
  clock.nowMs = startMs + ROLL_MS - 1
  await add(source, clock.nowMs, 'ü')
  expect(await job().step(signal)).toEqual({ at: startMs + ROLL_MS, afterMs: LOOK_MS })
  expect(await objects(target)).toEqual([])
  clock.nowMs = Date.UTC(2030, 0, 1, 0, 5)
  expect(clock.nowMs).toBe(startMs + ROLL_MS)
  expect(await job().step(signal)).toBe('again')
  expect(await objects(target)).toEqual([
    { key: expect.stringMatching(/^p\/2030-01-01-00-05-00-[0-9A-F]{16}$/), text: 'one\ntwo\nü\n' },
  ])
  expect(await pending()).toEqual([])
  expect(await job().step(signal)).toBe('idle')
})

it('delivers at once what was written before the clock was set back', async () => {
  const { clock } = services
  const [target, source] = [await make('target'), await makeLogged()]
  await add(source, clock.now() + 31 * 24 * 3600 * 1000, 'one')
  expect(await job().step(signal)).toBe('again')
  expect(await objects(target)).toMatchObject([{ text: 'one\n' }])
})

it('does not wait where there are many lines, and makes several objects of very many', async () => {
  const [target, source] = [await make('target'), await makeLogged()]
  const line = 'x'.repeat(1024 * 1024 - 1)
  await add(source, services.clock.now(), ...Array.from({ length: 7 }, () => line))
  expect(LOG_OBJECT_BYTES).toBe(5 * 1024 * 1024)
  expect(await job().step(signal)).toBe('again')
  const sizes = async () =>
    services.metadata.read(async (tx) => {
      const range = { bucketId: target, prefix: '', from: undefined, limit: 100 }
      return (await tx.versions.listCurrent(range)).map((row) => row.sizeBytes)
    })
  expect(await sizes()).toEqual([LOG_OBJECT_BYTES])
  expect(await pending()).toMatchObject([{ bytes: 2 * line.length }])
  services.clock.nowMs += ROLL_MS
  expect(await job().step(signal)).toBe('again')
  expect((await sizes()).toSorted()).toEqual([2 * 1024 * 1024, LOG_OBJECT_BYTES])
})

it('delivers a line once when several deliver at the same time', async () => {
  const [target, source] = [await make('target'), await makeLogged()]
  await add(source, 5, 'one')
  const ref = { id: source, tenant: '', name: 'source' }
  const deliveries = await Promise.all([1, 2, 3].map(() => deliverLog(services, ref, { rules, signal })))
  expect(deliveries.every(({ outcome }) => outcome !== 'refused')).toBe(true)
  expect((await objects(target)).map(({ text }) => text)).toEqual(['one\n'])
})

it('delivers the logs of several buckets into one, and each by itself', async () => {
  const target = await make('target')
  const [first, second] = [await makeLogged('first'), await makeLogged('second', { prefix: 'q/' })]
  await add(first, 5, 'one')
  await add(second, 5, 'two')
  while ((await job().step(signal)) === 'again');
  expect((await objects(target)).map(({ key, text }) => [key.slice(0, 2), text])).toEqual([
    ['p/', 'one\n'],
    ['q/', 'two\n'],
  ])
})

it('drops the lines of a bucket whose target is gone or refuses them, and tells once', async () => {
  const { clock } = services
  const gone = await makeLogged('gone', { bucket: 'no-such-bucket' })
  await make('closed', { ownerId: 'other' })
  const closed = await makeLogged('refused', { bucket: 'closed' })
  await make('full', { settings: { quota: { enabled: true, maxBytes: 1, maxObjects: undefined } } })
  const full = await makeLogged('over-quota', { bucket: 'full' })
  const orphan = await makeLogged('orphan', { setBy: 'nobody', bucket: 'full' })
  for (const bucketId of [gone, closed, full, orphan]) await add(bucketId, clock.now() - ROLL_MS, 'a', 'b')
  while ((await job().step(signal)) === 'again');
  expect(refusals).toEqual([
    'gone NoSuchBucket',
    'refused AccessDenied',
    'over-quota QuotaExceeded',
    'orphan AccessDenied',
  ])
  expect(await pending()).toEqual([])
})

it('keeps the lines of a log whose target has a topic that takes no more, and delivers the others', async () => {
  const { clock, metadata } = services
  const full = await makeFullTopic(metadata, ['s3:ObjectCreated:*'])
  await make('told', { settings: { notifications: full.notifications } })
  const target = await make('target')
  const [stuck, other] = [await makeLogged('stuck', { bucket: 'told' }), await makeLogged('other')]
  await add(stuck, clock.now() - ROLL_MS, 'kept')
  await add(other, clock.now() - ROLL_MS, 'one')
  expect(await job().step(signal)).toBe('again')
  expect((await objects(target)).map(({ text }) => text)).toEqual(['one\n'])
  expect(await job().step(signal)).toEqual({ afterMs: LOOK_MS })
  await add(other, clock.now(), 'two')
  expect(await job().step(signal)).toEqual({ at: clock.now() + ROLL_MS, afterMs: LOOK_MS })
  await full.drain()
  expect(await job().step(signal)).toBe('again')
  expect((await pending()).map(({ bucketId }) => bucketId)).toEqual([other])
  expect(refusals).toEqual([])
})

it('drops the lines of a bucket that has no log any more, which is nobody’s mistake', async () => {
  const source = await make('source')
  await add(source, 5, 'a')
  expect(await job().step(signal)).toBe('again')
  expect([await pending(), refusals]).toEqual([[], []])
})

it('keeps the lines when the store fails, and leaves no bytes behind', async () => {
  const [target, source] = [await make('target'), await makeLogged()]
  await add(source, 5, 'one')
  const { metadata } = services
  const broken: Services = {
    ...services,
    metadata: {
      read: (work) => metadata.read(work),
      write: () => Promise.reject(new Error('the disk is full')),
      stats: () => metadata.stats(),
      close: () => metadata.close(),
    },
  }
  await expect(job(broken).step(signal)).rejects.toThrow('the disk is full')
  expect(await pending()).toHaveLength(1)
  expect(await objects(target)).toEqual([])
  expect(await job().step(signal)).toBe('again')
  expect((await objects(target)).map(({ text }) => text)).toEqual(['one\n'])
})
