import { expect, it } from 'vitest'
import type { WriteTransaction } from '../../../src/storage/metadata/store.ts'
import type { NewOutboxEvent } from '../../../src/storage/metadata/topic-store.ts'
import { type MakePlace, useStore } from './fixture.ts'

const NONE = { topicId: 1, events: 0, bytes: 0 }

const event = (topicId: number, document: string, change: Partial<NewOutboxEvent> = {}): NewOutboxEvent => ({
  topicId,
  bucketId: 7,
  key: 'key',
  document,
  createdMs: 1000,
  ...change,
})

export function outboxContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const add = (...events: NewOutboxEvent[]) => at.store.write((tx) => tx.outbox.add(events))
  const list = (topicId: number, afterId = 0, limit = 10) =>
    at.store.read((tx) => tx.outbox.list({ topicId, afterId, limit }))
  const documents = async (topicId: number, afterId?: number, limit?: number) =>
    (await list(topicId, afterId, limit)).map(({ document }) => document)
  const totals = () => at.store.read((tx) => tx.outbox.totals())

  it('hands out the events of one topic, the oldest first, page by page, also after a restart', async () => {
    const ids = await add(event(1, 'ü1'), event(2, 'other'), event(1, 'b', { key: 'ä', notBeforeMs: 5000 }))
    const [later] = await add(event(1, 'c', { createdMs: 2000 }))
    await at.reopen()
    expect(await list(1)).toEqual([
      { ...event(1, 'ü1'), id: ids[0], tries: 0, notBeforeMs: 1000 },
      { ...event(1, 'b', { key: 'ä' }), id: ids[2], tries: 0, notBeforeMs: 5000 },
      { ...event(1, 'c', { createdMs: 2000 }), id: later, tries: 0, notBeforeMs: 2000 },
    ])
    expect(await documents(1, 0, 2)).toEqual(['ü1', 'b'])
    expect(await documents(1, ids[2])).toEqual(['c'])
    expect(await documents(3)).toEqual([])
  })

  it('knows how many wait for each topic, and their bytes', async () => {
    expect(await totals()).toEqual([])
    const ids = await add(event(2, 'ü1'), event(1, 'ab'), event(2, 'c'))
    expect(await totals()).toEqual([
      { topicId: 1, events: 1, bytes: 2 },
      { topicId: 2, events: 2, bytes: 4 },
    ])
    expect(await at.store.read((tx) => tx.outbox.total(2))).toEqual({ topicId: 2, events: 2, bytes: 4 })
    // One of them has gone already, one is another topic's.
    await at.store.write((tx) => tx.outbox.remove({ topicId: 2, ids: [ids[0]!, ids[0]!, ids[1]!] }))
    expect(await documents(2)).toEqual(['c'])
    expect(await totals()).toEqual([
      { topicId: 1, events: 1, bytes: 2 },
      { topicId: 2, events: 1, bytes: 1 },
    ])
    await at.store.write((tx) => tx.outbox.remove({ topicId: 2, ids: [ids[2]!] }))
    expect(await totals()).toEqual([{ topicId: 1, events: 1, bytes: 2 }])
    expect(await at.store.read((tx) => tx.outbox.total(2))).toEqual({ topicId: 2, events: 0, bytes: 0 })
  })

  it('postpones an event that was tried in vain, which keeps its place', async () => {
    const ids = await add(event(1, 'a'), event(1, 'b'))
    const postpone = (notBeforeMs: number) =>
      at.store.write((tx) => tx.outbox.postpone({ topicId: 1, ids: [ids[0]!], notBeforeMs }))
    await postpone(3000)
    await postpone(4000)
    expect(await list(1)).toMatchObject([
      { document: 'a', tries: 2, notBeforeMs: 4000 },
      { document: 'b', tries: 0, notBeforeMs: 1000 },
    ])
  })

  it('drops all that waits for a topic', async () => {
    await add(event(1, 'a'), event(1, 'b'), event(2, 'c'))
    await at.store.write((tx) => tx.outbox.drop(1))
    expect(await documents(1)).toEqual([])
    expect(await totals()).toEqual([{ topicId: 2, events: 1, bytes: 1 }])
  })

  it('knows in a transaction what the others of its batch have added, removed and dropped, and what was undone', async () => {
    const [old] = await add(event(1, 'old'), event(2, 'o'), event(3, 'gone'))
    const seen: unknown[] = []
    const look = (work: (tx: WriteTransaction) => Promise<unknown>, cause?: Error) =>
      at.store.write(async (tx) => {
        await work(tx)
        seen.push(await tx.outbox.totals())
        expect((await tx.outbox.totals()).find(({ topicId }) => topicId === 1) ?? NONE).toEqual(
          await tx.outbox.total(1),
        )
        if (cause !== undefined) throw cause
      })
    const undone = new Error('undone')
    const outcomes = await Promise.allSettled([
      look((tx) => tx.outbox.add([event(1, 'ab'), event(3, 'cd')])),
      look((tx) => tx.outbox.drop(1), undone),
      look((tx) => tx.outbox.add([event(2, 'undone')]), undone),
      look((tx) => tx.outbox.remove({ topicId: 1, ids: [old!] })),
      look((tx) => tx.outbox.drop(3)),
      look((tx) => tx.outbox.add([event(3, 'e')])),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(
      [0, 1, 1, 0, 0, 0].map((isUndone) => (isUndone === 1 ? 'rejected' : 'fulfilled')),
    )
    const of = (topicId: number, events: number, bytes: number) => ({ topicId, events, bytes })
    expect(seen).toEqual([
      [of(1, 2, 5), of(2, 1, 1), of(3, 2, 6)],
      [of(2, 1, 1), of(3, 2, 6)],
      [of(1, 2, 5), of(2, 2, 7), of(3, 2, 6)],
      [of(1, 1, 2), of(2, 1, 1), of(3, 2, 6)],
      [of(1, 1, 2), of(2, 1, 1)],
      [of(1, 1, 2), of(2, 1, 1), of(3, 1, 1)],
    ])
    expect(await totals()).toEqual(seen.at(-1))
    expect([await documents(1), await documents(2), await documents(3)]).toEqual([['ab'], ['o'], ['e']])
  })

  it('counts upwards in the order of the writes, also after a restart', async () => {
    const next = () => at.store.write((tx) => tx.outbox.nextSequence())
    const before = await Promise.all([next(), next(), next()])
    expect(before).toEqual([...new Set(before)].sort((one, other) => one - other))
    await at.reopen()
    expect(await next()).toBeGreaterThan(before[2]!)
  })

  it('leaves nothing of a write that throws, and everything that it would have removed', async () => {
    const [id] = await add(event(1, 'kept'))
    const failing = at.store.write(async (tx) => {
      await tx.outbox.add([event(1, 'undone')])
      await tx.outbox.remove({ topicId: 1, ids: [id!] })
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await documents(1)).toEqual(['kept'])
    expect(await totals()).toEqual([{ topicId: 1, events: 1, bytes: 4 }])
  })
}
