// docker-compose.yml and what it mounts, held against each other: there is no Docker where the tests run.
// test/interop/composed.test.ts runs the same files with the real brokers.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkForDialect } from '../src/cli/check-config.ts'
import { loadConfig } from '../src/config/load.ts'
import { readEndpoint } from '../src/topics/endpoint.ts'
import { ROOT } from './support/sources.ts'

interface Service {
  readonly image: string
  readonly profiles?: readonly string[]
  readonly hostname?: string
  readonly ports?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { condition: string }>>
  readonly healthcheck?: object
  readonly command?: readonly string[]
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const compose: { services: Record<string, Service>; volumes: object } = parse(read('docker-compose.yml'))
const services = Object.entries(compose.services)
const kafka: Record<string, string> = Object.fromEntries(
  [...read('docker/kafka/server.properties').matchAll(/^([\w.]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)

describe('docker-compose.yml', () => {
  it('starts cozos alone, unless it is asked for a broker', () => {
    const started = (...profiles: string[]) =>
      services.filter(([, { profiles: own = profiles }]) => own.some((name) => profiles.includes(name)))
    const namesOf = (...profiles: string[]) => started('', ...profiles).map(([name]) => name)
    expect(namesOf()).toEqual(['cozos'])
    expect(namesOf('kafka')).toEqual(['cozos', 'kafka', 'kafka-topics'])
    expect(namesOf('rabbitmq')).toEqual(['cozos', 'rabbitmq'])
    for (const [, { profiles, depends_on: needed = {} }] of services) {
      // A service may only wait for what is started with it, and for its health where it tells of it.
      for (const [name, { condition }] of Object.entries(needed)) {
        expect(compose.services[name]?.profiles).toEqual(profiles)
        expect(condition).toBe('service_healthy')
        expect(compose.services[name]?.healthcheck).toBeDefined()
      }
    }
  })

  it('names images with their tags, publishes to this machine only, and mounts what there is', () => {
    for (const [name, { image, ports = [], volumes = [] }] of services) {
      if (name !== 'cozos') expect(image).toMatch(/^[\w/-]+:\d[\w.-]*$/)
      expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([])
      for (const [source = '', target = '', mode] of volumes.map((volume) => volume.split(':'))) {
        expect(target).toMatch(/^\//)
        if (!source.startsWith('./')) expect(compose.volumes).toHaveProperty(source)
        else expect([existsSync(join(ROOT, source)), mode]).toEqual([true, 'ro'])
      }
    }
  })
})

describe('docker/cozos.yaml', () => {
  const endpoints = async () => {
    const { topics } = await loadConfig({ file: join(ROOT, 'docker/cozos.yaml'), env: {}, flags: {} })
    return topics.create.map(({ name, attributes }) => {
      const revealed = Object.entries(attributes).map(([key, value]) => [key, value.reveal()])
      const reading = readEndpoint(Object.fromEntries(revealed))
      return { name, endpoint: 'endpoint' in reading ? reading.endpoint : undefined }
    })
  }

  it('is where cozos looks for it, and sound in every dialect', async () => {
    const { environment = {}, volumes = [] } = compose.services['cozos'] ?? {}
    expect(volumes).toContain(`./docker/cozos.yaml:${environment['COZOS_CONFIG']}:ro`)
    for (const dialect of ['zos', 'rgw', 'aws', 'ibm-cos']) {
      checkForDialect(await loadConfig({ file: join(ROOT, 'docker/cozos.yaml'), env: {}, flags: { dialect } }))
    }
  })

  it('has a topic for the broker of each profile, and one for none', async () => {
    expect((await endpoints()).map(({ name, endpoint }) => `${name} ${endpoint?.kind}`)).toEqual([
      'inbox-events inbox',
      'kafka-events kafka',
      'rabbitmq-events amqp',
    ])
  })

  it('sends to the address that Kafka tells containers, and to the topic that is made there', async () => {
    const { name, endpoint } = (await endpoints())[1] ?? {}
    if (endpoint?.kind !== 'kafka') throw new Error('the second topic is the one for Kafka')
    const address = `${endpoint.host}:${endpoint.port}`
    expect(compose.services).toHaveProperty(endpoint.host)
    expect(kafka['advertised.listeners']?.split(',')).toContain(`INSIDE://${address}`)
    const { command = [] } = compose.services['kafka-topics'] ?? {}
    expect(command).toEqual(expect.arrayContaining([`--bootstrap-server=${address}`, `--topic=${name}`]))
    const [host, port] = compose.services['kafka']?.ports?.[0]?.split(':').slice(1) ?? []
    expect(kafka['advertised.listeners']).toContain(`OUTSIDE://localhost:${host}`)
    expect(kafka['listeners']).toContain(`OUTSIDE://:${port},`)
    const [data] = compose.services['kafka']?.volumes ?? []
    expect(data?.split(':')[1]).toBe(kafka['log.dirs'])
  })

  it('sends to the exchange that RabbitMQ is given, as its user', async () => {
    const { endpoint } = (await endpoints())[2] ?? {}
    if (endpoint?.kind !== 'amqp') throw new Error('the third topic is the one for RabbitMQ')
    const { host, port, vhost, credentials, exchange } = endpoint
    const { hostname, ports = [], volumes = [] } = compose.services[host] ?? {}
    expect([hostname, port]).toEqual([host, 5672])
    expect(ports).toContain('127.0.0.1:5672:5672')
    const definitions = JSON.parse(read('docker/rabbitmq/definitions.json'))
    const user = { name: credentials?.user, password: credentials?.password.reveal() }
    expect(definitions.users).toEqual([expect.objectContaining(user)])
    expect(definitions.vhosts).toEqual([{ name: vhost }])
    expect(definitions.permissions).toEqual([expect.objectContaining({ user: user.name, vhost })])
    expect(definitions.exchanges).toEqual([expect.objectContaining({ name: exchange, vhost, durable: true })])
    const [queue] = definitions.queues
    const binding = { source: exchange, vhost, destination: queue.name, routing_key: '#' }
    expect(definitions.bindings).toEqual([expect.objectContaining(binding)])
    const conf = /^load_definitions = (\S+)$/m.exec(read('docker/rabbitmq/rabbitmq.conf'))?.[1]
    expect(volumes).toContain(`./docker/rabbitmq/definitions.json:${conf}:ro`)
  })
})
