import { describe, expect, it } from 'vitest'
import { verdict } from '../../../support/buckets.ts'
import { uniqueName, useServer } from '../../../support/server.ts'
import { signV2, signV4 } from '../../../support/sign.ts'
import { actionForm, FORM, makeTopic, NOWHERE, STRANGER, sendAction, textOf } from '../../../support/sns.ts'

const KAFKA = { 'push-endpoint': 'kafka://11.50.132.160:9092', 'kafka-ack-level': 'broker' }

describe('CreateTopic', () => {
  const server = useServer({ users: [STRANGER.plain] })
  const create = (name: string, attributes: Record<string, string> = {}, request = {}) =>
    sendAction(server(), actionForm('CreateTopic', { Name: name }, attributes), request)
  const args = async (arn: string) =>
    textOf(await sendAction(server(), actionForm('GetTopic', { TopicArn: arn })), 'EndpointArgs')

  it('answers the ARN, in the bytes of the ZOS manual', async () => {
    const answer = await create('Kafka_topic', KAFKA)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/xml' } })
    const [, counter, instance] =
      /^tx(\w{21})-\w{10}-(\w+)-default$/.exec(String(answer.headers['x-amz-request-id'])) ?? []
    const requestId = `[0-9a-f-]{36}\\.${Number.parseInt(instance ?? '', 16)}\\.${Number.parseInt(counter ?? '', 16)}`
    expect(answer.text).toMatch(
      new RegExp(
        '^<CreateTopicResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/"><CreateTopicResult>' +
          '<TopicArn>arn:aws:sns:default::Kafka_topic</TopicArn></CreateTopicResult>' +
          `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></CreateTopicResponse>$`,
      ),
    )
  })

  it('of a name that is there makes it what it is now to be', async () => {
    const name = uniqueName('t')
    const arn = await makeTopic(server(), { name, attributes: { ...KAFKA, OpaqueData: 'before' } })
    expect(await makeTopic(server(), { name, attributes: { 'push-endpoint': NOWHERE }, as: 'alt' })).toBe(arn)
    expect(await args(arn)).not.toContain('kafka')
    const list = await sendAction(server(), actionForm('ListTopics'))
    expect(list.text.split(`<Name>${name}</Name>`)).toHaveLength(2)
    // It stays its first owner's.
    expect(textOf(await sendAction(server(), actionForm('GetTopic', { TopicArn: arn })), 'User')).toBe('cozos')
  })

  it('refuses names and endpoints that cannot be', async () => {
    for (const [name, attributes] of [
      ['', {}],
      ['a:b', {}],
      ['a\n', {}],
      ['x'.repeat(257), {}],
      ['bad', { 'push-endpoint': 'ftp://x' }],
      ['bad', { 'push-endpoint': 'amqp://127.0.0.1' }],
      ['bad', { persistent: 'perhaps' }],
    ] as [string, Record<string, string>][]) {
      expect(verdict(await create(name, attributes)), name).toBe('400 InvalidArgument')
    }
    expect(verdict(await create('bad', { Policy: '{' }))).toBe('400 MalformedPolicyDocument')
    expect(
      verdict(await sendAction(server(), `${actionForm('CreateTopic', { Name: 'bad' })}&Tags.member.1.Key=k`)),
    ).toBe('501 NotImplemented')
    expect(verdict(await sendAction(server(), actionForm('CreateTopic')))).toBe('400 InvalidArgument')
    expect(verdict(await create('x'.repeat(256), { 'push-endpoint': 'amqp://127.0.0.1', 'amqp-exchange': 'e' }))).toBe(
      '200',
    )
    const list = await sendAction(server(), actionForm('ListTopics'))
    expect(list.text).not.toContain('<Name>bad</Name>')
  })

  it('tells what is wrong in SNS’s form of an error', async () => {
    const answer = await create('bad', { 'push-endpoint': 'ftp://x' })
    expect(answer.text).toMatch(
      /^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>InvalidArgument<\/Code><Message>Invalid value for push-endpoint: [^<]+<\/Message><\/Error><RequestId>[0-9a-f-]{36}\.\d+\.\d+<\/RequestId><\/ErrorResponse>$/,
    )
  })

  it('is signed by SigV4 for sns without a declared hash, and by SigV2, as boto does', async () => {
    const form = actionForm('CreateTopic', { Name: uniqueName('signed') })
    const request = {
      method: 'POST',
      url: { host: `127.0.0.1:${server().port}`, path: '/' },
      headers: { 'content-type': FORM },
      body: Buffer.from(form),
    }
    const send = (headers: Record<string, string>, body: string) =>
      server().request('POST', '/', { as: 'anonymous', headers, body })
    const v4 = signV4(request, server().root, { service: 'sns', sendHash: false })
    expect(verdict(await send(v4, form))).toBe('200')
    // The signature covers the body, which is read to its end before anything is done.
    expect(verdict(await send(v4, `${form}x`))).toBe('403 SignatureDoesNotMatch')
    expect(verdict(await send(signV2(request, server().root), form))).toBe('200')
    const wrong = { ...server().root, secretKey: 'wrong' }
    expect(verdict(await send(signV2(request, wrong), form))).toBe('403 SignatureDoesNotMatch')
  })

  it('is for accounts, each of which has the topics of its tenant', async () => {
    const name = uniqueName('t')
    expect(verdict(await create(name, {}, { as: 'anonymous' }))).toBe('403 AccessDenied')
    expect(await makeTopic(server(), { name, as: 'alt' })).toBe(`arn:aws:sns:default::${name}`)
    expect(await makeTopic(server(), { name, as: STRANGER.user })).toBe(`arn:aws:sns:default:elsewhere:${name}`)
  })

  it('may stand in the query, and is bounded', async () => {
    const name = uniqueName('t')
    const query = { Action: 'CreateTopic', Name: name, Version: '2010-03-31' }
    expect(verdict(await server().request('POST', '/', { query }))).toBe('200')
    const long = actionForm('CreateTopic', { Name: name }, { OpaqueData: 'x'.repeat(64 * 1024) })
    expect(verdict(await sendAction(server(), long))).toBe('400 MaxMessageLengthExceeded')
    const short = actionForm('CreateTopic', { Name: name }, { OpaqueData: 'x'.repeat(60 * 1024) })
    expect(verdict(await sendAction(server(), short))).toBe('200')
  })
})

