import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { Job, Lanes, NextStep } from '../../src/jobs/job.ts'
import { JobRunner, retryDelayMs } from '../../src/jobs/runner.ts'
import { SettableClock } from '../../src/lib/clock.ts'

/** It stands still unless a test moves it. */
const clock = {
  nowMs: 1_000_000,
  now: () => clock.nowMs,
  realMsUntil: (atMs: number) => (atMs <= clock.nowMs ? 0 : Number.POSITIVE_INFINITY),
}
const QUICK = { firstRetryMs: 1, lastRetryMs: 2 }
/** Far beyond the test: only a wake-up can end such a sleep. */
const NEVER = { idleMs: 2 ** 30, recheckMs: 2 ** 30 }

let runner: JobRunner | undefined
afterEach(() => runner?.stop())

/** A job that answers from a script, and whose steps a test awaits. */
class Scripted implements Job {
  readonly name: string
  readonly #script: (() => NextStep | Promise<NextStep>)[]
  readonly #waiting: { steps: number; resolve: () => void }[] = []
  steps = 0

  constructor(name: string, script: (() => NextStep | Promise<NextStep>)[]) {
    this.name = name
    this.#script = script
  }

  async step(): Promise<NextStep> {
    const answer = this.#script[this.steps] ?? (() => 'idle' as const)
    this.steps += 1
    for (const { resolve } of this.#waiting.filter(({ steps }) => steps <= this.steps)) resolve()
    return answer()
  }

  done(steps: number): Promise<void> {
    if (this.steps >= steps) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ steps, resolve }))
  }
}

function start(jobs: Job[], delays: object = NEVER): { job: string; failures: number; cause: unknown }[] {
  const errors: { job: string; failures: number; cause: unknown }[] = []
  runner = new JobRunner(jobs, { clock, onError: (failure) => errors.push(failure), delays: { ...NEVER, ...delays } })
  runner.start()
  return errors
}

async function turns(count = 20): Promise<void> {
  for (let n = 0; n < count; n++) await setImmediate()
}

it('goes on at once after "again", and gives the event loop a turn in between', async () => {
  let turned = 0
  const turn = () => {
    turned += 1
    return 'again' as const
  }
  const job = new Scripted('a', [turn, turn, turn])
  let immediates = 0
  const tick = () => {
    immediates += 1
    if (job.steps < 4) globalThis.setImmediate(tick)
  }
  globalThis.setImmediate(tick)
  start([job])
  await job.done(4)
  expect(turned).toBe(3)
  expect(immediates).toBeGreaterThanOrEqual(3)
})

it('sleeps when idle until it is woken by its name or with all', async () => {
  const [a, b] = [new Scripted('a', []), new Scripted('b', [])]
  start([a, b])
  await turns()
  expect([a.steps, b.steps]).toEqual([1, 1])
  runner!.wake('a')
  await a.done(2)
  await turns()
  expect([a.steps, b.steps]).toEqual([2, 1])
  runner!.wake()
  await Promise.all([a.done(3), b.done(2)])
})

it('looks again after a while although nobody woke it', async () => {
  const job = new Scripted('a', [])
  start([job], { idleMs: 1 })
  await job.done(3)
})

it('a wake-up during a step is not lost', async () => {
  const job: Scripted = new Scripted('a', [
    () => {
      runner!.wake('a')
      return 'idle'
    },
  ])
  start([job])
  await job.done(2)
  await turns()
  expect(job.steps).toBe(2)
})

it('waits for the clock, and sees that it was moved', async () => {
  const at = clock.nowMs + 24 * 60 * 60 * 1000
  const job = new Scripted('a', [() => ({ at })])
  start([job], { recheckMs: 1 })
  await job.done(1)
  await turns()
  expect(job.steps).toBe(1)
  clock.nowMs = at
  await job.done(2)
})

it('a wake-up ends the wait for the clock', async () => {
  const job = new Scripted('a', [() => ({ at: clock.nowMs + 1 }), () => ({ at: clock.nowMs + 1 })])
  start([job])
  await job.done(1)
  await turns()
  runner!.wake()
  await job.done(2)
})

it('a time that has passed is now', async () => {
  const job = new Scripted('a', [() => ({ at: clock.nowMs }), () => ({ at: 0 })])
  start([job])
  await job.done(3)
})

it('reports failures and comes back; other jobs go on', async () => {
  const cause = new Error('disk')
  const fail = () => Promise.reject(cause)
  const [bad, good] = [new Scripted('bad', [fail, fail, () => 'again', fail]), new Scripted('good', [() => 'again'])]
  const errors = start([bad, good], QUICK)
  await Promise.all([bad.done(5), good.done(2)])
  expect(errors).toEqual([
    { job: 'bad', failures: 1, cause },
    { job: 'bad', failures: 2, cause },
    { job: 'bad', failures: 1, cause },
  ])
})

it('a pause after a failure is not cut short by work that comes in', async () => {
  const job = new Scripted('a', [() => Promise.reject(new Error('disk'))])
  start([job], { firstRetryMs: 2 ** 30, lastRetryMs: 2 ** 30 })
  await job.done(1)
  await turns()
  runner!.wake('a')
  await turns()
  expect(job.steps).toBe(1)
})

