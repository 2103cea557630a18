import { Secret } from '../config/config.ts'
import { AttributeReader, BadAttribute } from './attributes.ts'
import { type EndpointUrl, readUrl } from './endpoint-url.ts'

/** Where a topic's events go, as its attributes say. */
export type Endpoint = HttpEndpoint | AmqpEndpoint | KafkaEndpoint | InboxEndpoint

export interface HttpEndpoint {
  readonly kind: 'http'
  /** `http:` or `https:`, without credentials. */
  readonly url: string
  readonly credentials: Credentials | undefined
  readonly trust: Trust
  /** Whether the push bears CloudEvents headers. */
  readonly cloudEvents: boolean
}

export interface AmqpEndpoint extends BrokerAddress {
  readonly kind: 'amqp'
  readonly tls: boolean
  readonly trust: Trust
  readonly vhost: string
  readonly exchange: string
  readonly ack: 'none' | 'broker' | 'routable'
}

export interface KafkaEndpoint extends BrokerAddress {
  readonly kind: 'kafka'
  readonly tls: boolean
  readonly trust: Trust
  /** How the credentials are shown; of no effect without them. */
  readonly mechanism: KafkaMechanism
  readonly ack: 'none' | 'broker'
}

/** The inbox in this server's memory, for tests that have no broker. */
export interface InboxEndpoint {
  readonly kind: 'inbox'
  readonly name: string
}

interface BrokerAddress {
  readonly host: string
  readonly port: number
  readonly credentials: Credentials | undefined
}

export interface Credentials {
  readonly user: string
  readonly password: Secret
}

/** Whose certificates are believed. */
export interface Trust {
  /** Whether the certificate and the name in it are checked at all. */
  readonly verify: boolean
  /** A PEM file on this machine with the authorities; the well-known ones without it. */
  readonly caLocation: string | undefined
}

export const KAFKA_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type KafkaMechanism = (typeof KAFKA_MECHANISMS)[number]

/** What is wrong, in words for the topic's owner; without a secret. */
export interface EndpointProblem {
  readonly attribute: string
  readonly message: string
}

export type EndpointReading =
  /** Undefined for a topic without a push-endpoint: it is there, and delivers nothing. */
  { readonly endpoint: Endpoint | undefined } | { readonly problem: EndpointProblem }

type Scheme = 'http' | 'https' | 'amqp' | 'amqps' | 'kafka' | 'inbox'

const READERS: Readonly<Record<Scheme, (url: EndpointUrl, attributes: AttributeReader) => Endpoint>> = {
  http: readHttp,
  https: readHttp,
  amqp: (url, attributes) => readAmqp(url, attributes, false),
  amqps: (url, attributes) => readAmqp(url, attributes, true),
  kafka: readKafka,
  inbox: readInbox,
}

/**
 * The endpoint that a topic's attributes describe, with the names, values and defaults of RGW's CreateTopic. Attributes
 * that belong to another kind of endpoint are passed over, as RGW does: a topic keeps them when it changes its kind.
 */
export function readEndpoint(attributes: Readonly<Record<string, string>>): EndpointReading {
  const text = attributes['push-endpoint'] ?? ''
  if (text === '') return { endpoint: undefined }
  try {
    const url = readUrl(text)
    const scheme = url.scheme
    if (!Object.hasOwn(READERS, scheme)) {
      throw new BadAttribute('push-endpoint', `expected one of ${Object.keys(READERS).join(', ')} as the URL's scheme`)
    }
    return { endpoint: READERS[scheme as Scheme](url, new AttributeReader(attributes)) }
  } catch (cause) {
    if (!(cause instanceof BadAttribute)) throw cause
    return { problem: { attribute: cause.attribute, message: cause.message } }
  }
}

function readHttp(url: EndpointUrl, attributes: AttributeReader): HttpEndpoint {
  // RGW checks this level and then asks for a status of 2xx, whatever it says (rgw_pubsub_push.cc).
  attributes.text('http-ack-level', (value) => {
    const isStatus = /^[1-5]\d{2}$/.test(value)
    return isStatus || value === 'any' || value === 'non-error' ? undefined : 'expected any, non-error or a status'
  })
  const { scheme, authority, rest } = url
  const plain = URL.parse(`${scheme}://${authority}${rest}`)
  if (plain === null) throw malformed()
  return {
    kind: 'http',
    // Without the fragment, which is the client's own.
    url: plain.href.slice(0, plain.href.length - plain.hash.length),
    credentials: credentialsOf(url, attributes),
    trust: trustOf(attributes),
    cloudEvents: attributes.flag('cloudevents', false),
  }
}

function readAmqp(url: EndpointUrl, attributes: AttributeReader, tls: boolean): AmqpEndpoint {
  attributes.oneOf('amqp-version', ['0-9-1'])
  const exchange = attributes.text('amqp-exchange')
  if (exchange === undefined || exchange === '') throw new BadAttribute('amqp-exchange', 'an AMQP endpoint needs it')
  return {
    kind: 'amqp',
    ...addressOf(url, attributes, tls ? 5671 : 5672),
    tls,
    trust: trustOf(attributes),
    // Without a path, or with a bare slash, it is the default one, whose name is a slash.
    vhost: decoded(url.rest.replace(/^\//, '').replace(/[?#].*$/, '')) || '/',
    exchange,
    ack: attributes.oneOf('amqp-ack-level', ['broker', 'none', 'routable']),
  }
}

function readKafka(url: EndpointUrl, attributes: AttributeReader): KafkaEndpoint {
  return {
    kind: 'kafka',
    ...addressOf(url, attributes, 9092),
    tls: attributes.flag('use-ssl', false),
    trust: trustOf(attributes),
    mechanism: attributes.oneOf('mechanism', KAFKA_MECHANISMS),
    ack: attributes.oneOf('kafka-ack-level', ['broker', 'none']),
  }
}

/** What an inbox can be called. */
export function isInboxName(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name)
}

function readInbox({ authority, rest, user }: EndpointUrl): InboxEndpoint {
  const isName = isInboxName(authority) && /^\/?$/.test(rest) && user === undefined
  if (!isName) throw new BadAttribute('push-endpoint', 'expected inbox:// and 1 to 64 letters, digits and . _ -')
  return { kind: 'inbox', name: authority }
}

function addressOf(url: EndpointUrl, attributes: AttributeReader, port: number): BrokerAddress {
  const { host, port: given = port } = url
  if (host === '' || given < 1 || given > 65_535) throw malformed()
  return { host, port: given, credentials: credentialsOf(url, attributes) }
}

/** The attributes, which the newest RGW has, win over the URL. */
function credentialsOf(url: EndpointUrl, attributes: AttributeReader): Credentials | undefined {
  const user = attributes.text('user-name') ?? decoded(url.user)
  const password = attributes.text('password') ?? decoded(url.password)
  if (user === undefined || user === '') return undefined
  return { user, password: new Secret(password ?? '') }
}

function trustOf(attributes: AttributeReader): Trust {
  const caLocation = attributes.text('ca-location')
  return { verify: attributes.flag('verify-ssl', true), caLocation: caLocation === '' ? undefined : caLocation }
}

function decoded(text: string): string
function decoded(text: string | undefined): string | undefined
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    throw malformed()
  }
}

function malformed(): BadAttribute {
  return new BadAttribute('push-endpoint', 'Malformed URL for push-endpoint')
}
