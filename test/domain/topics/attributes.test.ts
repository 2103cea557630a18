import { describe, expect, it, test } from 'vitest'
import { parseTopicArn, topicArn, topicRef } from '../../../src/domain/topics/arn.ts'
import {
  checkAttributes,
  deliveryOf,
  hasSecret,
  openAttributes,
  sealAttributes,
} from '../../../src/domain/topics/attributes.ts'
import { SealBroken } from '../../../src/storage/keys/key-ring.ts'
import { codeOf } from '../../support/errors.ts'
import { dialectOf } from '../../support/head.ts'
import { openServices } from '../../support/services.ts'

describe('ARNs', () => {
  test.each([
    ['arn:aws:sns:default::t', { service: 'sns', account: '', name: 't' }],
    ['arn:aws:sns:zg_cn:tenant:t', { service: 'sns', account: 'tenant', name: 't' }],
    ['arn:aws-cn:sqs:cn-north-1:123456789012:q', { service: 'sqs', account: '123456789012', name: 'q' }],
    ['arn:aws:sns:::a:b', { service: 'sns', account: '', name: 'a:b' }],
    ['arn:aws:sns:default::', undefined],
    ['arn:aws:sns:default:t', undefined],
    ['arn:aws:lambda:default::f', undefined],
    ['arn:other:sns:default::t', undefined],
    ['garbage', undefined],
    ['', undefined],
  ])('%s', (text, named) => {
    expect(parseTopicArn(text)).toEqual(named)
  })

  it('an account’s number, or nothing, is the tenant at home', () => {
    expect(topicRef({ account: '', name: 't' }, 'home')).toEqual({ tenant: 'home', name: 't' })
    expect(topicRef({ account: '000000000000', name: 't' }, 'home')).toEqual({ tenant: 'home', name: 't' })
    expect(topicRef({ account: 'other', name: 't' }, 'home')).toEqual({ tenant: 'other', name: 't' })
    expect(topicArn({ tenant: 'x', name: 't' }, 'default')).toBe('arn:aws:sns:default:x:t')
  })
})

describe('attributes', () => {
  const check = (attributes: Record<string, string>, dialect: 'zos' | 'aws' = 'zos') =>
    codeOf(() => checkAttributes(attributes, dialectOf(dialect).topics))
  const HTTP = 'http://127.0.0.1:1'

  test.each([
    [{ 'push-endpoint': 'ftp://x' }],
    [{ 'push-endpoint': 'nothing' }],
    [{ 'push-endpoint': 'amqp://127.0.0.1' }],
    [{ 'push-endpoint': 'kafka://127.0.0.1', 'kafka-ack-level': 'all' }],
    [{ 'push-endpoint': HTTP, 'verify-ssl': 'perhaps' }],
    [{ 'push-endpoint': HTTP, persistent: 'yes' }],
    [{ 'push-endpoint': HTTP, time_to_live: '-1' }],
    [{ max_retries: 'x' }],
    [{ '': 'x' }],
    [Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`a${index}`, '']))],
  ] as Record<string, string>[][])('%j is refused', (attributes) => {
    expect(check(attributes!)).toBe('InvalidArgument')
  })

  test.each([
    [{}],
    [{ 'push-endpoint': HTTP, OpaqueData: '&<>', persistent: 'True', time_to_live: '5', max_retries: 'None' }],
    [{ 'push-endpoint': 'amqp://127.0.0.1', 'amqp-exchange': 'ex', 'amqp-ack-level': 'routable' }],
    [{ 'push-endpoint': 'kafka://u:p@127.0.0.1:9092', mechanism: 'SCRAM-SHA-256', 'use-ssl': 'true' }],
    [{ 'push-endpoint': 'inbox://tests' }],
    [{ whatever: 'x' }],
  ] as Record<string, string>[][])('%j is taken', (attributes) => {
    expect(check(attributes!)).toBeUndefined()
  })

  it('what nobody knows is refused by name in aws', () => {
    expect(check({ KmsMasterKeyId: 'k' }, 'aws')).toBe('NotImplemented')
    expect(check({ 'push-endpoint': HTTP }, 'aws')).toBeUndefined()
    expect(check({ Policy: '{' }, 'aws')).toBe('MalformedPolicyDocument')
    expect(check({ Policy: '' }, 'aws')).toBeUndefined()
  })

  it('secrets are sealed for their topic alone, and the rest stays readable', async () => {
    const services = await openServices()
    try {
      const ref = { tenant: '', name: 'a' }
      const given = { 'push-endpoint': 'amqp://u:p%40ss@h/v', 'amqp-exchange': 'ex', password: 'other', z: '1' }
      expect(hasSecret(given)).toBe(true)
      const sealed = await sealAttributes(services.keyRing, ref, given)
      expect(sealed.attributes).toEqual({ ...given, 'push-endpoint': 'amqp://u:***@h/v', password: '***' })
      expect(Object.keys(sealed.attributes)).toEqual(Object.keys(given))
      expect(sealed.sealedAttributes!.includes('other')).toBe(false)
      expect(await openAttributes(services.keyRing, { ...ref, ...sealed })).toEqual(given)
      const elsewhere = openAttributes(services.keyRing, { tenant: '', name: 'b', ...sealed })
      await expect(elsewhere).rejects.toBeInstanceOf(SealBroken)
      const plain = { 'push-endpoint': HTTP, 'user-name': 'u', password: '' }
      expect(hasSecret(plain)).toBe(false)
      expect(await sealAttributes(services.keyRing, ref, plain)).toEqual({
        attributes: plain,
        sealedAttributes: undefined,
      })
    } finally {
      await services.dispose()
    }
  })

  it('may be called what every object has, and are no secrets for that', async () => {
    const services = await openServices()
    try {
      const odd = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Record<string, string>
      expect(check(odd)).toBeUndefined()
      expect(hasSecret(odd)).toBe(false)
      const sealed = await sealAttributes(services.keyRing, { tenant: '', name: 'odd' }, odd)
      expect(Object.entries(sealed.attributes)).toEqual(Object.entries(odd))
      expect(sealed.sealedAttributes).toBeUndefined()
    } finally {
      await services.dispose()
    }
  })

  it('say how events are kept', () => {
    const attributes = { persistent: 'true', time_to_live: '60', max_retries: '3', retry_sleep_duration: '1' }
    expect(deliveryOf({ attributes })).toEqual({ persistent: true, timeToLiveS: 60, maxRetries: 3, retrySleepS: 1 })
    expect(deliveryOf({ attributes: {} })).toMatchObject({ persistent: false })
    // Nobody can have put this: nothing is lost of it.
    expect(deliveryOf({ attributes: { persistent: 'x' } })).toMatchObject({ persistent: true })
  })
})
