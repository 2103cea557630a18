import { fastify } from 'fastify'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { controlApi } from '../../src/http/control.ts'
import { inboxControl } from '../../src/http/control-inbox.ts'
import { Inboxes } from '../../src/topics/inbox.ts'
import { topicEvent } from '../support/targets.ts'

let inboxes: Inboxes

const app = fastify()
app.register(controlApi(() => inboxControl(inboxes)))
afterAll(() => app.close())

beforeEach(() => {
  inboxes = new Inboxes()
})

async function push(name: string, ...keys: string[]): Promise<void> {
  const target = inboxes.open({ kind: 'inbox', name })
  for (const key of keys) await target.push(topicEvent({ key }), new AbortController().signal)
}

async function send(path: string, method: 'GET' | 'DELETE' | 'PUT' = 'GET') {
  const answer = await app.inject({ method, url: `/control/inbox${path}` })
  return { status: answer.statusCode, json: answer.json() }
}

const keysOf = (json: { events: { document: { Records: { s3: { object: { key: string } } }[] } }[] }) =>
  json.events.map(({ document }) => document.Records[0]!.s3.object.key)

it('lists inboxes, what is in them, and what matches', async () => {
  expect((await send('')).json).toEqual({ inboxes: [] })
  await push('ci', 'x/1', 'y/2', 'x/3')
  await push('b')
  await push('a.b-c', 'z')
  expect((await send('')).json).toEqual({ inboxes: ['a.b-c', 'ci'] })
  const { status, json } = await send('/ci')
  expect([status, keysOf(json), json.dropped]).toEqual([200, ['x/1', 'y/2', 'x/3'], 0])
  expect(json.events[0]).toMatchObject({ number: 1, topic: 'topic', receivedAtMs: expect.any(Number) })
  expect(keysOf((await send('/ci?match=ObjectCreated:*,prefix=x%2F')).json)).toEqual(['x/1', 'x/3'])
  expect(keysOf((await send('/a%2Eb-c')).json)).toEqual(['z'])
  expect((await send('/nothing')).json).toEqual({ events: [], dropped: 0 })
})

it('forgets what it is told to', async () => {
  await push('ci', 'x/1', 'y/2', 'x/3')
  expect((await send('/ci?match=prefix=x/', 'DELETE')).json).toEqual({ cleared: 2 })
  expect(keysOf((await send('/ci')).json)).toEqual(['y/2'])
  expect((await send('/ci', 'DELETE')).json).toEqual({ cleared: 1 })
})

it('waits until there are enough', async () => {
  const waiting = send('/ci/wait?count=2&match=prefix=x/&timeoutMs=60000')
  await push('ci', 'x/1', 'y/2', 'x/3')
  const { status, json } = await waiting
  expect([status, keysOf(json)]).toEqual([200, ['x/1', 'x/3']])
  expect((await send('/ci/wait')).status).toBe(200)
})

it('says so when there are not', async () => {
  await push('ci', 'x/1')
  const { status, json } = await send('/ci/wait?count=2&timeoutMs=5')
  expect([status, keysOf(json), json.error]).toEqual([504, ['x/1'], '1 of 2 events have come within 5 ms'])
})

it.each([
  ['/ci?match=colour=red', 400, /^match: expected/],
  ['/ci?prefix=x', 400, /^unknown parameter prefix/],
  ['/ci?match=a&match=b', 400, /^match: expected one value/],
  ['/ci/wait?count=x', 400, /^count: expected a whole number/],
  ['/ci/wait?timeoutMs=600001', 400, /^timeoutMs: expected a whole number from 0 to 600000/],
  ['/no%20name', 400, /^expected the name of an inbox/],
  [`/${'x'.repeat(65)}/wait`, 400, /^expected the name of an inbox/],
  ['/ci/else', 404, /there is \/control\/inbox, /],
  ['/', 404, /there is no/],
])('%s: %d', async (path, status, reason) => {
  const answer = await send(path)
  expect([answer.status, answer.json.error ?? answer.json.message]).toEqual([status, expect.stringMatching(reason)])
})

it('other methods are refused', async () => {
  expect((await send('/ci', 'PUT')).status).toBe(405)
})
