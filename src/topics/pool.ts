import type { AmqpEndpoint, Endpoint, HttpEndpoint, InboxEndpoint, KafkaEndpoint } from './endpoint.ts'
import { describeEndpoint, identityOf } from './identity.ts'
import { PooledTarget } from './pooled-target.ts'
import { type OpenTarget, PushFailed, type PushFailureReason, type TopicEvent, type TopicTarget } from './topic.ts'

/** Opens targets of each kind; the concrete ones are named in server.ts. */
export interface Engines {
  readonly http: OpenTarget<HttpEndpoint>
  readonly amqp: OpenTarget<AmqpEndpoint>
  readonly kafka: OpenTarget<KafkaEndpoint>
  readonly inbox: OpenTarget<InboxEndpoint>
}

/** Milliseconds are the system's, not the clock's: they are about sockets. */
export interface PoolLimits {
  /** Targets that are open at once: RGW's number of connections to brokers of one kind. */
  readonly targetsMax: number
  /** Events that one target may have under way; one more is refused with `busy`. RGW's is 8192 of 4 KiB each. */
  readonly inFlightMax: number
  /** Bytes of documents that one target may have under way. A larger one goes alone. */
  readonly inFlightBytesMax: number
  /** How long a push may take where the caller does not say, its waiting for its turn included: RGW's for Kafka. */
  readonly timeoutMs: number
  /** A target without pushes for this long is closed, as RGW does. */
  readonly idleMs: number
  /** How long a broker may take to say goodbye. */
  readonly closeMs: number
}

const LIMITS: PoolLimits = {
  targetsMax: 256,
  inFlightMax: 1024,
  inFlightBytesMax: 16 * 1024 * 1024,
  timeoutMs: 5_000,
  idleMs: 30_000,
  closeMs: 1_000,
}

/** What a broker fails with that is dead. */
const TROUBLE: ReadonlySet<PushFailureReason> = new Set(['timeout', 'unreachable'])
/** Endpoints in trouble that are remembered, some hundred bytes each. */
const TROUBLES_MAX = 10_000

export interface PushOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/**
 * Pushes events to endpoints. Each endpoint has a target of its own, opened with the first event for it and closed when
 * no more come, so that a dead broker costs nobody else anything. What is under way to a target is bounded in number,
 * bytes and time; nothing is queued beyond that.
 */
export class TargetPool {
  readonly #engines: Engines
  readonly #limits: PoolLimits
  readonly #targets = new Map<string, PooledTarget>()
  /** Targets that are on their way out. */
  readonly #closing = new Set<Promise<void>>()
  /** Of endpoint objects that have been seen: a digest for each event would cost more than the event. */
  readonly #identities = new WeakMap<Endpoint, string>()
  /** Those that have failed since they last acknowledged an event, whether they are open or not. */
  readonly #inTrouble = new Set<string>()
  #stopped = false

  constructor({ engines, limits }: { engines: Engines; limits?: Partial<PoolLimits> }) {
    this.#engines = engines
    this.#limits = { ...LIMITS, ...limits }
  }

  /**
   * Resolves when the event is acknowledged to the endpoint's ack level.
   * @throws PushFailed, after `timeoutMs` at the latest and at once when the signal aborts or the pool closes. The
   *   event may then still be delivered.
   */
  async push(endpoint: Endpoint, event: TopicEvent, { signal, timeoutMs }: PushOptions = {}): Promise<void> {
    if (this.#stopped) throw new PushFailed('stopping', 'the server stops')
    if (signal?.aborted === true) throw new PushFailed('stopping', 'the push was called off')
    const key = this.#key(endpoint, event.topic)
    const target = this.#target(key, endpoint)
    try {
      await target.push(event, { signal, timeoutMs: timeoutMs ?? this.#limits.timeoutMs })
      this.#inTrouble.delete(key)
    } catch (cause) {
      if (cause instanceof PushFailed && TROUBLE.has(cause.reason)) this.#markTrouble(key)
      throw cause
    }
  }

  /** What is open and under way, for metrics. */
  stats(): { targets: number; inFlight: number; inFlightBytes: number } {
    const stats = { targets: this.#targets.size, inFlight: 0, inFlightBytes: 0 }
    for (const { inFlight, inFlightBytes } of this.#targets.values()) {
      stats.inFlight += inFlight
      stats.inFlightBytes += inFlightBytes
    }
    return stats
  }

  /** Fails what is under way with `stopping` and closes every target, within `closeMs` whatever the brokers do. */
  async close(): Promise<void> {
    this.#stopped = true
    for (const key of [...this.#targets.keys()]) this.#close(key)
    await Promise.all(this.#closing)
  }

  #target(key: string, endpoint: Endpoint): PooledTarget {
    const present = this.#targets.get(key)
    if (present !== undefined) return present
    if (this.#targets.size >= this.#limits.targetsMax) this.#makeRoomFor(key)
    const target = new PooledTarget({
      target: this.#open(endpoint),
      name: describeEndpoint(endpoint),
      limits: this.#limits,
      onIdle: () => this.#close(key),
    })
    this.#targets.set(key, target)
    return target
  }

  /**
   * Of Kafka, each topic has a target of its own: kafkajs asks for all its topics at once, and one that has been
   * deleted would fail the others.
   */
  #key(endpoint: Endpoint, topic: string): string {
    let identity = this.#identities.get(endpoint)
    if (identity === undefined) {
      identity = identityOf(endpoint)
      this.#identities.set(endpoint, identity)
    }
    return endpoint.kind === 'kafka' ? `${identity} ${topic}` : identity
  }

  #open(endpoint: Endpoint): TopicTarget {
    switch (endpoint.kind) {
      case 'http':
        return this.#engines.http(endpoint)
      case 'amqp':
        return this.#engines.amqp(endpoint)
      case 'kafka':
        return this.#engines.kafka(endpoint)
      case 'inbox':
        return this.#engines.inbox(endpoint)
    }
  }

  /** Brokers that do not answer must not keep those waiting that may: they are the first to go where none idles. */
  #makeRoomFor(key: string): void {
    const targets = [...this.#targets]
    const idle = targets.filter(([, target]) => target.inFlight === 0)
    const [oldest] = idle.toSorted(([, a], [, b]) => a.idleSinceMs - b.idleSinceMs)
    const isTrouble = this.#inTrouble.has(key)
    const [leaving] = oldest ?? targets.find(([other]) => !isTrouble && this.#inTrouble.has(other)) ?? []
    if (leaving === undefined) {
      throw new PushFailed('busy', `${this.#targets.size} endpoints are in use: no more are opened at once`)
    }
    this.#close(leaving)
  }

  #markTrouble(key: string): void {
    const [oldest] = this.#inTrouble.size < TROUBLES_MAX ? [] : this.#inTrouble
    if (oldest !== undefined) this.#inTrouble.delete(oldest)
    this.#inTrouble.add(key)
  }

  #close(key: string): void {
    const target = this.#targets.get(key)
    if (target === undefined) return
    this.#targets.delete(key)
    const closed = target.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}
