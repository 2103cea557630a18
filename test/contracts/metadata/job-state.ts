import { expect, it } from 'vitest'
import { type MakePlace, useStore } from './fixture.ts'

export function jobStateContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const set = (name: string, value: object | string | number | undefined) =>
    at.store.write((tx) => tx.jobState.set(name, value))

  it('keeps what a job puts there, over a restart too, until it is removed', async () => {
    const state = { afterKey: 'ü', counts: [1, 2], done: false }
    await set('job/1', { afterKey: 'a' })
    await set('job/1', state)
    const store = await at.reopen()
    expect(await store.read((tx) => tx.jobState.get('job/1'))).toEqual(state)
    expect(await store.read((tx) => tx.jobState.get('job/2'))).toBeUndefined()
    await set('job/1', undefined)
    await set('job/2', undefined)
    expect(await store.read((tx) => tx.jobState.get('job/1'))).toBeUndefined()
  })

  it('lists by prefix, taken literally, in the order of names', async () => {
    for (const [n, name] of ['job/2', 'job/1', 'job', 'job%', 'jo', 'other/1'].entries()) await set(name, n)
    const list = (prefix: string) => at.store.read((tx) => tx.jobState.list(prefix))
    expect(await list('job/')).toEqual([
      { name: 'job/1', value: 1 },
      { name: 'job/2', value: 0 },
    ])
    expect((await list('')).map(({ name }) => name)).toEqual(['jo', 'job', 'job%', 'job/1', 'job/2', 'other/1'])
    expect(await list('job%')).toHaveLength(1)
    expect(await list('x')).toEqual([])
  })
}
