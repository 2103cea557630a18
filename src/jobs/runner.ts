import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../lib/clock.ts'
import type { Job } from './job.ts'

export interface RunnerOptions {
  readonly clock: Clock
  /** Hears of every failed step. */
  onError(failure: { job: string; failures: number; cause: unknown }): void
  /** Changed by tests only. */
  readonly delays?: Partial<Delays>
}

/** Milliseconds of the system's time: they space out work and decide nothing. */
interface Delays {
  /** An idle job looks again after this long although nobody woke it: no wake-up may be load-bearing. */
  readonly idleMs: number
  /** How often a job that waits for a time looks at the clock, which somebody may have moved. */
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
export class JobRunner {
  readonly #lanes: readonly Lane[]
  readonly #options: RunnerOptions
  readonly #delays: Delays
  readonly #stopping = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  constructor(jobs: readonly Job[], options: RunnerOptions) {
    this.#lanes = jobs.map((job) => new Lane(job))
    this.#options = options
    this.#delays = { ...DELAYS, ...options.delays }
  }

  start(): void {
    this.#running = Promise.all(this.#lanes.map((lane) => this.#run(lane)))
  }

  /** There is work, or the clock has moved. Without a name all jobs look. A pause after a failure is not cut short. */
  wake(name?: string): void {
    for (const lane of this.#lanes) if (name === undefined || lane.job.name === name) lane.wake()
  }

  /** Aborts the steps that run and resolves when they have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const lane of this.#lanes) lane.interrupt()
    await this.#running
  }

  async #run(lane: Lane): Promise<void> {
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted; ) {
      try {
        const next = await lane.job.step(signal)
        failures = 0
        if (next === 'again') await setImmediate()
        else if (next === 'idle') await lane.sleep(this.#delays.idleMs)
        else await this.#sleepUntil(next.at, lane)
      } catch (cause) {
        if (signal.aborted) return
        failures += 1
        this.#options.onError({ job: lane.job.name, failures, cause })
        await lane.pause(retryDelayMs(failures, this.#delays))
      }
    }
  }

  async #sleepUntil(atMs: number, lane: Lane): Promise<void> {
    const { signal } = this.#stopping
    for (let woken = false; !woken && !signal.aborted; ) {
      const leftMs = atMs - this.#options.clock.now()
      if (leftMs <= 0) return
      woken = await lane.sleep(Math.min(leftMs, this.#delays.recheckMs))
    }
  }
}

/** A job and its sleep. */
class Lane {
  readonly job: Job
  /** A wake-up during a step is kept: what it announced may have come after the step looked. */
  #woken = false
  #stopped = false
  #rouse: () => void = () => undefined
  #isPause = false

  constructor(job: Job) {
    this.job = job
  }

  wake(): void {
    this.#woken = true
    if (!this.#isPause) this.#rouse()
  }

  /** Ends every sleep, now and later. */
  interrupt(): void {
    this.#stopped = true
    this.#rouse()
  }

  /** Resolves after this long, or when woken: then with true. */
  async sleep(ms: number): Promise<boolean> {
    if (!this.#woken) await this.#wait(ms)
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
