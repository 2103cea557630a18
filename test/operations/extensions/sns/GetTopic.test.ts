import { describe, expect, it } from 'vitest'
import { verdict } from '../../../support/buckets.ts'
import { useServer } from '../../../support/server.ts'
import { actionForm, makeTopic, STRANGER, sendAction } from '../../../support/sns.ts'

const KAFKA = { 'push-endpoint': 'kafka://11.50.132.160:9092', 'kafka-ack-level': 'broker' }

describe('GetTopic', () => {
  const server = useServer({ users: [STRANGER.plain] })
  const get = (arn: string, request = {}) => sendAction(server(), actionForm('GetTopic', { TopicArn: arn }), request)

  it('answers in the bytes of the ZOS manual', async () => {
    await makeTopic(server(), { name: 'Kafka_topic', attributes: KAFKA, as: 'alt' })
    // The manual's example has another region in its ARN.
    const answer = await get('arn:aws:sns:zg_cn::Kafka_topic')
    expect(answer.text.replace(/<RequestId>[0-9a-f-]{36}\.\d+\.\d+/, '<RequestId>')).toBe(
      '<GetTopicResponse><GetTopicResult><Topic><User>alt</User><Name>Kafka_topic</Name><EndPoint>' +
        '<EndpointAddress>kafka://11.50.132.160:9092</EndpointAddress><EndpointArgs>' +
        'Attributes.entry.1.key=push-endpoint&amp;' +
        'Attributes.entry.1.value=kafka%3A%2F%2F11.50.132.160%3A9092&amp;' +
        'Attributes.entry.2.key=kafka-ack-level&amp;Attributes.entry.2.value=broker&amp;Version=2010-03-31&amp;' +
        'kafka-ack-level=broker&amp;push-endpoint=kafka://11.50.132.160:9092</EndpointArgs>' +
        '<EndpointTopic>Kafka_topic</EndpointTopic></EndPoint><TopicArn>arn:aws:sns:default::Kafka_topic</TopicArn>' +
        '</Topic></GetTopicResult><ResponseMetadata><RequestId></RequestId></ResponseMetadata></GetTopicResponse>',
    )
  })

  it('never shows a password', async () => {
    const attributes = { 'push-endpoint': 'amqp://u:s3cr3t-word@h', 'amqp-exchange': 'e', password: 's3cr3t-word' }
    const arn = await makeTopic(server(), { name: 'secret', attributes })
    const answer = await get(arn)
    expect(answer.text).not.toContain('s3cr3t')
    expect(answer.text).toContain('<EndpointAddress>amqp://u:***@h</EndpointAddress>')
    const list = await sendAction(server(), actionForm('ListTopics'))
    const all = await sendAction(server(), actionForm('GetTopicAttributes', { TopicArn: arn }))
    expect(list.text + all.text).not.toContain('s3cr3t')
    expect(all.text).toContain('&quot;HasStoredSecret&quot;:&quot;true&quot;')
  })

  it('refuses what is no ARN, and what is not there', async () => {
    expect(verdict(await sendAction(server(), actionForm('GetTopic')))).toBe('400 InvalidArgument')
    for (const arn of ['', 'garbage', 'arn:aws:sqs:default::a', 'arn:aws:sns:default::']) {
      expect(verdict(await get(arn)), arn).toBe('400 InvalidArgument')
    }
    expect(verdict(await get('arn:aws:sns:default::no-such'))).toBe('404 NoSuchKey')
    await makeTopic(server(), { name: 'no-such' })
    expect(verdict(await get('arn:aws:sns:default::no-such'))).toBe('200')
    expect(verdict(await get('arn:aws:sns:us-east-1:123456789012:no-such'))).toBe('200')
  })

  it('is for the tenant, unless the topic’s policy says otherwise', async () => {
    const statement = (Effect: string, AWS: string) => ({ Effect, Principal: { AWS }, Action: 'sns:*', Resource: '*' })
    const policy = (...Statement: object[]) => ({ Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
    const arn = await makeTopic(server(), { name: 'mine' })
    expect(verdict(await get(arn, { as: 'alt' }))).toBe('200')
    expect(verdict(await get(arn, { as: 'anonymous' }))).toBe('403 AccessDenied')
    // It names no tenant, so that it is the stranger's own that is not there.
    expect(verdict(await get(arn, { as: STRANGER.user }))).toBe('404 NoSuchKey')
    const theirs = await makeTopic(server(), { name: 'theirs', as: STRANGER.user })
    expect(verdict(await get(theirs, { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get(theirs))).toBe('200')
    const opened = policy(statement('Allow', 'arn:aws:iam:::user/alt'))
    await makeTopic(server(), { name: 'theirs', attributes: opened, as: STRANGER.user })
    expect(verdict(await get(theirs, { as: 'alt' }))).toBe('200')
    const closed = policy(statement('Deny', '*'))
    await makeTopic(server(), { name: 'closed', attributes: closed, as: 'root' })
    expect(verdict(await get('arn:aws:sns:default::closed', { as: 'alt' }))).toBe('403 AccessDenied')
    expect(verdict(await get('arn:aws:sns:default::closed'))).toBe('200')
  })
})

describe('GetTopic in dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('tells more, and nothing of the owner', async () => {
    const attributes = { ...KAFKA, OpaqueData: 'a&b', persistent: 'true', time_to_live: '5' }
    const arn = await makeTopic(server(), { name: 'more', attributes })
    const { text } = await sendAction(server(), actionForm('GetTopic', { TopicArn: arn }))
    expect(text).toContain('<GetTopicResponse><GetTopicResult><Topic><User></User>')
    expect(text).toContain('Attributes.entry.1.value=kafka://11.50.132.160:9092&amp;')
    expect(text).toContain(
      '<EndpointTopic>more</EndpointTopic><HasStoredSecret>False</HasStoredSecret><Persistent>True</Persistent>' +
        '<TimeToLive>5</TimeToLive></EndPoint><TopicArn>arn:aws:sns:default::more</TopicArn>' +
        '<OpaqueData>a&amp;b</OpaqueData></Topic>',
    )
    const missing = await sendAction(server(), actionForm('GetTopic', { TopicArn: `${arn}x` }))
    expect(verdict(missing)).toBe('404 NoSuchEntity')
  })
})
