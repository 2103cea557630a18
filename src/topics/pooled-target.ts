import { setTimeout as delay } from 'node:timers/promises'
import { Bag } from '../lib/bag.ts'
import { onAbort } from '../lib/on-abort.ts'
import type { PoolLimits } from './pool.ts'
import { PushFailed, type TopicEvent, type TopicTarget } from './topic.ts'

export interface PooledTargetOptions {
  readonly target: TopicTarget
  /** For messages. */
  readonly name: string
  readonly limits: PoolLimits
  /** Called when there has been nothing to push for a while. */
  readonly onIdle: () => void
}

/** A push that somebody waits for. */
interface Pending {
  /** When it is called off, by the system's time. */
  readonly untilMs: number
  readonly timeoutMs: number
  readonly cancel: (failure: PushFailed) => void
}

/** One open target with its bounds, its order and its idle timer. */
export class PooledTarget {
  readonly #options: PooledTargetOptions
  readonly #pending = new Bag<Pending>()
  /** The last push of each ordering key that has one under way. It never rejects. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #idle: NodeJS.Timeout
  /** One timer for all pushes, and when it looks for those that are late. */
  #lateness: NodeJS.Timeout | undefined
  #latenessMs = Number.POSITIVE_INFINITY
  #inFlight = 0
  #inFlightBytes = 0
  #idleSinceMs = performance.now()
  #closed = false

  constructor(options: PooledTargetOptions) {
    this.#options = options
    // Unreferenced: an idle connection keeps no process alive.
    this.#idle = setTimeout(() => this.#inFlight === 0 && options.onIdle(), options.limits.idleMs).unref()
  }

  /** Events that are in memory here, those included that nobody waits for any more. */
  get inFlight(): number {
    return this.#inFlight
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes
  }

  get idleSinceMs(): number {
    return this.#idleSinceMs
  }

  /** @throws PushFailed */
  async push(
    event: TopicEvent,
    { signal, timeoutMs }: { signal: AbortSignal | undefined; timeoutMs: number },
  ): Promise<void> {
    this.#assertRoom(event)
    const { promise: cancelled, reject } = Promise.withResolvers<never>()
    const cancelling = new AbortController()
    const cancel = (failure: PushFailed): void => {
      reject(failure)
      cancelling.abort(failure)
    }
    const untilMs = performance.now() + timeoutMs
    this.#lookForLateAt(untilMs)
    const letGo = signal && onAbort(signal, () => cancel(new PushFailed('stopping', 'the push was called off')))
    const place = this.#pending.add({ untilMs, timeoutMs, cancel })
    try {
      await Promise.race([this.#inTurn(event, cancelling.signal), cancelled])
    } finally {
      letGo?.()
      this.#pending.remove(place)
    }
  }

  /** Settles within `closeMs`, and never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    clearTimeout(this.#lateness)
    for (const { cancel } of this.#pending.items())
      cancel(new PushFailed('stopping', `${this.#options.name} is being left`))
    const patience = new AbortController()
    const closed = this.#options.target.close().catch(() => undefined)
    const over = delay(this.#options.limits.closeMs, undefined, { signal: patience.signal }).catch(() => undefined)
    await Promise.race([closed, over])
    patience.abort()
  }

  #lookForLateAt(ms: number): void {
    if (ms >= this.#latenessMs) return
    clearTimeout(this.#lateness)
    this.#latenessMs = ms
    this.#lateness = setTimeout(() => this.#cancelLate(), Math.max(0, ms - performance.now())).unref()
  }

  #cancelLate(): void {
    const { name } = this.#options
    const nowMs = performance.now()
    this.#latenessMs = Number.POSITIVE_INFINITY
    for (const { untilMs, timeoutMs, cancel } of this.#pending.items()) {
      if (untilMs > nowMs) this.#lookForLateAt(untilMs)
      else cancel(new PushFailed('timeout', `${name} has not answered within ${Math.round(timeoutMs)} ms`))
    }
  }

  #assertRoom({ document }: TopicEvent): void {
    const { name, limits } = this.#options
    const isFull =
      this.#inFlight >= limits.inFlightMax ||
      (this.#inFlight > 0 && this.#inFlightBytes + document.length > limits.inFlightBytesMax)
    if (isFull) throw new PushFailed('busy', `${name} already has ${this.#inFlight} events under way`)
  }

  /** Behind the earlier push of the same key. Settles when nothing of the event is in memory any more. */
  async #inTurn(event: TopicEvent, signal: AbortSignal): Promise<void> {
    const { orderingKey, document } = event
    const before = this.#last.get(orderingKey)
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    this.#inFlight += 1
    this.#inFlightBytes += document.length
    this.#last.set(orderingKey, settled)
    try {
      if (before !== undefined) await before
      if (signal.aborted) throw signal.reason
      await this.#options.target.push(event, signal)
    } finally {
      resolve()
      this.#inFlight -= 1
      this.#inFlightBytes -= document.length
      if (this.#last.get(orderingKey) === settled) this.#last.delete(orderingKey)
      if (this.#inFlight === 0) {
        this.#idleSinceMs = performance.now()
        if (!this.#closed) this.#idle.refresh()
      }
    }
  }
}
