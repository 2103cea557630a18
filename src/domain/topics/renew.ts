import { SealBroken } from '../../storage/keys/key-ring.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import type { Services } from '../services.ts'
import { openAttributes, sealAttributes } from './attributes.ts'

/** Topics read in one transaction: a row is some kilobytes at most. */
const PAGE_TOPICS = 100

/** What of the services this needs. */
type RenewingServices = Pick<Services, 'keyRing' | 'metadata'>

/**
 * Seals anew the secrets of all topics that were not sealed with the newest key, after a rotation.
 * @param onStuck told of a topic whose secrets do not open
 */
export async function renewTopics(
  services: RenewingServices,
  onStuck: (stuck: { what: string; cause: unknown }) => void,
): Promise<{ renewed: number; stuck: number }> {
  let [renewed, stuck] = [0, 0]
  for (let afterId = 0; ; ) {
    const topics = await services.metadata.read((tx) => tx.topics.listSealed({ afterId, limit: PAGE_TOPICS }))
    for (const topic of topics) {
      afterId = topic.id
      if (topic.sealedAttributes === undefined || (await services.keyRing.isCurrent(topic.sealedAttributes))) continue
      try {
        await renewTopic(services, topic)
        renewed += 1
      } catch (cause) {
        if (!(cause instanceof SealBroken)) throw cause
        onStuck({ what: `topic ${topic.tenant}:${topic.name}`, cause })
        stuck += 1
      }
    }
    if (topics.length < PAGE_TOPICS) return { renewed, stuck }
  }
}

async function renewTopic({ keyRing, metadata }: RenewingServices, topic: TopicRow): Promise<void> {
  const sealed = await sealAttributes(keyRing, topic, await openAttributes(keyRing, topic))
  await metadata.write(async (tx) => {
    // It may be another one meanwhile, or gone.
    const present = await tx.topics.findById(topic.id)
    if (present?.revision === topic.revision) await tx.topics.put({ ...present, ...sealed })
  })
}
