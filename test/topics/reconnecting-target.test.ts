import { describe, expect, it, vi } from 'vitest'
import { type Link, LinkLost, ReconnectingTarget } from '../../src/topics/reconnecting-target.ts'
import { PushFailed } from '../../src/topics/topic.ts'
import { failureOf, topicEvent } from '../support/targets.ts'

const never = new AbortController().signal
const event = topicEvent()

type Send = Link['send']

/** A target whose connections are made by `connect`; each sends with the next of `sends`, and then well. */
function target({ sends = [], connect, delays }: Parts) {
  const links: { isClosed: boolean }[] = []
  const troubles: string[] = []
  const make = (): Link => {
    const link = { isClosed: false }
    links.push(link)
    return {
      send: async (sent, signal) => await sends.shift()?.(sent, signal),
      close: async () => {
        link.isClosed = true
      },
    }
  }
  return {
    links,
    troubles,
    target: new ReconnectingTarget({
      name: 'broker',
      connect: async (signal) => {
        await connect?.(signal)
        return make()
      },
      onTrouble: (message) => troubles.push(message),
      delays: { firstMs: 10, lastMs: 40, resendMs: [1, 1, 1], ...delays },
    }),
  }
}

interface Parts {
  readonly sends?: Send[]
  readonly connect?: (signal: AbortSignal) => Promise<void>
  readonly delays?: { firstMs?: number; lastMs?: number; resendMs?: number[] }
}

const lost: Send = async () => {
  throw new LinkLost('unreachable', 'hung up')
}

it('connects once for all that is pushed', async () => {
  const { target: pushed, links } = target({})
  await Promise.all([pushed.push(event, never), pushed.push(event, never)])
  await pushed.push(event, never)
  expect(links).toEqual([{ isClosed: false }])
  await pushed.close()
  expect(links).toEqual([{ isClosed: true }])
  expect((await failureOf(pushed.push(event, never))).reason).toBe('stopping')
})

describe('a connection that is lost', () => {
  it('is closed, and the event is sent again over another one', async () => {
    const { target: pushed, links, troubles } = target({ sends: [lost, lost] })
    await pushed.push(event, never)
    expect(links).toEqual([{ isClosed: true }, { isClosed: true }, { isClosed: false }])
    expect(troubles).toEqual(['hung up', 'hung up'])
    await pushed.push(event, never)
    expect(links).toHaveLength(3)
  })

  it('is given up after so many', async () => {
    const { target: pushed, links } = target({ sends: [lost, lost, lost, lost], delays: { firstMs: 60_000 } })
    expect(await failureOf(pushed.push(event, never))).toMatchObject({ reason: 'unreachable', message: 'hung up' })
    expect(links).toHaveLength(4)
    // From now on, it fails at once.
    expect((await failureOf(pushed.push(event, never))).message).toMatch(/^hung up \(tried again in \d+ ms\)$/)
    expect(links).toHaveLength(4)
  })

  it('counts once, however many events were under way', async () => {
    const sends = Array.from({ length: 40 }, () => lost)
    const { target: pushed } = target({ sends, delays: { firstMs: 1_000, lastMs: 60_000 } })
    const failures = await Promise.all(Array.from({ length: 10 }, () => failureOf(pushed.push(event, never))))
    expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(['unreachable']))
    const { message } = await failureOf(pushed.push(event, never))
    expect(Number(/tried again in (\d+) ms/.exec(message)?.[1])).toBeLessThanOrEqual(1_200)
  })

  it('ends with the push that is called off meanwhile', async () => {
    const calling = new AbortController()
    const { target: pushed, troubles } = target({ sends: [lost], delays: { resendMs: [60_000] } })
    const push = failureOf(pushed.push(event, calling.signal))
    await vi.waitUntil(() => troubles.length === 1)
    calling.abort(new PushFailed('timeout', 'over'))
    expect((await push).reason).toBe('timeout')
  })

  it('ends with the target that is closed meanwhile', async () => {
    const { target: pushed, troubles } = target({ sends: [lost], delays: { resendMs: [60_000] } })
    const push = failureOf(pushed.push(event, never))
    await vi.waitUntil(() => troubles.length === 1)
    await pushed.close()
    expect((await push).reason).toBe('stopping')
  })
})

it('an event that is refused costs no connection', async () => {
  const refuse: Send = async () => {
    throw new PushFailed('too-large', 'no')
  }
  const { target: pushed, links } = target({ sends: [refuse] })
  expect((await failureOf(pushed.push(event, never))).reason).toBe('too-large')
  await pushed.push(event, never)
  expect(links).toEqual([{ isClosed: false }])
})

describe('a connection that fails', () => {
  it('in a way that nobody has thought of is a failed push all the same', async () => {
    const { target: pushed } = target({
      connect: async () => {
        throw new TypeError('undefined is not a function')
      },
    })
    expect(await failureOf(pushed.push(event, never))).toMatchObject({ reason: 'unreachable' })
  })

  it('fails what is pushed until the next one is due; pauses grow and end', async () => {
    let isDown = true
    const attempts: number[] = []
    const { target: pushed } = target({
      connect: async () => {
        attempts.push(performance.now())
        if (isDown) throw new PushFailed('refused', 'wrong password')
      },
    })
    const isTaken = () =>
      pushed.push(event, never).then(
        () => true,
        () => false,
      )
    expect(await failureOf(pushed.push(event, never))).toMatchObject({ reason: 'refused', message: 'wrong password' })
    expect((await failureOf(pushed.push(event, never))).message).toMatch(/^wrong password \(tried again in/)
    expect(attempts).toHaveLength(1)
    await vi.waitUntil(async () => !(await isTaken()) && attempts.length === 5, { interval: 1, timeout: 10_000 })
    const pauses = attempts.slice(1).map((atMs, index) => atMs - attempts[index]!)
    // 10, 20, 40 and 40 milliseconds, a fifth more or less; a busy machine only ever makes them longer.
    expect(pauses.map((pause, index) => pause >= [8, 16, 32, 32][index]! - 1)).toEqual([true, true, true, true])
    isDown = false
    await vi.waitUntil(isTaken, { interval: 1, timeout: 10_000 })
  })

  it('is not waited for by a push that is called off, but by the others', async () => {
    const connecting = Promise.withResolvers<void>()
    const { target: pushed, links } = target({ connect: () => connecting.promise })
    const calling = new AbortController()
    const off = failureOf(pushed.push(event, calling.signal))
    const other = pushed.push(event, never)
    calling.abort(new PushFailed('timeout', 'over'))
    expect((await off).reason).toBe('timeout')
    connecting.resolve()
    await other
    expect(links).toHaveLength(1)
  })

  it('is told to give up when the target is closed', async () => {
    const { target: pushed } = target({
      connect: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    })
    const push = failureOf(pushed.push(event, never))
    await pushed.close()
    expect((await push).reason).toBe('stopping')
  })
})
