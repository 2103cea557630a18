import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EventFacts } from '../../../src/domain/notifications/match.ts'
import { PUSH_GRACE_MS, QUEUE_BYTES_MAX, tellEvent } from '../../../src/domain/notifications/tell.ts'
import type { BucketRow } from '../../../src/storage/metadata/rows.ts'
import type { Notification } from '../../../src/storage/metadata/settings.ts'
import type { TopicRow } from '../../../src/storage/metadata/topic-store.ts'
import { dialectOf } from '../../support/head.ts'
import { newBucket } from '../../support/rows.ts'
import { openServices, type TestServices } from '../../support/services.ts'

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.dispose())

const rules = dialectOf('rgw').events

interface Told {
  readonly opaqueData: string
  readonly s3: { readonly object: { readonly sequencer: string } }
}

const event = (key: string): EventFacts => ({
  kind: 'created:put',
  atMs: services.clock.now(),
  object: { key, sizeBytes: 1, etag: 'e', versionId: '', metadata: {}, tags: [] },
  cause: { requesterId: 'u', clientAddress: '127.0.0.1', requestId: 'tx1-1-1-z' },
})

function makeTopic(name: string, attributes: Record<string, string>): Promise<TopicRow> {
  const topic = { tenant: '', name, ownerId: 'o', attributes, sealedAttributes: undefined, createdMs: 0 }
  return services.metadata.write((tx) => tx.topics.put(topic))
}

const to = (topic: string, id = topic): Notification => ({
  id,
  topic: { tenant: '', name: topic },
  arn: `arn:aws:sns:default::${topic}`,
  element: 'TopicConfiguration',
  events: ['s3:ObjectCreated:*'],
})

const makeBucket = (name: string, notifications: Notification[]): Promise<BucketRow> =>
  services.metadata.write((tx) => tx.buckets.insert(newBucket(name, { settings: { notifications } })))

const tell = (bucket: BucketRow, key: string) =>
  services.metadata.write((tx) => tellEvent(tx, services, { bucket, event: event(key), rules }))

const waiting = (topic: TopicRow) =>
  services.metadata.read((tx) => tx.outbox.list({ topicId: topic.id, afterId: 0, limit: 100 }))

it('an event waits for each topic that wants it, with one sequencer, as long as its topic is there', async () => {
  const endpoint = { 'push-endpoint': 'http://127.0.0.1:1' }
  const plain = await makeTopic('plain', { ...endpoint, OpaqueData: 'o"' })
  const kept = await makeTopic('kept', { ...endpoint, persistent: 'true' })
  const idle = await makeTopic('idle', {})
  const bucket = await makeBucket('b', [to('plain'), to('kept'), to('idle'), to('gone'), to('plain', 'again')])
  const told = await tell(bucket, 'k')
  expect(told.map(({ topic, byJob }) => [topic.name, byJob])).toEqual([
    ['plain', false],
    ['kept', true],
    ['plain', false],
  ])
  const records = told.map(({ document }) => (JSON.parse(document) as { Records: [Told] }).Records[0])
  expect(records.map(({ opaqueData }) => opaqueData)).toEqual(['o"', '', 'o"'])
  const sequencers = records.map(({ s3 }) => s3.object.sequencer)
  expect(new Set(sequencers).size).toBe(1)
  const nowMs = services.clock.now()
  expect(await waiting(plain)).toMatchObject([
    {
      id: told[0]!.eventId,
      bucketId: bucket.id,
      key: 'k',
      document: told[0]!.document,
      notBeforeMs: nowMs + PUSH_GRACE_MS,
    },
    { id: told[2]!.eventId },
  ])
  expect(await waiting(kept)).toMatchObject([{ id: told[1]!.eventId, tries: 0, createdMs: nowMs, notBeforeMs: nowMs }])
  expect(await waiting(idle)).toEqual([])
})

it('sequencers of a key grow, whatever the clock does', async () => {
  await makeTopic('growing', { 'push-endpoint': 'http://127.0.0.1:1' })
  const bucket = await makeBucket('growing', [to('growing')])
  const texts: string[] = []
  for (const step of [0, 1000, -60_000]) {
    services.clock.nowMs += step
    const [told] = await tell(bucket, 'k')
    texts.push(/"sequencer":"(\w+)"/.exec(told!.document)![1]!)
  }
  expect(texts).toEqual([...new Set(texts)].sort())
})

it('nothing waits of a change that is undone', async () => {
  const topic = await makeTopic('undone', { 'push-endpoint': 'http://127.0.0.1:1', persistent: 'true' })
  const bucket = await makeBucket('undone', [to('undone')])
  const failing = services.metadata.write(async (tx) => {
    await tellEvent(tx, services, { bucket, event: event('k'), rules })
    throw new Error('refused')
  })
  await expect(failing).rejects.toThrow('refused')
  expect(await waiting(topic)).toEqual([])
})

it('a full queue of a persistent topic makes the change fail, and no other topic’s', async () => {
  const full = await makeTopic('full', { 'push-endpoint': 'http://127.0.0.1:1', persistent: 'true' })
  await makeTopic('roomy', { 'push-endpoint': 'http://127.0.0.1:1', persistent: 'true' })
  const bucket = await makeBucket('full', [to('full')])
  const other = await makeBucket('roomy', [to('roomy')])
  const row = { topicId: full.id, bucketId: 1, key: 'k', createdMs: 0 }
  const document = 'x'.repeat(QUEUE_BYTES_MAX / 8)
  for (let count = 0; count < 8; count += 1)
    await services.metadata.write((tx) => tx.outbox.add([{ ...row, document }]))
  await expect(tell(bucket, 'k')).rejects.toMatchObject({ code: 'SlowDown' })
  expect(await tell(other, 'k')).toHaveLength(1)
  await services.metadata.write((tx) => tx.outbox.drop(full.id))
  expect(await tell(bucket, 'k')).toHaveLength(1)
})
