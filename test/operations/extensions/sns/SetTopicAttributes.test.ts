import { describe, expect, it } from 'vitest'
import { verdict } from '../../../support/buckets.ts'
import { useServer } from '../../../support/server.ts'
import { actionForm, makeTopic, NOWHERE, sendAction } from '../../../support/sns.ts'

describe('SetTopicAttributes', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  const set = (arn: string, change: Record<string, string>, request = {}) =>
    sendAction(server(), actionForm('SetTopicAttributes', { TopicArn: arn, ...change }), request)
  const of = async (arn: string) =>
    (await sendAction(server(), actionForm('GetTopicAttributes', { TopicArn: arn }))).text
  const topicId = async (name: string) => {
    const { metadata } = server().running.services
    return (await metadata.read((tx) => tx.topics.find({ tenant: '', name })))?.id ?? 0
  }

  it('changes one attribute and leaves the others, secrets among them', async () => {
    const attributes = { 'push-endpoint': 'kafka://u:s3cr3t@h', OpaqueData: 'before' }
    const arn = await makeTopic(server(), { name: 'one', attributes })
    const answer = await set(arn, { AttributeName: 'OpaqueData', AttributeValue: 'after' })
    expect(answer.text).toMatch(
      /^<SetTopicAttributesResponse xmlns="[^"]+"><ResponseMetadata><RequestId>\w+<\/RequestId><\/ResponseMetadata><\/SetTopicAttributesResponse>$/,
    )
    const text = await of(arn)
    expect(text).toContain('<key>OpaqueData</key><value>after</value>')
    expect(text).toContain('kafka://u:***@h')
    expect(text).toContain('&quot;HasStoredSecret&quot;:&quot;true&quot;')
    expect(verdict(await set(arn, { AttributeName: 'push-endpoint', AttributeValue: NOWHERE }))).toBe('200')
    expect(await of(arn)).toContain('&quot;HasStoredSecret&quot;:&quot;false&quot;')
  })

  it('drops what waits when it ends persistence', async () => {
    const arn = await makeTopic(server(), {
      name: 'kept',
      attributes: { 'push-endpoint': NOWHERE, persistent: 'true' },
    })
    const { metadata } = server().running.services
    const id = await topicId('kept')
    const row = {
      topicId: id,
      bucketId: 1,
      key: 'k',
      document: '{}',
      createdMs: 0,
      notBeforeMs: Number.MAX_SAFE_INTEGER,
    }
    await metadata.write((tx) => tx.outbox.add([row]))
    const waiting = async () => (await metadata.read((tx) => tx.outbox.total(id))).events
    await set(arn, { AttributeName: 'OpaqueData', AttributeValue: 'x' })
    expect(await waiting()).toBe(1)
    expect(verdict(await set(arn, { AttributeName: 'persistent', AttributeValue: 'false' }))).toBe('200')
    expect(await waiting()).toBe(0)
  })

  it('changes that race are all there in the end', async () => {
    const arn = await makeTopic(server(), { name: 'raced' })
    const names = ['OpaqueData', 'time_to_live', 'max_retries', 'retry_sleep_duration']
    const answers = await Promise.all(names.map((name) => set(arn, { AttributeName: name, AttributeValue: '5' })))
    expect(answers.map(verdict)).toEqual(['200', '200', '200', '200'])
    const text = await of(arn)
    for (const name of ['TimeToLive', 'MaxRetries', 'RetrySleepDuration']) expect(text).toContain(`${name}&quot;:5`)
    expect(text).toContain('<key>OpaqueData</key><value>5</value>')
  })

  it('refuses what cannot be, and leaves the topic as it was', async () => {
    const arn = await makeTopic(server(), { name: 'strict', attributes: { 'push-endpoint': NOWHERE } })
    const before = await of(arn)
    for (const [change, code] of [
      [{}, '400 InvalidParameter'],
      [{ AttributeName: 'DisplayName', AttributeValue: 'x' }, '400 InvalidParameter'],
      [{ AttributeName: 'push-endpoint', AttributeValue: 'ftp://x' }, '400 InvalidParameter'],
      [{ AttributeName: 'persistent', AttributeValue: 'x' }, '400 InvalidParameter'],
      [{ AttributeName: 'Policy', AttributeValue: '{' }, '400 MalformedPolicyDocument'],
    ] as const) {
      expect(verdict(await set(arn, change)), JSON.stringify(change)).toBe(code)
    }
    const good = { AttributeName: 'cloudevents', AttributeValue: 'true' }
    expect(verdict(await set(`${arn}-not`, good))).toBe('404 NotFound')
    expect(verdict(await set(arn, good, { as: 'anonymous' }))).toBe('403 AccessDenied')
    const uncounted = (text: string) => text.replace(/<RequestId>\w+/, '')
    expect(uncounted(await of(arn))).toBe(uncounted(before))
    expect(verdict(await set(arn, good, { as: 'alt' }))).toBe('200')
    expect(await of(arn)).toContain('cloudevents=true')
  })
})
