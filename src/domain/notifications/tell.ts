import { s3Error } from '../../errors.ts'
import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import type { Services } from '../services.ts'
import { deliveryOf, opaqueDataOf } from '../topics/attributes.ts'
import { eventDocument } from './document.ts'
import { type EventFacts, matchEvents } from './match.ts'
import type { EventRules } from './rules.ts'

/** RGW's size of a persistent topic's queue: what does not fit makes the operation fail, so that it is not lost. */
export const QUEUE_BYTES_MAX = 128_000_000
/**
 * When the delivery job takes up what a request was to push itself, before its answer: longer than any such push may
 * take, so that it only finds what a crash has left behind.
 */
export const PUSH_GRACE_MS = 60_000

export interface Telling {
  /** As the transaction has read it. */
  readonly bucket: BucketRow
  readonly event: EventFacts
  readonly rules: EventRules
}

/** One event in the outbox. */
export interface TellingDone {
  readonly eventId: number
  readonly topic: TopicRow
  /**
   * Whether the delivery job sees to it: to all events of persistent topics, and, once, to those of others that no
   * request has caused. Otherwise the request pushes it, once.
   */
  readonly byJob: boolean
  /** With the key: whose order is kept. */
  readonly bucketId: number
  readonly key: string
  readonly document: string
}

/**
 * Puts the event into the outbox for every topic that wants it, in the transaction of the change: it is there if and
 * only if the change is. What a notification names that is no topic any more hears of nothing.
 * @throws S3Error SlowDown when the queue of a persistent topic is full
 */
export async function tellEvent(
  tx: WriteTransaction,
  services: Pick<Services, 'keyPatterns' | 'clock'>,
  { bucket, event, rules }: Telling,
): Promise<readonly TellingDone[]> {
  const heard = matchEvents(bucket.settings.notifications, event, services.keyPatterns)
  if (heard.length === 0) return NOTHING
  const sequence = await tx.outbox.nextSequence()
  const messages: Omit<TellingDone, 'eventId'>[] = []
  for (const { notification, eventName } of heard) {
    const topic = await tx.topics.find(notification.topic)
    // A topic without an endpoint delivers nothing.
    if (topic === undefined || (topic.attributes['push-endpoint'] ?? '') === '') continue
    const opaqueData = opaqueDataOf(topic)
    const document = eventDocument(
      { facts: event, eventName, configurationId: notification.id, bucket, sequence, opaqueData },
      rules,
    )
    const byJob = event.cause === undefined || deliveryOf(topic).persistent
    messages.push({ topic, byJob, bucketId: bucket.id, key: event.object.key, document })
  }
  // All or none: a batch goes on behind a change that was refused.
  await assertRoom(tx, messages)
  const createdMs = services.clock.now()
  const rows = messages.map(({ topic, byJob, bucketId, key, document }) => ({
    topicId: topic.id,
    bucketId,
    key,
    document,
    createdMs,
    notBeforeMs: byJob ? createdMs : createdMs + PUSH_GRACE_MS,
  }))
  const ids = await tx.outbox.add(rows)
  return messages.map((message, index) => ({ ...message, eventId: ids[index] ?? 0 }))
}

const NOTHING: readonly TellingDone[] = Object.freeze([])

async function assertRoom(tx: WriteTransaction, messages: readonly Omit<TellingDone, 'eventId'>[]): Promise<void> {
  const more = new Map<number, number>()
  for (const { topic, byJob, document } of messages) {
    if (!byJob) continue
    const bytes = (more.get(topic.id) ?? 0) + Buffer.byteLength(document)
    more.set(topic.id, bytes)
    const { bytes: waiting } = await tx.outbox.total(topic.id)
    if (waiting + bytes <= QUEUE_BYTES_MAX) continue
    throw s3Error('SlowDown', {}, { message: `The queue of the topic ${topic.name} is full` })
  }
}
