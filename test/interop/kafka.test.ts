// The Kafka engine against a real Kafka.

import { execFile } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TargetPool } from '../../src/topics/pool.ts'
import { topicContract } from '../contracts/topic.ts'
import { openHttpSink } from '../support/http-sink.ts'
import { endpointOf, failureOf, markOf, testEngines, testPool, topicEvent } from '../support/targets.ts'
import { outcomes, startStream } from './deliveries.ts'
import { KAFKA_LOGIN, KAFKA_MESSAGE_BYTES_MAX, type KafkaCluster, startKafka } from './kafka.ts'
import { createTopic, type KafkaReader, readTopic, withAdmin } from './kafka-reader.ts'
import { certificates, until } from './processes.ts'

let kafka: KafkaCluster
const pools: TargetPool[] = []
const readers: KafkaReader[] = []

beforeAll(async () => {
  kafka = await startKafka()
})

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()))
  await Promise.all(readers.map((reader) => reader.close()))
  await kafka?.stop()
})

function poolOf(limits: Parameters<typeof testPool>[0] = {}): TargetPool {
  const pool = testPool(limits)
  pools.push(pool)
  return pool
}

async function reading(topic: string): Promise<KafkaReader> {
  const reader = await readTopic(kafka.plain, topic)
  readers.push(reader)
  return reader
}

const newTopic = (): Promise<string> => createTopic(kafka.plain, [[1], [1], [1]])
const at = (place: string, attributes: Record<string, string> = {}) =>
  endpointOf('kafka', { 'push-endpoint': `kafka://${place}`, ...attributes })

topicContract({
  name: 'kafka',
  open: async () => {
    const topic = await newTopic()
    const reader = await readTopic(kafka.plain, topic)
    return {
      endpoint: at(kafka.plain),
      topic,
      engines: testEngines(),
      received: reader.received,
      dispose: reader.close,
    }
  },
})

describe('what a consumer sees', () => {
  it.each(['broker', 'none'])('at ack level %s: the document, no key, no headers', async (ack) => {
    const topic = await newTopic()
    const event = topicEvent({ topic })
    await poolOf().push(at(kafka.plain, { 'kafka-ack-level': ack }), event)
    const reader = await reading(topic)
    await reader.received(1)
    const { key, headers, value } = reader.messages[0]!.message
    expect([key, headers, value]).toEqual([null, {}, event.document])
  })

  it('uses every partition, and one for each key', async () => {
    const topic = await newTopic()
    const pool = poolOf()
    const events = Array.from({ length: 60 }, (_, mark) => topicEvent({ topic, key: `key-${mark % 20}`, mark }))
    await Promise.all(events.map((event) => pool.push(at(kafka.plain), event)))
    const reader = await reading(topic)
    await reader.received(60)
    const partitions = Map.groupBy(reader.messages, ({ message }) => Number(markOf(String(message.value))) % 20)
    const used = [...partitions.values()].map((messages) => new Set(messages.map(({ partition }) => partition)))
    expect(used.every((set) => set.size === 1)).toBe(true)
    expect(new Set(used.flatMap((set) => [...set])).size).toBe(3)
  })
})

