import type { Config } from '../config/config.ts'
import { Publisher } from '../domain/notifications/publisher.ts'
import { PushingOutlet } from '../domain/notifications/pushing-outlet.ts'
import type { EventRules } from '../domain/notifications/rules.ts'
import type { Services } from '../domain/services.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { NetworkGuard } from '../topics/guard.ts'
import { openHttp } from '../topics/http.ts'
import { Inboxes } from '../topics/inbox.ts'
import { openKafka } from '../topics/kafka.ts'
import { TargetPool } from '../topics/pool.ts'
import { openRabbitmq } from '../topics/rabbitmq.ts'

/** What carries events out of the server. */
export interface EventParts {
  readonly outlet: PushingOutlet
  readonly publisher: Publisher
  readonly pool: TargetPool
  readonly inboxes: Inboxes
}

export interface EventsOpening {
  readonly config: Config
  readonly log: Logger
  readonly clock: Clock
  readonly eventRules: EventRules
}

/** Nothing is connected to, and no client of a broker loaded, before the first event. */
export function openEvents(
  { config, log, clock, eventRules }: EventsOpening,
  { metadata, keyRing }: Pick<Services, 'metadata' | 'keyRing'>,
  stack: AsyncDisposableStack,
): EventParts {
  const inboxes = new Inboxes({ clock })
  const onTrouble = (message: string, details: object): void => log.warn(details, `events: ${message}`)
  // The setting is about HTTP endpoints, which any user of the SNS API names; addresses that are never meant by an
  // endpoint are refused for brokers too.
  const brokers = { guard: new NetworkGuard(), onTrouble }
  const engines = {
    http: openHttp({ guard: new NetworkGuard(config.topics.http) }),
    amqp: openRabbitmq(brokers),
    kafka: openKafka({ ...brokers, onLog: (message, details) => log.debug(details, `events: ${message}`) }),
    inbox: inboxes.open,
  }
  const pool = new TargetPool({ engines })
  const publisher = new Publisher({
    pool,
    keyRing,
    onTrouble: ({ message, level, details }) => log[level](details, message),
  })
  const outlet = new PushingOutlet({ rules: eventRules, publisher })
  stack.defer(async () => {
    outlet.close()
    await pool.close()
    await removeLastPushed(outlet, { metadata, log })
  })
  return { outlet, publisher, pool, inboxes }
}

/** What the last requests have pushed: the job has ended, and would push it again after the next start. */
async function removeLastPushed(
  outlet: PushingOutlet,
  { metadata, log }: Pick<Services, 'metadata'> & { log: Logger },
): Promise<void> {
  try {
    while (outlet.hasPushed) await outlet.removePushed(metadata)
  } catch (cause) {
    log.error({ err: cause }, 'events that have been pushed will be pushed again')
  }
}
