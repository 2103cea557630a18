import { setImmediate } from 'node:timers/promises'
import type { TimedClock } from '../lib/clock.ts'
import type { Job, Lanes, NextStep } from './job.ts'

export interface RunnerOptions {
  readonly clock: TimedClock
  /** Hears of every failed step. */
  onError(failure: { job: string; failures: number; cause: unknown }): void
  /** Changed by tests only. */
  readonly delays?: Partial<Delays>
}

/** Milliseconds of the system's time: they space out work and decide nothing. */
interface Delays {
  /** An idle job looks again after this long although nobody woke it: no wake-up may be load-bearing. */
  readonly idleMs: number
  /** How often a job that waits for a time looks at the clock: the machine's own may have been moved. */
  readonly recheckMs: number
  /** The pause after a first failure; it doubles with each further one. */
  readonly firstRetryMs: number
  /** No pause after a failure is longer. */
  readonly lastRetryMs: number
}

const DELAYS: Delays = { idleMs: 60_000, recheckMs: 5_000, firstRetryMs: 1_000, lastRetryMs: 300_000 }

/** The pause after so many failures in a row. */
export function retryDelayMs(failures: number, { firstRetryMs, lastRetryMs }: Delays = DELAYS): number {
  return Math.min(firstRetryMs * 2 ** (failures - 1), lastRetryMs)
}

/** Runs the steps of jobs, each job's one after another, until it is stopped. */
export class JobRunner implements Lanes {
  readonly #lanes: Set<Lane>
  readonly #options: RunnerOptions
  readonly #delays: Delays
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  /** Jobs that other jobs have begun. */
  #begun = 0

  constructor(jobs: readonly Job[], options: RunnerOptions) {
    this.#lanes = new Set(jobs.map((job) => new Lane(job)))
    this.#options = options
    this.#delays = { ...DELAYS, ...options.delays }
  }

  start(): void {
    for (const lane of [...this.#lanes]) this.#start(lane)
  }

  run(job: Job): void {
    const lane = new Lane(job)
    this.#begun += 1
    this.#lanes.add(lane)
    this.#start(lane)
  }

  /** There is work, or the clock has moved. Without a name all jobs look. A pause after a failure is not cut short. */
  wake(name?: string): void {
    for (const lane of this.#lanes) if (name === undefined || lane.job.name === name) lane.wake()
  }

  /** Aborts the steps that run and resolves when they have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const lane of this.#lanes) lane.interrupt()
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /**
   * Resolves when all jobs have looked, have done what there was to do at the present clock, and rest. One job's work
   * may be another's beginning: they look again until a whole round finds nothing, and twice at the least.
   * @throws Error when the runner stops meanwhile; the signal's reason
   */
  async settled(signal: AbortSignal): Promise<void> {
    for (let round = 1, worked = true; worked || round <= 2; round++) {
      if (this.#stopping.signal.aborted) throw stopped()
      const begun = this.#begun
      const rests = Promise.all([...this.#lanes].map((lane) => lane.rest()))
      const didWork = await unlessAborted(rests, signal)
      worked = didWork.includes(true) || this.#begun > begun
    }
  }

  /** The names of the jobs that do not rest. */
  busy(): string[] {
    return [...this.#lanes].filter((lane) => !lane.rests).map((lane) => lane.job.name)
  }

  #start(lane: Lane): void {
    const running = this.#run(lane).finally(() => {
      this.#running.delete(running)
      this.#lanes.delete(lane)
      lane.end()
    })
    this.#running.add(running)
  }

  async #run(lane: Lane): Promise<void> {
    const { signal } = this.#stopping
    lane.job.attach?.(this)
    for (let failures = 0; !signal.aborted; ) {
      try {
        const next = await lane.step(signal)
        failures = 0
        if (next === 'over') return
        if (next === 'again') await setImmediate()
        else await this.#sleep(next, lane)
      } catch (cause) {
        if (signal.aborted) return
        failures += 1
        this.#options.onError({ job: lane.job.name, failures, cause })
        await lane.pause(retryDelayMs(failures, this.#delays))
      }
    }
  }

  async #sleep(next: Exclude<NextStep, 'again' | 'over'>, lane: Lane): Promise<void> {
    const { signal } = this.#stopping
    const { idleMs, recheckMs } = this.#delays
    const times: { at?: number; afterMs?: number } = next === 'idle' ? { afterMs: idleMs } : next
    const { at, afterMs = Number.POSITIVE_INFINITY } = times
    const endMs = performance.now() + afterMs
    for (let woken = false; !woken && !signal.aborted; ) {
      const byClockMs = at === undefined ? Number.POSITIVE_INFINITY : this.#options.clock.realMsUntil(at)
      const leftMs = Math.min(byClockMs, endMs - performance.now())
      if (leftMs <= 0) return await setImmediate()
      woken = await lane.sleep(Math.min(leftMs, recheckMs))
    }
  }
}

/** What the promise resolves with, unless the signal aborts before: then its reason is thrown. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Somebody who waits for a job's rest. */
interface RestWaiter {
  /** The first step that can have seen what the waiter has done. */
  readonly firstStep: number
  resolve(didWork: boolean): void
  reject(cause: Error): void
}

/** A job and its sleep. */
class Lane {
  readonly job: Job
  /** A wake-up during a step is kept: what it announced may have come after the step looked. */
  #woken = false
  #stopped = false
  #rouse: () => void = () => undefined
  #isPause = false
  #steps = 0
  #rests = false
  readonly #waiting = new Set<RestWaiter>()

  constructor(job: Job) {
    this.job = job
  }

  /** Whether it sleeps, and not because its last step failed. */
  get rests(): boolean {
    return this.#rests
  }

  async step(signal: AbortSignal): Promise<NextStep> {
    this.#steps += 1
    return await this.job.step(signal)
  }

  /**
   * Wakes the job and resolves when it rests again: with whether it took more than the one step to see that there is
   * nothing to do.
   * @throws Error when the runner stops meanwhile
   */
  rest(): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    if (this.#stopped) reject(stopped())
    else this.#waiting.add({ firstStep: this.#steps + 1, resolve, reject })
    this.wake()
    return promise
  }

  wake(): void {
    this.#woken = true
    if (!this.#isPause) this.#rouse()
  }

  /** Ends every sleep, now and later. */
  interrupt(): void {
    this.#stopped = true
    this.#rouse()
    for (const { reject } of this.#waiting) reject(stopped())
    this.#waiting.clear()
  }

  /** There will be no further step: it did what it could. */
  end(): void {
    for (const { resolve } of this.#waiting) resolve(true)
    this.#waiting.clear()
  }

  /** Resolves after this long, or when woken: then with true. */
  async sleep(ms: number): Promise<boolean> {
    if (!this.#woken) {
      this.#rests = true
      this.#tellRest()
      await this.#wait(ms)
      this.#rests = false
    }
    const woken = this.#woken
    this.#woken = false
    return woken
  }

  /** A sleep from which only a stop wakes. */
  async pause(ms: number): Promise<void> {
    this.#isPause = true
    await this.#wait(ms)
    this.#isPause = false
  }

  #tellRest(): void {
    for (const waiter of this.#waiting) {
      if (waiter.firstStep > this.#steps) continue
      this.#waiting.delete(waiter)
      waiter.resolve(this.#steps > waiter.firstStep)
    }
  }

  #wait(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      // Unreferenced: a sleeping job keeps no process alive.
      const timer = setTimeout(resolve, ms).unref()
      this.#rouse = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function stopped(): Error {
  return new Error('the server stops')
}
