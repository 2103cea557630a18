import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EndpointSealed } from '../../../src/domain/notifications/endpoints.ts'
import { type TopicTrouble, Troubles } from '../../../src/domain/notifications/troubles.ts'
import type { TopicRow } from '../../../src/storage/metadata/topic-store.ts'
import { PushFailed } from '../../../src/topics/topic.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const topic = (id: number, change: Partial<TopicRow> = {}): TopicRow => {
  const name = `t${id}`
  const sealedAttributes = undefined
  return { id, revision: 1, tenant: '', name, ownerId: 'o', attributes: {}, sealedAttributes, createdMs: 0, ...change }
}

function troubles(): { heard: TopicTrouble[]; of: Troubles } {
  const heard: TopicTrouble[] = []
  return { heard, of: new Troubles((trouble) => heard.push(trouble)) }
}

const refused = new PushFailed('refused', 'http://x answered 500')

it('speaks of a topic once a minute, and says how often it was silent', () => {
  const { heard, of } = troubles()
  for (let count = 0; count < 5; count += 1) of.failed(topic(1), refused)
  of.failed(topic(2, { tenant: 'acme' }), refused)
  of.dropped(topic(1), 'expired', 7)
  vi.advanceTimersByTime(59_999)
  of.failed(topic(1), refused)
  expect(heard).toHaveLength(3)
  vi.advanceTimersByTime(1)
  of.failed(topic(1), new PushFailed('timeout', 'late'))
  expect(heard).toEqual([
    {
      level: 'warn',
      message: 'an event could not be pushed',
      details: { topic: 't1', reason: 'refused', cause: 'http://x answered 500' },
    },
    expect.objectContaining({ details: { topic: 'acme:t2', reason: 'refused', cause: 'http://x answered 500' } }),
    {
      level: 'warn',
      message: 'an event will not be delivered',
      details: { topic: 't1', reason: 'expired', events: 7 },
    },
    expect.objectContaining({ details: { topic: 't1', reason: 'timeout', cause: 'late', likeItBefore: 5 } }),
  ])
})

it('speaks once of secrets that do not open, until the topic is another', () => {
  const { heard, of } = troubles()
  const sealed = new EndpointSealed(new Error('broken'))
  of.failed(topic(1), sealed)
  vi.advanceTimersByTime(3_600_000)
  of.failed(topic(1), sealed)
  expect(heard).toHaveLength(1)
  of.failed(topic(1, { revision: 2 }), sealed)
  expect(heard.map(({ level }) => level)).toEqual(['error', 'error'])
})

it('remembers a bounded number of topics', () => {
  const { heard, of } = troubles()
  for (let id = 0; id < 1_001; id += 1) of.failed(topic(id), refused)
  of.failed(topic(1_000), refused)
  expect(heard).toHaveLength(1_001)
  of.failed(topic(0), refused)
  expect(heard).toHaveLength(1_002)
})
