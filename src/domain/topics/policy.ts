import { S3Error, s3Error } from '../../errors.ts'
import type { TopicRef } from '../../storage/metadata/topic-store.ts'
import { type Glob, globMatches, globOf, literalOf } from '../access/policy/glob.ts'
import { isList, isObject, type Json, type JsonObject, readJson } from '../access/policy/json.ts'
import { isPrincipal, type Principal, readPrincipals } from '../access/policy/principals.ts'
import { malformed } from '../access/policy/refusal.ts'
import type { Caller } from '../accounts.ts'
import { parseTopicArn, topicRef } from './arn.ts'

/** What can be done with a topic, by SNS's names of the actions. */
export const TOPIC_ACTIONS = [
  'sns:CreateTopic',
  'sns:DeleteTopic',
  'sns:GetTopicAttributes',
  'sns:ListTopics',
  'sns:Publish',
  'sns:SetTopicAttributes',
] as const

export type TopicAction = (typeof TOPIC_ACTIONS)[number]

/** As a bucket's policy. */
const POLICY_BYTES_MAX = 20 * 1024

/** The attribute `Policy` of a topic, read. */
export interface TopicPolicy {
  readonly statements: readonly TopicStatement[]
}

interface TopicStatement {
  readonly effect: 'Allow' | 'Deny'
  readonly principals: readonly Principal[]
  /** In lower case. */
  readonly actions: readonly Glob[]
  /** Patterns of `account:name`. */
  readonly resources: readonly Glob[]
}

/**
 * @throws S3Error MalformedPolicyDocument; NotImplemented for conditions and exceptions: what would be left of such a
 *   policy says something else
 */
export function parseTopicPolicy(text: string): TopicPolicy {
  try {
    if (Buffer.byteLength(text) > POLICY_BYTES_MAX) {
      throw malformed('', `The policy is larger than ${POLICY_BYTES_MAX} bytes`)
    }
    const root = readJson(text)
    if (!isObject(root)) throw malformed('', 'The policy must be a JSON object')
    assertElements(root, ['Version', 'Id', 'Statement'], '')
    const value = root.get('Statement')
    const list = isList(value) ? value : value === undefined ? [] : [value]
    if (list.length === 0) throw malformed('', 'The policy has no Statement')
    return { statements: list.map((item, index) => readStatement(item, `Statement ${index + 1}`)) }
  } catch (cause) {
    if (!(cause instanceof S3Error) || cause.code !== 'MalformedPolicy') throw cause
    throw s3Error('MalformedPolicyDocument', {}, { message: cause.message })
  }
}

const UNSERVED: readonly string[] = ['NotPrincipal', 'NotAction', 'NotResource', 'Condition']

function readStatement(item: Json, where: string): TopicStatement {
  if (!isObject(item)) throw malformed(where, 'it must be an object')
  const unserved = UNSERVED.find((name) => item.has(name))
  if (unserved !== undefined) {
    throw s3Error('NotImplemented', {}, { message: `${unserved} in the policy of a topic is not implemented` })
  }
  assertElements(item, ['Sid', 'Effect', 'Principal', 'Action', 'Resource'], where)
  const effect = item.get('Effect')
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(where, 'Effect must be Allow or Deny')
  const principal = item.get('Principal')
  if (principal === undefined) throw malformed(where, 'Principal is missing')
  const actions = texts(item, 'Action', where)
  const foreign = actions.find((action) => !/^(?:\*|sns:.+)$/i.test(action))
  if (foreign !== undefined) throw malformed(where, `there is no action "${foreign}" of topics`)
  return {
    effect,
    principals: readPrincipals(principal, where),
    actions: actions.map((action) => globOf(action.toLowerCase())),
    resources: texts(item, 'Resource', where).map((written) => readResource(written, where)),
  }
}

/** The region is not looked at, as everywhere in ARNs of topics. */
function readResource(written: string, where: string): Glob {
  if (written === '*') return globOf('*')
  const named = parseTopicArn(written)
  if (named?.service !== 'sns') throw malformed(where, `"${written}" is no ARN of a topic`)
  // An account's number means the topic's own tenant, which is written as nothing.
  const { tenant, name } = topicRef(named, '')
  return globOf(`${tenant}:${name}`)
}

function texts(statement: JsonObject, name: string, where: string): string[] {
  const value = statement.get(name)
  const list = isList(value) ? value : value === undefined ? [] : [value]
  if (list.length === 0) throw malformed(where, `${name} is missing`)
  return list.map((item) => {
    if (typeof item !== 'string') throw malformed(where, `${name} must be a text or a list of texts`)
    return item
  })
}

function assertElements(object: JsonObject, known: readonly string[], where: string): void {
  for (const name of object.keys()) if (!known.includes(name)) throw malformed(where, `Unknown element "${name}"`)
}

export interface TopicPolicyRequest {
  readonly caller: Caller
  readonly action: TopicAction
  readonly topic: TopicRef
}

/** What a topic's policy says of a request. A statement that denies wins over each that allows. */
export function evaluateTopicPolicy(
  { statements }: TopicPolicy,
  { caller, action, topic }: TopicPolicyRequest,
): 'allow' | 'deny' | 'none' {
  const asked = literalOf(action.toLowerCase())
  const names = [`${topic.tenant}:${topic.name}`, `:${topic.name}`].map(literalOf)
  const fitting = statements.filter(
    ({ actions, principals, resources }) =>
      actions.some((glob) => globMatches(glob, asked)) &&
      principals.some((principal) => isPrincipal(principal, caller)) &&
      resources.some((glob) => names.some((name) => globMatches(glob, name))),
  )
  if (fitting.some(({ effect }) => effect === 'Deny')) return 'deny'
  return fitting.length > 0 ? 'allow' : 'none'
}
