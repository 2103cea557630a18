import type { MetadataStore } from '../../storage/metadata/store.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import type { PushFailed } from '../../topics/topic.ts'
import type { EventOutlet } from './outlet.ts'
import type { Publisher } from './publisher.ts'
import { type Push, PushQueue } from './push-queue.ts'
import type { EventRules } from './rules.ts'
import type { TellingDone } from './tell.ts'

/**
 * How long a request waits for its events, in milliseconds of the system's time: as long as RGW waits for a broker. It
 * has to be far below PUSH_GRACE_MS.
 */
export const PUSH_MS = 5_000
/** Rows that one transaction removes: a millisecond of the writer's time. */
const REMOVE_BATCH = 250

/** What a request does about an event; what has been pushed, or given up, is about to go. */
export type Taken = 'under-way' | 'pushed'

/** Who sees to what the outlet leaves: the delivery job. */
export interface OutletListener {
  /** An event waits for this topic. */
  waiting(topicId: number): void
  /** A request pushes an event of this topic, as it is now: it keeps none. */
  pushing(topic: TopicRow): void
  /** There are rows to be removed. */
  pushed(): void
}

export interface PushingOutletOptions {
  readonly rules: EventRules
  readonly publisher: Publisher
  /** Changed by tests only. */
  readonly pushMs?: number
}

/**
 * Pushes the events that requests have caused, in the order in which their changes were committed, and keeps a list of
 * those whose rows can go.
 */
export class PushingOutlet implements EventOutlet {
  readonly rules: EventRules
  readonly #publisher: Publisher
  readonly #queues = new Map<number, PushQueue>()
  /** Of this turn of the event loop. */
  readonly #arrived: Push[] = []
  /** Events that are being pushed, or have been and whose rows are still there. */
  readonly #taken = new Map<number, Taken>()
  /** Rows that can go, by topic. */
  readonly #pushed = new Map<number, number[]>()
  readonly #pushMs: number
  #listener: OutletListener | undefined
  #isClosed = false

  constructor({ rules, publisher, pushMs = PUSH_MS }: PushingOutletOptions) {
    this.rules = rules
    this.#publisher = publisher
    this.#pushMs = pushMs
  }

  listen(listener: OutletListener): void {
    this.#listener = listener
  }

  async told(events: readonly TellingDone[]): Promise<void> {
    const waiting = new Set<number>()
    const pushes: Promise<void>[] = []
    for (const event of events) {
      this.#publisher.counts.told[event.byJob ? 'job' : 'request'] += 1
      if (event.byJob) {
        waiting.add(event.topic.id)
        continue
      }
      this.#listener?.pushing(event.topic)
      pushes.push(this.#take(event))
    }
    for (const topicId of waiting) this.#listener?.waiting(topicId)
    if (pushes.length > 0) await withinMs(this.#pushMs, pushes)
  }

  /** Undefined for an event that no request sees to. */
  taken(eventId: number): Taken | undefined {
    return this.#taken.get(eventId)
  }

  /** Removes the rows of what has been pushed, in one transaction: some of them, where they are many. */
  async removePushed(metadata: MetadataStore): Promise<void> {
    const batch = this.#takePushed()
    if (batch.length === 0) return
    try {
      await metadata.write(async (tx) => {
        for (const range of batch) await tx.outbox.remove(range)
      })
    } catch (cause) {
      for (const { topicId, ids } of batch) this.#keepPushed(topicId, ids)
      throw cause
    }
    for (const { ids } of batch) for (const id of ids) this.#taken.delete(id)
  }

  get hasPushed(): boolean {
    return this.#pushed.size > 0
  }

  /** What fails from now on fails because the server stops: it is tried again when the server runs again. */
  close(): void {
    this.#isClosed = true
  }

  /** Resolves when the event has been pushed, or given up. */
  #take(event: TellingDone): Promise<void> {
    this.#taken.set(event.eventId, 'under-way')
    const { promise, resolve } = Promise.withResolvers<void>()
    const untilMs = performance.now() + this.#pushMs
    const onEnd = (failure: PushFailed | undefined): void => {
      this.#ended(event, failure)
      resolve()
    }
    // Requests that a commit has answered go on in the same turn, but those of a short way overtake others in it.
    if (this.#arrived.length === 0) setImmediate(() => this.#enqueue())
    this.#arrived.push({ ...event, untilMs, onEnd })
    return promise
  }

  #enqueue(): void {
    const arrived = this.#arrived.splice(0).toSorted((one, other) => one.eventId - other.eventId)
    for (const push of arrived) this.#queue(push.topic.id).add(push)
  }

  #queue(topicId: number): PushQueue {
    const present = this.#queues.get(topicId)
    if (present !== undefined) return present
    const queue = new PushQueue(this.#publisher, () => this.#queues.delete(topicId))
    this.#queues.set(topicId, queue)
    return queue
  }

  #ended({ eventId, topic }: TellingDone, failure: PushFailed | undefined): void {
    if (failure?.reason === 'stopping' && this.#isClosed) {
      this.#taken.delete(eventId)
      return
    }
    if (failure !== undefined) this.#publisher.dropped(topic, 'not-kept')
    this.#taken.set(eventId, 'pushed')
    this.#keepPushed(topic.id, [eventId])
    this.#listener?.pushed()
  }

  #keepPushed(topicId: number, ids: readonly number[]): void {
    const present = this.#pushed.get(topicId)
    if (present === undefined) this.#pushed.set(topicId, [...ids])
    else present.push(...ids)
  }

  #takePushed(): { topicId: number; ids: readonly number[] }[] {
    const batch: { topicId: number; ids: readonly number[] }[] = []
    let room = REMOVE_BATCH
    for (const [topicId, ids] of this.#pushed) {
      if (room === 0) break
      const some = ids.splice(0, room)
      if (ids.length === 0) this.#pushed.delete(topicId)
      batch.push({ topicId, ids: some })
      room -= some.length
    }
    return batch
  }
}

/** Resolves with the promises, none of which rejects, and after this long at the latest. */
function withinMs(ms: number, promises: readonly Promise<void>[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // Unreferenced: a push that nobody answers keeps no process alive.
  const timer = setTimeout(resolve, ms).unref()
  void Promise.all(promises).then(() => {
    clearTimeout(timer)
    resolve()
  })
  return promise
}
