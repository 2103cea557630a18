import type { Clock } from '../lib/clock.ts'
import { systemClock } from '../lib/clock.ts'
import type { InboxEndpoint } from './endpoint.ts'
import { type InboxMatch, isMatch, type Matchable, matchableOf } from './inbox-match.ts'
import { PushFailed, type TopicEvent, type TopicTarget } from './topic.ts'

/** An event as it lies in an inbox. */
export interface InboxEvent {
  /** Counts up from 1 in each inbox until it is empty again: it tells a reader what it has seen. */
  readonly number: number
  readonly receivedAtMs: number
  readonly topic: string
  /** The document, `{ Records: [...] }`. */
  readonly document: unknown
}

export interface InboxLimits {
  /** Inboxes at once; an event for one more is refused. */
  readonly inboxesMax: number
  /** Of one inbox. The oldest events make room for new ones. */
  readonly eventsMax: number
  /** Bytes of documents of one inbox. */
  readonly bytesMax: number
  /** Requests that wait on one inbox. */
  readonly waitersMax: number
}

const LIMITS: InboxLimits = { inboxesMax: 32, eventsMax: 20_000, bytesMax: 16 * 1024 * 1024, waitersMax: 256 }

export interface InboxContent {
  readonly events: readonly InboxEvent[]
  /** How many events have made room for others since the inbox was cleared. */
  readonly dropped: number
}

/**
 * The inboxes in memory, `inbox://<name>`, which a test reads instead of a broker. They begin empty with each start.
 */
export class Inboxes {
  readonly #clock: Clock
  readonly #limits: InboxLimits
  readonly #inboxes = new Map<string, Inbox>()

  constructor({ clock = systemClock, limits }: { clock?: Clock; limits?: Partial<InboxLimits> } = {}) {
    this.#clock = clock
    this.#limits = { ...LIMITS, ...limits }
  }

  /** The engine of inbox endpoints. */
  readonly open = ({ name }: InboxEndpoint): TopicTarget => ({
    push: async (event) => this.#inbox(name).add(event, this.#clock.now()),
    close: async () => undefined,
  })

  names(): string[] {
    return [...this.#inboxes.keys()].toSorted()
  }

  /** The events that match, the oldest first. An inbox that nothing has been pushed to is empty. */
  list(name: string, match: InboxMatch = {}): InboxContent {
    return this.#inboxes.get(name)?.list(match) ?? { events: [], dropped: 0 }
  }

  /** Forgets the events that match, or all; says how many. */
  clear(name: string, match: InboxMatch = {}): number {
    const cleared = this.#inboxes.get(name)?.clear(match) ?? 0
    this.#dropUnused(name)
    return cleared
  }

  /**
   * Resolves with the matching events as soon as there are so many, those included that are there already; after
   * `timeoutMs` with fewer.
   * @throws PushFailed `busy` when too many wait; the signal's reason
   */
  async wait(
    name: string,
    {
      count,
      match = {},
      timeoutMs,
      signal,
    }: { count: number; match?: InboxMatch; timeoutMs: number; signal?: AbortSignal },
  ): Promise<InboxContent> {
    const inbox = this.#inbox(name)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const forget = inbox.watch(match, count, resolve)
    const onAbort = () => reject(signal?.reason)
    const timer = setTimeout(resolve, timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      signal?.throwIfAborted()
      await promise
      return inbox.list(match)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      forget()
      this.#dropUnused(name)
    }
  }

  /** Whoever looks into many inboxes leaves none behind. */
  #dropUnused(name: string): void {
    if (this.#inboxes.get(name)?.isUnused === true) this.#inboxes.delete(name)
  }

  #inbox(name: string): Inbox {
    const present = this.#inboxes.get(name)
    if (present !== undefined) return present
    if (this.#inboxes.size >= this.#limits.inboxesMax) {
      throw new PushFailed('busy', `there are ${this.#inboxes.size} inboxes already`)
    }
    const inbox = new Inbox(this.#limits)
    this.#inboxes.set(name, inbox)
    return inbox
  }
}

/** The document stays what it came as: parsed, it would take several times the memory. */
interface Kept extends Omit<InboxEvent, 'document'> {
  readonly bytes: Buffer
  readonly facts: Matchable
}

interface Waiter {
  readonly match: InboxMatch
  missing: number
  readonly resolve: () => void
}

/** Dropped events that are still in memory, at most. */
const GONE_MAX = 256

class Inbox {
  readonly #limits: InboxLimits
  readonly #waiters = new Set<Waiter>()
  /** The first so many have been dropped already: taking out each by itself would move all others every time. */
  #kept: Kept[] = []
  #gone = 0
  #bytes = 0
  #number = 0
  #dropped = 0

