import { s3Error } from '../../errors.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import type { NewTopic, TopicRef, TopicRow } from '../../storage/metadata/topic-store.ts'
import type { Account, Caller } from '../accounts.ts'
import type { Services } from '../services.ts'
import { assertTopicAccess } from './access.ts'
import { parseTopicArn, topicRef } from './arn.ts'
import {
  badAttribute,
  checkAttributes,
  deliveryOf,
  hasSecret,
  isSettable,
  openAttributes,
  sealAttributes,
  type TopicAttributes,
} from './attributes.ts'
import type { TopicAction } from './policy.ts'
import type { TopicRules } from './rules.ts'

/** Topics of one tenant: ZOS lists all of them in one document, which has about 1 KiB for each. */
export const TOPICS_MAX = 10_000
/** AWS's limit, and newer Ceph's. */
const TOPIC_NAME_LENGTH_MAX = 256
const PLAIN_NAME = /^[\w-]+$/
/** Neither control characters nor what an ARN could be read in two ways with. */
const ANY_NAME = /^[^\p{Cc}:]+$/u
/** How often a change begins anew because somebody else has changed the topic meanwhile. */
const CHANGE_ATTEMPTS = 10

interface TopicCall {
  readonly caller: Caller
  readonly rules: TopicRules
}

/** A call that brings attributes. */
interface AttributesCall extends TopicCall {
  /** Whether it came over TLS. */
  readonly isSecure: boolean
}

/**
 * Creates a topic, or makes one of this name what it is now to be: what it was told before is forgotten.
 * @throws S3Error the rules' words; AccessDenied; LimitExceeded; those of checkAttributes
 */
export async function createTopic(
  services: Services,
  topic: { name: string; attributes: TopicAttributes },
  call: AttributesCall,
): Promise<TopicRow> {
  const { name, attributes } = topic
  const { caller, rules } = call
  const account = accountOf(caller)
  assertTopicName(name, rules)
  const ref = { tenant: account.tenant, name }
  const sealed = await prepare(services, ref, { ...call, attributes })
  const created = { ...ref, ...sealed, ownerId: account.id, createdMs: services.clock.now() }
  return await services.metadata.write(async (tx) => {
    const before = await tx.topics.find(ref)
    if (before !== undefined) assertTopicAccess(before, { caller, action: 'sns:CreateTopic' })
    return await putTopic(tx, created, before)
  })
}

/** @throws S3Error the rules' word for what is no name of a topic */
export function assertTopicName(name: string, rules: TopicRules): void {
  const isName = (rules.plainNames ? PLAIN_NAME : ANY_NAME).test(name) && name.length <= TOPIC_NAME_LENGTH_MAX
  if (!isName) throw s3Error(rules.invalid, {}, { message: 'Invalid value for Name' })
}

/**
 * Stores a topic in the place of what the one of this name was `before`.
 * @throws S3Error LimitExceeded
 */
export async function putTopic(tx: WriteTransaction, topic: NewTopic, before: TopicRow | undefined): Promise<TopicRow> {
  if (before === undefined && (await tx.topics.count(topic.tenant)) >= TOPICS_MAX) {
    throw s3Error('LimitExceeded', {}, { message: `A tenant has at most ${TOPICS_MAX} topics` })
  }
  return await store(tx, topic, before)
}

/**
 * The topic that an ARN names.
 * @throws S3Error the rules' words for what is no ARN, and for no topic; AccessDenied
 */
export async function findTopic(
  services: Services,
  { arn, action }: { arn: string | undefined; action: TopicAction },
  { caller, rules }: TopicCall,
): Promise<TopicRow> {
  const ref = refOf(arn, { caller, rules })
  const topic = await services.metadata.read((tx) => tx.topics.find(ref))
  if (topic === undefined) throw missing(rules)
  assertTopicAccess(topic, { caller, action })
  return topic
}

/**
 * Changes one attribute and leaves the others.
 * @throws S3Error as findTopic and checkAttributes
 */
