import { setTimeout as delay } from 'node:timers/promises'
import type { ICustomPartitioner, KafkaConfig, Message, Producer, SASLOptions } from 'kafkajs'
import { Batches } from './batches.ts'
import type { KafkaEndpoint } from './endpoint.ts'
import type { NetworkGuard } from './guard.ts'
import { describeEndpoint, messageOf } from './identity.ts'
import { KafkaSockets, seedName } from './kafka-sockets.ts'
import { type Link, LinkLost, ReconnectingTarget, type ReconnectOptions } from './reconnecting-target.ts'
import { type OpenTarget, PushFailed, type TopicEvent } from './topic.ts'
import { readTrust } from './trust.ts'

/** How long a connection, TLS included, may take; and then the credentials. */
const CONNECT_MS = 2_000
const AUTHENTICATE_MS = 2_000
/** How long a broker may take to answer: RGW's time for a message. */
const REQUEST_MS = 5_000
/** How long brokers may take to say goodbye. */
const GOODBYE_MS = 500
/** Bytes of unacknowledged events that may wait for the sockets. */
const WAITING_BYTES_MAX = 1024 * 1024
/** Of one request: far less than the 1 MiB that brokers take by default. */
const BATCH_BYTES_MAX = 256 * 1024
const BATCH_MESSAGES_MAX = 256
const CLIENT_ID = 'cozos'
/** Of Kafka's protocol: all replicas in sync, or nobody. */
const ACKS = { broker: -1, none: 0 } as const
/** Kafka's errors that are the event's own. */
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

export interface KafkaOptions extends Pick<ReconnectOptions, 'onTrouble' | 'delays'> {
  readonly guard: NetworkGuard
  /** Hears what kafkajs has to say, which is mostly what the failures say too. */
  readonly onLog?: (message: string, details: object) => void
}

/**
 * Targets that send each event to the Kafka topic of the topic's name: no key, no headers, as RGW does. kafkajs has
 * seen no release since 2023, so this asks little of it: it never retries, and a producer that has failed in a way that
 * is not the event's own is thrown away with its sockets. The next one begins with fresh metadata, which is also how a
 * partition's new leader is found.
 */
export function openKafka(options: KafkaOptions): OpenTarget<KafkaEndpoint> {
  return (endpoint) => {
    const connect = (signal: AbortSignal): Promise<Link> => connectTo(endpoint, options, signal)
    const { onTrouble, delays } = options
    return new ReconnectingTarget({ onTrouble, delays, name: describeEndpoint(endpoint), connect })
  }
}

