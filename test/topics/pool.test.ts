import { describe, expect, it, vi } from 'vitest'
import type { HttpEndpoint } from '../../src/topics/endpoint.ts'
import { type PoolLimits, TargetPool } from '../../src/topics/pool.ts'
import { PushFailed, type TopicEvent, type TopicTarget } from '../../src/topics/topic.ts'
import { endpointOf, failureOf, markOf, topicEvent } from '../support/targets.ts'

interface HeldPush {
  readonly event: TopicEvent
  readonly signal: AbortSignal
  acknowledge(): void
  fail(failure: Error): void
}

/** A target whose pushes end when the test says so. */
class HeldTarget implements TopicTarget {
  readonly pushes: HeldPush[] = []
  isClosed = false

  push(event: TopicEvent, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.pushes.push({ event, signal, acknowledge: resolve, fail: reject })
    return promise
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const { fail } of this.pushes) fail(new PushFailed('stopping', 'closed'))
  }

  /** `mark`s of the events that have been begun. */
  get marks(): unknown[] {
    return this.pushes.map(({ event }) => markOf(String(event.document)))
  }
}

function held(limits: Partial<PoolLimits> = {}) {
  const targets = new Map<string, HeldTarget[]>()
  const open = (endpoint: { kind: string }): TopicTarget => {
    const target = new HeldTarget()
    const name = 'url' in endpoint ? String(endpoint.url) : endpoint.kind
    targets.set(name, [...(targets.get(name) ?? []), target])
    return target
  }
  const pool = new TargetPool({ engines: { http: open, amqp: open, kafka: open, inbox: open }, limits })
  return { pool, targets, of: (name: string) => targets.get(`http://${name}/`) ?? [] }
}

const at = (name: string): HttpEndpoint => endpointOf('http', { 'push-endpoint': `http://${name}` })

