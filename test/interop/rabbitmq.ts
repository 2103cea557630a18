// A real RabbitMQ: the program of Debian's package, as a node of its own on loopback, with its own data folder. The
// system's service is left alone.

import { execFile, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brokerFolder, certificates, freePorts, Restartable } from './processes.ts'

/** The package's wrappers in /usr/sbin change the user and the home; this is what they run. */
const PROGRAMS = '/usr/lib/rabbitmq/bin'
const SERVER = join(PROGRAMS, 'rabbitmq-server')

/** A user beside guest, who may enter both virtual hosts. */
export const RABBITMQ_LOGIN = { user: 'alice', password: 'alice@secret/1' } as const
/** A name that has to be encoded in a URL. */
export const RABBITMQ_VHOST = 'team/a b'
/** Far below RabbitMQ's own, so that a test need not send so much. */
export const RABBITMQ_MESSAGE_BYTES_MAX = 256 * 1024

export interface RabbitmqBroker {
  /** `host:port` of each listener. */
  readonly plain: string
  readonly tls: string
  readonly process: Restartable
  /** Runs rabbitmqctl on it. */
  control(...args: string[]): Promise<void>
  stop(): Promise<void>
}

export function isRabbitmqInstalled(): boolean {
  return existsSync(SERVER)
}

interface Listening {
  readonly dir: string
  readonly plain: number
  readonly tls: number
}

/** @param settingsOf what stands in rabbitmq.conf, beside where it listens and what it logs */
export async function startRabbitmq(settingsOf: (at: Listening) => string[] = settings): Promise<RabbitmqBroker> {
  const { dir, remove } = brokerFolder('rabbitmq')
  const [plain = 0, tls = 0, epmd = 0, distribution = 0] = await freePorts(4)
  writeFileSync(join(dir, 'enabled_plugins'), '[].\n')
  writeFileSync(join(dir, 'rabbitmq.conf'), [...settingsOf({ dir, plain, tls }), ...surroundings(plain)].join('\n'))
  // Erlang would start one as a daemon, which outlives the node.
  const portMapper = spawn('epmd', ['-port', String(epmd), '-address', '127.0.0.1'], { stdio: 'ignore' })
  const env = environment({ dir, epmd, distribution })
  const broker = new Restartable({
    command: SERVER,
    args: [],
    env,
    cwd: dir,
    ready: /completed with \d+ plugins/,
  })
  const stop = async (): Promise<void> => {
    await broker.kill()
    portMapper.kill()
    remove()
  }
  try {
    await broker.start()
  } catch (cause) {
    await stop()
    throw cause
  }
  const control = async (...args: string[]): Promise<void> => {
    await promisify(execFile)(join(PROGRAMS, 'rabbitmqctl'), ['--quiet', ...args], { env })
  }
  return { plain: `127.0.0.1:${plain}`, tls: `localhost:${tls}`, process: broker, control, stop }
}

const PERMISSIONS = { configure: '.*', write: '.*', read: '.*' }
const USERS = [
  { name: 'guest', password: 'guest' },
  { name: RABBITMQ_LOGIN.user, password: RABBITMQ_LOGIN.password },
]
const VHOSTS = ['/', RABBITMQ_VHOST]

const DEFINITIONS = {
  users: USERS.map((user) => ({ ...user, tags: '' })),
  vhosts: VHOSTS.map((name) => ({ name })),
  permissions: VHOSTS.flatMap((vhost) => USERS.map(({ name }) => ({ user: name, vhost, ...PERMISSIONS }))),
}

function settings({ dir, tls }: Listening): string[] {
  const definitions = join(dir, 'definitions.json')
  writeFileSync(definitions, JSON.stringify(DEFINITIONS))
  return [
    `listeners.ssl.1 = 127.0.0.1:${tls}`,
    `ssl_options.cacertfile = ${join(certificates, 'ca.crt')}`,
    `ssl_options.certfile = ${join(certificates, 'localhost.crt')}`,
    `ssl_options.keyfile = ${join(certificates, 'localhost.key')}`,
    'ssl_options.verify = verify_none',
    'ssl_options.fail_if_no_peer_cert = false',
    `max_message_size = ${RABBITMQ_MESSAGE_BYTES_MAX}`,
    `load_definitions = ${definitions}`,
  ]
}

function surroundings(plain: number): string[] {
  return [
    `listeners.tcp.1 = 127.0.0.1:${plain}`,
    'disk_free_limit.absolute = 50MB',
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    '',
  ]
}

interface Places {
  readonly dir: string
  /** Of the Erlang port mapper. */
  readonly epmd: number
  readonly distribution: number
}

function environment({ dir, epmd, distribution }: Places): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    // Where Erlang keeps its cookie.
    HOME: dir,
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_PID_FILE: join(dir, 'pid'),
    RABBITMQ_NODENAME: `cozos-interop-${epmd}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none',
  }
}
