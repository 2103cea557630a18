import type { EventFacts } from '../../src/domain/notifications/match.ts'
import { Publisher } from '../../src/domain/notifications/publisher.ts'
import { PushingOutlet } from '../../src/domain/notifications/pushing-outlet.ts'
import { type TellingDone, tellEvent } from '../../src/domain/notifications/tell.ts'
import type { TopicTrouble } from '../../src/domain/notifications/troubles.ts'
import { sealAttributes } from '../../src/domain/topics/attributes.ts'
import { deliverEvents } from '../../src/jobs/deliver-events.ts'
import { JobRunner } from '../../src/jobs/runner.ts'
import type { BucketRow } from '../../src/storage/metadata/rows.ts'
import type { OutboxEvent, TopicRow } from '../../src/storage/metadata/topic-store.ts'
import { Inboxes, type InboxLimits } from '../../src/topics/inbox.ts'
import type { PoolLimits, TargetPool } from '../../src/topics/pool.ts'
import { type SeenEvent, seen } from './events.ts'
import { dialectOf } from './head.ts'
import { newBucket } from './rows.ts'
import { openServices, type TestServices } from './services.ts'
import { testEngines, testPool } from './targets.ts'

export interface EventWorldOptions {
  readonly pool?: Partial<PoolLimits>
  readonly inbox?: Partial<InboxLimits>
  /** How long a request waits for its events. */
  readonly pushMs?: number
}

interface Process {
  readonly pool: TargetPool
  readonly publisher: Publisher
  readonly outlet: PushingOutlet
  readonly runner: JobRunner
}

/** Topics and buckets over real stores and sockets, and all that carries events, without a server around it. */
export class EventWorld {
  readonly services: TestServices
  readonly troubles: TopicTrouble[] = []
  readonly errors: unknown[] = []
  readonly inboxes: Inboxes
  readonly #options: EventWorldOptions
  #process: Process
  #names = 0

  private constructor(services: TestServices, options: EventWorldOptions) {
    this.services = services
    this.#options = options
    this.inboxes = new Inboxes({ limits: options.inbox })
    this.#process = this.#open()
  }

  static async open(options: EventWorldOptions = {}): Promise<EventWorld> {
    return new EventWorld(await openServices(), options)
  }

  get outlet(): PushingOutlet {
    return this.#process.outlet
  }

  get publisher(): Publisher {
    return this.#process.publisher
  }

  get pool(): TargetPool {
    return this.#process.pool
  }

  start(): void {
    this.#process.runner.start()
  }

  /** As the server does it; the stores stay open. */
  async stop(): Promise<void> {
    const { runner, outlet, pool } = this.#process
    await runner.stop()
    outlet.close()
    await pool.close()
    while (outlet.hasPushed) await outlet.removePushed(this.services.metadata)
  }

  /**
   * Another process on the same data. The one before has been stopped, or is as good as killed: it does nothing more.
   */
  restart(): void {
    this.#process = this.#open()
    this.start()
  }

  async dispose(): Promise<void> {
    await this.stop()
    await this.services.dispose()
  }

  /** Resolves when all that is due has been tried. */
  async settled(): Promise<void> {
    await this.#process.runner.settled(new AbortController().signal)
  }

  async advance(ms: number): Promise<void> {
    this.services.clock.nowMs += ms
    this.#process.runner.wake()
    await this.settled()
  }

  async topic(endpoint: string, attributes: Readonly<Record<string, string>> = {}): Promise<TopicRow> {
    this.#names += 1
    return await this.putTopic(`topic-${this.#names}`, { 'push-endpoint': endpoint, persistent: 'true', ...attributes })
  }

  async putTopic(name: string, attributes: Readonly<Record<string, string>>): Promise<TopicRow> {
    const { metadata, keyRing } = this.services
    const sealed = await sealAttributes(keyRing, { tenant: '', name }, attributes)
    return await metadata.write((tx) => tx.topics.put({ tenant: '', name, ownerId: 'o', createdMs: 0, ...sealed }))
  }

  /** A bucket that tells these topics of all that is created. */
  async bucket(...topics: readonly TopicRow[]): Promise<BucketRow> {
    this.#names += 1
    const notifications = topics.map(({ tenant, name }) => ({
      id: name,
      topic: { tenant, name },
      arn: `arn:aws:sns:default:${tenant}:${name}`,
      element: 'TopicConfiguration' as const,
      events: ['s3:ObjectCreated:*'],
    }))
    const bucket = newBucket(`bucket-${this.#names}`, { settings: { notifications } })
    return await this.services.metadata.write((tx) => tx.buckets.insert(bucket))
  }

  /** Writes events of these keys into the outbox, in one transaction, as a change would. Nobody is woken. */
  async write(
    bucket: BucketRow,
    keys: readonly string[],
    by: 'request' | 'server' = 'request',
  ): Promise<readonly TellingDone[]> {
    const { metadata } = this.services
    return await metadata.write(async (tx) => {
      const told: TellingDone[] = []
      for (const key of keys) {
        const event = this.#event(key, by)
        told.push(...(await tellEvent(tx, this.services, { bucket, event, rules: dialectOf('rgw').events })))
      }
      return told
    })
  }

  /** The same, and tells the outlet of them. */
  async tell(bucket: BucketRow, keys: readonly string[], by: 'request' | 'server' = 'request'): Promise<void> {
    await this.outlet.told(await this.write(bucket, keys, by))
  }

  async waiting(topic: TopicRow): Promise<readonly OutboxEvent[]> {
    return await this.services.metadata.read((tx) => tx.outbox.list({ topicId: topic.id, afterId: 0, limit: 100_000 }))
  }

  inbox(name: string): readonly SeenEvent[] {
    return this.inboxes.list(name).events.map(({ document }) => seen(document))
  }

  #event(key: string, by: 'request' | 'server'): EventFacts {
    const cause = { requesterId: 'u', clientAddress: '127.0.0.1', requestId: 'tx1-1-1-z' }
    return {
      kind: 'created:put',
      atMs: this.services.clock.now(),
      object: { key, sizeBytes: 1, etag: 'e', versionId: '', metadata: {}, tags: [] },
      cause: by === 'request' ? cause : undefined,
    }
  }

  #open(): Process {
    const { services } = this
    const pool = testPool(this.#options.pool, testEngines({ inboxes: this.inboxes }))
    const onTrouble = (trouble: TopicTrouble) => void this.troubles.push(trouble)
    const publisher = new Publisher({ pool, keyRing: services.keyRing, onTrouble })
    const { pushMs } = this.#options
    const outlet = new PushingOutlet({ rules: dialectOf('rgw').events, publisher, pushMs })
    // It stands still unless a test moves it.
    const now = () => services.clock.now()
    const clock = { now, realMsUntil: (atMs: number) => (atMs <= now() ? 0 : Number.POSITIVE_INFINITY) }
    const runner = new JobRunner([deliverEvents(services, { outlet, publisher })], {
      clock,
      onError: ({ cause }) => void this.errors.push(cause),
    })
    return { pool, publisher, outlet, runner }
  }
}
