// The AMQP engine against a real RabbitMQ.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AmqpEndpoint } from '../../src/topics/endpoint.ts'
import type { TargetPool } from '../../src/topics/pool.ts'
import { topicContract } from '../contracts/topic.ts'
import { openHttpSink } from '../support/http-sink.ts'
import { endpointOf, failureOf, markOf, testEngines, testPool, topicEvent } from '../support/targets.ts'
import { outcomes, startStream } from './deliveries.ts'
import { certificates, until } from './processes.ts'
import {
  RABBITMQ_LOGIN,
  RABBITMQ_MESSAGE_BYTES_MAX,
  RABBITMQ_VHOST,
  type RabbitmqBroker,
  startRabbitmq,
} from './rabbitmq.ts'
import { type RabbitmqAdmin, rabbitmqAdmin } from './rabbitmq-reader.ts'

let rabbitmq: RabbitmqBroker
let admin: RabbitmqAdmin
const pools: TargetPool[] = []

beforeAll(async () => {
  rabbitmq = await startRabbitmq()
  admin = await rabbitmqAdmin(rabbitmq.plain)
})

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()))
  await admin?.close()
  await rabbitmq?.stop()
})

function poolOf(limits: Parameters<typeof testPool>[0] = {}): TargetPool {
  const pool = testPool(limits)
  pools.push(pool)
  return pool
}

const newName = (): string => `t-${randomUUID()}`
const at = (exchange: string, attributes: Record<string, string> = {}): AmqpEndpoint =>
  endpointOf('amqp', { 'push-endpoint': `amqp://${rabbitmq.plain}`, 'amqp-exchange': exchange, ...attributes })

/** An exchange of its own, with a queue for one topic. */
async function route(): Promise<{ exchange: string; topic: string; queue: string }> {
  const topic = newName()
  const exchange = await admin.exchange()
  return { exchange, topic, queue: await admin.queue(exchange, topic) }
}

topicContract({
  name: 'rabbitmq',
  open: async () => {
    const { exchange, topic, queue } = await route()
    const reader = await admin.read(queue)
    return {
      endpoint: at(exchange),
      topic,
      engines: testEngines(),
      received: reader.received,
      dispose: reader.stop,
    }
  },
})

describe('what a consumer sees', () => {
  it.each([
    ['none', undefined],
    ['broker', 2],
    ['routable', 2],
  ])(
    'at ack level %s: the document under the topic as its routing key, delivery mode %s',
    async (ack, deliveryMode) => {
      const { exchange, topic, queue } = await route()
      const event = topicEvent({ topic })
      await poolOf().push(at(exchange, { 'amqp-ack-level': ack }), event)
      const reader = await admin.read(queue)
      await reader.received(1)
      const { content, fields, properties } = reader.messages[0]!
      expect(content).toEqual(event.document)
      expect(fields).toMatchObject({ exchange, routingKey: topic })
      expect(properties).toMatchObject({ deliveryMode, contentType: undefined, replyTo: undefined })
    },
  )

  it('in a virtual host of any name', async () => {
    const elsewhere = await rabbitmqAdmin(rabbitmq.plain, RABBITMQ_VHOST)
    const exchange = await elsewhere.exchange()
    const topic = newName()
    const queue = await elsewhere.queue(exchange, topic)
    const url = `amqp://${rabbitmq.plain}/${encodeURIComponent(RABBITMQ_VHOST)}`
    const pool = poolOf()
    await pool.push(at(exchange, { 'push-endpoint': url }), topicEvent({ topic }))
    expect(await (await elsewhere.read(queue)).received(1)).toHaveLength(1)
    const missing = at(exchange, { 'push-endpoint': `amqp://${rabbitmq.plain}/nowhere` })
    expect((await failureOf(pool.push(missing, topicEvent({ topic })))).reason).toBe('refused')
    await elsewhere.close()
  })
})

