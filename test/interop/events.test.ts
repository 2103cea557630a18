// A server, the brokers of docker-compose.yml with their own files, and clients that change objects: what consumers
// hear of it.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpSink, openHttpSink } from '../support/http-sink.ts'
import { uniqueName } from '../support/server.ts'
import { ACCESS_KEY, SECRET_KEY, type ServerProcess } from './clients.ts'
import {
  COMPOSED_LOGIN,
  COMPOSED_QUEUE,
  COMPOSED_VHOST,
  type ComposedKafka,
  startComposedCozos,
  startComposedKafka,
  startComposedRabbitmq,
} from './composed.ts'
import { type ALL_EVENTS, changeObjects, type Place, prepareBucket, restoreObject, SCENARIO } from './event-scenario.ts'
import { readTopic } from './kafka-reader.ts'
import { type Restartable, until } from './processes.ts'
import type { RabbitmqBroker } from './rabbitmq.ts'
import { type QueueReader, type RabbitmqAdmin, rabbitmqAdmin } from './rabbitmq-reader.ts'

/** An event as a consumer sees it. */
interface Seen {
  readonly bucket: string
  readonly key: string
  readonly name: string
  readonly sequencer: string
  readonly etag: string
  /** All of it but what is the notification's or the topic's own. */
  readonly rest: object
}

let kafka: ComposedKafka
let rabbitmq: RabbitmqBroker
let sink: HttpSink

beforeAll(async () => {
  ;[kafka, rabbitmq, sink] = await Promise.all([startComposedKafka(), startComposedRabbitmq(), openHttpSink()])
})
afterAll(async () => {
  await Promise.all([kafka?.stop(), rabbitmq?.stop(), sink?.close()])
})

const clientOf = ({ endpoint }: ServerProcess): S3Client =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  })

function seen(document: string): Seen {
  const [{ s3, opaqueData, eventSource, ...rest }] = JSON.parse(document).Records
  const { configurationId, ...what } = s3
  const { key: told, sequencer, eTag: etag } = s3.object
  // AWS's keys are encoded as in a form.
  const key = eventSource === 'aws:s3' ? decodeURIComponent(told.replaceAll('+', ' ')) : told
  return { bucket: s3.bucket.name, key, name: rest.eventName, sequencer, etag, rest: { ...rest, s3: what } }
}

async function setClock({ adminEndpoint }: ServerProcess, change: object): Promise<void> {
  const answer = await fetch(`${adminEndpoint}/control/clock`, { method: 'PUT', body: JSON.stringify(change) })
  if (!answer.ok) throw new Error(await answer.text())
}

/** What waits in the outbox. */
async function waiting({ adminEndpoint }: ServerProcess): Promise<number> {
  const metrics = await (await fetch(`${adminEndpoint}/metrics`)).text()
  return Number(/^cozos_events_waiting (\d+)$/m.exec(metrics)?.[1])
}

/** The names of the events of each key, in their order. */
function namesByKey(events: readonly Seen[]): Record<string, string[]> {
  const groups = [...Map.groupBy(events, ({ key }) => key)]
  return Object.fromEntries(groups.map(([key, list]) => [key, list.map(({ name }) => name)]))
}

function expected(vocabulary: keyof typeof ALL_EVENTS): Record<string, string[]> {
  const told = Object.entries(SCENARIO).map(([key, events]): [string, string[]] => {
    const names = events.map(([rgw, aws = rgw]) => (vocabulary === 'aws' ? aws : rgw))
    return [key, names.filter((name) => name !== '')]
  })
  return Object.fromEntries(told.filter(([, names]) => names.length > 0))
}

async function connectRabbitmq(): Promise<{ admin: RabbitmqAdmin; reader: QueueReader }> {
  const admin = await rabbitmqAdmin(rabbitmq.plain, COMPOSED_VHOST, COMPOSED_LOGIN)
  return { admin, reader: await admin.read(COMPOSED_QUEUE) }
}

