import { setImmediate } from 'node:timers/promises'
import { addCounts, applyHits, applyTransitions, type Counts, NO_COUNTS } from '../domain/lifecycle/apply.ts'
import { dayBegin } from '../domain/lifecycle/due.ts'
import type { Terms } from '../domain/lifecycle/plan.ts'
import { firstPosition, type Hit, type Page, scanPage } from '../domain/lifecycle/scan.ts'
import {
  type LifecycleState,
  nextRunMs,
  type RunReport,
  type RunState,
  STATE_PREFIX,
  stateName,
  termsOf,
} from '../domain/lifecycle/state.ts'
import { Teller } from '../domain/notifications/teller.ts'
import type { Services } from '../domain/services.ts'
import type { BucketRef, BucketRow } from '../storage/metadata/rows.ts'
import type { ReadTransaction } from '../storage/metadata/store.ts'
import type { Job, NextStep } from './job.ts'

/** Rows that one step looks at: a millisecond or two, which a request may have to wait. */
const STEP_ROWS = 200
/** Versions that are taken away together: the transaction is as short as a read. */
const STEP_HITS = 25
/** How far a run without effects goes until its place is written down: as much is looked at again after a crash. */
const CHECKPOINT_ROWS = 20_000
/** Buckets whose turn is looked at together. */
const BUCKETS_PAGE = 50
/** Days may be short in tests; the job does not look more often than this, by the clock. */
const LOOK_MS_MIN = 50

export interface LifecycleOptions {
  /** A transition that failed; the next run tries it again. */
  onFailure(failure: { bucket: string; key: string; cause: unknown }): void
}

export interface LifecycleJob extends Job {
  /**
   * Asks for a run of a bucket, whatever the time of day. Whoever asks wakes the job. Resolves when a run that began
   * later than this has ended; with undefined where the bucket has no rules any more. Rejects when it fails.
   */
  request(bucketId: number): Promise<RunReport | undefined>
}

/** Carries out the rules of all buckets that have some: once a day, at its beginning. */
export function lifecycle(services: Services, options: LifecycleOptions): LifecycleJob {
  return new Lifecycle(services, options)
}

interface Run {
  readonly id: number
  readonly ref: BucketRef
  readonly asked: Request | undefined
  /** Of the run before. */
  readonly last: RunReport | undefined
  state: RunState
  /** Rows behind the place that is written down, and what was found among them. */
  unsaved: number
  pending: readonly Hit[]
}

type Request = PromiseWithResolvers<RunReport | undefined>

/** A bucket with rules, and what is known of its runs. */
interface Turn {
  readonly bucket: BucketRow
  readonly state: LifecycleState | undefined
}

class Lifecycle implements LifecycleJob {
  readonly name = 'lifecycle'
  readonly #services: Services
  readonly #options: LifecycleOptions
  /** By bucket. */
  readonly #requests = new Map<number, Request>()
  #run: Run | undefined
  /** Whose run was the last one: the buckets behind it come next. */
  #lastId = 0

  constructor(services: Services, options: LifecycleOptions) {
    this.#services = services
    this.#options = options
  }

  request(bucketId: number): Promise<RunReport | undefined> {
    const asked = this.#requests.get(bucketId) ?? Promise.withResolvers()
    this.#requests.set(bucketId, asked)
    return asked.promise
  }

  async step(signal: AbortSignal): Promise<NextStep> {
    this.#run ??= (await this.#requested()) ?? (await this.#due())
    if (this.#run === undefined) {
      const { clock, dayMs } = this.#services
      const nowMs = clock.now()
      return { at: Math.max(dayBegin(nowMs, dayMs) + dayMs, nowMs + LOOK_MS_MIN) }
    }
    await this.#advanceOrStandBack(this.#run, signal)
    return 'again'
  }

