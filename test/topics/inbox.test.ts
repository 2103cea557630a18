import { describe, expect, it } from 'vitest'
import { Inboxes } from '../../src/topics/inbox.ts'
import { isMatch, matchableOf, parseMatch } from '../../src/topics/inbox-match.ts'
import { failureOf, topicEvent } from '../support/targets.ts'

const never = new AbortController().signal

function opened(limits = {}) {
  const inboxes = new Inboxes({ clock: { now: () => 1234 }, limits })
  const push = (parts: Parameters<typeof topicEvent>[0] = {}, name = 'ci') =>
    inboxes.open({ kind: 'inbox', name }).push(topicEvent(parts), never)
  const keys = (match = {}) => inboxes.list('ci', match).events.map(({ document }) => keyOf(document))
  return { inboxes, push, keys }
}

function keyOf(document: unknown): string {
  return (document as { Records: { s3: { object: { key: string } } }[] }).Records[0]!.s3.object.key
}

it('lists what was pushed, in its order, and forgets it when told to', async () => {
  const { inboxes, push, keys } = opened()
  await push({ key: 'a', topic: 'one' })
  await push({ key: 'b' })
  await push({ key: 'elsewhere' }, 'other')
  const { document } = topicEvent({ key: 'a', topic: 'one' })
  expect(inboxes.list('ci').events[0]).toEqual({
    number: 1,
    receivedAtMs: 1234,
    topic: 'one',
    document: JSON.parse(String(document)),
  })
  expect([keys(), inboxes.names()]).toEqual([
    ['a', 'b'],
    ['ci', 'other'],
  ])
  expect([inboxes.clear('ci', { key: 'a' }), keys(), inboxes.clear('ci'), keys()]).toEqual([1, ['b'], 1, []])
  expect([inboxes.list('nothing'), inboxes.clear('nothing')]).toEqual([{ events: [], dropped: 0 }, 0])
  expect(inboxes.names()).toEqual(['other'])
  await push({ key: 'c' })
  expect(inboxes.list('ci').events[0]!.number).toBe(1)
})

it('filters', async () => {
  const { push, keys } = opened()
  await push({ key: 'x/1.jpg', event: 'ObjectCreated:Put', bucket: 'photos' })
  await push({ key: 'x/2.txt', event: 'ObjectRemoved:Delete', bucket: 'photos' })
  await push({ key: 'y/3.jpg', event: 'ObjectCreated:Copy', bucket: 'texts', topic: 'other' })
  expect(keys({ event: 'ObjectCreated:*' })).toEqual(['x/1.jpg', 'y/3.jpg'])
  expect(keys({ prefix: 'x/' })).toEqual(['x/1.jpg', 'x/2.txt'])
  expect(keys({ suffix: '.jpg', bucket: 'texts' })).toEqual(['y/3.jpg'])
  expect(keys({ key: 'x/2.txt' })).toEqual(['x/2.txt'])
  expect(keys({ topic: 'other' })).toEqual(['y/3.jpg'])
  expect(keys({ prefix: 'x/', event: 'ObjectCreated' })).toEqual(['x/1.jpg'])
})

describe('bounds', () => {
  it('the oldest events make room', async () => {
    const { inboxes, push, keys } = opened({ eventsMax: 3 })
    for (const key of ['a', 'b', 'c', 'd', 'e']) await push({ key })
    expect([keys(), inboxes.list('ci').dropped]).toEqual([['c', 'd', 'e'], 2])
    inboxes.clear('ci')
    expect(inboxes.list('ci').dropped).toBe(0)
  })

  it('so do they for bytes', async () => {
    const bytes = topicEvent({ key: 'a' }).document.length
    const { push, keys } = opened({ bytesMax: 2 * bytes })
    for (const key of ['a', 'b', 'c']) await push({ key })
    expect(keys()).toEqual(['b', 'c'])
    expect(await failureOf(push({ key: 'x'.repeat(2 * bytes) }))).toMatchObject({ reason: 'too-large' })
    expect(keys()).toEqual(['b', 'c'])
  })

  it('there are so many inboxes', async () => {
    const { push } = opened({ inboxesMax: 2 })
    await push({}, 'a')
    await push({}, 'b')
    expect((await failureOf(push({}, 'c'))).reason).toBe('busy')
    await push({}, 'a')
  })

  it('so many wait', async () => {
    const { inboxes } = opened({ waitersMax: 1 })
    const calling = new AbortController()
    const first = inboxes.wait('ci', { count: 1, timeoutMs: 60_000, signal: calling.signal })
    const second = inboxes.wait('ci', { count: 1, timeoutMs: 60_000 })
    await expect(second).rejects.toMatchObject({ reason: 'busy' })
    calling.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    expect((await inboxes.wait('ci', { count: 0, timeoutMs: 60_000 })).events).toEqual([])
  })
})

