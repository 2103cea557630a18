// What docker-compose.yml starts, without Docker: the files that it mounts, changed in nothing but ports, the names of
// hosts and the folders of data.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { PlainTopic } from '../../src/config/defaults.ts'
import { type ServerProcess, startProcess } from './clients.ts'
import { brokerOf, runTool } from './kafka.ts'
import { brokerFolder, freePorts, type Restartable } from './processes.ts'
import { type RabbitmqBroker, startRabbitmq } from './rabbitmq.ts'

const root = join(import.meta.dirname, '..', '..')

/** Nothing listens there. */
const NOBODY = '127.0.0.1:9'

export const COMPOSED_VHOST = 'cozos'
export const COMPOSED_QUEUE = 'cozos-events'
export const COMPOSED_LOGIN = 'cozos:cozos'

/** A text in which each of these is another, wherever it stands. */
function changed(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`there is no ${from} in ${text}`)
    return before.replaceAll(from, to)
  }, text)
}

export interface ComposedKafka {
  /** `host:port` of the listener for containers. */
  readonly inside: string
  /** And of the one for programs on this machine. */
  readonly outside: string
  readonly process: Restartable
  stop(): Promise<void>
}

/** With the topic that the service kafka-topics makes. */
export async function startComposedKafka(): Promise<ComposedKafka> {
  const { dir: home, remove } = brokerFolder('kafka')
  const [inside = 0, outside = 0, controller = 0] = await freePorts(3)
  const properties = changed(readFileSync(join(root, 'docker', 'kafka', 'server.properties'), 'utf8'), {
    'INSIDE://:19092': `INSIDE://127.0.0.1:${inside}`,
    'INSIDE://kafka:19092': `INSIDE://127.0.0.1:${inside}`,
    'OUTSIDE://:9092': `OUTSIDE://127.0.0.1:${outside}`,
    'OUTSIDE://localhost:9092': `OUTSIDE://127.0.0.1:${outside}`,
    'localhost:9093': `127.0.0.1:${controller}`,
    '/var/lib/kafka/data': join(home, 'data'),
  })
  const broker = brokerOf({ home, properties, users: [] })
  const stop = async (): Promise<void> => {
    await broker.kill()
    remove()
  }
  try {
    await broker.start()
    const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))
    const [, ...args] = services['kafka-topics'].command as string[]
    const here = args.map((arg) => arg.replace('kafka:19092', `127.0.0.1:${inside}`))
    runTool(home, ['org.apache.kafka.tools.TopicCommand', ...here])
  } catch (cause) {
    await stop()
    throw cause
  }
  return { inside: `127.0.0.1:${inside}`, outside: `127.0.0.1:${outside}`, process: broker, stop }
}

export function startComposedRabbitmq(): Promise<RabbitmqBroker> {
  const folder = join(root, 'docker', 'rabbitmq')
  const conf = readFileSync(join(folder, 'rabbitmq.conf'), 'utf8')
  return startRabbitmq(() => [changed(conf, { '/etc/rabbitmq/definitions.json': join(folder, 'definitions.json') })])
}

export interface ComposedCozos {
  /** `host:port` of each broker, where there is one: otherwise the topic is as if its profile were not started. */
  readonly kafka?: string | undefined
  readonly rabbitmq?: string | undefined
  /** Beside the ready-made ones. */
  readonly topics?: readonly PlainTopic[]
  readonly environment?: Readonly<Record<string, string>>
  /** The sources where it is left out. */
  readonly program?: string
}

export async function startComposedCozos(parts: ComposedCozos): Promise<ServerProcess> {
  const { kafka = NOBODY, rabbitmq = NOBODY, topics = [], environment = {}, program } = parts
  const text = readFileSync(join(root, 'docker', 'cozos.yaml'), 'utf8')
  const config = parse(changed(text, { 'kafka:19092': kafka, 'rabbitmq:5672': rabbitmq }))
  config.topics.create.push(...topics)
  const { dir, remove } = brokerFolder('config')
  const file = join(dir, 'cozos.yaml')
  writeFileSync(file, stringify(config))
  try {
    return await startProcess({ ...environment, COZOS_CONFIG: file }, program)
  } finally {
    // It is read once.
    remove()
  }
}
