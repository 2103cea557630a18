import { type Endpoint, readEndpoint } from '../../src/topics/endpoint.ts'
import { NetworkGuard } from '../../src/topics/guard.ts'
import { openHttp } from '../../src/topics/http.ts'
import { Inboxes } from '../../src/topics/inbox.ts'
import { openKafka } from '../../src/topics/kafka.ts'
import { type Engines, type PoolLimits, TargetPool } from '../../src/topics/pool.ts'
import { openRabbitmq } from '../../src/topics/rabbitmq.ts'
import { PushFailed, type TopicEvent } from '../../src/topics/topic.ts'

/** Delays that let a test see a reconnection soon. */
const DELAYS = { firstMs: 20, lastMs: 200 }

/** All engines as server.ts composes them, but quicker to try again. */
export function testEngines({ guard = new NetworkGuard(), inboxes = new Inboxes() } = {}): Engines {
  return {
    http: openHttp({ guard }),
    amqp: openRabbitmq({ guard, delays: DELAYS }),
    kafka: openKafka({ guard, delays: DELAYS }),
    inbox: inboxes.open,
  }
}

export function testPool(limits: Partial<PoolLimits> = {}, engines: Partial<Engines> = {}): TargetPool {
  return new TargetPool({ engines: { ...testEngines(), ...engines }, limits })
}

export function endpointOf<K extends Endpoint['kind']>(
  kind: K,
  attributes: Readonly<Record<string, string>>,
): Extract<Endpoint, { kind: K }> {
  const reading = readEndpoint(attributes)
  if ('problem' in reading) throw new Error(`${reading.problem.attribute}: ${reading.problem.message}`)
  if (reading.endpoint?.kind !== kind) throw new Error(`no ${kind} endpoint`)
  return reading.endpoint as Extract<Endpoint, { kind: K }>
}

export interface EventParts {
  readonly topic?: string
  readonly key?: string
  readonly event?: string
  readonly bucket?: string
  /** Anything that tells two events apart. */
  readonly mark?: string | number
  /** The whole document, where it is no event. */
  readonly document?: Buffer
}

/** An event with a short document in the form of RGW's. */
export function topicEvent(parts: EventParts = {}): TopicEvent {
  const { topic = 'topic', key = 'key', event = 'ObjectCreated:Put', bucket = 'bucket', mark = '' } = parts
  const s3 = { bucket: { name: bucket }, object: { key } }
  const record = { eventVersion: '2.2', eventSource: 'ceph:s3', eventName: event, s3, mark }
  return {
    topic,
    document: parts.document ?? Buffer.from(JSON.stringify({ Records: [record] })),
    orderingKey: `${bucket}/${key}`,
    cloudEvent: {
      id: `id-${mark}`,
      source: `ceph:s3.default.${bucket}`,
      type: `com.amazonaws.${event}`,
      time: '2031-01-02T03:04:05.000006Z',
      subject: key,
    },
  }
}

/** How the push failed. */
export async function failureOf(push: Promise<void>): Promise<PushFailed> {
  try {
    await push
  } catch (cause) {
    if (cause instanceof PushFailed) return cause
    throw cause
  }
  throw new Error('the push was acknowledged')
}

/** `mark` of the event that the document holds. */
export function markOf(document: string): string | number {
  return JSON.parse(document).Records[0].mark
}