describe('waiting', () => {
  it('ends with the last event that is wanted', async () => {
    const { inboxes, push } = opened()
    await push({ key: 'x/1' })
    const match = { event: 'ObjectCreated', prefix: 'x/' }
    const waiting = inboxes.wait('ci', { count: 2, match, timeoutMs: 60_000 })
    await push({ key: 'y/2' })
    await push({ key: 'x/3', event: 'ObjectRemoved:Delete' })
    await push({ key: 'x/4' })
    expect((await waiting).events.map(({ document }) => keyOf(document))).toEqual(['x/1', 'x/4'])
  })

  it('ends at once when all are there', async () => {
    const { inboxes, push } = opened()
    await push()
    expect((await inboxes.wait('ci', { count: 1, timeoutMs: 60_000 })).events).toHaveLength(1)
  })

  it('goes on over a clearing, and leaves nothing behind', async () => {
    const { inboxes, push } = opened()
    const waiting = inboxes.wait('ci', { count: 1, match: { key: 'b' }, timeoutMs: 60_000 })
    await push({ key: 'a' })
    inboxes.clear('ci')
    await push({ key: 'b' })
    expect((await waiting).events).toHaveLength(1)
    await inboxes.wait('other', { count: 1, timeoutMs: 1 })
    expect(inboxes.names()).toEqual(['ci'])
  })

  it('is for events that are there, and not for those that have gone', async () => {
    const { inboxes, push } = opened({ eventsMax: 2 })
    const match = { prefix: 'a' }
    const waiting = inboxes.wait('ci', { count: 2, match, timeoutMs: 60_000 })
    await push({ key: 'a1' })
    inboxes.clear('ci', { key: 'a1' })
    await push({ key: 'a2' })
    for (const key of ['b', 'c']) await push({ key })
    for (const key of ['a3', 'a4']) await push({ key })
    expect((await waiting).events.map(({ document }) => keyOf(document))).toEqual(['a3', 'a4'])
  })

  it('ends with fewer when the time is over', async () => {
    const { inboxes, push } = opened()
    await push()
    expect((await inboxes.wait('ci', { count: 2, timeoutMs: 10 })).events).toHaveLength(1)
  })
})

it.each([
  ['', {}],
  ['ObjectCreated:*', { event: 'ObjectCreated:*' }],
  ['event=ObjectCreated,prefix=x/,bucket=b', { event: 'ObjectCreated', prefix: 'x/', bucket: 'b' }],
  ['key=a%2Cb%25=c', { key: 'a,b%=c' }],
  ['suffix=.jpg,topic=t', { suffix: '.jpg', topic: 't' }],
  ['colour=red', undefined],
  ['key=a,key=b', undefined],
  ['key=%zz', undefined],
])('the text %s is the match %j', (text, match) => {
  expect(parseMatch(text)).toEqual(match)
})

it.each([
  ['ObjectCreated', 'ObjectCreated:Put', true],
  ['ObjectCreated:*', 's3:ObjectCreated:Put', true],
  ['s3:ObjectCreated:Put', 'ObjectCreated:Put', true],
  ['ObjectCreated:Put', 'ObjectCreated:Post', false],
  ['ObjectCreate', 'ObjectCreated:Put', false],
  ['ObjectLifecycle:Expiration:*', 'ObjectLifecycle:Expiration:Current', true],
  ['*', 'ObjectRemoved:Delete', true],
])('event %s matches %s: %s', (wanted, event, expected) => {
  const facts = matchableOf('t', { Records: [{ eventName: event }] })
  expect(isMatch({ event: wanted }, facts)).toBe(expected)
})

it('a document without records matches what asks for nothing', () => {
  for (const document of [null, 1, {}, { Records: [] }, { Records: [{ s3: null }] }]) {
    const facts = matchableOf('t', document)
    expect([isMatch({}, facts), isMatch({ topic: 't' }, facts), isMatch({ bucket: 'b' }, facts)]).toEqual([
      true,
      true,
      false,
    ])
  }
})