it('is reached at an IPv6 address', async () => {
  const topic = await newTopic()
  const port = Number(kafka.plain.split(':')[1])
  const proxy = createServer((socket) => {
    const onward = connect(port, '127.0.0.1')
    // Either end may be gone first.
    pipeline(socket, onward, socket, () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '::1', resolve))
  const address = proxy.address()
  await poolOf().push(at(`[::1]:${typeof address === 'object' ? address?.port : ''}`), topicEvent({ topic }))
  proxy.close()
})

describe('what Kafka refuses', () => {
  it('an unknown topic, until there is one; others go on meanwhile', async () => {
    const [known, unknown] = [await newTopic(), `missing-${crypto.randomUUID()}`]
    const pool = poolOf()
    const failure = await failureOf(pool.push(at(kafka.plain), topicEvent({ topic: unknown })))
    expect(failure).toMatchObject({ reason: 'refused', retryable: true })
    expect(failure.message).toContain(unknown)
    await pool.push(at(kafka.plain), topicEvent({ topic: known }))
    await withAdmin(kafka.plain, (admin) => admin.createTopics({ topics: [{ topic: unknown }] }))
    await until(() =>
      pool.push(at(kafka.plain), topicEvent({ topic: unknown })).then(
        () => true,
        () => false,
      ),
    )
  })

  it('a message that is too large, for ever; its neighbours are taken', async () => {
    const topic = await newTopic()
    const pool = poolOf()
    const sized = (bytes: number) =>
      pool.push(at(kafka.plain), topicEvent({ topic, document: Buffer.alloc(bytes, 'x') }))
    const [large, small] = [failureOf(sized(KAFKA_MESSAGE_BYTES_MAX)), sized(100)]
    expect(await large).toMatchObject({ reason: 'too-large', retryable: false })
    await small
    await sized(KAFKA_MESSAGE_BYTES_MAX - 200)
  })

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])(
    'a wrong password by %s, and not the right one',
    async (mechanism) => {
      const topic = await newTopic()
      const pool = poolOf()
      const { user, password } = KAFKA_LOGIN
      const wrong = 'not/the@password'
      const wrongUrl = at(`${user}:${encodeURIComponent(wrong)}@${kafka.sasl}`, { mechanism })
      const failure = await failureOf(pool.push(wrongUrl, topicEvent({ topic })))
      expect(failure).toMatchObject({ reason: 'refused', retryable: true })
      expect(failure.message).not.toContain(wrong)
      await pool.push(at(`${user}:${password}@${kafka.sasl}`, { mechanism }), topicEvent({ topic }))
      // The attributes win over the URL.
      const attributes = { mechanism, 'user-name': user, password }
      await pool.push(at(`${user}:wrong@${kafka.sasl}`, attributes), topicEvent({ topic }))
    },
  )

  it('nobody at all on a listener that wants to know', async () => {
    const topic = await newTopic()
    const failure = await failureOf(poolOf().push(at(kafka.sasl), topicEvent({ topic })))
    expect(failure.retryable).toBe(true)
  })
})

describe('TLS', () => {
  const ca = { 'use-ssl': 'true', 'ca-location': join(certificates, 'ca.crt') }

  it('is believed with the authority, or when nothing is checked', async () => {
    const topic = await newTopic()
    const pool = poolOf()
    await pool.push(at(kafka.tls, ca), topicEvent({ topic }))
    await pool.push(at(kafka.tls, { 'use-ssl': 'true', 'verify-ssl': 'false' }), topicEvent({ topic }))
    const { user, password } = KAFKA_LOGIN
    await pool.push(
      at(`${user}:${password}@${kafka.saslTls}`, { ...ca, mechanism: 'SCRAM-SHA-512' }),
      topicEvent({ topic }),
    )
  })

  it('is not without it, or with another one', async () => {
    const topic = await newTopic()
    const pool = poolOf()
    const other = join(certificates, '..', '..', 'http', 'certificates', 'first.crt')
    for (const attributes of [{ 'use-ssl': 'true' }, { ...ca, 'ca-location': other }]) {
      const failure = await failureOf(pool.push(at(kafka.tls, attributes), topicEvent({ topic })))
      expect(failure.reason).toBe('unreachable')
      expect(failure.message).toContain('certificate')
    }
  })
})

