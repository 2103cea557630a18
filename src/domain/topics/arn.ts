import type { TopicRef } from '../../storage/metadata/topic-store.ts'

/** What an ARN of a topic or a queue names. */
export interface NamedTopic {
  readonly service: 'sns' | 'sqs'
  /** A tenant; or an account's number, which is nobody's here; or nothing. */
  readonly account: string
  readonly name: string
}

/** AWS's numbers of accounts, which SDK users have in their ARNs. */
const ACCOUNT_NUMBER = /^\d{12}$/

/** `arn:aws:sns:<region>:<tenant>:<name>`, with an empty tenant for the default one. */
export function topicArn({ tenant, name }: TopicRef, region: string): string {
  return `arn:aws:sns:${region}:${tenant}:${name}`
}

/** The region is not looked at, as in RGW: there is one. Undefined for what is no such ARN. */
export function parseTopicArn(text: string): NamedTopic | undefined {
  const [arn, partition, service, region, account, ...rest] = text.split(':')
  const name = rest.join(':')
  if (arn !== 'arn' || partition === undefined || !/^aws(?:-[a-z-]+)?$/.test(partition)) return undefined
  if (region === undefined || account === undefined || name === '') return undefined
  return service === 'sns' || service === 'sqs' ? { service, account, name } : undefined
}

/** @param home whose topic it is where the ARN names no tenant */
export function topicRef({ account, name }: Pick<NamedTopic, 'account' | 'name'>, home: string): TopicRef {
  const tenant = account === '' || ACCOUNT_NUMBER.test(account) ? home : account
  return { tenant, name }
}