describe('what RabbitMQ refuses', () => {
  it('an unknown exchange, until there is one; it makes none', async () => {
    const [exchange, topic] = [newName(), newName()]
    const pool = poolOf()
    const failure = await failureOf(pool.push(at(exchange), topicEvent({ topic })))
    expect(failure).toMatchObject({ reason: 'refused', retryable: true })
    expect(failure.message).toContain(exchange)
    await admin.exchange(exchange)
    const reader = await admin.read(await admin.queue(exchange, topic))
    await until(() =>
      pool.push(at(exchange), topicEvent({ topic })).then(
        () => true,
        () => false,
      ),
    )
    expect(await reader.received(1)).toHaveLength(1)
  })

  it('an exchange that has been deleted since', async () => {
    const { exchange, topic } = await route()
    const pool = poolOf()
    await pool.push(at(exchange), topicEvent({ topic }))
    await admin.deleteExchange(exchange)
    expect((await failureOf(pool.push(at(exchange), topicEvent({ topic })))).reason).toBe('refused')
  })

  it('an unroutable message, at ack level routable alone', async () => {
    const { exchange, topic } = await route()
    const pool = poolOf()
    const routable = at(exchange, { 'amqp-ack-level': 'routable' })
    const pushes = [topic, newName(), topic, newName()].map((name, mark) =>
      pool.push(routable, topicEvent({ topic: name, key: `${mark}` })),
    )
    expect(await outcomes(pushes)).toEqual({ acknowledged: 2, refused: 2 })
    await pool.push(at(exchange), topicEvent({ topic: newName() }))
  })

  it('a message that is too large, for ever; its neighbours are taken', async () => {
    const { exchange, topic, queue } = await route()
    const pool = poolOf()
    const sized = (bytes: number, key: string) =>
      pool.push(at(exchange), topicEvent({ topic, key, document: Buffer.alloc(bytes, 'x') }))
    const small = ['a', 'b', 'c'].map((key) => sized(100, key))
    const large = failureOf(sized(RABBITMQ_MESSAGE_BYTES_MAX + 1, 'large'))
    const fits = sized(RABBITMQ_MESSAGE_BYTES_MAX, 'fits')
    expect(await large).toMatchObject({ reason: 'too-large', retryable: false })
    await Promise.all([...small, fits])
    // The channel ended for all of them: what was under way on it may be there twice.
    const reader = await admin.read(queue)
    await until(() => reader.messages.some(({ content }) => content.length === RABBITMQ_MESSAGE_BYTES_MAX))
  })

  it('a wrong password, and not the right one', async () => {
    const { exchange, topic } = await route()
    const pool = poolOf()
    const { user, password } = RABBITMQ_LOGIN
    const as = (secret: string) =>
      at(exchange, { 'push-endpoint': `amqp://${user}:${encodeURIComponent(secret)}@${rabbitmq.plain}` })
    const failure = await failureOf(pool.push(as('not@this/one'), topicEvent({ topic })))
    expect(failure).toMatchObject({ reason: 'refused', retryable: true })
    expect(failure.message).not.toContain('not@this/one')
    await pool.push(as(password), topicEvent({ topic }))
    // The attributes win over the URL.
    await pool.push({ ...as('wrong'), credentials: as(password).credentials }, topicEvent({ topic }))
  })
})

describe('TLS', () => {
  const ca = { 'ca-location': join(certificates, 'ca.crt') }
  const over = (exchange: string, attributes: Record<string, string> = {}) =>
    at(exchange, { 'push-endpoint': `amqps://${rabbitmq.tls}`, ...attributes })

  it('is believed with the authority, or when nothing is checked', async () => {
    const { exchange, topic } = await route()
    const pool = poolOf()
    await pool.push(over(exchange, ca), topicEvent({ topic }))
    await pool.push(over(exchange, { 'verify-ssl': 'false' }), topicEvent({ topic }))
  })

  it('is not without it, or with another one', async () => {
    const { exchange, topic } = await route()
    const pool = poolOf()
    const other = join(certificates, '..', '..', 'http', 'certificates', 'first.crt')
    for (const attributes of [undefined, { 'ca-location': other }]) {
      const failure = await failureOf(pool.push(over(exchange, attributes), topicEvent({ topic })))
      expect(failure.reason).toBe('unreachable')
      expect(failure.message).toContain('certificate')
    }
  })
})

