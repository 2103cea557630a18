import { expect, it } from 'vitest'
import { type Looking, TopicQueue } from '../../../src/domain/notifications/topic-queue.ts'
import type { OutboxEvent } from '../../../src/storage/metadata/topic-store.ts'

const NOW = 1_000_000
const LOOKING: Looking = {
  delivery: { persistent: true, timeToLiveS: undefined, maxRetries: undefined, retrySleepS: undefined },
  nowMs: NOW,
  taken: () => undefined,
}

let ids = 0

function row(key: string, change: Partial<OutboxEvent> = {}): OutboxEvent {
  ids += 1
  const document = '{}'
  return { id: ids, topicId: 1, bucketId: 1, key, document, createdMs: NOW, notBeforeMs: NOW, tries: 0, ...change }
}

/** A table that a queue reads. */
function tableOf(rows: OutboxEvent[]) {
  const queue = new TopicQueue()
  const read = (looking: Looking = LOOKING): OutboxEvent[] => {
    const { afterId, limit } = queue.range
    return queue.take(rows.filter(({ id }) => id > afterId).slice(0, limit), looking)
  }
  /** Reads as long as it likes; what began, by key. */
  const walk = (looking: Looking = LOOKING): string[] => {
    const begun: string[] = []
    while (queue.isHungry(looking.nowMs)) begun.push(...read(looking).map(({ key }) => key))
    return begun
  }
  const write = (): void => {
    const outcomes = queue.unwritten()
    if (outcomes === undefined) return
    for (const id of outcomes.gone) remove(rows, id)
    for (const { ids: postponed, notBeforeMs } of outcomes.again) {
      for (const id of postponed) replace(rows, id, notBeforeMs)
    }
    queue.written(outcomes)
  }
  return { queue, read, walk, write, rows }
}

function remove(rows: OutboxEvent[], id: number): void {
  rows.splice(
    rows.findIndex((one) => one.id === id),
    1,
  )
}

function replace(rows: OutboxEvent[], id: number, notBeforeMs: number): void {
  const place = rows.findIndex((one) => one.id === id)
  const old = rows[place]!
  rows[place] = { ...old, tries: old.tries + 1, notBeforeMs }
}

const numbered = (count: number, key: (n: number) => string = String) => Array.from({ length: count }, (_, n) => key(n))

it('begins one event of each key, and goes on with the next one of that key', () => {
  const rows = ['a', 'b', 'a', 'a'].map((key) => row(key))
  const { queue, walk, write } = tableOf(rows.slice())
  expect(walk()).toEqual(['a', 'b'])
  const [first, b, second, third] = rows
  expect(queue.end(first!, 'gone', NOW)).toBe(second)
  expect(queue.end(b!, 'gone', NOW)).toBeUndefined()
  expect(queue.end(second!, 'gone', NOW)).toBe(third)
  expect(queue.isUnderWay).toBe(true)
  expect(queue.end(third!, 'gone', NOW)).toBeUndefined()
  expect(queue.unwritten()).toEqual({ gone: rows.map(({ id }) => id).toSorted((x, y) => x - y), again: [] })
  expect(queue.isEmpty).toBe(false)
  write()
  expect([queue.isEmpty, queue.isUnderWay]).toEqual([true, false])
})

it('what has failed stands before the others of its key until it is due', () => {
  const rows = [row('a'), row('a'), row('b')]
  const { queue, walk, write } = tableOf(rows.slice())
  walk()
  expect(queue.end(rows[0]!, { againMs: NOW + 10, lookMs: NOW + 5 }, NOW)).toBeUndefined()
  expect(queue.dueMs).toBe(NOW + 5)
  // Even before it is written down.
  queue.more()
  expect(walk({ ...LOOKING, nowMs: NOW + 20 })).toEqual([])
  write()
  expect(walk({ ...LOOKING, nowMs: NOW + 4 })).toEqual([])
  expect(walk({ ...LOOKING, nowMs: NOW + 9 })).toEqual([])
  expect(walk({ ...LOOKING, nowMs: NOW + 10 })).toEqual(['a'])
})

it('what has not been tried is left as it is', () => {
  const rows = [row('a')]
  const { queue, walk } = tableOf(rows)
  walk()
  queue.end(rows[0]!, 'left', NOW)
  expect([queue.unwritten(), queue.isUnderWay]).toEqual([undefined, false])
  expect(walk({ ...LOOKING, nowMs: NOW + 999 })).toEqual([])
  expect(walk({ ...LOOKING, nowMs: NOW + 1_000 })).toEqual(['a'])
})

