import { describe, expect, it } from 'vitest'
import { type Endpoint, readEndpoint } from '../../src/topics/endpoint.ts'
import { withoutPassword } from '../../src/topics/endpoint-url.ts'
import { describeEndpoint, identityOf } from '../../src/topics/identity.ts'

const trust = { verify: true, caLocation: undefined }

function read(url: string, attributes: Record<string, string> = {}): Endpoint | undefined {
  const reading = readEndpoint({ 'push-endpoint': url, ...attributes })
  if ('problem' in reading) throw new Error(`${reading.problem.attribute}: ${reading.problem.message}`)
  return reading.endpoint
}

function problem(url: string, attributes: Record<string, string> = {}): string | undefined {
  const reading = readEndpoint({ 'push-endpoint': url, ...attributes })
  return 'problem' in reading ? reading.problem.attribute : undefined
}

function login(endpoint: Endpoint | undefined): [string, string] | undefined {
  const credentials = endpoint !== undefined && 'credentials' in endpoint ? endpoint.credentials : undefined
  return credentials === undefined ? undefined : [credentials.user, credentials.password.reveal()]
}

const AMQP = { 'amqp-exchange': 'ex' }

describe('an HTTP endpoint', () => {
  it.each([
    ['http://host', 'http://host/'],
    ['HTTPS://Host:8443/a/b?c=d', 'https://host:8443/a/b?c=d'],
    ['http://user:p%40ss@host:80/x', 'http://host/x'],
    ['http://[::1]:9000/', 'http://[::1]:9000/'],
    ['http://host/path#part', 'http://host/path'],
  ])('%s is at %s', (text, url) => {
    expect(read(text)).toMatchObject({ kind: 'http', url, trust, cloudEvents: false })
  })

  it('has its attributes', () => {
    const attributes = { 'verify-ssl': 'False', 'ca-location': '/ca.pem', cloudevents: 'TRUE', 'http-ack-level': '204' }
    expect(read('https://host', attributes)).toEqual({
      kind: 'http',
      url: 'https://host/',
      credentials: undefined,
      trust: { verify: false, caLocation: '/ca.pem' },
      cloudEvents: true,
    })
  })
})

describe('an AMQP endpoint', () => {
  it.each([
    ['amqp://host', { host: 'host', port: 5672, vhost: '/', tls: false }],
    ['amqps://host', { host: 'host', port: 5671, vhost: '/', tls: true }],
    ['amqp://host:1/', { host: 'host', port: 1, vhost: '/' }],
    ['amqp://host/team%2Fa%20b', { vhost: 'team/a b' }],
    ['amqp://[fe80::1%eth0]:5672/v', { host: 'fe80::1%eth0', vhost: 'v' }],
  ])('%s', (url, expected) => {
    expect(read(url, AMQP)).toMatchObject({ kind: 'amqp', exchange: 'ex', ack: 'broker', trust, ...expected })
  })

  it('has its attributes', () => {
    for (const ack of ['none', 'broker', 'routable']) {
      expect(read('amqp://host', { ...AMQP, 'amqp-ack-level': ack, 'amqp-version': '0-9-1' })).toMatchObject({ ack })
    }
  })
})

describe('a Kafka endpoint', () => {
  it('has its defaults', () => {
    expect(read('kafka://host')).toEqual({
      kind: 'kafka',
      host: 'host',
      port: 9092,
      credentials: undefined,
      tls: false,
      trust,
      mechanism: 'PLAIN',
      ack: 'broker',
    })
  })

  it('has its attributes', () => {
    const attributes = { 'use-ssl': 'true', 'kafka-ack-level': 'none', mechanism: 'SCRAM-SHA-512' }
    expect(read('kafka://host:1234', attributes)).toMatchObject({
      port: 1234,
      tls: true,
      ack: 'none',
      mechanism: 'SCRAM-SHA-512',
    })
  })
})

it('an inbox has a name', () => {
  expect(read('inbox://ci.run-1_a')).toEqual({ kind: 'inbox', name: 'ci.run-1_a' })
})

it('a topic without an endpoint has none', () => {
  expect(readEndpoint({})).toEqual({ endpoint: undefined })
  expect(readEndpoint({ 'push-endpoint': '', persistent: 'true' })).toEqual({ endpoint: undefined })
})

