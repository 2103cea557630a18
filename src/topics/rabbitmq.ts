import { randomUUID } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Channel, ChannelModel, ConfirmChannel, Message } from 'amqplib'
import type { AmqpEndpoint } from './endpoint.ts'
import type { NetworkGuard } from './guard.ts'
import { describeEndpoint, messageOf } from './identity.ts'
import { type Link, LinkLost, ReconnectingTarget, type ReconnectOptions } from './reconnecting-target.ts'
import { type OpenTarget, PushFailed, type TopicEvent } from './topic.ts'
import { readTrust } from './trust.ts'

/** How long a connection may take until its exchange is known to be there. */
const CONNECT_MS = 4_000
/** A broker that is silent for twice this long is given up. */
const HEARTBEAT_S = 10
/** How long a broker may take to say goodbye. */
const GOODBYE_MS = 500
/** Frames of unacknowledged events that may wait for the socket: 128 KiB at most each, and mostly less than 2 KiB. */
const FRAMES_WAITING_MAX = 128
/** RabbitMQ's frames have 128 KiB; whatever else listens there may say that its have gigabytes. */
const FRAME_BYTES_MAX = 1024 * 1024
/** RGW's user and password where an endpoint has none, which are RabbitMQ's. */
const GUEST = 'guest'

export interface RabbitmqOptions extends Pick<ReconnectOptions, 'onTrouble' | 'delays'> {
  readonly guard: NetworkGuard
}

/** Targets that publish each event to an AMQP 0-9-1 exchange, with the topic's name as the routing key. */
export function openRabbitmq({ guard, ...options }: RabbitmqOptions): OpenTarget<AmqpEndpoint> {
  return (endpoint) => {
    const connect = (signal: AbortSignal): Promise<Link> => connectTo(endpoint, guard, signal)
    return new ReconnectingTarget({ ...options, name: describeEndpoint(endpoint), connect })
  }
}