it('what a request is pushing stands before the others of its key, and what it has pushed before none', () => {
  const { queue, walk } = tableOf([row('a'), row('b'), row('a'), row('c'), row('c')])
  const first = ids - 4
  const taken = (id: number) => (id === first ? 'under-way' : id === first + 3 ? 'pushed' : undefined)
  expect(walk({ ...LOOKING, taken })).toEqual(['b', 'c'])
  expect([queue.dueMs, queue.walkMsMax]).toEqual([NOW + 1_000, 1_000])
})

it('what is forgotten behind the first of a key is read again', () => {
  const rows = ['a', 'a', 'a', 'b'].map((key) => row(key))
  const { queue, walk, write } = tableOf(rows.slice(0, 1).concat(rows.slice(2)))
  expect(walk()).toEqual(['a', 'b'])
  queue.forgetNext()
  expect(queue.end(rows[0]!, 'gone', NOW)).toBeUndefined()
  write()
  expect(walk()).toEqual(['a'])
  expect(queue.end(rows[2]!, 'gone', NOW)).toBeUndefined()
})

it('new events are found behind the end, and those of a waiting key wait', () => {
  const rows = [row('a', { tries: 1, notBeforeMs: NOW + 50 })]
  const { queue, walk } = tableOf(rows)
  expect(walk()).toEqual([])
  expect(queue.isAtEnd).toBe(true)
  rows.push(row('a'), row('b'))
  expect(walk()).toEqual([])
  queue.more()
  expect(walk()).toEqual(['b'])
})

it('has so many in memory, and finds the others later', () => {
  const rows = numbered(1_000).map((key) => row(key))
  const { queue, walk, write } = tableOf(rows)
  const seen: string[] = []
  for (let round = 0; rows.length > 0; round += 1) {
    expect(round).toBeLessThan(100)
    const keys = new Set(walk())
    const begun = rows.filter(({ key }) => keys.has(key))
    expect(begun.length).toBeLessThanOrEqual(64)
    for (const event of begun) queue.end(event, 'gone', NOW)
    seen.push(...begun.map(({ key }) => key))
    write()
  }
  expect(seen).toEqual(numbered(1_000))
})

it('a key with thousands keeps the others from nothing, and its own order', () => {
  const rows = [...numbered(300, () => 'hot'), 'late'].map((key) => row(key))
  const all = rows.slice()
  const { queue, walk, write } = tableOf(rows)
  const delivered: number[] = []
  expect(walk()).toEqual(['hot', 'late'])
  queue.end(all.at(-1)!, 'gone', NOW)
  for (let event: OutboxEvent | undefined = all[0]; event !== undefined; ) {
    delivered.push(event.id)
    const next: OutboxEvent | undefined = queue.end(event, 'gone', NOW)
    if (next === undefined) {
      write()
      walk()
    }
    event = next ?? rows[0]
  }
  expect(delivered).toEqual(all.slice(0, -1).map(({ id }) => id))
  expect(queue.isEmpty).toBe(true)
})

it('looks at nothing behind too many that wait', () => {
  const later = { tries: 1, notBeforeMs: NOW + 50 }
  const rows = [...numbered(1_000).map((key) => row(key, later)), row('behind')]
  const { queue, walk } = tableOf(rows)
  expect(walk()).toEqual([])
  expect([queue.isAtEnd, queue.isEmpty, queue.dueMs]).toEqual([true, false, NOW + 50])
  // New events do not change that.
  queue.more()
  expect(walk()).toEqual([])
  rows.splice(0, 1)
  expect(walk({ ...LOOKING, nowMs: NOW + 49 })).toEqual([])
  expect(walk({ ...LOOKING, nowMs: NOW + 50 })).toHaveLength(64)
})

it('looks at nothing behind too many of a key that waits', () => {
  const rows = [row('a', { tries: 1, notBeforeMs: NOW + 50 }), ...numbered(10_000, () => 'a').map((key) => row(key))]
  const { queue, walk } = tableOf([...rows, row('behind')])
  expect(walk()).toEqual([])
  expect(queue.dueMs).toBe(NOW + 50)
})
