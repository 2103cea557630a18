import type { Publisher } from '../domain/notifications/publisher.ts'
import type { PushingOutlet } from '../domain/notifications/pushing-outlet.ts'
import type { Services } from '../domain/services.ts'
import { Gathering } from './gathering.ts'
import type { Job, Lanes, NextStep } from './job.ts'
import { TopicDelivery } from './topic-delivery.ts'

export interface DeliverEventsOptions {
  readonly outlet: PushingOutlet
  readonly publisher: Publisher
}

/**
 * Delivers what waits in the outbox. Each topic that something waits for has a job of its own (topic-delivery.ts), so
 * that none waits for another's broker; this one begins them, and removes what requests have pushed themselves.
 */
export function deliverEvents(services: Pick<Services, 'metadata' | 'clock'>, options: DeliverEventsOptions): Job {
  return new DeliverEvents(services, options)
}

class DeliverEvents implements Job {
  readonly name = 'deliver-events'
  readonly #services: Pick<Services, 'metadata' | 'clock'>
  readonly #options: DeliverEventsOptions
  readonly #topics = new Map<number, TopicDelivery>()
  readonly #gathering = new Gathering()
  #lanes: Lanes | undefined

  constructor(services: Pick<Services, 'metadata' | 'clock'>, options: DeliverEventsOptions) {
    this.#services = services
    this.#options = options
  }

  attach(lanes: Lanes): void {
    this.#lanes = lanes
    this.#options.outlet.listen({
      waiting: (topicId) => this.#wake(topicId),
      pushing: ({ id, revision }) => this.#topics.get(id)?.stopBefore(revision),
      pushed: () => lanes.wake(this.name),
    })
  }

  async step(signal: AbortSignal): Promise<NextStep> {
    const { outlet } = this.#options
    const { metadata } = this.#services
    if (outlet.hasPushed) {
      await this.#gathering.next(signal)
      await outlet.removePushed(metadata)
      if (outlet.hasPushed) return 'again'
    }
    // Those that nobody has woken: what waits for them was put there before this process, or its wake-up was lost.
    const totals = await metadata.read((tx) => tx.outbox.totals())
    for (const { topicId } of totals) if (!this.#topics.has(topicId)) this.#begin(topicId)
    return 'idle'
  }

  #wake(topicId: number): void {
    const present = this.#topics.get(topicId)
    if (present === undefined) {
      this.#begin(topicId)
      return
    }
    present.wake()
    this.#lanes?.wake(present.name)
  }

  #begin(topicId: number): void {
    const onOver = () => void this.#topics.delete(topicId)
    const topic = new TopicDelivery({ ...this.#options, services: this.#services, topicId, onOver })
    this.#topics.set(topicId, topic)
    this.#lanes?.run(topic)
  }
}
