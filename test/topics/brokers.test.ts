// What the engines of brokers do without one: addresses that they must not go to, and peers that are no broker.

import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Endpoint } from '../../src/topics/endpoint.ts'
import { NetworkGuard } from '../../src/topics/guard.ts'
import { openKafka } from '../../src/topics/kafka.ts'
import type { TargetPool } from '../../src/topics/pool.ts'
import { openRabbitmq } from '../../src/topics/rabbitmq.ts'
import { endpointOf, failureOf, testPool, topicEvent } from '../support/targets.ts'

const pools: TargetPool[] = []
const servers: { close(): void }[] = []

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
  for (const server of servers.splice(0)) server.close()
})

function poolOf(guard = new NetworkGuard()): TargetPool {
  const delays = { firstMs: 1, lastMs: 1, resendMs: [1] }
  const pool = testPool({}, { amqp: openRabbitmq({ guard, delays }), kafka: openKafka({ guard, delays }) })
  pools.push(pool)
  return pool
}

/** Every way to reach a broker there. */
function endpointsAt(place: string): [string, Endpoint][] {
  const amqp = (scheme: string) => endpointOf('amqp', { 'push-endpoint': `${scheme}://${place}`, 'amqp-exchange': 'x' })
  const kafka = (attributes: Record<string, string>, user = '') =>
    endpointOf('kafka', { 'push-endpoint': `kafka://${user}${place}`, ...attributes })
  return [
    ['amqp', amqp('amqp')],
    ['amqps', amqp('amqps')],
    ['kafka', kafka({})],
    ['kafka without acknowledgement', kafka({ 'kafka-ack-level': 'none' })],
    ['kafka over TLS', kafka({ 'use-ssl': 'true' })],
    ['kafka with SCRAM', kafka({ mechanism: 'SCRAM-SHA-256' }, 'user:hunter2@')],
  ]
}

async function peer(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  servers.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

describe.each(endpointsAt('place').map(([name], index) => ({ name, index })))('$name', ({ index }) => {
  const at = (place: string): Endpoint => endpointsAt(place)[index]![1]

  it('does not go to link-local addresses, nor to names of them', async () => {
    const lookup = (_name: string, _options: object, callback: Callback) =>
      callback(null, [{ address: '169.254.169.254', family: 4 }])
    const pool = poolOf(new NetworkGuard({ allow: [], deny: [] }, lookup as never))
    for (const place of ['169.254.169.254', '[fe80::1]', 'metadata.test']) {
      expect((await failureOf(pool.push(at(place), topicEvent()))).reason).toBe('forbidden')
    }
  })

  it.each([
    ['hangs up at once', (socket: Socket) => void socket.destroy()],
    ['hangs up on the first words', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy())],
    ['speaks HTTP', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
    ['speaks nonsense', (socket: Socket) => void socket.write(Buffer.alloc(64 * 1024, 0xff))],
    ['says what it is told', (socket: Socket) => void socket.pipe(socket)],
    ['answers requests with nonsense', (socket: Socket) => void socket.on('data', (asked) => answer(socket, asked))],
  ])('fails where the other side %s', async (_, serve) => {
    const place = await peer(serve)
    const failure = await failureOf(poolOf().push(at(place), topicEvent(), { timeoutMs: 20_000 }))
    expect(['unreachable', 'refused']).toContain(failure.reason)
    expect(failure.message).not.toContain('hunter2')
  })

  it('waits no longer than it may where the other side is silent, and leaves it', async () => {
    let connections = 0
    const place = await peer(() => {
      connections += 1
    })
    const pool = poolOf()
    const failure = await failureOf(pool.push(at(place), topicEvent(), { timeoutMs: 200 }))
    expect(failure.reason).toBe('timeout')
    const waiting = failureOf(pool.push(at(place), topicEvent({ key: 'other' }), { timeoutMs: 60_000 }))
    await pool.close()
    expect((await waiting).reason).toBe('stopping')
    expect(connections).toBe(1)
  })
})

/** In the form of Kafka's answers: a size, the number of the request, and what should be the answer. */
function answer(socket: Socket, asked: Buffer): void {
  const bytes = Buffer.alloc(32, 0x7f)
  bytes.writeInt32BE(bytes.length - 4)
  if (asked.length >= 12) asked.copy(bytes, 4, 8, 12)
  socket.write(bytes)
}

type Callback = (error: null, addresses: { address: string; family: number }[]) => void
