import { expect, it } from 'vitest'
import { Publisher } from '../../../src/domain/notifications/publisher.ts'
import { PushingOutlet } from '../../../src/domain/notifications/pushing-outlet.ts'
import { PUSH_GRACE_MS, type TellingDone } from '../../../src/domain/notifications/tell.ts'
import type { KeyRing } from '../../../src/storage/keys/key-ring.ts'
import type { TopicRow } from '../../../src/storage/metadata/topic-store.ts'
import { keysOf, numbered, type UrlSink, useEventWorlds } from '../../support/event-worlds.ts'
import { NOWHERE } from '../../support/sns.ts'

const { world: worldOf, sink: sinkOf } = useEventWorlds()

/** It answers only once it is let go. */
async function hangingSink(): Promise<UrlSink & { release(): void }> {
  const answers: (() => void)[] = []
  let isReleased = false
  const sink = await sinkOf((_request, response) => {
    if (isReleased) response.end()
    else answers.push(() => response.end())
  })
  const release = () => {
    isReleased = true
    for (const answer of answers.splice(0)) answer()
  }
  return Object.assign(sink, { release })
}

const ONCE = { persistent: 'false' }

it('has pushed when it resolves; the row goes soon', async () => {
  const world = await worldOf()
  const topic = await world.topic('inbox://now', ONCE)
  await world.tell(await world.bucket(topic), ['a', 'b'])
  expect(world.inbox('now').map(({ key }) => key)).toEqual(['a', 'b'])
  await world.settled()
  expect(await world.waiting(topic)).toEqual([])
  expect(world.publisher.counts).toMatchObject({ told: { request: 2, job: 0 }, delivered: { request: 2, job: 0 } })
})

it('keeps the order of the changes, whichever request comes first behind their commit', async () => {
  const world = await worldOf()
  const topic = await world.topic('inbox://order', ONCE)
  const bucket = await world.bucket(topic)
  const told: (readonly TellingDone[])[] = []
  for (let count = 0; count < 20; count += 1) told.push(await world.write(bucket, ['k']))
  await Promise.all(told.toReversed().map((events) => world.outlet.told(events)))
  const sequencers = world.inbox('order').map(({ sequencer }) => sequencer)
  expect(sequencers).toHaveLength(20)
  expect(sequencers).toEqual(sequencers.toSorted())
})

it('lets no event overtake while an endpoint is opened', async () => {
  const world = await worldOf()
  const attributes = { ...ONCE, 'push-endpoint': 'inbox://sealed', password: 'hidden-word' }
  const before = await world.putTopic('sealed', attributes)
  const bucket = await world.bucket(before)
  const first = await world.write(bucket, ['k', 'k'])
  await world.putTopic('sealed', { ...ONCE, 'push-endpoint': 'inbox://sealed' })
  const second = await world.write(bucket, ['k'])
  const gate = Promise.withResolvers<void>()
  const keyRing = slowKeyRing(world.services.keyRing, gate.promise)
  const publisher = new Publisher({ pool: world.pool, keyRing, onTrouble: () => undefined })
  const outlet = new PushingOutlet({ rules: world.outlet.rules, publisher })
  const pushes = [outlet.told(first), outlet.told(second)]
  await world.settled()
  expect(world.inbox('sealed')).toEqual([])
  gate.resolve()
  await Promise.all(pushes)
  const sequencers = world.inbox('sealed').map(({ sequencer }) => sequencer)
  expect(sequencers).toHaveLength(3)
  expect(sequencers).toEqual(sequencers.toSorted())
})

function slowKeyRing(keyRing: KeyRing, gate: Promise<void>): KeyRing {
  return {
    seal: (plain, context) => keyRing.seal(plain, context),
    open: async (sealed, context) => {
      await gate
      return await keyRing.open(sealed, context)
    },
    rotate: () => keyRing.rotate(),
    isCurrent: (sealed) => keyRing.isCurrent(sealed),
    forgetOthers: (newest) => keyRing.forgetOthers(newest),
  }
}

it('lets no event of a key overtake one that is on its way to another endpoint', async () => {
  const world = await worldOf()
  const sink = await hangingSink()
  const topic = await world.topic(sink.url, ONCE)
  const bucket = await world.bucket(topic)
  const before = world.tell(bucket, ['k', 'k'])
  await sink.received(1)
  await world.putTopic(topic.name, { ...ONCE, 'push-endpoint': 'inbox://moved' })
  await world.tell(bucket, ['other'])
  const later = world.tell(bucket, ['k'])
  // Behind the turn of the event loop in which it would have been pushed.
  await world.tell(bucket, ['other'])
  expect(world.inbox('moved').map(({ key }) => key)).toEqual(['other', 'other'])
  sink.release()
  await Promise.all([before, later])
  expect([keysOf(sink), world.inbox('moved').at(-1)?.key]).toEqual([['k', 'k'], 'k'])
})

