import type { KeyRing } from '../../storage/keys/key-ring.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import type { Endpoint } from '../../topics/endpoint.ts'
import type { PushOptions, TargetPool } from '../../topics/pool.ts'
import type { PushFailed, TopicEvent } from '../../topics/topic.ts'
import { cloudEventOf } from './cloud-event.ts'
import { Endpoints } from './endpoints.ts'
import { type DropReason, EventCounts, type PushedBy } from './event-counts.ts'
import { pushFailure, type TopicTrouble, Troubles } from './troubles.ts'

/** An event as it lies in the outbox. */
export interface Outgoing {
  readonly topic: TopicRow
  readonly bucketId: number
  readonly key: string
  readonly document: string
}

export interface PublisherOptions {
  readonly pool: Pick<TargetPool, 'push'>
  readonly keyRing: KeyRing
  /** For the log. */
  readonly onTrouble: (trouble: TopicTrouble) => void
}

/** Pushes events to the endpoints of their topics, once each; counts, and tells what goes wrong. */
export class Publisher {
  readonly counts = new EventCounts()
  readonly #pool: Pick<TargetPool, 'push'>
  readonly #endpoints: Endpoints
  readonly #troubles: Troubles

  constructor({ pool, keyRing, onTrouble }: PublisherOptions) {
    this.#pool = pool
    this.#endpoints = new Endpoints(keyRing)
    this.#troubles = new Troubles(onTrouble)
  }

  /**
   * The endpoint that a topic has now; undefined where it has none.
   * @throws PushFailed `misconfigured`, also where the key ring does not open it
   */
  async open(topic: TopicRow): Promise<Endpoint | undefined> {
    try {
      return await this.#endpoints.open(topic)
    } catch (cause) {
      throw this.failed(topic, pushFailure(cause))
    }
  }

  /** @throws PushFailed, which has been counted and told of, unless the server stops */
  async push(
    { topic, bucketId, key, document }: Outgoing,
    { endpoint, by, ...options }: PushOptions & { endpoint: Endpoint; by: PushedBy },
  ): Promise<void> {
    const event: TopicEvent = {
      topic: topic.name,
      document: Buffer.from(document),
      orderingKey: orderingKey({ bucketId, key }),
      // Asked for by few targets.
      get cloudEvent() {
        return cloudEventOf(document)
      },
    }
    try {
      await this.#pool.push(endpoint, event, options)
      this.counts.delivered[by] += 1
    } catch (cause) {
      throw this.failed(topic, pushFailure(cause))
    }
  }

  failed(topic: TopicRow, failure: PushFailed): PushFailed {
    this.counts.fail(failure.reason)
    if (failure.reason !== 'stopping') this.#troubles.failed(topic, failure)
    return failure
  }

  dropped(topic: Pick<TopicRow, 'id' | 'tenant' | 'name'>, reason: DropReason, events = 1): void {
    this.counts.drop(reason, events)
    this.#troubles.dropped(topic, reason, events)
  }
}

/** Of events with the same one the order is kept. */
export function orderingKey({ bucketId, key }: Pick<Outgoing, 'bucketId' | 'key'>): string {
  return `${bucketId}/${key}`
}
