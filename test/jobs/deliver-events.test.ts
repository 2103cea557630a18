import { describe, expect, it, vi } from 'vitest'
import { keysOf, numbered, useEventWorlds } from '../support/event-worlds.ts'
import { seen } from '../support/events.ts'
import { NOWHERE } from '../support/sns.ts'

const { world: worldOf, sink: sinkOf, sinkThat } = useEventWorlds()

describe('delivery', () => {
  it('brings every event once, and those of a key in their order', async () => {
    const world = await worldOf()
    const topic = await world.topic('inbox://all')
    const bucket = await world.bucket(topic)
    const keys = numbered(1_500, (n) => `k${n % 7}`)
    for (let start = 0; start < keys.length; start += 100) await world.tell(bucket, keys.slice(start, start + 100))
    await world.settled()
    const events = world.inbox('all')
    expect(events.map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
    for (const key of new Set(keys)) {
      const sequencers = events.filter((event) => event.key === key).map(({ sequencer }) => sequencer)
      expect(sequencers).toEqual([...new Set(sequencers)].toSorted())
    }
    expect(await world.waiting(topic)).toEqual([])
    expect(world.publisher.counts).toMatchObject({ told: { job: 1_500 }, delivered: { job: 1_500 } })
    expect(world.errors).toEqual([])
  })

  it('takes few transactions', async () => {
    const world = await worldOf()
    const topic = await world.topic('inbox://few')
    const bucket = await world.bucket(topic)
    const told = await world.write(bucket, numbered(2_000))
    const before = world.services.metadata.stats().transactions
    await world.outlet.told(told)
    await world.settled()
    expect(await world.waiting(topic)).toEqual([])
    expect(world.services.metadata.stats().transactions - before).toBeLessThan(40)
  })

  it('brings the events of one key in their order, however many there are', async () => {
    const world = await worldOf()
    const topic = await world.topic('inbox://hot')
    const bucket = await world.bucket(topic)
    await world.tell(
      bucket,
      numbered(700, () => 'hot'),
    )
    await world.settled()
    const sequencers = world.inbox('hot').map(({ sequencer }) => sequencer)
    expect(sequencers).toHaveLength(700)
    expect(sequencers).toEqual(sequencers.toSorted())
    expect(await world.waiting(topic)).toEqual([])
  })

  it('goes to each topic that wants it', async () => {
    const world = await worldOf()
    const topics = [await world.topic('inbox://one'), await world.topic('inbox://two')]
    await world.tell(await world.bucket(...topics), ['a', 'b'])
    await world.settled()
    for (const name of ['one', 'two']) {
      expect(
        world
          .inbox(name)
          .map(({ key }) => key)
          .toSorted(),
      ).toEqual(['a', 'b'])
    }
  })
})

describe('what fails', () => {
  it('is tried again behind growing rests', async () => {
    const world = await worldOf()
    const sink = await sinkThat(() => 500)
    const topic = await world.topic(sink.url)
    await world.tell(await world.bucket(topic), ['a'])
    await world.settled()
    expect(sink.requests).toHaveLength(1)
    for (const [tries, restMs] of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].entries()) {
      await world.advance(restMs - 1)
      expect(await world.waiting(topic)).toMatchObject([{ tries: tries + 1 }])
      await world.advance(1)
      expect(sink.requests).toHaveLength(tries + 2)
    }
  })

  it('rests as long as its topic says', async () => {
    const world = await worldOf()
    const sink = await sinkThat(() => 500)
    const topic = await world.topic(sink.url, { retry_sleep_duration: '7' })
    await world.tell(await world.bucket(topic), ['a'])
    await world.settled()
    for (const requests of [2, 3, 4]) {
      await world.advance(6_999)
      expect(sink.requests).toHaveLength(requests - 1)
      await world.advance(1)
      expect(sink.requests).toHaveLength(requests)
    }
  })

  it('is dropped behind max_retries', async () => {
    const world = await worldOf()
    const sink = await sinkThat(() => 500)
    const topic = await world.topic(sink.url, { max_retries: '2', retry_sleep_duration: '1' })
    await world.tell(await world.bucket(topic), ['a', 'b'])
    await world.settled()
    for (let round = 0; round < 5; round += 1) await world.advance(1_000)
    expect(keysOf(sink).toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b'])
    expect(await world.waiting(topic)).toEqual([])
    expect(world.publisher.counts.dropped).toEqual(new Map([['retries', 2]]))
    expect(world.publisher.counts.failed).toEqual(new Map([['refused', 6]]))
  })

  it('is dropped behind time_to_live, and what comes later is not', async () => {
    const world = await worldOf()
    const { url } = await sinkThat(() => 500)
    const topic = await world.topic(url, { time_to_live: '60', retry_sleep_duration: '45' })
    const bucket = await world.bucket(topic)
    await world.tell(bucket, ['a', 'b', 'a'])
    await world.settled()
    await world.advance(30_000)
    await world.tell(bucket, ['a'])
    await world.advance(29_999)
    expect(await world.waiting(topic)).toHaveLength(4)
    await world.advance(1)
    expect((await world.waiting(topic)).map(({ key }) => key)).toEqual(['a'])
    expect(world.publisher.counts.dropped).toEqual(new Map([['expired', 3]]))
  })

  it('holds up its own key only, in its order', async () => {
    const world = await worldOf()
    let isMended = false
    const sink = await sinkThat((key) => (key === 'bad' && !isMended ? 500 : 200))
    const topic = await world.topic(sink.url)
    const bucket = await world.bucket(topic)
    await world.tell(bucket, ['bad', 'good', 'bad', 'good', 'other'])
    await world.settled()
    expect(keysOf(sink).toSorted()).toEqual(['bad', 'good', 'good', 'other'])
    await world.tell(bucket, ['bad', 'good'])
    await world.settled()
    expect(keysOf(sink).filter((key) => key === 'bad')).toHaveLength(1)
    expect((await world.waiting(topic)).map(({ key }) => key)).toEqual(['bad', 'bad', 'bad'])
    isMended = true
    await world.advance(1_000)
    const [, ...bad] = sink.requests.map(({ body }) => seen(String(body))).filter(({ key }) => key === 'bad')
    expect(bad).toHaveLength(3)
    expect(bad.map(({ sequencer }) => sequencer)).toEqual(bad.map(({ sequencer }) => sequencer).toSorted())
    expect(await world.waiting(topic)).toEqual([])
  })

  it('is dropped where it can never be delivered', async () => {
    const world = await worldOf({ inbox: { bytesMax: 2_000 } })
    const topic = await world.topic('inbox://small')
    const bucket = await world.bucket(topic)
    await world.tell(bucket, ['a', 'x'.repeat(900).concat('é'.repeat(60)), 'b'])
    const long = 'x'.repeat(2_000)
    await world.tell(bucket, [long, 'c', long, 'c'])
    await world.settled()
    expect(await world.waiting(topic)).toEqual([])
    expect(world.inbox('small').at(-1)?.key).toBe('c')
    expect(world.publisher.counts.dropped).toEqual(new Map([['unacceptable', 2]]))
    expect(world.troubles).toMatchObject([
      { message: 'an event could not be pushed', level: 'warn', details: { topic: topic.name, reason: 'too-large' } },
      { message: 'an event will not be delivered', level: 'warn', details: { reason: 'unacceptable' } },
    ])
  })

  it('waits in the outbox and not in memory', async () => {
    const world = await worldOf()
    const sink = await sinkThat(() => 500)
    const topic = await world.topic(sink.url)
    const bucket = await world.bucket(topic)
    await world.tell(bucket, numbered(3_000))
    await world.settled()
    // So many keys are remembered to wait; behind them nothing is looked at.
    expect(sink.requests.length).toBeGreaterThanOrEqual(1_000)
    expect(sink.requests.length).toBeLessThan(1_300)
    expect(await world.waiting(topic)).toHaveLength(3_000)
  })

  it.each([
    ['refuses', 500],
    ['breaks off', -1],
  ])('goes on when the clock was set back, where an endpoint %s', async (_how, status) => {
    const world = await worldOf()
    let isMended = false
    const sink = await sinkOf((_request, response) => {
      if (status < 0 && !isMended) response.destroy()
      response.statusCode = isMended ? 200 : 500
      response.end()
    })
    const topic = await world.topic(sink.url)
    await world.advance(365 * 24 * 3_600_000)
    await world.tell(await world.bucket(topic), ['a'])
    await world.settled()
    expect(await world.waiting(topic)).toHaveLength(1)
    isMended = true
    await world.advance(-365 * 24 * 3_600_000)
    expect(await world.waiting(topic)).toEqual([])
  })
})

describe('a broker in trouble', () => {
  it('slows nobody else', async () => {
    const world = await worldOf({ pool: { timeoutMs: 60_000 } })
    const sink = await sinkThat(() => 0)
    const [hanging, well] = [await world.topic(sink.url), await world.topic('inbox://well')]
    const [bucket, other] = [await world.bucket(hanging), await world.bucket(well)]
    await world.tell(bucket, numbered(300))
    await sink.received(1)
    for (let round = 0; round < 3; round += 1) {
      await world.tell(other, ['a', 'b'])
      await world.inboxes.wait('well', { count: 2 * (round + 1), timeoutMs: 20_000 })
    }
    await vi.waitUntil(async () => (await world.waiting(well)).length === 0)
    expect(await world.waiting(hanging)).toHaveLength(300)
  })

  it('is asked with a bound, and again by the clock', async () => {
    const world = await worldOf({ pool: { timeoutMs: 200 } })
    let isMended = false
    const sink = await sinkThat(() => (isMended ? 200 : 0))
    const topic = await world.topic(sink.url)
    await world.tell(await world.bucket(topic), numbered(400))
    // It settles although nothing answers and more wait.
    await world.settled()
    expect(sink.requests.length).toBeLessThan(400)
    expect(await world.waiting(topic)).toHaveLength(400)
    isMended = true
    // A slow machine may not be in time with all of them at once.
    for (let round = 0; round < 20 && (await world.waiting(topic)).length > 0; round += 1) await world.advance(30_000)
    expect(await world.waiting(topic)).toEqual([])
  })

  it('is asked with few events and less and less often, until it takes one', async () => {
    const world = await worldOf()
    const topic = await world.topic(NOWHERE)
    await world.tell(await world.bucket(topic), numbered(300))
    await world.settled()
    const failures = () => world.publisher.counts.failed.get('unreachable') ?? 0
    let before = failures()
    expect(before).toBeLessThanOrEqual(64)
    for (const restMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await world.advance(restMs - 1)
      expect(failures()).toBe(before)
      await world.advance(1)
      expect(failures()).toBe(before + 8)
      before += 8
    }
    await world.putTopic(topic.name, { ...topic.attributes, 'push-endpoint': 'inbox://mended' })
    await world.advance(30_000)
    expect(world.inbox('mended')).toHaveLength(300)
    expect(await world.waiting(topic)).toEqual([])
  })

  it('is not what one event makes of it', async () => {
    const world = await worldOf({ pool: { timeoutMs: 100 } })
    const { url } = await sinkThat((key) => (key.startsWith('bad') ? 0 : 200))
    const topic = await world.topic(url)
    await world.tell(await world.bucket(topic), [...numbered(20, (n) => `bad${n}`), ...numbered(100)])
    await world.settled()
    for (let round = 0; round < 6; round += 1) await world.advance(30_000)
    expect((await world.waiting(topic)).map(({ key }) => key)).toEqual(numbered(20, (n) => `bad${n}`))
  })

  it('does not keep a stop waiting, and nothing is lost', async () => {
    const world = await worldOf({ pool: { timeoutMs: 600_000 } })
    let isMended = false
    const sink = await sinkThat((key) => (key === 'quick' || isMended ? 200 : 0))
    const topic = await world.topic(sink.url)
    const bucket = await world.bucket(topic)
    await world.tell(bucket, ['quick', ...numbered(40)])
    await sink.received(2)
    await world.stop()
    // What was acknowledged has been written down, and what was broken off counts as untried.
    const left = await world.waiting(topic)
    expect(left.map(({ key, tries }) => [key, tries])).toEqual(numbered(40).map((key) => [key, 0]))
    isMended = true
    world.restart()
    await world.settled()
    expect(await world.waiting(topic)).toEqual([])
  })

  it('is spoken of once', async () => {
    const world = await worldOf()
    const topic = await world.topic(NOWHERE)
    const bucket = await world.bucket(topic)
    for (let round = 0; round < 5; round += 1) await world.tell(bucket, numbered(20))
    await world.settled()
    expect(world.publisher.counts.failed.get('unreachable')).toBeGreaterThanOrEqual(20)
    expect(world.troubles).toHaveLength(1)
    expect(world.troubles[0]).toMatchObject({ level: 'warn', details: { topic: topic.name, reason: 'unreachable' } })
  })
})
