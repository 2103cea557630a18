import { describe, expect, it } from 'vitest'
import { verdict } from '../../../support/buckets.ts'
import { useServer } from '../../../support/server.ts'
import { actionForm, makeTopic, NOWHERE, sendAction } from '../../../support/sns.ts'

describe('GetTopicAttributes', () => {
  const server = useServer({ config: { dialect: 'aws' } })
  const get = (arn: string, request = {}) =>
    sendAction(server(), actionForm('GetTopicAttributes', { TopicArn: arn }), request)

  it('answers entries, of which the endpoint is JSON', async () => {
    const Policy = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: '*' },
    })
    const attributes = { 'push-endpoint': NOWHERE, OpaqueData: '<o>', persistent: 'true', max_retries: '7', Policy }
    const arn = await makeTopic(server(), { name: 'full', attributes, as: 'alt' })
    const { text } = await get(arn)
    const entries = Object.fromEntries(
      [...text.matchAll(/<entry><key>(.*?)<\/key><value>(.*?)<\/value><\/entry>/g)].map(([, key, value = '']) => [
        key,
        value.replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
      ]),
    )
    expect(Object.keys(entries)).toEqual(['User', 'Name', 'EndPoint', 'TopicArn', 'OpaqueData', 'Policy'])
    expect(entries).toMatchObject({ User: 'alt', Name: 'full', TopicArn: arn, OpaqueData: '&lt;o&gt;', Policy })
    expect(JSON.parse(entries['EndPoint'])).toMatchObject({
      EndpointAddress: NOWHERE,
      EndpointTopic: 'full',
      HasStoredSecret: 'false',
      Persistent: 'true',
      MaxRetries: 7,
    })
    expect(text.startsWith('<GetTopicAttributesResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/">')).toBe(true)
  })

  it('refuses what is no ARN, what is not there, and anonymous callers', async () => {
    const arn = await makeTopic(server(), { name: 'there' })
    expect(verdict(await get('garbage'))).toBe('400 InvalidParameter')
    expect(verdict(await get(`${arn}-not`))).toBe('404 NotFound')
    expect(verdict(await get(arn, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(verdict(await get(arn, { as: 'alt' }))).toBe('200')
  })
})
