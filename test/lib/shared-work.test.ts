import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { SharedWork } from '../../src/lib/shared-work.ts'

const { signal } = new AbortController()

/** Work that a test ends, and how often it was begun. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const signals: AbortSignal[] = []
  const work = (stop: AbortSignal) => {
    signals.push(stop)
    stop.addEventListener('abort', () => reject(stop.reason))
    return promise
  }
  return { work, resolve, reject, signals }
}

it('does once what several want at the same moment, and again what is wanted later', async () => {
  const shared = new SharedWork<string>()
  const first = held()
  const results = [1, 2, 3].map(() => shared.run('k', first.work, signal))
  const other = shared.run('other', async () => 'other', signal)
  expect(await other).toBe('other')
  first.resolve('done')
  expect(await Promise.all(results)).toEqual(['done', 'done', 'done'])
  expect(first.signals).toHaveLength(1)
  expect(shared.size).toBe(0)
  expect(await shared.run('k', async () => 'again', signal)).toBe('again')
})

it('fails for all who wait, and not for who comes later', async () => {
  const shared = new SharedWork<string>()
  const first = held()
  const results = [1, 2].map(() => shared.run('k', first.work, signal))
  first.reject(new Error('failed'))
  const outcomes = await Promise.allSettled(results)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await shared.run('k', async () => 'fine', signal)).toBe('fine')
})

it('goes on for the others when the first one leaves', async () => {
  const shared = new SharedWork<string>()
  const work = held()
  const leaving = new AbortController()
  const first = shared.run('k', work.work, leaving.signal)
  const second = shared.run('k', work.work, signal)
  leaving.abort(new Error('client gone'))
  await expect(first).rejects.toThrow('client gone')
  expect(work.signals[0]?.aborted).toBe(false)
  work.resolve('done')
  expect(await second).toBe('done')
})

it('is aborted when nobody is left; whoever comes then begins anew', async () => {
  const shared = new SharedWork<string>()
  const work = held()
  const leaving = [new AbortController(), new AbortController()]
  const results = leaving.map((one) => shared.run('k', work.work, one.signal))
  leaving[0]?.abort(new Error('first gone'))
  leaving[1]?.abort(new Error('second gone'))
  expect(work.signals[0]?.reason).toEqual(new Error('second gone'))
  const next = held()
  const anew = shared.run('k', next.work, signal)
  await expect(results[0]).rejects.toThrow('first gone')
  await expect(results[1]).rejects.toThrow('second gone')
  await setImmediate()
  // The end of the old one has not made room for a third.
  expect(shared.size).toBe(1)
  next.resolve('anew')
  expect(await anew).toBe('anew')
})

it('begins nothing for who has left already', async () => {
  const shared = new SharedWork<string>()
  const work = held()
  await expect(shared.run('k', work.work, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  expect(work.signals).toEqual([])
})