async function connectTo(endpoint: KafkaEndpoint, { guard, onLog }: KafkaOptions, signal: AbortSignal): Promise<Link> {
  guard.assertHost(endpoint.host)
  const trust = endpoint.tls ? await readTrust(endpoint.trust) : undefined
  const { Kafka, Partitioners, logLevel } = await loadKafkajs()
  const sockets = new KafkaSockets({ endpoint, guard, trust })
  const client = new Kafka({
    ...configOf(endpoint),
    socketFactory: sockets.open,
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, label, log }) =>
        onLog?.(log.message, { library: 'kafkajs', namespace, label }),
  })
  // Whether a topic that is missing is made is the brokers' setting, as with RGW.
  const producer = client.producer({
    allowAutoTopicCreation: true,
    retry: { retries: 0 },
    createPartitioner: inOrder(Partitioners.DefaultPartitioner),
  })
  const cut = (): void => sockets.destroy()
  signal.addEventListener('abort', cut, { once: true })
  try {
    if (signal.aborted) throw signal.reason
    await producer.connect()
    return new KafkaLink({ endpoint, producer, sockets })
  } catch (cause) {
    sockets.destroy()
    if (signal.aborted) throw signal.reason
    const { reason, message } = sockets.forbidden ?? failureOf(cause, endpoint)
    throw new PushFailed(reason, message, { cause })
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

/**
 * Loaded with the first event for such an endpoint: most servers have none. kafkajs looks a thousand times a second for
 * requests that wait, on each open connection and for ever, with a negative time that Node warns of
 * (github.com/tulios/kafkajs, issues 1704 and 1751): here it looks when there is one.
 */
async function loadKafkajs() {
  const { default: RequestQueue } = await import('kafkajs/src/network/requestQueue/index.js')
  const { prototype } = RequestQueue
  const schedule = prototype.scheduleCheckPendingRequests
  if (schedule.name !== 'scheduleWhereSomeWait') {
    prototype.scheduleCheckPendingRequests = function scheduleWhereSomeWait() {
      if (this.pending.length > 0) schedule.call(this)
    }
  }
  return await import('kafkajs')
}

function configOf(endpoint: KafkaEndpoint): KafkaConfig {
  return {
    clientId: CLIENT_ID,
    brokers: [seedName(endpoint)],
    ssl: endpoint.tls,
    sasl: saslOf(endpoint),
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: AUTHENTICATE_MS,
    requestTimeout: REQUEST_MS,
    retry: { retries: 0 },
  }
}

function saslOf({ credentials, mechanism }: KafkaEndpoint): SASLOptions | undefined {
  if (credentials === undefined) return undefined
  const login = { username: credentials.user, password: credentials.password.reveal() }
  switch (mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', ...login }
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', ...login }
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', ...login }
  }
}

interface OrderedMessage extends Message {
  readonly value: Buffer
  readonly orderingKey: string
}

/** The default partitioner, told a key that is not sent: events of one object are in one partition, in order. */
function inOrder(createDefault: ICustomPartitioner): ICustomPartitioner {
  return () => {
    const partitionOf = createDefault()
    return ({ message, ...rest }) => {
      const { orderingKey } = message as OrderedMessage
      return partitionOf({ ...rest, message: { ...message, key: orderingKey } })
    }
  }
}

interface LinkParts {
  readonly endpoint: KafkaEndpoint
  readonly producer: Producer
  readonly sockets: KafkaSockets
}

class KafkaLink implements Link {
  readonly #parts: LinkParts
  readonly #batches = new Map<string, Batches<OrderedMessage>>()

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  async send({ topic, document, orderingKey }: TopicEvent): Promise<void> {
    const { endpoint, sockets } = this.#parts
    if (endpoint.ack === 'none' && sockets.waitingBytes > WAITING_BYTES_MAX) {
      throw new PushFailed('busy', `${describeEndpoint(endpoint)} does not read what it is sent`)
    }
    await this.#batchesOf(topic).add({ key: null, value: document, orderingKey })
  }

  async close(): Promise<void> {
    const { producer, sockets } = this.#parts
    const patience = new AbortController()
    const over = delay(GOODBYE_MS, undefined, { signal: patience.signal }).catch(() => undefined)
    // It waits for all that is under way, for as long as a request may take.
    await Promise.race([producer.disconnect().catch(() => undefined), over])
    patience.abort()
    sockets.destroy()
  }

  #batchesOf(topic: string): Batches<OrderedMessage> {
    const present = this.#batches.get(topic)
    if (present !== undefined) return present
    const batches = new Batches<OrderedMessage>({
      send: (messages) => this.#produce(topic, messages),
      bytesOf: ({ value }) => value.length,
      // One of them may be to blame, or all of them together be too large for the topic.
      isDivisible: (cause) => cause instanceof PushFailed,
      itemsMax: BATCH_MESSAGES_MAX,
      bytesMax: BATCH_BYTES_MAX,
    })
    this.#batches.set(topic, batches)
    return batches
  }

  async #produce(topic: string, messages: readonly OrderedMessage[]): Promise<void> {
    const { endpoint, producer } = this.#parts
    try {
      await producer.send({ topic, messages: [...messages], acks: ACKS[endpoint.ack], timeout: REQUEST_MS })
    } catch (cause) {
      throw failureOf(cause, endpoint, `topic ${topic}: `)
    }
  }
}

function failureOf(cause: unknown, endpoint: KafkaEndpoint, about = ''): PushFailed | LinkLost {
  const root = rootOf(cause)
  const { type = '', retriable } = root as { type?: string; retriable?: boolean }
  const message = `${describeEndpoint(endpoint)}: ${about}${messageOf(root, endpoint)}`
  if (TOO_LARGE.includes(type)) return new PushFailed('too-large', message, { cause })
  const isRefusal = type !== '' || (root instanceof Error && root.name === 'KafkaJSSASLAuthenticationError')
  if (isRefusal && retriable === false) return new PushFailed('refused', message, { cause })
  return new LinkLost(isRefusal ? 'refused' : 'unreachable', message, { cause })
}

/** kafkajs wraps what happened into what it did about it. */
function rootOf(cause: unknown): unknown {
  return cause instanceof Error && cause.cause instanceof Error ? rootOf(cause.cause) : cause
}