  /** A run that fails goes on when the others have had their turn: what breaks one bucket must not stop them all. */
  async #advanceOrStandBack(run: Run, signal: AbortSignal): Promise<void> {
    try {
      await this.#advance(run, signal)
    } catch (cause) {
      this.#run = undefined
      if (!signal.aborted) run.asked?.reject(cause)
      throw cause
    }
  }

  /** A run that somebody asked for. */
  async #requested(): Promise<Run | undefined> {
    for (const [id, asked] of this.#requests) {
      this.#requests.delete(id)
      const [turn] = await this.#turns(id - 1, 1)
      if (turn?.bucket.id === id) return this.#begin(turn, asked)
      asked.resolve(undefined)
    }
    return undefined
  }

  /** The next run that is due, or that a restart has interrupted. */
  async #due(): Promise<Run | undefined> {
    const seen = new Set<string>()
    const lastId = this.#lastId
    // Behind the last one, then from the beginning: those up to it are asked again, so that none is missed.
    for (const fromId of lastId === 0 ? [0] : [lastId, 0]) {
      for await (const { bucket, state } of this.#turnsBehind(fromId)) {
        seen.add(stateName(bucket.id))
        const run = this.#isDue({ bucket, state }) ? this.#begin({ bucket, state }, undefined) : undefined
        if (run === undefined) continue
        this.#lastId = run.id
        return run
      }
    }
    await this.#forgetOthers(seen)
    return undefined
  }

  async *#turnsBehind(fromId: number): AsyncGenerator<Turn, void, undefined> {
    for (let afterId = fromId; ; await setImmediate()) {
      const turns = await this.#turns(afterId, BUCKETS_PAGE)
      yield* turns
      const last = turns.at(-1)
      if (last === undefined || turns.length < BUCKETS_PAGE) return
      afterId = last.bucket.id
    }
  }

  #turns(afterId: number, limit: number): Promise<Turn[]> {
    return this.#services.metadata.read(async (tx) => {
      const buckets = await tx.buckets.listWithSetting('lifecycle', { afterId, limit })
      const turns: Turn[] = []
      for (const bucket of buckets) turns.push({ bucket, state: await tx.jobState.get(stateName(bucket.id)) })
      return turns
    })
  }

  #isDue({ bucket, state }: Turn): boolean {
    const { clock, dayMs } = this.#services
    const nowMs = clock.now()
    const { lifecycle } = bucket.settings
    return lifecycle !== undefined && nextRunMs(state, lifecycle, { nowMs, dayMs }) <= nowMs
  }

  #begin({ bucket, state }: Turn, asked: Request | undefined): Run | undefined {
    const { clock, dayMs } = this.#services
    const { id, tenant, name, settings } = bucket
    const ref = { tenant, name }
    // What was asked for begins anew: it was asked for after an interrupted run has begun.
    if (state?.running !== undefined && asked === undefined) {
      return { id, ref, asked, last: state.last, state: state.running, unsaved: 0, pending: [] }
    }
    const terms = termsOf(bucket, dayMs)
    if (terms === undefined) return undefined
    const nowMs = clock.now()
    const position = firstPosition(terms) ?? { phase: 'uploads' }
    const putMs = settings.lifecycle?.putMs ?? nowMs
    const begun = { forMs: dayBegin(nowMs, dayMs), putMs, startedMs: nowMs, position, counts: NO_COUNTS }
    return { id, ref, asked, last: state?.last, state: begun, unsaved: 0, pending: [] }
  }

  async #advance(run: Run, signal: AbortSignal): Promise<void> {
    const { metadata, clock } = this.#services
    const nowMs = clock.now()
    // 1. Look, and change nothing: most rows are not due, and a read holds up nobody's writing.
    const found = await metadata.read(async (tx) => {
      const present = await this.#present(tx, run)
      if (present === undefined) return undefined
      const hitsMax = STEP_HITS - run.pending.length
      const request = { ...present, position: run.state.position, nowMs, rowsMax: STEP_ROWS, hitsMax }
      return { ...present, page: await scanPage(tx, request) }
    })
    const page: Page = found?.page ?? { hits: [], scanned: 0, next: undefined }
    const hits = [...run.pending, ...page.hits]
    const unsaved = run.unsaved + page.scanned
    const scanned = addCounts(run.state.counts, { scanned: page.scanned })
    if (page.next !== undefined && hits.length < STEP_HITS && unsaved < CHECKPOINT_ROWS) {
      run.state = { ...run.state, position: page.next, counts: scanned }
      run.unsaved = unsaved
      run.pending = hits
      return
    }
    // 2. What moves has transactions of its own; an object may be due for removal behind its move.
    const moved = found === undefined ? {} : await this.#move(hits, { ...found, signal })
    const counts = addCounts(scanned, moved)
    // 3. What goes, and how far the run has come, in one transaction: nothing is done twice, and nothing is left out.
    const saved = await new Teller(this.#services).write(async (tx, tell) => {
      const present = await this.#present(tx, run)
      const applied = present === undefined ? undefined : await applyHits(tx, hits, { ...present, tell })
      const next = applied === undefined ? undefined : behind(page.next, applied.removed)
      const state = this.#stateAfter(run, { next, counts: addCounts(counts, applied?.counts ?? {}) })
      const bucket = await tx.buckets.find(run.ref)
      const hasRules = bucket?.id === run.id && bucket.settings.lifecycle !== undefined
      await tx.jobState.set(stateName(run.id), hasRules ? state : undefined)
      return state
    })
    run.unsaved = 0
    run.pending = []
    if (saved.running !== undefined) {
      run.state = saved.running
      return
    }
    this.#run = undefined
    run.asked?.resolve(saved.last)
  }

  /** The bucket and its rules, as long as they are the ones that the run carries out. */
  async #present(
    tx: ReadTransaction,
    run: Run,
  ): Promise<{ services: Services; bucket: BucketRow; terms: Terms } | undefined> {
    const services = this.#services
    const bucket = await tx.buckets.find(run.ref)
    const terms = bucket?.id === run.id ? termsOf(bucket, services.dayMs) : undefined
    if (bucket === undefined || terms?.configuration.putMs !== run.state.putMs) return undefined
    return { services, bucket, terms }
  }

  async #move(
    hits: readonly Hit[],
    { bucket, terms, signal }: { bucket: BucketRow; terms: Terms; signal: AbortSignal },
  ): Promise<Partial<Counts>> {
    const rules = terms.configuration.rules
    const moves = rules.some((rule) => rule.transitions.length > 0 || rule.noncurrentTransitions.length > 0)
    if (!moves || hits.length === 0) return {}
    const onFailure = ({ row, cause }: { row: { key: string }; cause: unknown }): void =>
      this.#options.onFailure({ bucket: bucket.name, key: row.key, cause })
    return await applyTransitions(hits, { services: this.#services, bucket, terms, signal, onFailure })
  }

  #stateAfter({ state, last: before }: Run, { next, counts }: { next: Page['next']; counts: Counts }): LifecycleState {
    if (next !== undefined) return { running: { ...state, position: next, counts }, last: before }
    const last = { startedMs: state.startedMs, endedMs: this.#services.clock.now(), ...counts }
    return { ranForMs: state.forMs, last }
  }

  /** Buckets that have gone, or whose rules have. */
  async #forgetOthers(seen: ReadonlySet<string>): Promise<void> {
    const { metadata } = this.#services
    const all = await metadata.read((tx) => tx.jobState.list(STATE_PREFIX))
    const gone = all.map(({ name }) => name).filter((name) => !seen.has(name))
    if (gone.length === 0) return
    await metadata.write(async (tx) => {
      for (const name of gone) await tx.jobState.set(name, undefined)
    })
  }
}

/** Where to go on, with the knowledge whether the version that stands there was taken away by the run. */
function behind(next: Page['next'], removed: ReadonlySet<number>): Page['next'] {
  if (next?.version === undefined || !removed.has(next.version.id)) return next
  return { ...next, version: { ...next.version, isRemoved: true } }
}
