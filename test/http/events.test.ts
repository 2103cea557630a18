import { afterEach, describe, expect, it, vi } from 'vitest'
import { control, setClock } from '../support/control.ts'
import { awaitInbox, inbox, makeTold, seen } from '../support/events.ts'
import { type HttpSink, openHttpSink, type SinkOptions } from '../support/http-sink.ts'
import { uniqueName, useServer } from '../support/server.ts'
import { actionForm, NOWHERE, sendAction } from '../support/sns.ts'

const server = useServer({ config: { dialect: 'rgw', topics: { http: { allow: [], deny: ['127.0.0.2'] } } } })
const sinks: HttpSink[] = []
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close()
})

const PERSISTENT = { persistent: 'true' }

async function sinkOf(answer?: SinkOptions['answer']): Promise<HttpSink & { url: string }> {
  const sink = await openHttpSink({ answer })
  sinks.push(sink)
  return Object.assign(sink, { url: `http://127.0.0.1:${sink.port}/` })
}

const put = (bucket: string, key: string) => server().request('PUT', `/${bucket}/${key}`, { body: key })
const remove = (bucket: string, key: string) => server().request('DELETE', `/${bucket}/${key}`)
const settle = () => setClock(server(), { advance: 0, wait: true })
const advance = (duration: string) => setClock(server(), { advance: duration, wait: true })
const waiting = () => server().running.services.metadata.read((tx) => tx.outbox.totals())
const keysOf = (sink: HttpSink): string[] => sink.requests.map(({ body }) => seen(String(body)).key)

/** The value of one series. */
async function metric(series: string): Promise<number> {
  const text = await (await fetch(`${server().adminUrl}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1))
}

describe('a topic that keeps nothing', () => {
  it('has been told before the answer', async () => {
    const name = uniqueName('inbox')
    const { bucket } = await makeTold(server(), `inbox://${name}`)
    await put(bucket, 'a')
    expect((await inbox(server(), name)).map(({ event, key }) => [event, key])).toEqual([['ObjectCreated:Put', 'a']])
    await remove(bucket, 'a')
    expect((await inbox(server(), name)).at(-1)).toMatchObject({ event: 'ObjectRemoved:Delete', key: 'a' })
    await settle()
    expect(await waiting()).toEqual([])
  })

  it('hears of every key of a batch', async () => {
    const name = uniqueName('inbox')
    const { bucket } = await makeTold(server(), `inbox://${name}`)
    const keys = Array.from({ length: 120 }, (_, n) => `k${String(n).padStart(3, '0')}`)
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')
    const answer = await server().request('POST', `/${bucket}`, {
      query: { delete: undefined },
      body: `<Delete>${objects}</Delete>`,
    })
    expect(answer.status).toBe(200)
    expect((await inbox(server(), name)).map(({ key }) => key)).toEqual(keys)
  })

  it.each([NOWHERE, 'http://127.0.0.2:9/', 'http://169.254.169.254/', 'amqp://127.0.0.1:9', 'kafka://127.0.0.1:9'])(
    'fails nothing when %s does not take it',
    async (endpoint) => {
      const { bucket } = await makeTold(server(), endpoint, { 'amqp-exchange': 'e', OpaqueData: 'x' })
      expect((await put(bucket, 'a')).status).toBe(200)
      await settle()
      expect(await waiting()).toEqual([])
    },
  )
})