describe.each([
  // RGW tells any number of topics of a bucket, AWS one of each event: there each topic has a bucket of its own.
  ['zos', 'rgw', false],
  ['aws', 'aws', true],
] as const)('in the dialect %s', (dialect, vocabulary, isAlone) => {
  it('every event arrives once, and in the order of its key, wherever it is sent', async () => {
    const http = { 'push-endpoint': `http://127.0.0.1:${sink.port}/`, cloudevents: true }
    const server = await startComposedCozos({
      kafka: kafka.inside,
      rabbitmq: rabbitmq.plain,
      topics: [{ name: 'http-events', attributes: http }],
      environment: { COZOS_DIALECT: dialect },
    })
    const s3 = clientOf(server)
    const [kafkaReader, { admin, reader: queueReader }] = await Promise.all([
      readTopic(kafka.outside, 'kafka-events'),
      connectRabbitmq(),
    ])
    try {
      const inbox = async (): Promise<string[]> => {
        const answer = await fetch(`${server.adminEndpoint}/control/inbox/events`)
        const { events } = (await answer.json()) as { events: { document: object }[] }
        return events.map(({ document }) => JSON.stringify(document))
      }
      const documents: Record<string, () => readonly string[] | Promise<readonly string[]>> = {
        'inbox-events': inbox,
        'kafka-events': () => kafkaReader.messages.map(({ message }) => String(message.value)),
        'rabbitmq-events': () => queueReader.messages.map(({ content }) => String(content)),
        'http-events': () => sink.requests.map(({ body }) => String(body)),
      }
      const topics = Object.keys(documents)
      const heard = isAlone ? topics.map((topic) => [topic]) : [topics]
      const places = heard.map((told) => ({ told, ...placeOf(server, s3) }))
      await act(server, places, vocabulary)
      const total = Object.values(expected(vocabulary)).flat().length
      for (const { told, bucket } of places) {
        const lists: Seen[][] = []
        for (const topic of told) {
          const arrived = async (): Promise<Seen[]> =>
            ((await documents[topic]?.()) ?? []).map(seen).filter((event) => event.bucket === bucket)
          await until(async () => (await arrived()).length >= total)
          const events = await arrived()
          expect(namesByKey(events), topic).toEqual(expected(vocabulary))
          lists.push(events.toSorted((one, other) => (one.sequencer < other.sequencer ? -1 : 1)))
        }
        // They are the same documents, wherever they have gone.
        for (const list of lists) expect(list).toEqual(lists[0])
      }
    } finally {
      s3.destroy()
      await Promise.all([kafkaReader.close(), admin.close()])
      await server.stop()
    }
  })
})

it('the bundle, which the image runs, brings what it takes to reach the brokers', async () => {
  const root = join(import.meta.dirname, '..', '..')
  await promisify(execFile)(process.execPath, ['build.ts'], { cwd: root })
  const server = await startComposedCozos({
    kafka: kafka.inside,
    rabbitmq: rabbitmq.plain,
    program: 'dist/cozos.js',
  })
  const s3 = clientOf(server)
  const place = placeOf(server, s3)
  const readers = await Promise.all(Object.values(BROKERS).map((broker) => broker().read()))
  try {
    await prepareBucket(place, Object.keys(BROKERS), 'rgw')
    await s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: 'k', Body: 'k' }))
    const told = readers.map(({ documents }) => arrivals(documents, place.bucket))
    await until(() => told.every((look) => look().events.length > 0))
    for (const look of told) expect(namesByKey(look().events)).toEqual({ k: ['ObjectCreated:Put'] })
  } finally {
    s3.destroy()
    await Promise.all(readers.map(({ close }) => close()))
    await server.stop()
  }
})

interface Broker {
  readonly process: Restartable
  /** Reads from the beginning on what has not been read. */
  read(): Promise<{ documents: () => readonly string[]; close: () => Promise<void> }>
}

const BROKERS: Readonly<Record<string, () => Broker>> = {
  'kafka-events': () => ({
    process: kafka.process,
    read: async () => {
      const reader = await readTopic(kafka.outside, 'kafka-events')
      return { documents: () => reader.messages.map(({ message }) => String(message.value)), close: reader.close }
    },
  }),
  'rabbitmq-events': () => ({
    process: rabbitmq.process,
    read: async () => {
      const { admin, reader } = await connectRabbitmq()
      return { documents: () => reader.messages.map(({ content }) => String(content)), close: admin.close }
    },
  }),
}

