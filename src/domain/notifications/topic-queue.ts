import type { OutboxEvent } from '../../storage/metadata/topic-store.ts'
import type { Delivery } from '../../topics/delivery.ts'
import { orderingKey } from './publisher.ts'
import type { Taken } from './pushing-outlet.ts'
import { fateOf, RETRY_MS_MIN } from './retry.ts'

/**
 * Keys of which an event is under way at once. An HTTP target has 16 connections, and each push five seconds: so many
 * are in time as long as the endpoint takes less than one.
 */
const KEYS_MAX = 64
/** Of endpoints that take many events with one request, or one after the other on one connection. */
export const KEYS_TOGETHER_MAX = 256
/** Events of a topic that are in memory, and of one key: a key with thousands must not keep the others out. */
const EVENTS_MAX = 512
const KEY_EVENTS_MAX = 64
/** Rows that are read together. */
const PAGE_EVENTS = 256
/**
 * Keys that wait which are remembered during a walk, and rows of them that it passes over. Behind so many, nothing is
 * looked at until the first of them is due: an endpoint that refuses a thousand keys is in trouble as a whole.
 */
const WAITING_KEYS_MAX = 1_000
const PASSED_MAX = 10_000
/**
 * No walk's findings are believed for longer, in milliseconds of the system's time; nor those of a walk that has met
 * with what requests push, because nobody says when they are done.
 */
const WALK_MS_MAX = 60_000
const WALK_BESIDE_MS_MAX = 1_000

/**
 * What becomes of an event: it is gone; it has failed, and is tried again at a time (its topic is looked at then, or
 * when it expires before); or it has not been tried at all.
 */
export type Outcome = 'gone' | { readonly againMs: number; readonly lookMs: number } | 'left'

export interface Looking {
  readonly delivery: Delivery
  readonly nowMs: number
  /** Keys of which an event may be pushed at once, where it is not as many as ever: the endpoint is in trouble. */
  readonly keysMax?: number | undefined
  /** What a request does about an event. */
  taken(eventId: number): Taken | undefined
}

/** What has to be written down. */
export interface Outcomes {
  readonly gone: readonly number[]
  readonly again: readonly { readonly ids: readonly number[]; readonly notBeforeMs: number }[]
}

/** The events of one key that are in memory; the first is under way. */
interface Line {
  readonly events: OutboxEvent[]
  lastId: number
  /** Whether others of this key have been passed over. */
  hasMore: boolean
}

/**
 * What is in memory of the events that wait for one topic: some of the oldest, in bounded number. It walks through the
 * outbox from the oldest event to the newest and picks those that are due and that no earlier one of their key stands
 * before. Behind the end of the walk it goes on with what comes; it begins anew when something is due again.
 */
export class TopicQueue {
  readonly #lines = new Map<string, Line>()
  /** Keys whose oldest event has to wait, so that all others of them wait too. */
  readonly #waiting = new Set<string>()
  /** Not written down yet, by event. */
  readonly #outcomes = new Map<number, Exclude<Outcome, 'left'>>()
  #events = 0
  #afterId = 0
  #place: 'within' | 'end' | 'full' = 'within'
  #passed = 0
  #dueMs = Number.POSITIVE_INFINITY
  #beganMs = performance.now()
  #walkMsMax = WALK_MS_MAX
  #lastNowMs = Number.NEGATIVE_INFINITY

  get isUnderWay(): boolean {
    return this.#lines.size > 0
  }

  /** Whether the walk has come to its end. */
  get isAtEnd(): boolean {
    return this.#place !== 'within'
  }

  /** Whether nothing waits, as far as the walk could see. */
  get isEmpty(): boolean {
    return this.#place === 'end' && this.#lines.size + this.#waiting.size + this.#outcomes.size === 0
  }

  /** When the first of what waits is due, by the clock. */
  get dueMs(): number {
    return this.#dueMs
  }

  /** When the walk begins anew at the latest: after so many milliseconds of the system's time. */
  get walkMsMax(): number {
    return this.#walkMsMax
  }