describe('a broker that is not well', () => {
  it('hangs: what is under way is bounded, a stop does not wait, and all goes on when it does', async () => {
    const topic = await newTopic()
    const limits = { inFlightMax: 200, timeoutMs: 1_000 }
    const [pool, stopped] = [poolOf(limits), poolOf({ timeoutMs: 60_000 })]
    const acknowledged = at(kafka.plain)
    const unacknowledged = at(kafka.plain, { 'kafka-ack-level': 'none' })
    for (const endpoint of [acknowledged, unacknowledged]) await pool.push(endpoint, topicEvent({ topic }))
    await stopped.push(acknowledged, topicEvent({ topic }))
    kafka.process.freeze(true)
    try {
      const many = (endpoint: typeof acknowledged, count: number, bytes: number) =>
        Array.from({ length: count }, (_, mark) =>
          pool.push(endpoint, topicEvent({ topic, key: `${mark}`, document: Buffer.alloc(bytes) })),
        )
      expect(await outcomes(many(acknowledged, 1_000, 100))).toEqual({ timeout: 200, busy: 800 })
      // Nobody waits for them, but they are still there: the bound holds on.
      expect(await outcomes(many(acknowledged, 10, 100))).toEqual({ busy: 10 })
      // Those that nobody acknowledges fill the socket, and no more than a bound beyond it.
      let unread: Record<string, number> = {}
      await until(async () => {
        unread = await outcomes(many(unacknowledged, 100, 100_000))
        return 'busy' in unread
      })
      expect(pool.stats().inFlight).toBeLessThanOrEqual(200)
      const waiting = failureOf(stopped.push(acknowledged, topicEvent({ topic })))
      await stopped.close()
      expect((await waiting).reason).toBe('stopping')
    } finally {
      kafka.process.freeze(false)
    }
    await until(() => pool.stats().inFlight === 0)
    await pool.push(acknowledged, topicEvent({ topic }))
  })

  it('is killed in the middle and comes back: nothing that was acknowledged is missing', async () => {
    const topic = await newTopic()
    const stream = startStream({ pool: poolOf(), endpoint: at(kafka.plain), topic })
    await until(() => stream.acknowledged.length > 50)
    await kafka.process.kill()
    await until(() => stream.failures > 10)
    await kafka.process.start()
    const before = stream.acknowledged.length
    await until(() => stream.acknowledged.length > before + 50)
    await stream.finish()
    const received = new Set((await (await reading(topic)).received(stream.acknowledged.length)).map(markOf))
    expect(stream.acknowledged.filter((mark) => !received.has(mark))).toEqual([])
  })

  it('is dead: pushes fail at once, other endpoints do not notice, and a stop does not wait', async () => {
    const topic = await newTopic()
    const sink = await openHttpSink()
    const http = endpointOf('http', { 'push-endpoint': `http://127.0.0.1:${sink.port}` })
    const pool = poolOf()
    await pool.push(at(kafka.plain), topicEvent({ topic }))
    await kafka.process.kill()
    try {
      const endpoint = at(kafka.plain)
      const dead = outcomes(
        Array.from({ length: 2_000 }, (_, mark) => pool.push(endpoint, topicEvent({ topic, key: `${mark}` }))),
      )
      const others = Array.from({ length: 100 }, (_, mark) => pool.push(http, topicEvent({ key: `${mark}` })))
      expect(await outcomes(others)).toEqual({ acknowledged: 100 })
      const { busy = 0, unreachable = 0, ...rest } = await dead
      expect([busy + unreachable, rest]).toEqual([2_000, {}])
      expect(pool.stats().inFlight).toBe(0)
      await pool.close()
    } finally {
      await sink.close()
      await kafka.process.start()
    }
  })

  it('leads no more: events go to the partition of the new leader', async () => {
    const second = await kafka.addBroker()
    const topic = await createTopic(kafka.plain, [[2, 1]])
    const stream = startStream({ pool: poolOf(), endpoint: at(kafka.plain), topic })
    await until(() => stream.acknowledged.length > 20)
    await second.process.kill()
    const before = stream.acknowledged.length
    await until(() => stream.acknowledged.length > before + 20)
    await stream.finish()
    const received = new Set((await (await reading(topic)).received(stream.acknowledged.length)).map(markOf))
    expect(stream.acknowledged.filter((mark) => !received.has(mark))).toEqual([])
  })
})

it('prints nothing, burns nothing and holds no process', async () => {
  const topic = await newTopic()
  const script = join(import.meta.dirname, 'push-and-idle.ts')
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, `kafka://${kafka.plain}`, topic])
  expect(stderr).toBe('')
  const { wakeUps, idleMs } = JSON.parse(stdout)
  // kafkajs looks at its timeouts ten times a second on each connection; unmended, it wakes a thousand times.
  expect(wakeUps / idleMs).toBeLessThan(0.2)
})
