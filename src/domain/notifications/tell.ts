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
  /** Whether the delivery job sees to it; otherwise the request pushes it, once. */
  readonly persistent: boolean
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
  const createdMs = services.clock.now()
  const told: TellingDone[] = []
  for (const { notification, eventName } of heard) {
    const topic = await tx.topics.find(notification.topic)
    // A topic without an endpoint delivers nothing.
    if (topic === undefined || (topic.attributes['push-endpoint'] ?? '') === '') continue
    const { persistent } = deliveryOf(topic)
    const opaqueData = opaqueDataOf(topic)
    const document = eventDocument(
      { facts: event, eventName, configurationId: notification.id, bucket, sequence, opaqueData },
      rules,
    )
    if (persistent) await assertRoom(tx, topic, document)
    const row = { topicId: topic.id, bucketId: bucket.id, key: event.object.key, document, createdMs }
    const notBeforeMs = persistent ? createdMs : createdMs + PUSH_GRACE_MS
    const [eventId = 0] = await tx.outbox.add([{ ...row, notBeforeMs }])
    told.push({ eventId, topic, persistent, document })
  }
  return told
}

const NOTHING: readonly TellingDone[] = Object.freeze([])

async function assertRoom(tx: WriteTransaction, topic: TopicRow, document: string): Promise<void> {
  const { bytes } = await tx.outbox.total(topic.id)
  if (bytes + Buffer.byteLength(document) <= QUEUE_BYTES_MAX) return
  throw s3Error('SlowDown', {}, { message: `The queue of the topic ${topic.name} is full` })
}
