import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { untilAborted } from '../../src/lib/until-aborted.ts'

async function* count(to: number, left: string[]): AsyncGenerator<number, void, void> {
  try {
    for (let n = 1; n <= to; n++) yield n
  } finally {
    left.push('left')
  }
}

async function collect(source: AsyncIterable<number>, stopAt = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = []
  for await (const n of source) {
    seen.push(n)
    if (n === stopAt) break
  }
  return seen
}

it('passes everything on, and leaves no listener', async () => {
  const { signal } = new AbortController()
  const left: string[] = []
  expect(await collect(untilAborted(count(3, left), signal))).toEqual([1, 2, 3])
  expect(left).toEqual(['left'])
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('tells the source when its consumer stops early', async () => {
  const { signal } = new AbortController()
  const left: string[] = []
  expect(await collect(untilAborted(count(3, left), signal), 2)).toEqual([1, 2])
  expect(left).toEqual(['left'])
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('passes the failure of the source on as it is', async () => {
  const cause = new Error('broken')
  const source = (async function* () {
    yield 1
    throw cause
  })()
  await expect(collect(untilAborted(source, new AbortController().signal))).rejects.toBe(cause)
})

it('ends with the reason while a piece is awaited, between pieces, and before the first', async () => {
  const reason = new Error('stop')
  const waiting = new AbortController()
  const silent = (async function* () {
    yield 1
    await new Promise(() => undefined)
  })()
  const between = untilAborted(silent, waiting.signal)
  expect(await between.next()).toEqual({ done: false, value: 1 })
  const next = between.next()
  waiting.abort(reason)
  await expect(next).rejects.toBe(reason)
  expect(getEventListeners(waiting.signal, 'abort')).toEqual([])

  const left: string[] = []
  await expect(collect(untilAborted(count(3, left), waiting.signal))).rejects.toBe(reason)
  const later = new AbortController()
  const counted = untilAborted(count(3, left), later.signal)
  await counted.next()
  later.abort(reason)
  await expect(counted.next()).rejects.toBe(reason)
})