describe('credentials', () => {
  it.each([
    ['kafka://user:pw@host', {}, ['user', 'pw']],
    ['kafka://us%3Aer:p%40%2F%25w@host', {}, ['us:er', 'p@/%w']],
    ['kafka://user:p@w@host', {}, ['user', 'p@w']],
    ['kafka://user@host', {}, ['user', '']],
    ['kafka://host', {}, undefined],
    ['kafka://host', { 'user-name': 'u', password: 'p%40' }, ['u', 'p%40']],
    ['kafka://user:pw@host', { password: 'other' }, ['user', 'other']],
    ['kafka://user:pw@host', { 'user-name': 'u', password: 'p' }, ['u', 'p']],
  ])('%s with %j', (url, attributes, expected) => {
    expect(login(read(url, attributes as Record<string, string>))).toEqual(expected)
  })

  it('are not printed', () => {
    const endpoint = read('http://user:hunter2@host/path/token?key=token')
    expect(JSON.stringify(endpoint)).not.toContain('hunter2')
    expect(describeEndpoint(endpoint!)).toBe('http://host')
    expect(describeEndpoint(read('amqp://user:hunter2@[::1]/v', AMQP)!)).toBe('amqp://[::1]:5672/v')
    expect(withoutPassword('amqp://user:hunt@er2@host/x')).toBe('amqp://user:***@host/x')
    expect(withoutPassword('http://host/user:a@b')).toBe('http://host/user:a@b')
  })

  it('tell endpoints apart', () => {
    const [first, same, other] = ['a', 'a', 'b'].map((password) => identityOf(read(`kafka://user:${password}@host`)!))
    expect([first === same, first === other]).toEqual([true, false])
    expect(first).not.toContain('user')
  })
})

it.each([
  ['not a url', {}, 'push-endpoint'],
  ['host:9092', {}, 'push-endpoint'],
  ['ftp://host', {}, 'push-endpoint'],
  ['constructor://host', {}, 'push-endpoint'],
  ['http://', {}, 'push-endpoint'],
  ['http://host:99999', {}, 'push-endpoint'],
  ['http://ho st', {}, 'push-endpoint'],
  ['http://host\r\nX: y', {}, 'push-endpoint'],
  ['kafka://', {}, 'push-endpoint'],
  ['kafka://host:0', {}, 'push-endpoint'],
  ['kafka://host:65536', {}, 'push-endpoint'],
  ['kafka://a:b:c@host:x', {}, 'push-endpoint'],
  ['kafka://user:%zz@host', {}, 'push-endpoint'],
  ['amqp://host/%zz', AMQP, 'push-endpoint'],
  ['inbox://', {}, 'push-endpoint'],
  ['inbox://a/b', {}, 'push-endpoint'],
  ['inbox://u@a', {}, 'push-endpoint'],
  [`inbox://${'a'.repeat(65)}`, {}, 'push-endpoint'],
  ['amqp://host', {}, 'amqp-exchange'],
  ['amqp://host', { 'amqp-exchange': '' }, 'amqp-exchange'],
  ['amqp://host', { ...AMQP, 'amqp-ack-level': 'all' }, 'amqp-ack-level'],
  ['amqp://host', { ...AMQP, 'amqp-version': '1-0' }, 'amqp-version'],
  ['kafka://host', { 'kafka-ack-level': 'routable' }, 'kafka-ack-level'],
  ['kafka://host', { mechanism: 'GSSAPI' }, 'mechanism'],
  ['kafka://host', { 'use-ssl': 'yes' }, 'use-ssl'],
  ['http://host', { 'verify-ssl': '1' }, 'verify-ssl'],
  ['http://host', { cloudevents: 'on' }, 'cloudevents'],
  ['http://host', { 'http-ack-level': '600' }, 'http-ack-level'],
])('%s with %j is refused for its %s', (url, attributes, attribute) => {
  expect(problem(url, attributes as Record<string, string>)).toBe(attribute)
})

it('attributes of other kinds are passed over', () => {
  const attributes = { 'amqp-ack-level': 'all', 'kafka-ack-level': 'all', mechanism: 'x', anything: 'else' }
  expect(problem('http://host', attributes)).toBeUndefined()
})
