import { expect, it } from 'vitest'
import type { ReadTransaction } from '../../../src/storage/metadata/store.ts'
import type { NewTopic } from '../../../src/storage/metadata/topic-store.ts'
import { type MakePlace, useStore } from './fixture.ts'

const newTopic = (name: string, change: Partial<NewTopic> = {}): NewTopic => ({
  tenant: '',
  name,
  ownerId: 'owner',
  attributes: { 'push-endpoint': 'http://127.0.0.1:1', OpaqueData: 'ü' },
  sealedAttributes: undefined,
  createdMs: 1000,
  ...change,
})

export function topicContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const put = (...topics: NewTopic[]) =>
    at.store.write(async (tx) => {
      for (const topic of topics) await tx.topics.put(topic)
    })
  const names = (tenant: string, after?: string, limit = 10) =>
    at.store.read(async (tx) => (await tx.topics.list({ tenant, after, limit })).map(({ name }) => name))

  it('hands a topic back as it was put, by its name and by its id, also after a restart', async () => {
    const topic = newTopic('a', { tenant: 't', sealedAttributes: Buffer.from([0, 1, 2]) })
    const row = await at.store.write((tx) => tx.topics.put(topic))
    expect(row).toMatchObject(topic)
    await at.reopen()
    expect(await at.store.read((tx) => tx.topics.find({ tenant: 't', name: 'a' }))).toEqual(row)
    expect(await at.store.read((tx) => tx.topics.findById(row.id))).toEqual(row)
    expect(await at.store.read((tx) => tx.topics.find({ tenant: '', name: 'a' }))).toBeUndefined()
    expect(await at.store.read((tx) => tx.topics.findById(row.id + 1))).toBeUndefined()
  })

  it('replaces what a topic is, and leaves it its id, its owner and its time', async () => {
    const first = await at.store.write((tx) => tx.topics.put(newTopic('a', { sealedAttributes: Buffer.from('x') })))
    const change = newTopic('a', { ownerId: 'other', attributes: { z: '1', a: '2' }, createdMs: 2000 })
    const second = await at.store.write((tx) => tx.topics.put(change))
    expect(second).toEqual({
      ...first,
      attributes: { z: '1', a: '2' },
      sealedAttributes: undefined,
      revision: second.revision,
    })
    expect(Object.keys(second.attributes)).toEqual(['z', 'a'])
    expect(second.revision).not.toBe(first.revision)
    expect(await at.store.read((tx) => tx.topics.count(''))).toBe(1)
  })

  it('shows a write and later reads every change, whoever has asked for the topic before', async () => {
    const endpointSeen = async (tx: ReadTransaction) =>
      (await tx.topics.find({ tenant: '', name: 'a' }))?.attributes['push-endpoint']
    const move = (port: string, cause?: Error) =>
      at.store.write(async (tx) => {
        await tx.topics.put(newTopic('a', { attributes: { 'push-endpoint': port } }))
        if (cause !== undefined) throw cause
      })
    await move('first')
    expect(await at.store.read(endpointSeen)).toBe('first')
    const outcomes = await Promise.allSettled([
      at.store.write(endpointSeen),
      move('second'),
      at.store.write(endpointSeen),
      move('third', new Error('undone')),
      at.store.write(endpointSeen),
    ])
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'undone'))).toEqual([
      'first',
      undefined,
      'second',
      'undone',
      'second',
    ])
    expect(await at.store.read(endpointSeen)).toBe('second')
    const { id } = await at.store.write((tx) => tx.topics.put(newTopic('a')))
    await at.store.write((tx) => tx.topics.remove(id))
    expect(await at.store.read(endpointSeen)).toBeUndefined()
    expect(await at.store.write(endpointSeen)).toBeUndefined()
  })

  it('lists the topics of one tenant in the order of their names', async () => {
    await put(newTopic('c'), newTopic('a'), newTopic('b'), newTopic('x', { tenant: 't' }))
    expect(await names('')).toEqual(['a', 'b', 'c'])
    expect(await names('', 'a', 1)).toEqual(['b'])
    expect(await names('t')).toEqual(['x'])
    expect(await at.store.read((tx) => tx.topics.count(''))).toBe(3)
  })

  it('lists those with sealed attributes, of all tenants', async () => {
    const sealedAttributes = Buffer.from('sealed')
    await put(newTopic('a', { sealedAttributes }), newTopic('b'), newTopic('c', { tenant: 't', sealedAttributes }))
    const first = await at.store.read((tx) => tx.topics.listSealed({ afterId: 0, limit: 1 }))
    expect(first.map(({ name }) => name)).toEqual(['a'])
    const rest = await at.store.read((tx) => tx.topics.listSealed({ afterId: first[0]!.id, limit: 10 }))
    expect(rest.map(({ name }) => name)).toEqual(['c'])
  })

  it('removes a topic and what waits for it, and nothing of the others', async () => {
    const [a, b] = await at.store.write(async (tx) => [
      await tx.topics.put(newTopic('a')),
      await tx.topics.put(newTopic('b')),
    ])
    const event = (topicId: number) => ({ topicId, bucketId: 1, key: 'k', document: '{}', createdMs: 1 })
    await at.store.write((tx) => tx.outbox.add([event(a.id), event(b.id)]))
    await at.store.write((tx) => tx.topics.remove(a.id))
    expect(await names('')).toEqual(['b'])
    expect(await at.store.read((tx) => tx.outbox.totals())).toEqual([{ topicId: b.id, events: 1, bytes: 2 }])
    expect(await at.store.read((tx) => tx.outbox.list({ topicId: a.id, afterId: 0, limit: 9 }))).toEqual([])
  })
}