describe('a persistent topic', () => {
  it('is told soon, in the order of each key', async () => {
    const name = uniqueName('inbox')
    const { bucket } = await makeTold(server(), `inbox://${name}`, PERSISTENT)
    await Promise.all(Array.from({ length: 60 }, (_, n) => put(bucket, `k${n % 3}`)))
    const told = await awaitInbox(server(), name, 60)
    expect(told).toHaveLength(60)
    for (const wanted of ['k0', 'k1', 'k2']) {
      const sequencers = told.filter(({ key }) => key === wanted).map(({ sequencer }) => sequencer)
      expect(sequencers).toHaveLength(20)
      expect(sequencers).toEqual(sequencers.toSorted())
    }
    await settle()
    expect(await waiting()).toEqual([])
  })

  it('is tried again when the clock says so', async () => {
    let isDown = true
    const sink = await sinkOf((_request, response) => {
      response.statusCode = isDown ? 503 : 200
      response.end()
    })
    const { bucket } = await makeTold(server(), sink.url, PERSISTENT)
    await put(bucket, 'a')
    await settle()
    expect(keysOf(sink)).toEqual(['a'])
    isDown = false
    await advance('PT1S')
    expect(keysOf(sink)).toEqual(['a', 'a'])
    expect(await waiting()).toEqual([])
  })

  it('lets what waits expire', async () => {
    const { bucket } = await makeTold(server(), NOWHERE, { ...PERSISTENT, time_to_live: '3600' })
    await put(bucket, 'a')
    await settle()
    const before = await metric('cozos_events_dropped_total{reason="expired"}')
    expect(await metric('cozos_events_waiting')).toBe(1)
    expect(await metric('cozos_events_waiting_bytes')).toBeGreaterThan(100)
    await advance('PT1H')
    expect(await metric('cozos_events_waiting')).toBe(0)
    expect(await metric('cozos_events_dropped_total{reason="expired"}')).toBe((before || 0) + 1)
  })

  it('that is deleted takes what waits with it', async () => {
    const { bucket, topic } = await makeTold(server(), NOWHERE, PERSISTENT)
    await put(bucket, 'a')
    await settle()
    const arn = `arn:aws:sns:default::${topic}`
    expect((await sendAction(server(), actionForm('DeleteTopic', { TopicArn: arn }))).status).toBe(200)
    await advance('PT1M')
    expect(await waiting()).toEqual([])
    expect((await put(bucket, 'b')).status).toBe(200)
  })

  it('is told by the next start of what the one before could not push', async () => {
    // An answer never comes, and the server stops all the same.
    let isMended = false
    const sink = await sinkOf((_request, response) => void (isMended && response.end()))
    const { bucket } = await makeTold(server(), sink.url, PERSISTENT)
    await put(bucket, 'a')
    await put(bucket, 'a')
    await sink.received(1)
    isMended = true
    await server().restart()
    await settle()
    expect(keysOf(sink)).toEqual(['a', 'a', 'a'])
    expect(await waiting()).toEqual([])
  })
})

it('whoever hangs up waits at no inbox any more', async () => {
  const name = uniqueName('inbox')
  const call = new AbortController()
  const url = `${server().adminUrl}/control/inbox/${name}/wait?timeoutMs=600000`
  const waits = fetch(url, { signal: call.signal }).catch((cause: Error) => cause.name)
  const isThere = async () => (await control(server(), 'inbox')).json.inboxes.includes(name)
  await vi.waitUntil(isThere)
  call.abort()
  expect(await waits).toBe('AbortError')
  await vi.waitUntil(async () => !(await isThere()))
})

it('counts what happens to events', async () => {
  const name = uniqueName('inbox')
  const { bucket } = await makeTold(server(), `inbox://${name}`)
  const persistent = await makeTold(server(), `inbox://${name}`, PERSISTENT)
  const series = ['request', 'job'].flatMap((by) =>
    ['told', 'delivered'].map((what) => `cozos_events_${what}_total{by="${by}"}`),
  )
  const values = () => Promise.all(series.map(metric))
  const before = await values()
  await put(bucket, 'a')
  await put(persistent.bucket, 'a')
  await put(persistent.bucket, 'b')
  await settle()
  expect((await values()).map((value, n) => value - (before[n] ?? 0))).toEqual([1, 1, 2, 2])
  expect(await metric('cozos_event_targets')).toBeGreaterThan(0)
  expect(await metric('cozos_event_pushes_in_flight')).toBe(0)
})
