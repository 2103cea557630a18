import { compareKeys } from '../../domain/listing/order.ts'
import { topicArn } from '../../domain/topics/arn.ts'
import { deliveryOf, opaqueDataOf, type TopicAttributes } from '../../domain/topics/attributes.ts'
import type { TopicRules } from '../../domain/topics/rules.ts'
import type { TopicPage } from '../../domain/topics/topics.ts'
import type { S3Error } from '../../errors.ts'
import type { TopicRow } from '../../storage/metadata/topic-store.ts'
import { uriEncode } from '../percent.ts'
import { buildDocument, type XmlContent } from '../xml/build.ts'

/** How a dialect answers SNS's actions. */
export interface TopicAnswers extends TopicRules {
  /** Whether a topic's User is told: the ZOS manual shows it (5.2), RGW 16.2 leaves it empty (recorded). */
  readonly tellsOwner: boolean
  /** Whether EndpointArgs repeat the parameters as they were encoded: ZOS manual 5.2; not in RGW 16.2 (recorded). */
  readonly encodesArgs: boolean
  /** Secrets, persistence, opaque data: not in ZOS's answers (the lengths that its manual shows prove it). */
  readonly tellsAll: boolean
  /** Topics of one page of ListTopics; ZOS answers all of them. */
  readonly pageSize: number | undefined
  /** SNS's ErrorResponse, which its SDKs read, and not RGW's bare Error (recorded: topic.GetTopic.no_arn). */
  readonly wrapsErrors: boolean
}

/** What every answer is made with. */
export interface TopicAnswering {
  readonly answers: TopicAnswers
  readonly region: string
  /** In the form that stands in ResponseMetadata. */
  readonly requestId: string
}

const NAMESPACE = 'https://sns.amazonaws.com/doc/2010-03-31/'
const VERSION = '2010-03-31'

/** `<Action>Response`, with its result if it has one. None has an XML declaration (ZOS manual; recorded). */
function response(
  action: string,
  result: XmlContent | undefined,
  { requestId, namespace = NAMESPACE }: { requestId: string; namespace?: string | undefined },
): string {
  const content = {
    ...(result === undefined ? {} : { [`${action}Result`]: result }),
    ResponseMetadata: { RequestId: requestId },
  }
  return buildDocument(`${action}Response`, content, { namespace, declaration: false })
}

export function createTopicDocument(topic: TopicRow, { region, requestId }: TopicAnswering): string {
  return response('CreateTopic', { TopicArn: topicArn(topic, region) }, { requestId })
}

/** The answer of DeleteTopic and SetTopicAttributes. */
export function doneDocument(action: string, { requestId }: TopicAnswering): string {
  return response(action, undefined, { requestId })
}

/** The one answer without a namespace (recorded, and in the length of the ZOS manual's answer). */
export function topicDocument(topic: TopicRow, answering: TopicAnswering): string {
  const { requestId } = answering
  const content = {
    GetTopicResult: { Topic: topicElement(topic, answering) },
    ResponseMetadata: { RequestId: requestId },
  }
  return buildDocument('GetTopicResponse', content, { namespace: undefined, declaration: false })
}

export function topicsDocument({ topics, next }: TopicPage, answering: TopicAnswering): string {
  const result = {
    Topics: { member: topics.map((topic) => topicElement(topic, answering)) },
    NextToken: next === undefined ? undefined : topicToken(next),
  }
  return response('ListTopics', result, answering)
}

/** It came with newer Ceph: it tells all of a topic in every dialect. */
export function topicAttributesDocument(topic: TopicRow, answering: TopicAnswering): string {
  const { answers, requestId } = answering
  const told = topicElement(topic, { ...answering, answers: { ...answers, tellsAll: true } })
  const { User, Name, TopicArn, OpaqueData, Policy } = told
  const endpoint = { ...endpointElement(topic, answers), ...endpointDetails(topic, String) }
  const entries = { User, Name, EndPoint: JSON.stringify(endpoint), TopicArn, OpaqueData, Policy }
  const entry = Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]))
  return response('GetTopicAttributes', { Attributes: { entry } }, { requestId })
}

/** SNS's form of an error. */
export function topicErrorDocument(error: S3Error, requestId: string): string {
  const { code: Code, message: Message, status } = error
  const content = { Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code, Message }, RequestId: requestId }
  return buildDocument('ErrorResponse', content, { namespace: NAMESPACE, declaration: false })
}

/** A page's end, which names the topic behind which the next one begins. */
function topicToken(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url')
}

/** Undefined for what is no such token. */
export function readTopicToken(token: string): string | undefined {
  const name = Buffer.from(token, 'base64url').toString('utf8')
  return name !== '' && topicToken(name) === token ? name : undefined
}

interface TopicElement extends XmlContent {
  readonly User: string
  readonly Name: string
  readonly EndPoint: XmlContent
  readonly TopicArn: string
  readonly OpaqueData: string | undefined
  readonly Policy: string | undefined
}

function topicElement(topic: TopicRow, { answers, region }: TopicAnswering): TopicElement {
  const { tellsAll } = answers
  return {
    User: answers.tellsOwner ? topic.ownerId : '',
    Name: topic.name,
    EndPoint: {
      ...endpointElement(topic, answers),
      ...(tellsAll ? endpointDetails(topic, (flag) => (flag ? 'True' : 'False')) : {}),
    },
    TopicArn: topicArn(topic, region),
    OpaqueData: tellsAll ? opaqueDataOf(topic) : undefined,
    Policy: tellsAll ? topic.attributes['Policy'] || undefined : undefined,
  }
}

function endpointElement({ name, attributes }: TopicRow, { encodesArgs }: TopicAnswers): XmlContent {
  return {
    EndpointAddress: attributes['push-endpoint'] ?? '',
    EndpointArgs: endpointArgs(attributes, encodesArgs ? uriEncode : (text) => text),
    EndpointTopic: name,
  }
}

/** What is not set is left out: RGW 16.2 does not know it, and later ones print None. */
function endpointDetails(topic: TopicRow, flag: (value: boolean) => string): XmlContent {
  const { persistent, timeToLiveS, maxRetries, retrySleepS } = deliveryOf(topic)
  return {
    HasStoredSecret: flag(topic.sealedAttributes !== undefined),
    Persistent: flag(persistent),
    TimeToLive: timeToLiveS,
    MaxRetries: maxRetries,
    RetrySleepDuration: retrySleepS,
  }
}

/**
 * All parameters of the call that made the topic, but for its name, and its attributes beside them, in the order of
 * their names (ZOS manual 5.2; recorded: topic.GetTopic.rec_http).
 */
function endpointArgs(attributes: TopicAttributes, encoded: (text: string) => string): string {
  const sent = Object.entries(attributes).flatMap(([name, value], index) => [
    [`Attributes.entry.${index + 1}.key`, encoded(name)] as const,
    [`Attributes.entry.${index + 1}.value`, encoded(value)] as const,
  ])
  const all = [...sent, ...Object.entries(attributes), ['Version', VERSION] as const]
  return all
    .toSorted(([one], [other]) => compareKeys(one, other))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}
