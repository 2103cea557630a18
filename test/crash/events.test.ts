import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type HttpSink, openHttpSink } from '../support/http-sink.ts'
import { element, elements } from '../support/multipart.ts'
import { actionForm, FORM } from '../support/sns.ts'
import { brokenRules } from './audit.ts'
import { type Ask, Client } from './client.ts'
import { Random } from './random.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

const ROUNDS = 8
/** Requests of a round until the kill. */
const REQUESTS = [20, 300] as const
const WORKERS = 16
const KEYS = 12
/** Of a hundred events that arrive, so many are refused at first. */
const REFUSED_PERCENT = 5
const BUCKET = 'told'
const TOPIC = 'crash'
const TIMEOUT_MS = 300_000

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
const random = new Random(seed)
let dir: string
let sink: HttpSink
let server: ServerProcess | undefined
let client: Client | undefined

interface Told {
  readonly key: string
  readonly versionId: string
  readonly sequencer: string
}

/** What the receiver has taken, in its order. */
const told: Told[] = []
/** The versions and delete markers that clients were answered. */
const acknowledged = new Set<string>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-crash-'))
  sink = await openHttpSink({
    answer: ({ body }, response) => {
      const isRefused = random.between(1, 100) <= REFUSED_PERCENT
      if (!isRefused) told.push(toldBy(body))
      response.statusCode = isRefused ? 503 : 200
      response.end()
    },
  })
})

afterAll(async () => {
  client?.close()
  await server?.kill()
  await sink.close()
  await rm(dir, { recursive: true, force: true })
})

function toldBy(body: Buffer): Told {
  const { key, versionId, sequencer } = JSON.parse(body.toString()).Records[0].s3.object
  return { key, versionId, sequencer }
}

async function start(): Promise<Client> {
  client?.close()
  server = await startServerProcess(dir)
  client = new Client(server.port)
  return client
}

async function must(ask: Ask): Promise<string> {
  const answer = await client?.send(ask)
  expect(answer?.status, `${answer?.body}`).toBe(200)
  return String(answer?.body)
}

async function prepare(): Promise<void> {
  const attributes = { 'push-endpoint': `http://127.0.0.1:${sink.port}/`, persistent: 'true' }
  const body = actionForm('CreateTopic', { Name: TOPIC }, attributes)
  const arn = element(await must({ method: 'POST', path: '/', headers: { 'content-type': FORM }, body }), 'TopicArn')
  await must({ method: 'PUT', path: `/${BUCKET}` })
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await must({ method: 'PUT', path: `/${BUCKET}`, query: { versioning: undefined }, body: versioning })
  const notification = `<NotificationConfiguration><TopicConfiguration><Id>all</Id><Topic>${arn}</Topic>\
<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event></TopicConfiguration></NotificationConfiguration>`
  await must({ method: 'PUT', path: `/${BUCKET}`, query: { notification: undefined }, body: notification })
}

/** Writes and deletes from many sides until the server is killed, after so many requests. */
async function load(on: Client, requests: number): Promise<void> {
  let sent = 0
  let isKilled = false
  const work = async (): Promise<void> => {
    while (!isKilled) {
      sent += 1
      const isLast = sent === requests
      const path = `/${BUCKET}/k${random.between(1, KEYS)}`
      const isPut = random.between(1, 10) <= 7
      // What is never answered may have happened or not.
      const answer = on.send({ method: isPut ? 'PUT' : 'DELETE', path, body: 'x' }).catch(() => undefined)
      if (isLast) {
        isKilled = true
        await server?.kill()
      }
      const done = await answer
      if (done === undefined) return
      expect(done.status, `${done.body}`).toBe(isPut ? 200 : 204)
      acknowledged.add(String(done.headers['x-amz-version-id']))
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
}

/** The versions and delete markers that are there. */
async function present(): Promise<Set<string>> {
  const found = new Set<string>()
  for (let markers: Record<string, string> = {}, more = true; more; ) {
    const text = await must({ method: 'GET', path: `/${BUCKET}`, query: { versions: undefined, ...markers } })
    for (const versionId of elements(text, 'VersionId')) found.add(versionId)
    more = element(text, 'IsTruncated') === 'true'
    const [key = '', version = ''] = ['NextKeyMarker', 'NextVersionIdMarker'].flatMap((name) => elements(text, name))
    markers = { 'key-marker': key, 'version-id-marker': version }
  }
  return found
}

it(`tells of what has happened and of nothing else in ${ROUNDS} kills (seed ${seed})`, {
  timeout: TIMEOUT_MS,
}, async () => {
  await start()
  await prepare()
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (client === undefined) throw new Error('a round begins with a server')
    await load(client, random.between(...REQUESTS))
    await start()
  }
  const versions = await present()
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * REQUESTS[0] * 0.5)
  expect([...acknowledged].filter((versionId) => !versions.has(versionId))).toEqual([])
  // Every change is told of, also those whose acknowledgement got lost, and nothing that did not happen.
  const heard = (): Set<string> => new Set(told.map(({ versionId }) => versionId))
  await vi.waitUntil(() => heard().size >= versions.size, { timeout: TIMEOUT_MS / 2, interval: 50 })
  expect(heard()).toEqual(versions)
  // What comes twice came in its order the first time.
  for (const key of new Set(told.map((event) => event.key))) {
    const sequencers = [...new Set(told.filter((event) => event.key === key).map(({ sequencer }) => sequencer))]
    expect(sequencers, key).toEqual(sequencers.toSorted())
  }
  expect(await server?.stop()).toBe(0)
  server = undefined
  expect(brokenRules(join(dir, 'data'))).toEqual([])
})
