import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import { PushFailed } from '../../topics/topic.ts'
import { EndpointSealed } from './endpoints.ts'
import type { DropReason } from './event-counts.ts'

/** A dead broker fails every event: its topic is spoken of once in so long, in milliseconds of the system's time. */
const QUIET_MS = 60_000
/** Topics whose last word is remembered. */
const REMEMBERED_MAX = 1_000

/** What an operator hears of a topic. It holds no secret. */
export interface TopicTrouble {
  readonly message: string
  /** `error` where nothing gets better by itself. */
  readonly level: 'warn' | 'error'
  readonly details: Readonly<Record<string, string | number>>
}

interface Spoken {
  readonly atMs: number
  /** Of the same kind, since then. */
  unspoken: number
}

/** Tells of failed pushes and dropped events, for each topic a few times rather than for each event. */
export class Troubles {
  readonly #onTrouble: (trouble: TopicTrouble) => void
  readonly #spoken = new Map<string, Spoken>()

  constructor(onTrouble: (trouble: TopicTrouble) => void) {
    this.#onTrouble = onTrouble
  }

  failed(topic: TopicRow, failure: PushFailed): void {
    const { reason, message } = failure
    if (failure instanceof EndpointSealed) {
      // Once for what the topic is now: until somebody mends it, it stays so.
      const kind = `sealed ${topic.revision}`
      this.#tell(topic, kind, { message: 'the events of a topic wait', level: 'error', details: { cause: message } })
      return
    }
    const details = { reason, cause: message }
    this.#tell(topic, 'failed', { message: 'an event could not be pushed', level: 'warn', details })
  }

  dropped(topic: Pick<TopicRow, 'id' | 'tenant' | 'name'>, reason: DropReason, events = 1): void {
    const details = { reason, events }
    this.#tell(topic, `dropped ${reason}`, { message: 'an event will not be delivered', level: 'warn', details })
  }

  #tell(topic: Pick<TopicRow, 'id' | 'tenant' | 'name'>, kind: string, trouble: TopicTrouble): void {
    const key = `${topic.id} ${kind}`
    const spoken = this.#spoken.get(key)
    const isOver = spoken !== undefined && trouble.level !== 'error' && performance.now() - spoken.atMs >= QUIET_MS
    if (spoken !== undefined && !isOver) {
      spoken.unspoken += 1
      return
    }
    const [oldest] = this.#spoken.size < REMEMBERED_MAX ? [] : this.#spoken.keys()
    if (oldest !== undefined) this.#spoken.delete(oldest)
    this.#spoken.set(key, { atMs: performance.now(), unspoken: 0 })
    const { tenant, name } = topic
    const details: Record<string, string | number> = { topic: tenant === '' ? name : `${tenant}:${name}` }
    if (spoken !== undefined && spoken.unspoken > 0) details['likeItBefore'] = spoken.unspoken
    this.#onTrouble({ ...trouble, details: { ...details, ...trouble.details } })
  }
}

/** Whatever an engine throws: what is no failure of a push is a mistake of ours, and may go away. */
export function pushFailure(cause: unknown): PushFailed {
  if (cause instanceof PushFailed) return cause
  return new PushFailed('refused', cause instanceof Error ? cause.message : String(cause), { cause })
}
