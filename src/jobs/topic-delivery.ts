import { setImmediate } from 'node:timers/promises'
import type { Publisher } from '../domain/notifications/publisher.ts'
import type { PushingOutlet } from '../domain/notifications/pushing-outlet.ts'
import { endpointRestMs, fateAfter, fateOf, RETRY_MS_MAX } from '../domain/notifications/retry.ts'
import { KEYS_TOGETHER_MAX, type Outcome, TopicQueue } from '../domain/notifications/topic-queue.ts'
import { pushFailure } from '../domain/notifications/troubles.ts'
import type { Services } from '../domain/services.ts'
import { deliveryOf } from '../domain/topics/attributes.ts'
import type { OutboxEvent, TopicRow } from '../storage/metadata/topic-store.ts'
import type { Delivery } from '../topics/delivery.ts'
import type { Endpoint } from '../topics/endpoint.ts'
import type { PushFailed, PushFailureReason } from '../topics/topic.ts'
import { Gathering } from './gathering.ts'
import type { Job, NextStep } from './job.ts'

/**
 * Failures that say something of the endpoint and not of the event: while it is in trouble it is asked with few events
 * at a time, and less and less often, until it takes one. When an event comes it is asked at once: trouble ends.
 */
const OF_THE_ENDPOINT: ReadonlySet<PushFailureReason> = new Set([
  'unreachable',
  'timeout',
  'busy',
  'forbidden',
  'misconfigured',
  'stopping',
])
/** Keys that an endpoint in trouble is asked with. It is not one alone, because an event may be the trouble. */
const KEYS_IN_TROUBLE = 8
/** Failures before anything was sent: the event has not been tried. */
const UNTRIED: ReadonlySet<PushFailureReason> = new Set(['busy', 'stopping'])

export interface TopicDeliveryOptions {
  readonly topicId: number
  readonly services: Pick<Services, 'metadata' | 'clock'>
  readonly publisher: Publisher
  readonly outlet: Pick<PushingOutlet, 'taken'>
  /** Called when nothing waits any more: there will be no further step. */
  readonly onOver: () => void
}

/** The topic as it was when it was last looked at. */
interface Present {
  readonly topic: TopicRow
  readonly endpoint: Endpoint
  readonly delivery: Delivery
}

/** Delivers what waits for one topic, until nothing does. A step lasts as long as something is under way. */
export class TopicDelivery implements Job {
  readonly name: string
  readonly #options: TopicDeliveryOptions
  readonly #queue = new TopicQueue()
  readonly #gathering = new Gathering()
  #present: Present | undefined
  /** The newest one that requests push events of. */
  #pushedRevision = 0
  #isWoken = false
  #change = Promise.withResolvers<void>()
  /** While the endpoint is in trouble: when it is asked again, by the clock. */
  #downUntilMs: number | undefined
  /** How often it has been asked in vain since it took an event. */
  #troubles = 0

  constructor(options: TopicDeliveryOptions) {
    this.#options = options
    this.name = `deliver-events/${options.topicId}`
  }

  /** Events have come. */
  wake(): void {
    this.#isWoken = true
    this.#change.resolve()
  }

  /**
   * Requests push the events of this revision themselves. What was kept for an earlier one is gone from the outbox, and
   * what of it is in memory must not come behind theirs.
   */
  stopBefore(revision: number): void {
    if (this.#isOutdated(revision)) this.#queue.forgetNext()
    this.#pushedRevision = Math.max(this.#pushedRevision, revision)
  }

  #isOutdated(revision: number): boolean {
    return this.#present?.delivery.persistent === true && this.#present.topic.revision < revision
  }

