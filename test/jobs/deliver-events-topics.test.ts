import { describe, expect, it } from 'vitest'
import { PUSH_GRACE_MS } from '../../src/domain/notifications/tell.ts'
import { keysOf, useEventWorlds } from '../support/event-worlds.ts'
import { NOWHERE } from '../support/sns.ts'

const { world: worldOf, sink: sinkOf, sinkThat } = useEventWorlds()

describe('topics', () => {
  it('that are deleted take what waits with them', async () => {
    const world = await worldOf()
    const topic = await world.topic(NOWHERE)
    const bucket = await world.bucket(topic)
    await world.tell(bucket, ['a', 'b'])
    await world.settled()
    await world.services.metadata.write((tx) => tx.topics.remove(topic.id))
    await world.advance(60_000)
    expect(await world.waiting(topic)).toEqual([])
    expect(world.errors).toEqual([])
  })

  it('that have no endpoint any more drop what waits', async () => {
    const world = await worldOf()
    const topic = await world.topic(NOWHERE)
    await world.tell(await world.bucket(topic), ['a', 'b', 'a'])
    await world.settled()
    await world.putTopic(topic.name, { persistent: 'true' })
    await world.advance(30_000)
    expect(await world.waiting(topic)).toEqual([])
    expect(world.publisher.counts.dropped).toEqual(new Map([['no-endpoint', 3]]))
  })

  it('that get another endpoint deliver there what waits', async () => {
    const world = await worldOf()
    const topic = await world.topic(NOWHERE)
    await world.tell(await world.bucket(topic), ['a', 'b', 'a'])
    await world.settled()
    await world.putTopic(topic.name, { ...topic.attributes, 'push-endpoint': 'inbox://moved' })
    await world.advance(30_000)
    expect(
      world
        .inbox('moved')
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(['a', 'a', 'b'])
    expect(await world.waiting(topic)).toEqual([])
  })

  it('that keep nothing any more bring nothing of what was kept behind what requests push', async () => {
    const world = await worldOf()
    const answers: (() => void)[] = []
    const sink = await sinkOf((_request, response) => void answers.push(() => response.end()))
    const topic = await world.topic(sink.url)
    const bucket = await world.bucket(topic)
    await world.tell(bucket, ['k', 'k', 'k'])
    await sink.received(1)
    await world.putTopic(topic.name, { ...topic.attributes, persistent: 'false' })
    await world.services.metadata.write((tx) => tx.outbox.drop(topic.id))
    const told = world.outlet.told(await world.write(bucket, ['k']))
    for (const count of [1, 2]) {
      await sink.received(count)
      answers.shift()?.()
    }
    await told
    await world.advance(60_000)
    expect(keysOf(sink)).toEqual(['k', 'k'])
    expect(await world.waiting(topic)).toEqual([])
  })

  it('whose secrets do not open keep what waits until they do', async () => {
    const world = await worldOf()
    const sink = await sinkOf()
    const attributes = { 'push-endpoint': `http://user:hidden-word@127.0.0.1:${sink.port}/`, persistent: 'true' }
    const topic = await world.putTopic('sealed', attributes)
    const { metadata } = world.services
    await metadata.write((tx) => tx.topics.put({ ...topic, sealedAttributes: Buffer.from('broken') }))
    const bucket = await world.bucket(topic)
    for (const key of ['a', 'b', 'c']) await world.tell(bucket, [key])
    await world.advance(30_000)
    expect(await world.waiting(topic)).toMatchObject([{ tries: 0 }, { tries: 0 }, { tries: 0 }])
    expect(world.troubles.map(({ level, details }) => [level, details['topic']])).toEqual([['error', 'sealed']])
    await world.putTopic('sealed', attributes)
    await world.advance(30_000)
    expect(keysOf(sink).toSorted()).toEqual(['a', 'b', 'c'])
    expect(JSON.stringify(world.troubles)).not.toContain('hidden-word')
  })
})

describe('another start', () => {
  it('finds what waits', async () => {
    const world = await worldOf()
    const topic = await world.topic('inbox://later')
    const bucket = await world.bucket(topic)
    await world.stop()
    await world.write(bucket, ['a', 'b'])
    world.restart()
    await world.settled()
    expect(
      world
        .inbox('later')
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(['a', 'b'])
    expect(await world.waiting(topic)).toEqual([])
  })

  it('pushes once what a request of a topic without persistence has not come to', async () => {
    const world = await worldOf()
    const sink = await sinkThat((key) => (key === 'bad' ? 500 : 200))
    const topic = await world.topic(sink.url, { persistent: 'false' })
    await world.write(await world.bucket(topic), ['a', 'bad', 'a'])
    await world.settled()
    await world.advance(PUSH_GRACE_MS - 1)
    expect(sink.requests).toHaveLength(0)
    await world.advance(1)
    expect(keysOf(sink).toSorted()).toEqual(['a', 'a', 'bad'])
    expect(await world.waiting(topic)).toEqual([])
    expect(world.publisher.counts.dropped).toEqual(new Map([['not-kept', 1]]))
  })
})

describe('what the server does by itself', () => {
  it('is told by the job, once, to topics without persistence too', async () => {
    const world = await worldOf()
    const sink = await sinkThat((key) => (key === 'bad' ? 500 : 200))
    const topic = await world.topic(sink.url, { persistent: 'false' })
    await world.tell(await world.bucket(topic), ['a', 'bad'], 'server')
    await world.settled()
    expect(keysOf(sink).toSorted()).toEqual(['a', 'bad'])
    expect(await world.waiting(topic)).toEqual([])
  })
})
