import { type S3Error, s3Error } from '../../errors.ts'
import type { KeyRing } from '../../storage/keys/key-ring.ts'
import type { NewTopic, TopicRef, TopicRow } from '../../storage/metadata/topic-store.ts'
import { type Delivery, readDelivery } from '../../topics/delivery.ts'
import { readEndpoint } from '../../topics/endpoint.ts'
import { withoutPassword } from '../../topics/endpoint-url.ts'
import { parseTopicPolicy } from './policy.ts'
import type { TopicRules } from './rules.ts'

/** A topic's attributes by their names, in the order in which they came. */
export type TopicAttributes = Readonly<Record<string, string>>

/** Attributes of one topic: RGW knows 20, and keeps others. It bounds what a list of topics takes. */
export const ATTRIBUTES_MAX = 50
/** In characters. */
const ATTRIBUTE_NAME_LENGTH_MAX = 256

/** Those that have a meaning here: the table of Ceph's notifications documentation. */
const KNOWN: ReadonlySet<string> = new Set([
  'push-endpoint',
  'OpaqueData',
  'persistent',
  'time_to_live',
  'max_retries',
  'retry_sleep_duration',
  'Policy',
  'verify-ssl',
  'use-ssl',
  'ca-location',
  'cloudevents',
  'http-ack-level',
  'amqp-exchange',
  'amqp-ack-level',
  'amqp-version',
  'kafka-ack-level',
  'mechanism',
  'user-name',
  'password',
])

/** What is shown in the place of a password. */
const MASK = '***'

/** How each attribute that may have a secret in it is shown. */
const MASKED: Readonly<Record<string, (value: string) => string>> = {
  'push-endpoint': withoutPassword,
  password: (value) => (value === '' ? '' : MASK),
}

/**
 * Whether a topic may have these attributes.
 * @throws S3Error the rules' word for an attribute that cannot be what it is; NotImplemented for one that nobody knows,
 *   and for what a Policy may not ask; MalformedPolicyDocument
 */
export function checkAttributes(attributes: TopicAttributes, rules: TopicRules): void {
  const names = Object.keys(attributes)
  const wordy = names.find((name) => name === '' || name.length > ATTRIBUTE_NAME_LENGTH_MAX)
  if (wordy !== undefined || names.length > ATTRIBUTES_MAX) {
    throw s3Error(rules.invalid, {}, { message: `A topic has at most ${ATTRIBUTES_MAX} attributes, each with a name` })
  }
  const unknown = rules.keepsUnknownAttributes ? undefined : names.find((name) => !KNOWN.has(name))
  if (unknown !== undefined) {
    throw s3Error('NotImplemented', {}, { message: `The attribute ${unknown} of a topic is not implemented` })
  }
  const endpoint = readEndpoint(attributes)
  const delivery = readDelivery(attributes)
  const problem = 'problem' in endpoint ? endpoint.problem : 'problem' in delivery ? delivery.problem : undefined
  if (problem !== undefined) throw badAttribute(problem.attribute, problem.message, rules)
  const { Policy: policy = '' } = attributes
  if (policy !== '') parseTopicPolicy(policy)
}

export function badAttribute(name: string, message: string, rules: Pick<TopicRules, 'invalid'>): S3Error {
  return s3Error(rules.invalid, { ArgumentName: name }, { message: `Invalid value for ${name}: ${message}` })
}

/** Whether the attribute can be set by itself: SetTopicAttributes refuses others. */
export function isSettable(name: string, rules: TopicRules): boolean {
  return KNOWN.has(name) || rules.keepsUnknownAttributes
}

export function hasSecret(attributes: TopicAttributes): boolean {
  return secretsOf(attributes) !== undefined
}

/** What is stored of a topic's attributes: what is secret is sealed, for this topic alone. */
export async function sealAttributes(
  keyRing: KeyRing,
  topic: TopicRef,
  attributes: TopicAttributes,
): Promise<Pick<NewTopic, 'attributes' | 'sealedAttributes'>> {
  const secrets = secretsOf(attributes)
  if (secrets === undefined) return { attributes, sealedAttributes: undefined }
  const masked = Object.entries(attributes).map(([name, value]) => [name, shown(name, value)])
  const sealedAttributes = await keyRing.seal(Buffer.from(JSON.stringify(secrets), 'utf8'), contextOf(topic))
  return { attributes: Object.fromEntries(masked), sealedAttributes }
}

/**
 * A topic's attributes with their secrets, for readEndpoint of topics/endpoint.ts.
 * @throws SealBroken, KeyUnavailable
 */
export async function openAttributes(
  keyRing: KeyRing,
  topic: Pick<TopicRow, 'tenant' | 'name' | 'attributes' | 'sealedAttributes'>,
): Promise<TopicAttributes> {
  const { attributes, sealedAttributes } = topic
  if (sealedAttributes === undefined) return attributes
  const secrets = (await keyRing.open(sealedAttributes, contextOf(topic))).toString('utf8')
  return { ...attributes, ...(JSON.parse(secrets) as TopicAttributes) }
}

/** Of attributes that have been read already: each event asks for those of its topic. */
const deliveries = new WeakMap<TopicAttributes, Delivery>()

/** How a stored topic's events are kept. What is stored has been checked; what is not readable any more waits. */
export function deliveryOf({ attributes }: Pick<TopicRow, 'attributes'>): Delivery {
  const known = deliveries.get(attributes)
  if (known !== undefined) return known
  const reading = readDelivery(attributes)
  const unreadable = { persistent: true, timeToLiveS: undefined, maxRetries: undefined, retrySleepS: undefined }
  const delivery = 'delivery' in reading ? reading.delivery : unreadable
  deliveries.set(attributes, delivery)
  return delivery
}

/** Copied into each event. */
export function opaqueDataOf({ attributes }: Pick<TopicRow, 'attributes'>): string {
  return attributes['OpaqueData'] ?? ''
}

/** Whoever makes a topic names its attributes: `constructor` is the name of one, too. */
function shown(name: string, value: string): string {
  return Object.hasOwn(MASKED, name) ? (MASKED[name]?.(value) ?? value) : value
}

function secretsOf(attributes: TopicAttributes): TopicAttributes | undefined {
  const secret = Object.entries(attributes).filter(([name, value]) => shown(name, value) !== value)
  return secret.length === 0 ? undefined : Object.fromEntries(secret)
}

/** So that the secrets open in the row of their own topic only. */
function contextOf({ tenant, name }: TopicRef): string {
  return `topic/${tenant}/${name}`
}
