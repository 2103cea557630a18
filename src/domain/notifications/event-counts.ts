import type { PushFailureReason } from '../../topics/topic.ts'

/** Who pushes an event: the request that caused it, before its answer, or the delivery job. */
export type PushedBy = 'request' | 'job'

/**
 * Why an event will never be delivered: its time_to_live is over, or its max_retries; its endpoint will never take it;
 * it was tried once, and its topic keeps nothing; its topic has no endpoint any more.
 */
export type DropReason = 'expired' | 'retries' | 'unacceptable' | 'not-kept' | 'no-endpoint'

/** What has become of events since the start, for metrics. */
export class EventCounts {
  readonly told: Record<PushedBy, number> = { request: 0, job: 0 }
  readonly delivered: Record<PushedBy, number> = { request: 0, job: 0 }
  /** Pushes, not events: one event may fail many times. */
  readonly failed = new Map<PushFailureReason, number>()
  readonly dropped = new Map<DropReason, number>()

  fail(reason: PushFailureReason): void {
    this.failed.set(reason, (this.failed.get(reason) ?? 0) + 1)
  }

  drop(reason: DropReason, events = 1): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + events)
  }
}
