import { connect as connectSocket, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { KafkaEndpoint } from './endpoint.ts'
import type { NetworkGuard } from './guard.ts'
import { PushFailed } from './topic.ts'
import type { TlsTrust } from './trust.ts'

/** What stands for the endpoint's host where it is an IPv6 address: kafkajs splits addresses at the first colon. */
const SEED = 'cozos-seed'
/** Dead peers are noticed by the requests' timeouts; this is for connections on which nothing is asked. */
const KEEP_ALIVE_MS = 60_000

/** The address that kafkajs is given for the endpoint's. */
export function seedName({ host, port }: KafkaEndpoint): string {
  return `${host.includes(':') ? SEED : host}:${port}`
}

/** What a producer is answered is metadata of one topic and all brokers: clusters have thousands of them at most. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024
/** Each answer begins with its size, and then with the number of its request. */
const SIZE_BYTES = 4
const FRAME_BYTES_MIN = 4

interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly onConnect: () => void
}

/**
 * The sockets of one Kafka client, so that they can be cut: kafkajs waits for brokers that are gone. The guard sees
 * every address, because it is the brokers that say where the others are.
 */
export class KafkaSockets {
  readonly #endpoint: KafkaEndpoint
  readonly #guard: NetworkGuard
  readonly #trust: TlsTrust | undefined
  readonly #sockets = new Set<Socket>()
  #forbidden: PushFailed | undefined

  constructor({
    endpoint,
    guard,
    trust,
  }: { endpoint: KafkaEndpoint; guard: NetworkGuard; trust: TlsTrust | undefined }) {
    this.#endpoint = endpoint
    this.#guard = guard
    this.#trust = trust
  }

  /** What the guard has refused. */
  get forbidden(): PushFailed | undefined {
    return this.#forbidden
  }

  /** Bytes that the system has not taken yet. */
  get waitingBytes(): number {
    return [...this.#sockets].reduce((sum, { writableLength }) => sum + writableLength, 0)
  }

  /** For kafkajs. */
  readonly open = ({ host: asked, port, onConnect }: SocketRequest): Socket => {
    const host = asked === SEED ? this.#endpoint.host : asked
    this.#refusing(() => this.#guard.assertHost(host))
    const options = { host, port, lookup: this.#guard.lookup, noDelay: true, keepAlive: true }
    const socket =
      this.#trust === undefined
        ? connectSocket({ ...options, keepAliveInitialDelay: KEEP_ALIVE_MS }, onConnect)
        : connectTls({ ...options, ...this.#trust, servername: isIP(host) === 0 ? host : '' }, onConnect)
    this.#sockets.add(socket)
    socket.on('error', (cause) => {
      if (cause instanceof PushFailed) this.#forbidden = cause
    })
    socket.on('close', () => this.#sockets.delete(socket))
    const frames = new Frames()
    socket.on('data', (bytes: Buffer) => frames.take(bytes, socket))
    catchErrors(socket)
    return socket
  }

  /** With an error, which is all that kafkajs listens to. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy(new Error('connection given up'))
  }

  #refusing(check: () => void): void {
    try {
      check()
    } catch (cause) {
      if (cause instanceof PushFailed) this.#forbidden = cause
      throw cause
    }
  }
}

/** Watches that the other side sends what may be answers: kafkajs would wait for as many bytes as they say. */
class Frames {
  #size = Buffer.alloc(0)
  /** Of the present answer. */
  #missing = 0

  take(bytes: Buffer, socket: Socket): void {
    for (let at = 0; at < bytes.length && !socket.destroyed; ) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, bytes.length - at)
        this.#missing -= taken
        at += taken
        continue
      }
      const part = bytes.subarray(at, at + SIZE_BYTES - this.#size.length)
      this.#size = Buffer.concat([this.#size, part])
      at += part.length
      if (this.#size.length === SIZE_BYTES) this.#begin(this.#size.readInt32BE(), socket)
    }
  }

  #begin(size: number, socket: Socket): void {
    this.#size = Buffer.alloc(0)
    this.#missing = size
    if (size < FRAME_BYTES_MIN || size > FRAME_BYTES_MAX) socket.destroy(new Error('this is no Kafka'))
  }
}

/**
 * Whoever may create topics chooses whom kafkajs talks to, and what its listeners throw would end the process. It adds
 * them as soon as it has the socket.
 */
function catchErrors(socket: Socket): void {
  const add = socket.on.bind(socket)
  const on = (event: string, listener: (...args: unknown[]) => unknown): Socket =>
    add(event, async (...args: unknown[]) => {
      try {
        // What comes behind the bytes that it was cut for is not listened to.
        if (event !== 'data' || !socket.destroyed) await listener(...args)
      } catch (cause) {
        socket.destroy(cause instanceof Error ? cause : new Error(String(cause)))
      }
    })
  Object.assign(socket, { on })
  // For everybody else it is as it was.
  process.nextTick(() => Reflect.deleteProperty(socket, 'on'))
}
