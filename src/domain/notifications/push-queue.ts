import type { Endpoint } from '../../topics/endpoint.ts'
import { PushFailed } from '../../topics/topic.ts'
import { orderingKey, type Publisher } from './publisher.ts'
import type { TellingDone } from './tell.ts'
import { pushFailure } from './troubles.ts'

/**
 * Events of one topic that are handed to the pool at once: a batch of a thousand deletions waits here for its turn
 * instead of being refused there, where several topics may share a target.
 */
const UNDER_WAY_MAX = 256
/** Events of one topic that wait for that, as many as RGW has on their way to one broker, and their bytes. */
const WAITING_MAX = 8_192
const WAITING_BYTES_MAX = 16 * 1024 * 1024

/** An event that a request waits for. */
export interface Push extends TellingDone {
  /** When nobody waits for it any more, by performance.now(). */
  readonly untilMs: number
  /** Called once. */
  onEnd(failure: PushFailed | undefined): void
}

/** Hands the events of one topic to the pool in the order in which they came. */
export class PushQueue {
  readonly #publisher: Publisher
  readonly #onEmpty: () => void
  readonly #waiting: Push[] = []
  /** The last push of each key that has one under way. It never rejects. */
  readonly #last = new Map<string, Promise<void>>()
  #waitingBytes = 0
  #underWay = 0
  #isHandingOver = false

  constructor(publisher: Publisher, onEmpty: () => void) {
    this.#publisher = publisher
    this.#onEmpty = onEmpty
  }

  add(push: Push): void {
    const bytes = push.document.length
    if (this.#waiting.length >= WAITING_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      const message = `${this.#waiting.length} events of the topic wait to be pushed already`
      push.onEnd(this.#publisher.failed(push.topic, new PushFailed('busy', message)))
      return
    }
    this.#waiting.push(push)
    this.#waitingBytes += bytes
    void this.#handOver()
  }

  /** One after another: while an endpoint is opened, no later event overtakes. */
  async #handOver(): Promise<void> {
    if (this.#isHandingOver) return
    this.#isHandingOver = true
    while (this.#underWay < UNDER_WAY_MAX) {
      const push = this.#waiting.shift()
      if (push === undefined) break
      this.#waitingBytes -= push.document.length
      await this.#begin(push)
    }
    this.#isHandingOver = false
    if (this.#underWay === 0 && this.#waiting.length === 0) this.#onEmpty()
  }

  /** Resolves when the event is with the pool, or has failed. */
  async #begin(push: Push): Promise<void> {
    this.#underWay += 1
    try {
      const endpoint = await this.#publisher.open(push.topic)
      void this.#inTurn(push, endpoint)
    } catch (cause) {
      this.#end(push, pushFailure(cause))
    }
  }

  /** Behind the earlier push of the same key, which may be on its way to what was the topic's endpoint by then. */
  async #inTurn(push: Push, endpoint: Endpoint | undefined): Promise<void> {
    const key = orderingKey(push)
    const pushed = this.#push(push, { endpoint, before: this.#last.get(key) })
    this.#last.set(key, pushed)
    await pushed
    if (this.#last.get(key) === pushed) this.#last.delete(key)
  }

  async #push(
    push: Push,
    { endpoint, before }: { endpoint: Endpoint | undefined; before: Promise<void> | undefined },
  ): Promise<void> {
    await before
    try {
      const timeoutMs = push.untilMs - performance.now()
      if (timeoutMs <= 0) throw this.#publisher.failed(push.topic, new PushFailed('timeout', 'its turn has not come'))
      // A topic that has lost its endpoint meanwhile delivers nothing.
      if (endpoint !== undefined) await this.#publisher.push(push, { endpoint, by: 'request', timeoutMs })
      this.#end(push, undefined)
    } catch (cause) {
      this.#end(push, pushFailure(cause))
    }
  }

  #end(push: Push, failure: PushFailed | undefined): void {
    this.#underWay -= 1
    push.onEnd(failure)
    void this.#handOver()
  }
}
