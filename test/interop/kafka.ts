// A real Apache Kafka of one node (KRaft mode: broker and controller in one process), and another broker beside it
// where a test needs one. Its jars come from Maven Central, by the coordinates in kafka/pom.xml.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokerFolder, certificates, freePorts, Restartable } from './processes.ts'

const project = join(import.meta.dirname, 'kafka')
const cache = join(import.meta.dirname, '.cache', 'kafka')
const jars = join(cache, 'jars')

/** What the tests log in with, by every mechanism. */
export const KAFKA_LOGIN = { user: 'alice', password: 'alice-secret' } as const

/** Kafka's own default; a record with its overhead may be as large. */
export const KAFKA_MESSAGE_BYTES_MAX = 1_048_588

/** A few hundred messages need no more, and a quick start matters more than speed. */
const JVM = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=INFO']

/** The classes as the JVM has them in memory, which halves the time of a start. */
const archive = join(cache, 'classes.jsa')

/** Fetches the jars once, with the machine's Maven, and starts a broker once to learn its classes. */
export async function installKafka(): Promise<void> {
  const wanted = createHash('sha256')
    .update(readFileSync(join(project, 'pom.xml')))
    .digest('hex')
  const stamp = join(cache, 'pom.sha256')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  // Maven leaves its own files beside the project's.
  cpSync(join(project, 'pom.xml'), join(cache, 'pom.xml'))
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`]
  execFileSync('mvn', ['-B', '-q', '-Dstyle.color=never', '-f', join(cache, 'pom.xml'), ...goal], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const { dir, remove } = brokerFolder('kafka')
  try {
    const [controller = 0] = await freePorts(1)
    const first = await prepareBroker({ dir, id: 1, controller, jvm: [`-XX:ArchiveClassesAtExit=${archive}`] })
    await first.process.start()
    await first.process.kill('SIGTERM')
  } finally {
    remove()
  }
  writeFileSync(stamp, wanted)
}

export interface KafkaBroker {
  /** `host:port` of each listener. */
  readonly plain: string
  readonly sasl: string
  readonly tls: string
  readonly saslTls: string
  readonly process: Restartable
}

export interface KafkaCluster extends KafkaBroker {
  /** Starts another broker, so that partitions can move. */
  addBroker(): Promise<KafkaBroker>
  /** Kills all of it and removes its data. */
  stop(): Promise<void>
}

export async function startKafka(): Promise<KafkaCluster> {
  const { dir, remove } = brokerFolder('kafka')
  const [controller = 0] = await freePorts(1)
  const brokers: KafkaBroker[] = []
  const add = async (): Promise<KafkaBroker> => {
    const broker = await prepareBroker({
      dir,
      id: brokers.length + 1,
      controller,
      jvm: [`-XX:SharedArchiveFile=${archive}`],
    })
    brokers.push(broker)
    await broker.process.start()
    return broker
  }
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map(({ process }) => process.kill()))
    remove()
  }
  try {
    return { ...(await add()), addBroker: add, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

interface NodeParts {
  readonly dir: string
  /** The first one is the controller, too. */
  readonly id: number
  /** The controller's port. */
  readonly controller: number
  readonly jvm: readonly string[]
}

async function prepareBroker({ dir, id, controller, jvm }: NodeParts): Promise<KafkaBroker> {
  const [plain = 0, sasl = 0, tls = 0, saslTls = 0] = await freePorts(4)
  const home = join(dir, `node-${id}`)
  mkdirSync(home)
  const ports = { PLAIN: plain, SASL: sasl, TLS: tls, SASLTLS: saslTls }
  writeFileSync(join(home, 'keystore.pem'), ['localhost.key', 'localhost.crt'].map(certificate).join(''))
  const users = id === 1 ? scramUsers() : []
  return {
    plain: `127.0.0.1:${plain}`,
    sasl: `127.0.0.1:${sasl}`,
    tls: `localhost:${tls}`,
    saslTls: `localhost:${saslTls}`,
    process: brokerOf({ home, properties: settings({ home, id, controller, ports }), users, jvm }),
  }
}

interface BrokerParts {
  readonly home: string
  readonly properties: string
  /** Arguments of the storage tool that make users. */
  readonly users: readonly string[]
  readonly jvm?: readonly string[]
}

/** A broker that is not started yet, on storage that has been formatted for it. */
export function brokerOf({
  home,
  properties,
  users,
  jvm = [`-XX:SharedArchiveFile=${archive}`],
}: BrokerParts): Restartable {
  const file = join(home, 'server.properties')
  writeFileSync(file, properties)
  runTool(home, ['kafka.tools.StorageTool', 'format', '-t', 'cozosInteropClusterAAAA', '-c', file, ...users])
  return new Restartable({
    command: 'java',
    args: [...java(), ...JVM, ...jvm, 'kafka.Kafka', file],
    env: { PATH: process.env['PATH'] },
    cwd: home,
    ready: /Kafka Server started/,
  })
}

/** Runs one of Kafka's tools: its class, and its arguments. */
export function runTool(cwd: string, command: readonly string[]): void {
  execFileSync('java', [...java(), '-XX:TieredStopAtLevel=1', ...command], { cwd, stdio: 'pipe' })
}

function java(): string[] {
  return ['-cp', join(jars, '*')]
}

function certificate(name: string): string {
  return readFileSync(join(certificates, name), 'utf8')
}

function scramUsers(): string[] {
  const { user, password } = KAFKA_LOGIN
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${user},password=${password}]`,
  ])
}

interface Settings {
  readonly home: string
  readonly id: number
  readonly controller: number
  readonly ports: Readonly<Record<string, number>>
}

function settings({ home, id, controller, ports }: Settings): string {
  const host = (name: string): string => (name.endsWith('TLS') ? 'localhost' : '127.0.0.1')
  const listeners = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`)
  const advertised = Object.entries(ports).map(([name, port]) => `${name}://${host(name)}:${port}`)
  const { user, password } = KAFKA_LOGIN
  const saslOf = (name: string): string[] => [
    `listener.name.${name}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512`,
    `listener.name.${name}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ` +
      `user_${user}="${password}";`,
    ...['256', '512'].map(
      (bits) =>
        `listener.name.${name}.scram-sha-${bits}.sasl.jaas.config=` +
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    ),
  ]
  return [
    `process.roles=${id === 1 ? 'broker,controller' : 'broker'}`,
    `node.id=${id}`,
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    'controller.listener.names=CONTROLLER',
    `listeners=${[...listeners, ...(id === 1 ? [`CONTROLLER://127.0.0.1:${controller}`] : [])].join(',')}`,
    `advertised.listeners=${advertised.join(',')}`,
    'listener.security.protocol.map=PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,SASLTLS:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=PLAIN',
    ...saslOf('sasl'),
    ...saslOf('sasltls'),
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${join(home, 'keystore.pem')}`,
    `log.dirs=${join(home, 'data')}`,
    'auto.create.topics.enable=false',
    'num.partitions=3',
    `message.max.bytes=${KAFKA_MESSAGE_BYTES_MAX}`,
    'offsets.topic.num.partitions=1',
    'offsets.topic.replication.factor=1',
    'group.initial.rebalance.delay.ms=0',
    // A broker that was killed is noticed, and comes back, within a test.
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
  ].join('\n')
}
