import { isDeepStrictEqual } from 'node:util'
import type { TopicConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/reader.ts'
import { S3Error } from '../../errors.ts'
import { SealBroken } from '../../storage/keys/key-ring.ts'
import type { TopicRef } from '../../storage/metadata/topic-store.ts'
import type { Services } from '../services.ts'
import { checkAttributes, openAttributes, sealAttributes, type TopicAttributes } from './attributes.ts'
import type { TopicRules } from './rules.ts'
import { assertTopicName, putTopic } from './topics.ts'

export interface ConfiguredTopics {
  readonly topics: readonly TopicConfig[]
  readonly rules: TopicRules
  /** The account that owns those without an owner. */
  readonly rootId: string
}

/**
 * Makes each topic of a config what the config says, as CreateTopic would; one that is so already is not touched, nor
 * is any other. A topic that was there before keeps its owner.
 * @throws ConfigError naming what a topic cannot be, before any is changed; SealBroken, KeyUnavailable
 */
export async function storeConfiguredTopics(services: Services, configured: ConfiguredTopics): Promise<void> {
  const { topics, rules, rootId } = configured
  checkConfiguredTopics(topics, rules)
  for (const [index, { name, owner: ownerId = rootId, attributes }] of topics.entries()) {
    const tenant = services.accounts.find(ownerId)?.tenant ?? ''
    try {
      await storeTopic(services, { ref: { tenant, name }, ownerId, attributes: revealed(attributes) })
    } catch (cause) {
      throw cause instanceof S3Error ? new ConfigError([`${pathOf(index)}: ${cause.message}`]) : cause
    }
  }
}

/**
 * Whether a dialect's CreateTopic would take the topics of a config.
 * @throws ConfigError with a line for each that it would not, without a secret
 */
export function checkConfiguredTopics(topics: readonly TopicConfig[], rules: TopicRules): void {
  const problems = topics.flatMap((topic, index) => problemsOf(topic, { path: pathOf(index), rules }))
  if (problems.length > 0) throw new ConfigError(problems)
}

function pathOf(index: number): string {
  return `topics.create[${index}]`
}

function problemsOf(
  { name, attributes }: TopicConfig,
  { path, rules }: { path: string; rules: TopicRules },
): readonly string[] {
  const checks = [
    { path: `${path}.name`, check: () => assertTopicName(name, rules) },
    { path: `${path}.attributes`, check: () => checkAttributes(revealed(attributes), rules) },
  ]
  return checks.flatMap((part) => {
    try {
      part.check()
      return []
    } catch (cause) {
      if (!(cause instanceof S3Error)) throw cause
      return [`${part.path}${attributeOf(cause)}: ${cause.message}`]
    }
  })
}

/** Which of the attributes it is about, as far as the error tells. */
function attributeOf({ code, details }: S3Error): string {
  if (code === 'MalformedPolicyDocument') return '.Policy'
  const { ArgumentName: name } = details
  return name === undefined ? '' : `.${name}`
}

interface WantedTopic {
  readonly ref: TopicRef
  readonly ownerId: string
  readonly attributes: TopicAttributes
}

async function storeTopic(services: Services, { ref, ownerId, attributes }: WantedTopic): Promise<void> {
  if (await isThere(services, ref, attributes)) return
  const sealed = await sealAttributes(services.keyRing, ref, attributes)
  const createdMs = services.clock.now()
  await services.metadata.write(async (tx) => {
    await putTopic(tx, { ...ref, ...sealed, ownerId, createdMs }, await tx.topics.find(ref))
  })
}

/** A start without a difference changes nothing: a revision is what connections and caches of a topic depend on. */
async function isThere({ metadata, keyRing }: Services, ref: TopicRef, wanted: TopicAttributes): Promise<boolean> {
  const topic = await metadata.read((tx) => tx.topics.find(ref))
  if (topic === undefined) return false
  try {
    const present = await openAttributes(keyRing, topic)
    return isDeepStrictEqual(Object.entries(present), Object.entries(wanted))
  } catch (cause) {
    // The key ring is another one than it was sealed with: the configured secrets are as good as new.
    if (cause instanceof SealBroken) return false
    throw cause
  }
}

function revealed(attributes: TopicConfig['attributes']): TopicAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value.reveal()]))
}