  async step(signal: AbortSignal): Promise<NextStep> {
    this.#queue.more()
    do {
      this.#change = Promise.withResolvers()
      if (this.#queue.isUnderWay || this.#queue.isAtEnd) await this.#gathering.next(signal)
      await this.#write()
      await this.#read(signal)
      if (this.#queue.isUnderWay) await this.#change.promise
      // A stop fails what is under way at once, and what has been delivered until then is written down.
    } while (this.#queue.isUnderWay)
    await this.#write()
    return this.#rest()
  }

  #rest(): NextStep {
    if (this.#isWoken) return 'again'
    if (this.#queue.isEmpty) {
      this.#options.onOver()
      return 'over'
    }
    const dueMs = this.#queue.isAtEnd ? this.#queue.dueMs : Number.NEGATIVE_INFINITY
    const afterMs = this.#queue.walkMsMax
    if (this.#downUntilMs !== undefined) return { at: Math.max(this.#downUntilMs, dueMs), afterMs }
    return this.#queue.isAtEnd ? { at: dueMs, afterMs } : 'again'
  }

  /** One transaction, however many events it is about. */
  async #write(): Promise<void> {
    const outcomes = this.#queue.unwritten()
    if (outcomes === undefined) return
    const { topicId, services } = this.#options
    await services.metadata.write(async (tx) => {
      await tx.outbox.remove({ topicId, ids: outcomes.gone })
      for (const some of outcomes.again) await tx.outbox.postpone({ topicId, ...some })
    })
    this.#queue.written(outcomes)
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { topicId, services } = this.#options
    if (this.#isWoken) {
      this.#isWoken = false
      this.#downUntilMs = undefined
      this.#queue.more()
    }
    if (!this.#queue.isUnderWay && this.#isTroubleOver(services.clock.now())) this.#downUntilMs = undefined
    while (this.#downUntilMs === undefined && !signal.aborted && this.#isHungry()) {
      const { range } = this.#queue
      const { topic, rows } = await services.metadata.read(async (tx) => ({
        topic: await tx.topics.findById(topicId),
        rows: await tx.outbox.list({ topicId, ...range }),
      }))
      if (rows.length === 0) {
        this.#queue.reachEnd()
        continue
      }
      this.#present = await this.#open(topic)
      if (this.#present === undefined) return
      this.#begin(rows, this.#present, signal)
      // Others have their turn: there may be thousands of rows that have to wait.
      await setImmediate()
    }
  }

  #isHungry(): boolean {
    return this.#queue.isHungry(this.#options.services.clock.now(), this.#keysMax)
  }

  /** Undefined for as many as ever. */
  get #keysMax(): number | undefined {
    if (this.#troubles > 0) return KEYS_IN_TROUBLE
    const kind = this.#present?.endpoint.kind
    return kind === undefined || kind === 'http' ? undefined : KEYS_TOGETHER_MAX
  }

  /** Or was told of by a clock that has been set back since. */
  #isTroubleOver(nowMs: number): boolean {
    const untilMs = this.#downUntilMs ?? nowMs
    return untilMs <= nowMs || untilMs > nowMs + RETRY_MS_MAX
  }

  /** Undefined where nothing can be pushed now, or ever. */
  async #open(topic: TopicRow | undefined): Promise<Present | undefined> {
    const { publisher, services } = this.#options
    try {
      const endpoint = topic === undefined ? undefined : await publisher.open(topic)
      if (topic !== undefined && endpoint !== undefined) return { topic, endpoint, delivery: deliveryOf(topic) }
    } catch {
      // It has been told of. Events wait until somebody has mended it, or the key ring answers again.
      this.#downUntilMs = services.clock.now() + RETRY_MS_MAX
      return undefined
    }
    await this.#dropAll()
    return undefined
  }

  /** Who has no endpoint is told nothing. */
  async #dropAll(): Promise<void> {
    const { topicId, services, publisher } = this.#options
    const dropped = await services.metadata.write(async (tx) => {
      const topic = await tx.topics.findById(topicId)
      // It has been given one meanwhile.
      if ((topic?.attributes['push-endpoint'] ?? '') !== '') return undefined
      const { events } = await tx.outbox.total(topicId)
      await tx.outbox.drop(topicId)
      return { topic, events }
    })
    if (dropped === undefined || dropped.events === 0) return
    const { topic = { id: topicId, tenant: '', name: `number ${topicId}` }, events } = dropped
    publisher.dropped(topic, 'no-endpoint', events)
  }

  #begin(rows: readonly OutboxEvent[], { delivery }: Present, signal: AbortSignal): void {
    const { services, outlet } = this.#options
    const nowMs = services.clock.now()
    const keysMax = this.#keysMax
    const begun = this.#queue.take(rows, { delivery, nowMs, keysMax, taken: (eventId) => outlet.taken(eventId) })
    for (const event of begun) void this.#deliver(event, signal)
  }

  /** An event and those of its key behind it. */
  async #deliver(first: OutboxEvent, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.services
    for (let event: OutboxEvent | undefined = first; event !== undefined; ) {
      const outcome = await this.#push(event, signal)
      event = this.#queue.end(event, outcome, clock.now())
    }
    this.#change.resolve()
  }

  async #push(event: OutboxEvent, signal: AbortSignal): Promise<Outcome> {
    const { publisher, services } = this.#options
    if (this.#present === undefined || this.#isOutdated(this.#pushedRevision)) return 'left'
    const { topic, endpoint, delivery } = this.#present
    const fate = fateOf(event, delivery, services.clock.now())
    if (fate !== 'push' && 'drop' in fate) {
      publisher.dropped(topic, fate.drop)
      return 'gone'
    }
    try {
      await publisher.push({ ...event, topic }, { endpoint, by: 'job', signal })
      this.#isWell()
      return 'gone'
    } catch (cause) {
      return this.#failed(event, pushFailure(cause), { topic, delivery })
    }
  }

  #isWell(): void {
    this.#downUntilMs = undefined
    // The others need not wait until all is pushed that it was asked with.
    if (this.#troubles > 0) this.#change.resolve()
    this.#troubles = 0
  }

  /** Once for all that were under way together. */
  #isInTrouble(delivery: Delivery, nowMs: number): void {
    if (this.#downUntilMs !== undefined) return
    this.#downUntilMs = nowMs + endpointRestMs(this.#troubles, delivery)
    this.#troubles += 1
  }

  #failed(event: OutboxEvent, failure: PushFailed, { topic, delivery }: Pick<Present, 'topic' | 'delivery'>): Outcome {
    const { publisher, services } = this.#options
    const nowMs = services.clock.now()
    if (OF_THE_ENDPOINT.has(failure.reason)) this.#isInTrouble(delivery, nowMs)
    if (UNTRIED.has(failure.reason)) return 'left'
    const fate = fateAfter(failure, event, { delivery, nowMs })
    if ('drop' in fate) {
      publisher.dropped(topic, fate.drop)
      return 'gone'
    }
    const againMs = fate.waitUntilMs
    const next = fateOf({ ...event, tries: event.tries + 1, notBeforeMs: againMs }, delivery, nowMs)
    return { againMs, lookMs: next !== 'push' && 'waitUntilMs' in next ? next.waitUntilMs : againMs }
  }
}
