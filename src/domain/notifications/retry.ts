import type { OutboxEvent } from '../../storage/metadata/topic-store.ts'
import type { Delivery } from '../../topics/delivery.ts'
import type { PushFailed } from '../../topics/topic.ts'
import type { DropReason } from './event-counts.ts'
import { PUSH_GRACE_MS } from './tell.ts'

/**
 * The rest behind a first failure where the topic says nothing, in milliseconds by the clock; it doubles with each
 * further one. RGW tries again in each of its rounds, a few seconds apart, for as long as it takes: with thousands of
 * events that costs a broker in trouble more than it can give. Nothing is tried again earlier, whatever the topic says.
 */
export const RETRY_MS_MIN = 1_000
/** No rest is longer, unless the topic says so: when the broker is back, events are not late for long. */
export const RETRY_MS_MAX = 30_000

const SECOND_MS = 1_000

export type Fate = { readonly drop: DropReason } | { readonly waitUntilMs: number } | 'push'

/** What is to be done about an event that waits. */
export function fateOf(
  { createdMs, notBeforeMs, tries }: Pick<OutboxEvent, 'createdMs' | 'notBeforeMs' | 'tries'>,
  delivery: Delivery,
  nowMs: number,
): Fate {
  const { persistent, timeToLiveS = 0, retrySleepS = 0 } = delivery
  const expiresMs = persistent && timeToLiveS > 0 ? createdMs + timeToLiveS * SECOND_MS : Number.POSITIVE_INFINITY
  if (expiresMs <= nowMs) return { drop: 'expired' }
  const isNew = persistent && tries === 0
  // An event that is to rest for longer than any does was put there before the clock was set back.
  const restMsMax = Math.max(PUSH_GRACE_MS, retrySleepS * SECOND_MS)
  if (isNew || notBeforeMs <= nowMs || notBeforeMs > nowMs + restMsMax) return 'push'
  return { waitUntilMs: Math.min(notBeforeMs, expiresMs) }
}

/** What is to be done about an event whose push has failed: it is dropped, or tried again at that time. */
export function fateAfter(
  failure: Pick<PushFailed, 'retryable'>,
  { tries }: Pick<OutboxEvent, 'tries'>,
  { delivery, nowMs }: { delivery: Delivery; nowMs: number },
): Exclude<Fate, 'push'> {
  // 0 is without end, and the first try is no retry.
  const { persistent, maxRetries = 0 } = delivery
  if (!persistent) return { drop: 'not-kept' }
  if (!failure.retryable) return { drop: 'unacceptable' }
  if (maxRetries > 0 && tries >= maxRetries) return { drop: 'retries' }
  return { waitUntilMs: nowMs + restMs(tries, delivery) }
}

/**
 * How long an endpoint in trouble is not asked: as an event rests, but never longer than one without a setting does.
 * @param rounds in vain, before the one that has just failed
 */
export function endpointRestMs(rounds: number, delivery: Pick<Delivery, 'retrySleepS'>): number {
  return Math.min(restMs(rounds, delivery), RETRY_MS_MAX)
}

/** @param tries in vain, before the one that has just failed */
function restMs(tries: number, { retrySleepS }: Pick<Delivery, 'retrySleepS'>): number {
  if (retrySleepS !== undefined) return Math.max(retrySleepS * SECOND_MS, RETRY_MS_MIN)
  return Math.min(RETRY_MS_MIN * 2 ** tries, RETRY_MS_MAX)
}