  constructor(limits: InboxLimits) {
    this.#limits = limits
  }

  get isUnused(): boolean {
    return this.#kept.length === this.#gone && this.#waiters.size === 0
  }

  add({ topic, document }: TopicEvent, receivedAtMs: number): void {
    if (document.length > this.#limits.bytesMax) {
      throw new PushFailed('too-large', `the document has ${document.length} bytes, an inbox ${this.#limits.bytesMax}`)
    }
    const facts = matchableOf(topic, parse(document))
    this.#number += 1
    this.#kept.push({ number: this.#number, receivedAtMs, topic, bytes: document, facts })
    this.#bytes += document.length
    this.#makeRoom()
    for (const waiter of this.#waiters) {
      if (!isMatch(waiter.match, facts)) continue
      waiter.missing -= 1
      if (waiter.missing <= 0) waiter.resolve()
    }
  }

  list(match: InboxMatch): InboxContent {
    const found = this.#present().filter(({ facts }) => isMatch(match, facts))
    const events = found.map(({ number, receivedAtMs, topic, bytes }) => {
      return { number, receivedAtMs, topic, document: parse(bytes) }
    })
    return { events, dropped: this.#dropped }
  }

  clear(match: InboxMatch): number {
    const present = this.#present()
    const kept = present.filter(({ facts }) => !isMatch(match, facts))
    const cleared = present.length - kept.length
    this.#missAgain(present.filter(({ facts }) => isMatch(match, facts)))
    this.#kept = kept
    this.#gone = 0
    this.#bytes = kept.reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (kept.length === 0) this.#dropped = 0
    return cleared
  }

  /** Calls back when there are `count` matching events. Returns the function that takes that back. */
  watch(match: InboxMatch, count: number, resolve: () => void): () => void {
    if (this.#waiters.size >= this.#limits.waitersMax) {
      throw new PushFailed('busy', `${this.#waiters.size} requests wait on this inbox already`)
    }
    const waiter = {
      match,
      missing: count - this.#present().filter(({ facts }) => isMatch(match, facts)).length,
      resolve,
    }
    if (waiter.missing <= 0) resolve()
    this.#waiters.add(waiter)
    return () => void this.#waiters.delete(waiter)
  }

  #makeRoom(): void {
    const { eventsMax, bytesMax } = this.#limits
    const before = this.#gone
    while (this.#kept.length - this.#gone > eventsMax || this.#bytes > bytesMax) {
      this.#bytes -= this.#kept[this.#gone]?.bytes.length ?? 0
      this.#gone += 1
    }
    if (this.#gone === before) return
    this.#missAgain(this.#kept.slice(before, this.#gone))
    this.#dropped += this.#gone - before
    if (this.#gone < GONE_MAX) return
    this.#kept.splice(0, this.#gone)
    this.#gone = 0
  }

  #present(): Kept[] {
    return this.#gone === 0 ? this.#kept : this.#kept.slice(this.#gone)
  }

  /** Who waits is answered with what is there: what is not any more has to come again. */
  #missAgain(gone: readonly Kept[]): void {
    for (const waiter of this.#waiters)
      waiter.missing += gone.filter(({ facts }) => isMatch(waiter.match, facts)).length
  }
}

function parse(document: Buffer): unknown {
  return JSON.parse(document.toString('utf8'))
}