  /** The rows that come next. */
  get range(): { readonly afterId: number; readonly limit: number } {
    return { afterId: this.#afterId, limit: PAGE_EVENTS }
  }

  /** Something may have come behind the end. */
  more(): void {
    if (this.#place === 'end') this.#place = 'within'
  }

  /** Whether there is room for the next rows, and reason to look at them. */
  isHungry(nowMs: number, keysMax = KEYS_MAX): boolean {
    // The clock was set back: what is due when is to be looked at again.
    if (nowMs < this.#lastNowMs) this.#dueMs = Number.NEGATIVE_INFINITY
    this.#lastNowMs = nowMs
    const isDue = this.#place !== 'within' && this.#dueMs <= nowMs
    const isOld = performance.now() - this.#beganMs >= this.#walkMsMax
    // What is not written down yet would be found as it was.
    if ((isDue || isOld) && this.#outcomes.size === 0) this.#restart()
    return (
      this.#place === 'within' &&
      this.#lines.size < keysMax &&
      this.#events + PAGE_EVENTS <= EVENTS_MAX &&
      this.#outcomes.size < EVENTS_MAX
    )
  }

  /**
   * Takes the rows of `range`, which have been read behind the last `written`, and are all that there are of it.
   * @returns those that can be pushed now, one for each key
   */
  take(rows: readonly OutboxEvent[], looking: Looking): OutboxEvent[] {
    const begun: OutboxEvent[] = []
    for (const row of rows) {
      const step = this.#consider(row, looking)
      if (step === 'no-room') return begun
      if (step === 'begin') begun.push(row)
      this.#afterId = row.id
      if (this.#waiting.size >= WAITING_KEYS_MAX || this.#passed >= PASSED_MAX) {
        this.#place = 'full'
        return begun
      }
    }
    if (rows.length < PAGE_EVENTS) this.#place = 'end'
    return begun
  }

  /** There are no rows in `range`. */
  reachEnd(): void {
    this.#place = 'end'
  }

  /** What has become of an event; the next one of its key, if that can go on. */
  end(event: OutboxEvent, outcome: Outcome, nowMs: number): OutboxEvent | undefined {
    const key = orderingKey(event)
    const line = this.#lines.get(key)
    if (outcome !== 'left') this.#outcomes.set(event.id, outcome)
    if (line === undefined) return undefined
    line.events.shift()
    this.#events -= 1
    const [next] = line.events
    if (outcome === 'gone' && next !== undefined) return next
    this.#events -= line.events.length
    this.#lines.delete(key)
    if (outcome === 'left') this.#wait(key, nowMs + RETRY_MS_MIN)
    else if (outcome !== 'gone') this.#wait(key, outcome.lookMs)
    // Those that were passed over come before what the walk has not seen yet: it begins anew for them.
    else if (line.hasMore) this.#wait(key, nowMs)
    return undefined
  }

  /** What is in memory behind the events that are under way is there no more; what is still there is read again. */
  forgetNext(): void {
    for (const line of this.#lines.values()) {
      this.#events -= line.events.splice(1).length
      line.hasMore = true
    }
  }

  /** Undefined where nothing has to be written down. */
  unwritten(): Outcomes | undefined {
    if (this.#outcomes.size === 0) return undefined
    const gone: number[] = []
    const again = new Map<number, number[]>()
    for (const [id, outcome] of this.#outcomes) {
      if (outcome === 'gone') gone.push(id)
      else again.set(outcome.againMs, [...(again.get(outcome.againMs) ?? []), id])
    }
    return { gone, again: [...again].map(([notBeforeMs, ids]) => ({ ids, notBeforeMs })) }
  }

  written({ gone, again }: Outcomes): void {
    for (const ids of [gone, ...again.map((some) => some.ids)]) for (const id of ids) this.#outcomes.delete(id)
  }

  #restart(): void {
    this.#afterId = 0
    this.#place = 'within'
    this.#waiting.clear()
    this.#passed = 0
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#beganMs = performance.now()
    this.#walkMsMax = WALK_MS_MAX
    for (const line of this.#lines.values()) line.hasMore = false
  }

  #consider(row: OutboxEvent, { delivery, nowMs, keysMax = KEYS_MAX, taken }: Looking): 'begin' | 'next' | 'no-room' {
    const key = orderingKey(row)
    const outcome = this.#outcomes.get(row.id)
    const others = taken(row.id)
    if (outcome === 'gone' || others === 'pushed') return 'next'
    if (others === 'under-way') this.#walkMsMax = WALK_BESIDE_MS_MAX
    if (outcome !== undefined) return this.#wait(key, outcome.lookMs)
    if (this.#waiting.has(key)) return this.#pass()
    const fate = others === undefined ? fateOf(row, delivery, nowMs) : { waitUntilMs: nowMs + RETRY_MS_MIN }
    const line = this.#lines.get(key)
    if (line !== undefined) return this.#follow(line, row, fate === 'push' || 'drop' in fate)
    if (fate !== 'push' && 'waitUntilMs' in fate) return this.#wait(key, fate.waitUntilMs)
    // What is dropped asks nothing of the endpoint.
    const linesMax = fate === 'push' ? keysMax : KEYS_MAX
    if (this.#lines.size >= linesMax || this.#events >= EVENTS_MAX) return 'no-room'
    this.#lines.set(key, { events: [row], lastId: row.id, hasMore: false })
    this.#events += 1
    return 'begin'
  }

  /** Behind the earlier ones of its key, as long as there is room for it. */
  #follow(line: Line, row: OutboxEvent, isDue: boolean): 'next' {
    if (row.id <= line.lastId) return 'next'
    const hasRoom = line.events.length < KEY_EVENTS_MAX && this.#events < EVENTS_MAX
    if (!isDue || !hasRoom || line.hasMore) {
      line.hasMore = true
      return this.#pass()
    }
    line.events.push(row)
    line.lastId = row.id
    this.#events += 1
    return 'next'
  }

  #wait(key: string, untilMs: number): 'next' {
    this.#waiting.add(key)
    this.#dueMs = Math.min(this.#dueMs, untilMs)
    return 'next'
  }

  #pass(): 'next' {
    this.#passed += 1
    return 'next'
  }
}
