// 10,000 PUTs of 4 KiB into a bucket whose persistent topic is at a real Kafka on the same machine, against the same
// without a topic, turn by turn on one server; and how long Kafka has to wait for the last event.

import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { startComposedKafka } from '../test/interop/composed.ts'
import { installKafka } from '../test/interop/kafka.ts'
import { createTopic } from '../test/interop/kafka-reader.ts'
import { freePorts } from '../test/interop/processes.ts'
import { load, startCozos } from './process.ts'
import { prepare, send } from './requests.ts'
import { median, type Row } from './table.ts'

const CONNECTIONS = 32
const BODY_BYTES = 4096
const KEYS = 1_000
const PUTS = 10_000
/** Turns that count. The one before them has a broker that has just started, and two programs that are not compiled. */
const RUNS = 15
/** Of the throughput without a topic. */
const SHARE_MIN = 0.7
const LOOK_MS = 10

export async function notifications(dir: string): Promise<Row[]> {
  await installKafka()
  const kafka = await startComposedKafka()
  try {
    const topic = await createTopic(kafka.outside, [[1], [1], [1]])
    const attributes = { 'push-endpoint': `kafka://${kafka.inside}`, persistent: true }
    mkdirSync(dir, { recursive: true })
    const config = join(dir, 'cozos.yaml')
    writeFileSync(config, stringify({ topics: { create: [{ name: topic, attributes }] } }))
    const [adminPort = 0] = await freePorts(1)
    const environment = { COZOS_CONFIG: config, COZOS_ADMIN_PORT: String(adminPort) }
    const cozos = await startCozos(join(dir, 'data'), environment)
    try {
      return await measure({ port: cozos.port, adminPort, topic })
    } finally {
      await cozos.stop()
    }
  } finally {
    await kafka.stop()
  }
}

interface Measured {
  readonly port: number
  readonly adminPort: number
  readonly topic: string
}

async function measure({ port, adminPort, topic }: Measured): Promise<Row[]> {
  const plain = await bucketPlan(port, 'bench-unheard')
  const told = await bucketPlan(port, 'bench-kafka')
  const configuration = `<NotificationConfiguration><TopicConfiguration><Id>bench</Id><Topic>arn:aws:sns:::${topic}</Topic>\
<Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>`
  const body = Buffer.from(configuration)
  await send({ port, method: 'PUT', path: '/bench-kafka', query: 'notification=', body })
  const turns: { plain: number; told: number; lagMs: number }[] = []
  for (let turn = 0; turn <= RUNS; turn += 1) {
    const { perSecond: without } = await load(plain)
    const { perSecond: withTopic } = await load(told)
    // What is delivered late must not slow the next run without a topic.
    const beganMs = performance.now()
    await untilDelivered(adminPort)
    turns.push({ plain: without, told: withTopic, lagMs: performance.now() - beganMs })
  }
  const counted = turns.slice(1)
  // Neighbours in time are compared: a machine that slows down does so for both.
  const share = median(counted.map((turn) => turn.told / turn.plain))
  const [without, withTopic] = [median(counted.map((turn) => turn.plain)), median(counted.map((turn) => turn.told))]
  const lagMs = median(counted.map((turn) => turn.lagMs))
  return [
    {
      name: `PUT 4 KiB, durable, ${CONNECTIONS} connections, with a persistent topic at Kafka`,
      reached: `${share.toFixed(2)} of plain (${withTopic.toFixed(0)}/s of ${without.toFixed(0)}/s)`,
      aim: { text: `≥ ${SHARE_MIN} of plain`, met: share >= SHARE_MIN },
    },
    { name: 'The last event at Kafka after the last answer', reached: `${(lagMs / 1000).toFixed(1)} s` },
  ]
}

async function bucketPlan(port: number, bucket: string) {
  await send({ port, method: 'PUT', path: `/${bucket}` })
  const body = randomBytes(BODY_BYTES)
  const requests = Array.from({ length: KEYS }, (_, key) =>
    prepare({ port, method: 'PUT', path: `/${bucket}/${key}`, body }),
  )
  // The broker's work counts: a generator that keeps a processor busy would leave it none on a machine with two.
  return { port, requests, connections: CONNECTIONS, warmUp: KEYS, measured: PUTS, status: 200, sleeps: true }
}

async function untilDelivered(adminPort: number): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
    if (/^cozos_events_waiting 0$/m.test(metrics)) return
    await delay(LOOK_MS)
  }
}