export async function setTopicAttribute(
  services: Services,
  change: { arn: string | undefined; name: string; value: string },
  call: AttributesCall,
): Promise<void> {
  const { name, value } = change
  if (!isSettable(name, call.rules)) throw badAttribute('AttributeName', `there is no attribute ${name}`, call.rules)
  for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt += 1) {
    const topic = await findTopic(services, { arn: change.arn, action: 'sns:SetTopicAttributes' }, call)
    const attributes = { ...(await openAttributes(services.keyRing, topic)), [name]: value }
    const sealed = await prepare(services, topic, { ...call, attributes })
    const isStored = await services.metadata.write(async (tx) => {
      const present = await tx.topics.findById(topic.id)
      if (present?.revision !== topic.revision) return false
      await store(tx, { ...topic, ...sealed }, present)
      return true
    })
    if (isStored) return
  }
  throw s3Error('OperationAborted')
}

/**
 * Deletes a topic and what waits for it. That there is none is no error. Notifications that name it stay, and are of
 * no effect until there is a topic of this name again.
 * @throws S3Error the rules' word for what is no ARN; AccessDenied
 */
export async function deleteTopic(services: Services, arn: string | undefined, call: TopicCall): Promise<void> {
  const ref = refOf(arn, call)
  await services.metadata.write(async (tx) => {
    const topic = await tx.topics.find(ref)
    if (topic === undefined) return
    assertTopicAccess(topic, { caller: call.caller, action: 'sns:DeleteTopic' })
    await tx.topics.remove(topic.id)
  })
}

export interface TopicPage {
  readonly topics: readonly TopicRow[]
  /** The name behind which the next page begins; undefined if this is the last. */
  readonly next: string | undefined
}

/** The topics of the caller's tenant, in the order of their names. @param page.limit undefined for all */
export async function listTopics(
  services: Services,
  caller: Caller,
  page: { after: string | undefined; limit: number | undefined },
): Promise<TopicPage> {
  const { tenant } = accountOf(caller)
  const { after, limit = TOPICS_MAX } = page
  const rows = await services.metadata.read((tx) => tx.topics.list({ tenant, after, limit: limit + 1 }))
  const topics = rows.slice(0, limit)
  return { topics, next: rows.length > limit ? topics.at(-1)?.name : undefined }
}

/** Checks and seals; before the transaction, which may wait for nothing but its rows. */
async function prepare(
  { keyRing }: Services,
  ref: TopicRef,
  { attributes, rules, isSecure }: AttributesCall & { attributes: TopicAttributes },
): Promise<Pick<NewTopic, 'attributes' | 'sealedAttributes'>> {
  checkAttributes(attributes, rules)
  if (rules.refusesSecretsInClear && !isSecure && hasSecret(attributes)) {
    throw s3Error(rules.invalid, {}, { message: 'An endpoint with a password must be sent over HTTPS' })
  }
  return await sealAttributes(keyRing, ref, attributes)
}

/** A topic that keeps nothing any more has nothing that waits (Ceph's notifications documentation, "persistent"). */
async function store(tx: WriteTransaction, topic: NewTopic, before: TopicRow | undefined): Promise<TopicRow> {
  if (before !== undefined && deliveryOf(before).persistent && !deliveryOf(topic).persistent) {
    await tx.outbox.drop(before.id)
  }
  return await tx.topics.put(topic)
}

function refOf(arn: string | undefined, { caller, rules }: TopicCall): TopicRef {
  if (arn === undefined || arn === '') {
    throw s3Error(rules.invalid, {}, { message: 'Missing required element TopicArn' })
  }
  const named = parseTopicArn(arn)
  if (named?.service !== 'sns') throw s3Error(rules.invalid, {}, { message: 'Invalid value for TopicArn' })
  return topicRef(named, accountOf(caller).tenant)
}

function accountOf(caller: Caller): Account {
  if (caller.kind === 'anonymous') throw s3Error('AccessDenied', {}, { reason: 'the caller is anonymous' })
  return caller.account
}

function missing({ missing: code }: TopicRules): Error {
  return s3Error(code, {}, { message: 'No such TopicArn' })
}