async function connectTo(endpoint: AmqpEndpoint, guard: NetworkGuard, signal: AbortSignal): Promise<Link> {
  guard.assertHost(endpoint.host)
  // Cuts the connection, in whatever state it is.
  const lifeline = new AbortController()
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  const giveUp = (failure: PushFailed): void => {
    reject(failure)
    lifeline.abort(failure)
  }
  const name = describeEndpoint(endpoint)
  const onAbort = () => giveUp(signal.reason)
  const onTimeout = () => giveUp(new PushFailed('unreachable', `${name} has not answered within ${CONNECT_MS} ms`))
  const timer = setTimeout(onTimeout, CONNECT_MS)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([openLink(endpoint, guard, lifeline), givenUp])
  } catch (cause) {
    lifeline.abort()
    throw cause instanceof PushFailed ? cause : failureOf(cause, endpoint)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

async function openLink(endpoint: AmqpEndpoint, guard: NetworkGuard, lifeline: AbortController): Promise<Link> {
  // Loaded with the first event for such an endpoint: most servers have none.
  const amqplib = await import('amqplib')
  const model = await amqplib.connect(addressOf(endpoint), await socketOptions(endpoint, guard, lifeline.signal))
  // Whatever ends a connection ends its channel, too; an event that nobody listens to would end the process.
  model.on('error', () => undefined)
  const channel =
    endpoint.ack === 'none'
      ? await model.createChannel({ highWaterMark: FRAMES_WAITING_MAX })
      : await model.createConfirmChannel()
  const link = new RabbitmqLink({ endpoint, model, channel, lifeline })
  // Passively: it is the operator who makes exchanges.
  await channel.checkExchange(endpoint.exchange)
  return link
}

function addressOf({ tls, host, port, credentials, vhost }: AmqpEndpoint) {
  return {
    protocol: tls ? 'amqps' : 'amqp',
    hostname: host,
    port,
    username: credentials?.user ?? GUEST,
    password: credentials?.password.reveal() ?? GUEST,
    // amqplib decodes it.
    vhost: encodeURIComponent(vhost),
    heartbeat: HEARTBEAT_S,
    maxFrameSize: FRAME_BYTES_MAX,
  }
}

/** amqplib hands them to net.connect or to tls.connect, of which only the former knows a signal. */
async function socketOptions({ tls, host, port, trust }: AmqpEndpoint, { lookup }: NetworkGuard, signal: AbortSignal) {
  if (!tls) return { lookup, signal, noDelay: true }
  const { ca, rejectUnauthorized } = await readTrust(trust)
  const socket = connectSocket({ host, port, lookup, signal })
  // The TLS socket reports what happens to it.
  socket.on('error', () => undefined)
  return { socket, ca, rejectUnauthorized, noDelay: true }
}

function failureOf(cause: unknown, endpoint: AmqpEndpoint): PushFailed {
  const text = messageOf(cause, endpoint)
  const isAnswer = /by server|Operation failed|ConnectionClose/i.test(text)
  return new PushFailed(isAnswer ? 'refused' : 'unreachable', `${describeEndpoint(endpoint)}: ${text}`, { cause })
}

interface LinkParts {
  readonly endpoint: AmqpEndpoint
  readonly model: ChannelModel
  /** One with confirms, unless the ack level is `none`. */
  readonly channel: Channel | ConfirmChannel
  readonly lifeline: AbortController
}

class RabbitmqLink implements Link {
  readonly #parts: LinkParts
  /** Message ids that the broker has sent back. It does so before it confirms them. */
  readonly #returned = new Set<string>()
  #lost: string | undefined
  /** Why the broker takes nothing at the moment: it is short of memory or disk. */
  #blocked: string | undefined
  /** As many frames wait for the socket as may. */
  #isFull = false
  /** Of the message that the broker has closed the channel over. */
  #tooLargeBytes: number | undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
    const { model, channel } = parts
    model.on('blocked', (reason) => {
      this.#blocked = reason
    })
    model.on('unblocked', () => {
      this.#blocked = undefined
    })
    channel.on('error', (error) => this.#onChannelError(error))
    channel.on('close', () => {
      this.#lost ??= 'the connection was lost'
    })
    channel.on('return', ({ properties }: Message) => this.#returned.add(String(properties.messageId)))
    channel.on('drain', () => {
      this.#isFull = false
    })
  }

  async send(event: TopicEvent): Promise<void> {
    const { endpoint, channel } = this.#parts
    const name = describeEndpoint(endpoint)
    if (this.#lost !== undefined) throw new LinkLost('unreachable', `${name}: ${this.#lost}`)
    if (this.#blocked !== undefined) throw new PushFailed('busy', `${name} takes no messages: ${this.#blocked}`)
    try {
      if (endpoint.ack === 'none') this.#publish(event)
      else await this.#confirmed(event, channel as ConfirmChannel)
    } catch (cause) {
      throw this.#failureOf(cause, event)
    }
  }

  async close(): Promise<void> {
    const { model, lifeline } = this.#parts
    try {
      await Promise.race([model.close(), delay(GOODBYE_MS, undefined, { signal: lifeline.signal })])
    } catch {
      // It was closed already.
    }
    lifeline.abort()
  }

  #publish({ topic, document }: TopicEvent): void {
    const { endpoint, channel } = this.#parts
    if (this.#isFull) throw new PushFailed('busy', `${describeEndpoint(endpoint)} does not read what it is sent`)
    this.#isFull = !channel.publish(endpoint.exchange, topic, document)
  }

  async #confirmed({ topic, document }: TopicEvent, channel: ConfirmChannel): Promise<void> {
    const { exchange, ack } = this.#parts.endpoint
    const mandatory = ack === 'routable'
    // RGW sets the delivery mode alone; the id tells which message has come back.
    const messageId = mandatory ? randomUUID() : undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    channel.publish(exchange, topic, document, { persistent: true, mandatory, messageId }, (error: unknown) => {
      if (error === null || error === undefined) resolve()
      else reject(error)
    })
    await promise
    if (messageId !== undefined && this.#returned.delete(messageId)) {
      throw new PushFailed('refused', `exchange ${exchange} routes ${topic} to no queue`)
    }
  }

  #onChannelError(error: Error): void {
    this.#lost = messageOf(error, this.#parts.endpoint)
    const bytes = /message size (\d+) is larger/.exec(this.#lost)?.[1]
    if (bytes !== undefined) this.#tooLargeBytes = Number(bytes)
  }

  #failureOf(cause: unknown, { document }: TopicEvent): PushFailed | LinkLost {
    if (cause instanceof PushFailed) return cause
    const { endpoint } = this.#parts
    const message = `${describeEndpoint(endpoint)}: ${this.#lost ?? messageOf(cause, endpoint)}`
    if (this.#lost === undefined) return new PushFailed('refused', message, { cause })
    // The channel has ended for all that were under way on it, and one of them is to blame.
    if (document.length === this.#tooLargeBytes) return new PushFailed('too-large', message, { cause })
    return new LinkLost('unreachable', message, { cause })
  }
}