describe.each(Object.entries(BROKERS))('while the broker of %s is killed and started again', (topic, brokerOf) => {
  it('nothing that clients were told to be stored is missing, and each key is told of in its order', async () => {
    const broker = brokerOf()
    const server = await startComposedCozos({ kafka: kafka.inside, rabbitmq: rabbitmq.plain })
    const s3 = clientOf(server)
    const place = placeOf(server, s3)
    try {
      await prepareBucket(place, [topic], 'rgw')
      const writers = startWriters(place)
      await until(() => writers.stored.length >= 150)
      await broker.process.kill()
      const before = writers.stored.length
      await until(() => writers.stored.length >= before + 200)
      await broker.process.start()
      const after = writers.stored.length
      await until(() => writers.stored.length >= after + 200)
      await writers.finish()
      const reader = await broker.read()
      const told = arrivals(reader.documents, place.bucket)
      await until(() => told().etags.size >= writers.stored.length)
      await until(async () => (await waiting(server)) === 0)
      const { etags, events } = told()
      expect(writers.stored.filter(({ etag }) => !etags.has(etag))).toEqual([])
      for (const [key, list] of Map.groupBy(events, (event) => event.key)) {
        // What is told twice is told with the sequencer that it had before.
        const sequencers = [...new Set(list.map(({ sequencer }) => sequencer))]
        expect(sequencers).toEqual(sequencers.toSorted())
        const inOrder = [...new Set(list.map(({ etag }) => etag))]
        expect(inOrder).toEqual(writers.stored.filter((one) => one.key === key).map(({ etag }) => etag))
      }
      await reader.close()
    } finally {
      s3.destroy()
      await server.stop()
    }
  })
})

/** The events of a bucket among documents that become more: each is looked at once. */
function arrivals(documents: () => readonly string[], bucket: string) {
  const found = { events: [] as Seen[], etags: new Set<string>() }
  let looked = 0
  return () => {
    const more = documents().slice(looked)
    looked += more.length
    for (const event of more.map(seen)) {
      if (event.bucket !== bucket) continue
      found.events.push(event)
      found.etags.add(event.etag)
    }
    return found
  }
}

interface Writers {
  /** What has been answered so far, in the order of each key. */
  readonly stored: readonly { readonly key: string; readonly etag: string }[]
  /** Begins nothing more; rejects if a write has failed. */
  finish(): Promise<void>
}

/** Writes a few keys over and over, each by one client. */
function startWriters({ s3, bucket: Bucket }: Place): Writers {
  const stored: { key: string; etag: string }[] = []
  let isFinishing = false
  const write = async (key: string): Promise<void> => {
    for (let turn = 0; !isFinishing; turn += 1) {
      const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: `${key} ${turn}` }))
      stored.push({ key, etag: JSON.parse(ETag) })
    }
  }
  const running = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(write))
  // It is reported by finish().
  running.catch(() => undefined)
  return {
    stored,
    finish: async () => {
      isFinishing = true
      await running
    },
  }
}

const placeOf = ({ endpoint }: ServerProcess, s3: S3Client): Place => ({
  s3,
  endpoint,
  key: { accessKey: ACCESS_KEY, secretKey: SECRET_KEY },
  bucket: uniqueName('events'),
})

async function act(
  server: ServerProcess,
  places: readonly (Place & { told: readonly string[] })[],
  vocabulary: keyof typeof ALL_EVENTS,
): Promise<void> {
  const all = async (work: (place: Place & { told: readonly string[] }) => Promise<void>) =>
    void (await Promise.all(places.map(work)))
  await all((place) => prepareBucket(place, place.told, vocabulary))
  await all(changeObjects)
  await setClock(server, { advance: 'P3D', wait: true })
  await all(restoreObject)
  await setClock(server, { advance: 'PT1M', wait: true })
  await setClock(server, { advance: 'P3D', wait: true })
  await until(async () => (await waiting(server)) === 0)
}