it('pauses double up to a limit', () => {
  const delays = { idleMs: 0, recheckMs: 0, firstRetryMs: 1_000, lastRetryMs: 300_000 }
  expect([1, 2, 3, 9, 10, 5_000].map((failures) => retryDelayMs(failures, delays))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ])
})

it('stop aborts the step that runs, waits for it, and ends every sleep', async () => {
  let ended = false
  const long: Job = {
    name: 'long',
    step: async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await turns()
      ended = true
      throw signal.reason
    },
  }
  const failed = new Scripted('failed', [() => Promise.reject(new Error('disk'))])
  const errors = start([long, new Scripted('idle', []), new Scripted('timed', [() => ({ at: 2 ** 50 })]), failed])
  await failed.done(1)
  await turns()
  await runner!.stop()
  expect(ended).toBe(true)
  expect(errors.map(({ job }) => job)).toEqual(['failed'])
  await runner!.stop()
})

it('waits in real time where a job asks for it, however the clock goes', async () => {
  const job = new Scripted('a', [() => ({ afterMs: 1 }), () => ({ at: clock.nowMs + 1, afterMs: 1 })])
  start([job])
  await job.done(3)
})

it('waits for the real time that a fast clock needs', async () => {
  const fast = new SettableClock()
  fast.set({ speed: 1_000_000 })
  const job = new Scripted('a', [() => ({ at: fast.now() + 3_600_000 })])
  runner = new JobRunner([job], { clock: fast, onError: () => undefined, delays: NEVER })
  runner.start()
  await job.done(2)
})

const signal = new AbortController().signal

it('tells when all jobs have looked and rest', async () => {
  let work = 3
  const a: Scripted = new Scripted(
    'a',
    Array(20).fill(() => (work-- > 0 ? 'again' : 'idle')),
  )
  const b = new Scripted('b', [() => ({ at: clock.nowMs + 1 })])
  start([a, b])
  await runner!.settled(signal)
  expect(work).toBeLessThan(0)
  expect(runner!.busy()).toEqual([])
  const seen = [a.steps, b.steps]
  work = 5
  await runner!.settled(signal)
  expect(a.steps).toBeGreaterThanOrEqual(seen[0]! + 6)
  expect(b.steps).toBeGreaterThan(seen[1]!)
})

it('looks again at what one job has left for another', async () => {
  let left = 0
  const done: string[] = []
  const take = (): NextStep => {
    if (left === 0) return 'idle'
    left = 0
    done.push('b')
    return 'again'
  }
  const second = new Scripted('second', Array(20).fill(take))
  const slow = async (): Promise<NextStep> => {
    await turns()
    if (done.length > 0) return 'idle'
    done.push('a')
    left = 1
    return 'idle'
  }
  start([second, new Scripted('first', Array(20).fill(slow))])
  await runner!.settled(signal)
  expect(done).toEqual(['a', 'b'])
})

it('names the jobs that find no rest, and stops waiting for them', async () => {
  const busy = new Scripted(
    'busy',
    Array(100_000).fill(() => 'again'),
  )
  const failed = new Scripted('failed', [() => Promise.reject(new Error('disk'))])
  start([busy, new Scripted('idle', []), failed])
  await turns()
  const impatient = new AbortController()
  const settled = runner!.settled(impatient.signal)
  await turns()
  impatient.abort(new Error('enough'))
  await expect(settled).rejects.toThrow('enough')
  expect(runner!.busy()).toEqual(['busy', 'failed'])
})

it('tells who waits for rest that the runner stops', async () => {
  start([
    new Scripted(
      'busy',
      Array(100_000).fill(() => 'again'),
    ),
  ])
  const settled = runner!.settled(signal)
  await Promise.all([expect(settled).rejects.toThrow('the server stops'), runner!.stop()])
  await expect(runner!.settled(signal)).rejects.toThrow('the server stops')
})

/** A job that begins others. */
class Parent extends Scripted {
  lanes: Lanes | undefined

  attach(lanes: Lanes): void {
    this.lanes = lanes
  }
}

it('runs what a job begins, until that is over', async () => {
  const child = new Scripted('child', [() => 'again', () => 'idle', () => 'over'])
  const parent = new Parent('parent', [])
  start([parent])
  await turns()
  expect(runner!.busy()).toEqual([])
  parent.lanes!.run(child)
  await child.done(2)
  await turns()
  parent.lanes!.wake('child')
  await child.done(3)
  await turns()
  expect([child.steps, parent.steps]).toEqual([3, 1])
  parent.lanes!.wake('child')
  await turns()
  expect(child.steps).toBe(3)
})

it('settles when what has been begun rests too, or is over', async () => {
  const order: string[] = []
  const note = (name: string, answer: NextStep) => () => {
    order.push(name)
    return answer
  }
  const [first, second] = [
    new Scripted('first', [note('first', 'again'), note('first', 'over')]),
    new Scripted('second', [note('second', 'again'), note('second', 'idle')]),
  ]
  const begin = (): NextStep => {
    parent.lanes?.run(first)
    parent.lanes?.run(second)
    return 'idle'
  }
  const parent = new Parent('parent', [() => 'idle', begin])
  start([parent])
  await parent.done(1)
  await turns()
  await runner!.settled(signal)
  expect(order.toSorted()).toEqual(['first', 'first', 'second', 'second'])
  await runner!.stop()
  runner!.run(new Scripted('late', [note('late', 'idle')]))
  await turns()
  expect(order).not.toContain('late')
})