describe('CreateTopic in dialect rgw', () => {
  const server = useServer({ config: { dialect: 'rgw' } })

  it('refuses passwords over plain HTTP, with RGW’s bare error', async () => {
    const attributes = { 'push-endpoint': 'kafka://u:p@127.0.0.1:9092' }
    const answer = await sendAction(server(), actionForm('CreateTopic', { Name: 'secret' }, attributes))
    expect(verdict(answer)).toBe('400 InvalidInput')
    expect(answer.text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?><Error><Code>InvalidInput<\/Code>/)
    const plain = { 'push-endpoint': 'kafka://127.0.0.1:9092' }
    expect(verdict(await sendAction(server(), actionForm('CreateTopic', { Name: 'secret' }, plain)))).toBe('200')
  })
})

describe('CreateTopic in dialect aws', () => {
  const server = useServer({ config: { dialect: 'aws' } })

  it('has SNS’s names and words', async () => {
    const create = async (name: string, attributes: Record<string, string> = {}) =>
      verdict(await sendAction(server(), actionForm('CreateTopic', { Name: name }, attributes)))
    expect(await create('with.dot')).toBe('400 InvalidParameter')
    expect(await create('with-dash')).toBe('200')
    expect(await create('with-dash', { KmsMasterKeyId: 'k' })).toBe('501 NotImplemented')
  })
})
