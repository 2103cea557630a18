import { setTimeout as delay } from 'node:timers/promises'
import { PushFailed, type PushFailureReason, type TopicEvent, type TopicTarget } from './topic.ts'

/** A connection to a broker. */
export interface Link {
  /** @throws LinkLost, PushFailed */
  send(event: TopicEvent, signal: AbortSignal): Promise<void>
  /** Says goodbye if the broker listens, and hangs up. Never rejects. */
  close(): Promise<void>
}

/**
 * The connection is of no use any more, or the broker wants to be asked anew: the event is sent again over the next
 * one.
 */
export class LinkLost extends Error {
  override readonly name = 'LinkLost'
  /** How the push failed, if no later try succeeds. */
  readonly reason: PushFailureReason

  constructor(reason: PushFailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/**
 * Connects. The signal aborts when nobody needs the connection any more.
 * @throws PushFailed
 */
export type Connect = (signal: AbortSignal) => Promise<Link>

export interface ReconnectOptions {
  /** For messages. */
  readonly name: string
  readonly connect: Connect
  /** Hears of each failed connection and each lost one. */
  readonly onTrouble?: (message: string, details: object) => void
  readonly delays?: Partial<ReconnectDelays>
}

/** Milliseconds of the system's time. */
export interface ReconnectDelays {
  /** How long no further connection is tried after a first failure; it doubles with each further one. */
  readonly firstMs: number
  readonly lastMs: number
  /** The pauses before an event is sent again when the connection was lost under it. */
  readonly resendMs: readonly number[]
}

/** Together the pauses of a resend are about as long as a Kafka topic takes to be made. */
const DELAYS: ReconnectDelays = { firstMs: 200, lastMs: 30_000, resendMs: [50, 200, 400, 800] }

/** Many servers that lost the same broker must not come back at the same moment. */
const JITTER = 0.2

/**
 * A target behind one connection, which is made when it is needed. After a failed connection, events fail at once until
 * the next one is due: a broker that is down costs a request nothing.
 */
export class ReconnectingTarget implements TopicTarget {
  readonly #options: ReconnectOptions
  readonly #delays: ReconnectDelays
  readonly #closing = new AbortController()
  readonly #leaving = new Set<Promise<void>>()
  #link: Promise<Link> | undefined
  /** The one that `#link` has resolved with: most events find it there. */
  #open: Link | undefined
  #failures = 0
  #nextTryMs = 0
  #lastFailure: PushFailed | undefined

  constructor(options: ReconnectOptions) {
    this.#options = options
    this.#delays = { ...DELAYS, ...options.delays }
  }

  async push(event: TopicEvent, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const link = this.#open ?? (await unlessAborted(this.#connected(), signal))
      try {
        await link.send(event, signal)
        this.#failures = 0
        this.#nextTryMs = 0
        return
      } catch (cause) {
        if (!(cause instanceof LinkLost)) throw cause
        this.#drop(link, cause)
        await this.#beforeResend(attempt, cause, signal)
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new PushFailed('stopping', `${this.#options.name} is being left`))
    const linking = this.#link
    this.#link = undefined
    this.#open = undefined
    const link = await linking?.catch(() => undefined)
    if (link !== undefined) this.#leave(link)
    await Promise.all(this.#leaving)
  }

  #connected(): Promise<Link> {
    if (this.#link !== undefined) return this.#link
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason)
    const waitMs = Math.ceil(this.#nextTryMs - performance.now())
    if (waitMs > 0 && this.#lastFailure !== undefined) {
      const { reason, message } = this.#lastFailure
      return Promise.reject(new PushFailed(reason, `${message} (tried again in ${waitMs} ms)`))
    }
    const linking = this.#options.connect(this.#closing.signal).catch((cause: unknown) => {
      if (this.#link === linking) this.#link = undefined
      const failure = cause instanceof PushFailed ? cause : new PushFailed('unreachable', String(cause), { cause })
      this.#failed(failure)
      throw failure
    })
    this.#link = linking
    void linking.then(
      (link) => {
        if (this.#link === linking) this.#open = link
      },
      () => undefined,
    )
    return linking
  }

  /** Once, however many events were under way on it. */
  #drop(link: Link, { message }: LinkLost): void {
    if (this.#open !== link) return
    this.#link = undefined
    this.#open = undefined
    this.#options.onTrouble?.(message, { endpoint: this.#options.name })
    this.#leave(link)
  }

  #leave(link: Link): void {
    const left = link.close().finally(() => this.#leaving.delete(left))
    this.#leaving.add(left)
  }

  async #beforeResend(attempt: number, { reason, message, cause }: LinkLost, signal: AbortSignal): Promise<void> {
    const pauseMs = this.#delays.resendMs[attempt]
    const failure = new PushFailed(reason, message, { cause })
    if (pauseMs === undefined) {
      this.#failed(failure)
      throw failure
    }
    if (signal.aborted) throw signal.reason
    await delay(pauseMs, undefined, { signal: AbortSignal.any([signal, this.#closing.signal]) }).catch(() => undefined)
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason
    if (signal.aborted) throw signal.reason
  }

  /** Once for all the events that fail together. */
  #failed(failure: PushFailed): void {
    if (this.#closing.signal.aborted || performance.now() < this.#nextTryMs) return
    this.#failures += 1
    this.#lastFailure = failure
    const { firstMs, lastMs } = this.#delays
    const pauseMs = Math.min(firstMs * 2 ** (this.#failures - 1), lastMs)
    this.#nextTryMs = performance.now() + pauseMs * (1 + JITTER * (2 * Math.random() - 1))
    this.#options.onTrouble?.(failure.message, { endpoint: this.#options.name, failures: this.#failures })
  }
}

/** What the promise resolves with, unless the signal aborts before: then its reason is thrown. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