/** Lets everything happen that can without the outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('targets', () => {
  it('are one for each endpoint, however often it is read', async () => {
    const { pool, of } = held()
    void pool.push(at('a'), topicEvent({ key: '1' }))
    void pool.push(at('a'), topicEvent({ key: '2', topic: 'other' }))
    void pool.push(at('b'), topicEvent())
    await settle()
    expect([of('a').length, of('a')[0]!.pushes.length, of('b').length]).toEqual([1, 2, 1])
    expect(pool.stats()).toMatchObject({ targets: 2, inFlight: 3 })
  })

  it('are one for each topic of Kafka', async () => {
    const { pool, targets } = held()
    const endpoint = endpointOf('kafka', { 'push-endpoint': 'kafka://k' })
    for (const topic of ['a', 'b', 'a']) void pool.push(endpoint, topicEvent({ topic }))
    await settle()
    expect(targets.get('kafka')).toHaveLength(2)
  })

  it('are closed when they idle, not before', async () => {
    const { pool, of } = held({ idleMs: 20 })
    const pushed = pool.push(at('a'), topicEvent())
    await vi.waitUntil(() => of('a')[0]?.pushes.length === 1)
    // Another one idles meanwhile: the time is over for both.
    const other = pool.push(at('b'), topicEvent())
    await settle()
    of('b')[0]!.pushes[0]!.acknowledge()
    await other
    await vi.waitUntil(() => of('b')[0]!.isClosed)
    expect(of('a')[0]!.isClosed).toBe(false)
    of('a')[0]!.pushes[0]!.acknowledge()
    await pushed
    await vi.waitUntil(() => of('a')[0]!.isClosed)
    expect(pool.stats().targets).toBe(0)
  })

  it('make room for others when they idle, the one first that does so longest', async () => {
    const { pool, of } = held({ targetsMax: 2 })
    for (const name of ['a', 'b']) {
      const pushed = pool.push(at(name), topicEvent())
      await settle()
      of(name)[0]!.pushes[0]!.acknowledge()
      await pushed
    }
    void pool.push(at('c'), topicEvent())
    void pool.push(at('b'), topicEvent())
    await settle()
    expect([of('a')[0]!.isClosed, of('b').length, of('c').length]).toEqual([true, 1, 1])
    expect(await failureOf(pool.push(at('a'), topicEvent()))).toMatchObject({ reason: 'busy', retryable: true })
  })
})

describe('targets in trouble', () => {
  it('make room for others when nothing idles, and have no right to it', async () => {
    const { pool, of } = held({ targetsMax: 2 })
    const failed = (name: string, options = {}) => failureOf(pool.push(at(name), topicEvent(), options))
    // Both take their time, and the one has failed before.
    expect((await failed('hangs', { timeoutMs: 1 })).reason).toBe('timeout')
    const hanging = failed('hangs')
    void pool.push(at('slow'), topicEvent())
    await settle()
    const other = pool.push(at('other'), topicEvent())
    expect((await hanging).reason).toBe('stopping')
    expect([of('hangs')[0]!.isClosed, of('slow')[0]!.isClosed]).toEqual([true, false])
    expect((await failed('another')).reason).toBe('busy')
    expect((await failed('hangs')).reason).toBe('busy')
    of('other')[0]!.pushes[0]!.acknowledge()
    await other
    const mended = pool.push(at('hangs'), topicEvent())
    await settle()
    of('hangs')[1]!.pushes[0]!.acknowledge()
    await mended
    void pool.push(at('hangs'), topicEvent())
    expect((await failed('other')).reason).toBe('busy')
  })
})

describe('bounds', () => {
  it('refuse one event too many, and take it when there is room', async () => {
    const { pool, of } = held({ inFlightMax: 2 })
    const first = pool.push(at('a'), topicEvent({ key: '1' }))
    void pool.push(at('a'), topicEvent({ key: '2' }))
    expect((await failureOf(pool.push(at('a'), topicEvent({ key: '3' })))).reason).toBe('busy')
    void pool.push(at('b'), topicEvent())
    of('a')[0]!.pushes[0]!.acknowledge()
    await first
    void pool.push(at('a'), topicEvent({ key: '3' }))
    await settle()
    expect(of('a')[0]!.pushes).toHaveLength(3)
  })

  it('count bytes; one that is larger goes alone', async () => {
    const { pool, of } = held({ inFlightBytesMax: 1_000 })
    const sized = (bytes: number, key: string) => pool.push(at('a'), topicEvent({ key, document: Buffer.alloc(bytes) }))
    const large = sized(5_000, 'large')
    expect((await failureOf(sized(1, 'small'))).reason).toBe('busy')
    expect(pool.stats()).toMatchObject({ inFlight: 1, inFlightBytes: 5_000 })
    of('a')[0]!.pushes[0]!.acknowledge()
    await large
    void sized(600, 'a')
    void sized(400, 'b')
    expect((await failureOf(sized(1, 'c'))).reason).toBe('busy')
  })

  it('count what nobody waits for any more, as long as it is in memory', async () => {
    const { pool, of } = held({ inFlightMax: 1 })
    expect((await failureOf(pool.push(at('a'), topicEvent(), { timeoutMs: 5 }))).reason).toBe('timeout')
    expect(of('a')[0]!.pushes[0]!.signal.aborted).toBe(true)
    expect((await failureOf(pool.push(at('a'), topicEvent({ key: '2' })))).reason).toBe('busy')
    of('a')[0]!.pushes[0]!.fail(new Error('late'))
    await settle()
    expect(pool.stats().inFlight).toBe(0)
  })
})

describe('order', () => {
  it('is kept for each key: the next begins when the one before has ended, well or not', async () => {
    const { pool, of } = held()
    const [one, two, three] = ['a', 'a', 'a'].map((key, mark) => pool.push(at('a'), topicEvent({ key, mark })))
    void pool.push(at('a'), topicEvent({ key: 'b', mark: 'other' }))
    await settle()
    const target = of('a')[0]!
    expect(target.marks).toEqual([0, 'other'])
    target.pushes[0]!.fail(new PushFailed('refused', 'no'))
    expect((await failureOf(one!)).reason).toBe('refused')
    await settle()
    expect(target.marks).toEqual([0, 'other', 1])
    target.pushes[2]!.acknowledge()
    await two
    await settle()
    target.pushes[3]!.acknowledge()
    await three
  })

  it('passes over one that was called off while it waited', async () => {
    const { pool, of } = held()
    void pool.push(at('a'), topicEvent({ mark: 1 }))
    const calling = new AbortController()
    const off = failureOf(pool.push(at('a'), topicEvent({ mark: 2 }), { signal: calling.signal }))
    void pool.push(at('a'), topicEvent({ mark: 3 }))
    calling.abort()
    expect((await off).reason).toBe('stopping')
    of('a')[0]!.pushes[0]!.acknowledge()
    await settle()
    expect(of('a')[0]!.marks).toEqual([1, 3])
  })
})

describe('closing', () => {
  it('ends what is under way at once and waits for the targets', async () => {
    const { pool, of } = held()
    const push = failureOf(pool.push(at('a'), topicEvent()))
    await settle()
    await pool.close()
    expect((await push).reason).toBe('stopping')
    expect(of('a')[0]!.isClosed).toBe(true)
    expect((await failureOf(pool.push(at('a'), topicEvent()))).reason).toBe('stopping')
  })

  it('does not wait for one that hangs', async () => {
    const hanging: TopicTarget = { push: async () => undefined, close: () => new Promise(() => undefined) }
    const open = () => hanging
    const engines = { http: open, amqp: open, kafka: open, inbox: open }
    const pool = new TargetPool({ engines, limits: { closeMs: 10 } })
    await pool.push(at('a'), topicEvent())
    await pool.close()
  })
})
