import { QUEUE_BYTES_MAX } from '../../src/domain/notifications/tell.ts'
import type { Notification } from '../../src/storage/metadata/settings.ts'
import type { MetadataStore } from '../../src/storage/metadata/store.ts'

export interface FullTopic {
  readonly topicId: number
  /** What a bucket has that tells it of these events. */
  readonly notifications: readonly Notification[]
  /** Takes away what waits for it. */
  drain(): Promise<void>
}

/** A persistent topic whose queue has no room. */
export async function makeFullTopic(metadata: MetadataStore, events: readonly string[]): Promise<FullTopic> {
  const topic = { tenant: '', name: 'full' }
  const attributes = { 'push-endpoint': 'inbox://full', persistent: 'true' }
  const topicId = await metadata.write(async (tx) => {
    const row = await tx.topics.put({ ...topic, ownerId: 'o', attributes, sealedAttributes: undefined, createdMs: 0 })
    const document = 'x'.repeat(QUEUE_BYTES_MAX)
    await tx.outbox.add([{ topicId: row.id, bucketId: 1, key: 'k', document, createdMs: 0 }])
    return row.id
  })
  return {
    topicId,
    notifications: [{ id: 'n', topic, arn: 'arn:aws:sns:::full', element: 'TopicConfiguration', events }],
    drain: () => metadata.write((tx) => tx.outbox.drop(topicId)),
  }
}