it('gives up what fails, and says so once', async () => {
  const world = await worldOf()
  const topic = await world.topic(NOWHERE, ONCE)
  const bucket = await world.bucket(topic)
  for (let count = 0; count < 10; count += 1) await world.tell(bucket, ['a', 'b'])
  await world.settled()
  expect(await world.waiting(topic)).toEqual([])
  expect(world.publisher.counts.failed).toEqual(new Map([['unreachable', 20]]))
  expect(world.publisher.counts.dropped).toEqual(new Map([['not-kept', 20]]))
  expect(world.troubles.map(({ message }) => message)).toEqual([
    'an event could not be pushed',
    'an event will not be delivered',
  ])
})

it('waits for no endpoint longer than a request may', async () => {
  const world = await worldOf({ pushMs: 100 })
  const sink = await hangingSink()
  const topic = await world.topic(sink.url, ONCE)
  await world.tell(await world.bucket(topic), numbered(400))
  // The requests have been answered; the pushes that they have given up end at the same moment, more or less.
  await expect.poll(() => world.publisher.counts.failed).toEqual(new Map([['timeout', 400]]))
  await world.settled()
  // The last ones had no turn at all.
  expect(sink.requests.length).toBeLessThan(400)
  expect(await world.waiting(topic)).toEqual([])
})

it('hands thousands over without a refusal', async () => {
  const world = await worldOf({ pushMs: 60_000, pool: { inFlightMax: 300 } })
  const sink = await hangingSink()
  sink.release()
  const topic = await world.topic(sink.url, ONCE)
  const bucket = await world.bucket(topic)
  await Promise.all(
    [0, 1, 2].map((n) =>
      world.tell(
        bucket,
        numbered(1_000, (k) => `${n}/${k}`),
      ),
    ),
  )
  expect(new Set(keysOf(sink)).size).toBe(3_000)
  expect(world.publisher.counts.failed.size).toBe(0)
})

it('has room for so many and no more', async () => {
  const world = await worldOf({ pushMs: 50 })
  const sink = await hangingSink()
  const topic = await world.topic(sink.url, ONCE)
  await world.outlet.told(numbered(9_000).map((key, index) => made(topic, { key, eventId: 1e9 + index })))
  const { failed } = world.publisher.counts
  expect(failed.get('busy')).toBeGreaterThan(0)
  expect([...failed.values()].reduce((sum, count) => sum + count)).toBe(9_000)
  const long = 'x'.repeat(9 * 1024 * 1024)
  const before = failed.get('busy') ?? 0
  const tell = (eventId: number) => world.outlet.told([made(topic, { key: 'k', eventId, document: long })])
  await Promise.all([1, 2, 3, 4].map((n) => tell(2e9 + n)))
  expect(failed.get('busy')).toBeGreaterThan(before)
})

function made(topic: TopicRow, event: { key: string; eventId: number; document?: string }): TellingDone {
  return { topic, byJob: false, bucketId: 1, document: '{"Records":[]}', ...event }
}

it('does not leave to the job what a request pushes, however the clock goes', async () => {
  const world = await worldOf()
  const sink = await hangingSink()
  const topic = await world.topic(sink.url, ONCE)
  const pushed = world.tell(await world.bucket(topic), ['a', 'b'])
  await sink.received(2)
  await world.advance(10 * PUSH_GRACE_MS)
  sink.release()
  await pushed
  await world.advance(10 * PUSH_GRACE_MS)
  expect(keysOf(sink).toSorted()).toEqual(['a', 'b'])
  expect(await world.waiting(topic)).toEqual([])
})

it('leaves to the next start what a stop has broken off', async () => {
  const world = await worldOf({ pushMs: 600_000 })
  const sink = await hangingSink()
  const topic = await world.topic(sink.url, ONCE)
  const bucket = await world.bucket(topic)
  const pushed = world.tell(bucket, ['a'])
  await sink.received(1)
  await world.stop()
  await pushed
  expect(await world.waiting(topic)).toHaveLength(1)
  sink.release()
  world.restart()
  await world.advance(PUSH_GRACE_MS)
  expect(keysOf(sink)).toEqual(['a', 'a'])
  expect(await world.waiting(topic)).toEqual([])
})