describe('a broker that is not well', () => {
  it('hangs: what is under way is bounded, a stop does not wait, and all goes on when it does', async () => {
    const { exchange, topic } = await route()
    const limits = { inFlightMax: 200, timeoutMs: 1_000 }
    const [pool, stopped] = [poolOf(limits), poolOf({ timeoutMs: 60_000 })]
    const acknowledged = at(exchange)
    const unacknowledged = at(exchange, { 'amqp-ack-level': 'none' })
    for (const endpoint of [acknowledged, unacknowledged]) await pool.push(endpoint, topicEvent({ topic }))
    await stopped.push(acknowledged, topicEvent({ topic }))
    rabbitmq.process.freeze(true)
    try {
      const many = (endpoint: AmqpEndpoint, count: number, bytes: number) =>
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
      rabbitmq.process.freeze(false)
    }
    await until(() => pool.stats().inFlight === 0)
    await pool.push(acknowledged, topicEvent({ topic }))
  })

  it('is short of memory: pushes fail at once, and go on when it is not', async () => {
    const { exchange, topic } = await route()
    const pool = poolOf()
    await pool.push(at(exchange), topicEvent({ topic }))
    await rabbitmq.control('set_vm_memory_high_watermark', '0.00001')
    try {
      // It tells those who publish, the first of whom waits in vain.
      const push = (key: string) => failureOf(pool.push(at(exchange), topicEvent({ topic, key }), { timeoutMs: 200 }))
      await until(async () => (await push(randomUUID())).reason === 'busy')
    } finally {
      await rabbitmq.control('set_vm_memory_high_watermark', '0.4')
    }
    await until(() =>
      pool.push(at(exchange), topicEvent({ topic })).then(
        () => true,
        () => false,
      ),
    )
  })

  it('is killed in the middle and comes back: nothing that was acknowledged is missing', async () => {
    const { exchange, topic, queue } = await route()
    const stream = startStream({ pool: poolOf(), endpoint: at(exchange), topic })
    await until(() => stream.acknowledged.length > 50)
    await rabbitmq.process.kill()
    await until(() => stream.failures > 10)
    await rabbitmq.process.start()
    const before = stream.acknowledged.length
    await until(() => stream.acknowledged.length > before + 50)
    await stream.finish()
    admin = await rabbitmqAdmin(rabbitmq.plain)
    const received = new Set((await (await admin.read(queue)).received(stream.acknowledged.length)).map(markOf))
    expect(stream.acknowledged.filter((mark) => !received.has(mark))).toEqual([])
  })

  it('prints nothing, burns nothing and holds no process', async () => {
    const { exchange, topic } = await route()
    const script = join(import.meta.dirname, 'push-and-idle.ts')
    const args = [script, `amqp://${rabbitmq.plain}`, topic, exchange]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
    expect(stderr).toBe('')
    const { wakeUps, idleMs } = JSON.parse(stdout)
    expect(wakeUps / idleMs).toBeLessThan(0.2)
  })

  it('is dead: pushes fail at once, other endpoints do not notice, and a stop does not wait', async () => {
    const { exchange, topic } = await route()
    const sink = await openHttpSink()
    const http = endpointOf('http', { 'push-endpoint': `http://127.0.0.1:${sink.port}` })
    const pool = poolOf()
    const endpoint = at(exchange)
    await pool.push(endpoint, topicEvent({ topic }))
    await rabbitmq.process.kill()
    const dead = outcomes(
      Array.from({ length: 2_000 }, (_, mark) => pool.push(endpoint, topicEvent({ topic, key: `${mark}` }))),
    )
    const others = Array.from({ length: 100 }, (_, mark) => pool.push(http, topicEvent({ key: `${mark}` })))
    expect(await outcomes(others)).toEqual({ acknowledged: 100 })
    const { busy = 0, unreachable = 0, ...rest } = await dead
    expect([busy + unreachable, rest]).toEqual([2_000, {}])
    expect(pool.stats().inFlight).toBe(0)
    await pool.close()
    await sink.close()
  })
})
