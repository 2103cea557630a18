import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import type { DestinationStream } from 'pino'
import type { Config } from './config/config.ts'
import { prepareDataDir } from './config/data-dir.ts'
import { DEFAULTS, ROOT_ID } from './config/defaults.ts'
import { newBucketSettings } from './domain/access/settle.ts'
import { createMissingBuckets } from './domain/configured.ts'
import type { Services } from './domain/services.ts'
import { storeConfiguredTopics } from './domain/topics/configured.ts'
import { AdminState, createAdminApp } from './http/admin.ts'
import { AdminOps } from './http/admin-ops.ts'
import { createApp } from './http/app.ts'
import type { ControlRoutes } from './http/control.ts'
import { clockControl } from './http/control-clock.ts'
import { inboxControl } from './http/control-inbox.ts'
import { lifecycleControl } from './http/control-lifecycle.ts'
import { Exchanges } from './http/exchanges.ts'
import { RequestMetrics } from './http/metrics.ts'
import type { PipelineParts } from './http/pipeline.ts'
import { closeGracefully } from './http/stop.ts'
import { readTlsFiles, reloadTls } from './http/tls.ts'
import { trustedProxies } from './http/trusted-proxies.ts'
import type { LifecycleJob } from './jobs/lifecycle.ts'
import type { JobRunner } from './jobs/runner.ts'
import { type Clock, SettableClock } from './lib/clock.ts'
import { IdSource } from './lib/ids.ts'
import { createLogger, type Logger } from './lib/logger.ts'
import { SERVED } from './operations/served.ts'
import type { Dialect } from './s3/dialect.ts'
import { createDialect } from './s3/dialects/create.ts'
import { Authenticator } from './s3/signature/authenticate.ts'
import type { EventParts } from './server/events.ts'
import { createRunner, lifecycleJob } from './server/jobs.ts'
import { openServices } from './server/services.ts'

export interface Overrides {
  /** The real time, from which the server's clock is set. */
  readonly clock?: Clock
  readonly ids?: IdSource
  readonly logger?: Logger
  /** Log lines go here at once, instead of to standard output in batches. */
  readonly logStream?: DestinationStream
}

export interface RunningServer {
  readonly s3: ListeningAt
  /** The HTTPS listener, where the config has a certificate. */
  readonly s3Tls: ListeningAt | undefined
  readonly admin: ListeningAt
  readonly services: Services
  /** Stops accepting, lets running requests finish (up to the config's stopTimeoutMs), and closes everything. */
  close(): Promise<void>
}

export interface ListeningAt {
  readonly host: string
  readonly port: number
}

/** The granularity of the event-loop delay: finer would wake an idle process for nothing. */
const LOOP_DELAY_RESOLUTION_MS = 50

/**
 * Opens the stores, starts the jobs and listens. Only here, and in server/, are concrete engines named.
 * @throws Error with a message for the operator: data directory, foreign schema, second process, port in use,
 *   certificate
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<RunningServer> {
  const stack = new AsyncDisposableStack()
  try {
    return await start(config, overrides, stack)
  } catch (cause) {
    await stack.disposeAsync()
    throw cause
  }
}

async function start(config: Config, overrides: Overrides, stack: AsyncDisposableStack): Promise<RunningServer> {
  const dataDir = prepareDataDir(config.dataDir)
  const log = openLog(config, overrides, stack)
  const state = new AdminState()
  const requests = new RequestMetrics()
  const loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS })
  loopDelay.enable()
  stack.defer(() => void loopDelay.disable())
  const adminExchanges = new Exchanges()
  const adminListener = { tls: undefined, idleTimeoutMs: config.server.idleTimeoutMs, exchanges: adminExchanges }
  const adminApp = createAdminApp({ state, requests, loopDelay, listener: adminListener })
  stack.defer(() => adminApp.close())
  const admin = await listen(adminApp, config.admin)

  const clock = new SettableClock(overrides.clock)
  const ids = overrides.ids ?? new IdSource()
  const dialect = createDialect(config.dialect, {
    ids,
    clock,
    region: config.region,
    customerKeysNeedTls: config.keys.customerKeysNeedTls,
  })
  const opening = { config, ids, dataDir, log, clock, eventRules: dialect.events }
  const { services, events } = await openServices(opening, stack)
  state.metadata = services.metadata
  state.renderer = services.renderer
  state.events = { counts: events.publisher.counts, pool: events.pool }
  const exchanges = new Exchanges()
  const pipeline = pipelineParts({ config, services, dialect, log, clock })
  stack.defer(() => storeLastRecords(pipeline))
  const rules = lifecycleJob(pipeline)
  const runner = createRunner(pipeline, { clock, rules, events })
  stack.defer(() => runner.stop())
  stack.defer(clock.onChange(() => runner.wake()))
  await createConfigured(config, pipeline)
  const ops = new AdminOps({ pipeline: adminPipeline(pipeline), exchanges: adminExchanges, metrics: requests })
  stack.defer(() => ops.drain(config.server.stopTimeoutMs))
  state.ops = ops
  state.control = config.admin.control ? controlRoutes({ clock, runner, rules, services, events, log }) : 'off'
  const open = (tls: { cert: Buffer; key: Buffer } | undefined): FastifyInstance => {
    const listener = { tls, idleTimeoutMs: config.server.idleTimeoutMs, exchanges }
    const app = createApp({ pipeline, exchanges, metrics: requests, listener })
    stack.defer(() => {
      state.phase = 'stopping'
      return closeGracefully(app, exchanges, config.server.stopTimeoutMs)
    })
    return app
  }
  const s3 = await listen(open(undefined), config.server)
  const s3Tls = await listenTls({ config, open, log }, stack)
  runner.start()
  state.phase = 'ready'
  log.info({ s3, s3Tls, admin, dataDir, dialect: config.dialect, durability: config.durability }, 'listening')
  return { s3, s3Tls, admin, services, close: once(() => stack.disposeAsync()) }
}

interface Controlled {
  readonly clock: SettableClock
  readonly runner: JobRunner
  readonly rules: LifecycleJob
  readonly services: Services
  readonly events: EventParts
  readonly log: Logger
}

/** What /control on the admin port does. */
function controlRoutes({ clock, runner, rules, services, events, log }: Controlled): ControlRoutes {
  const onSet = (state: object): void => log.warn({ clock: state }, 'the clock has been set')
  return {
    '/control/clock': clockControl({
      clock,
      settled: (signal) => runner.settled(signal),
      busy: () => runner.busy(),
      onSet,
    }),
    ...inboxControl(events.inboxes),
    ...lifecycleControl({
      services,
      run(bucketId) {
        const ended = rules.request(bucketId)
        runner.wake(rules.name)
        return ended
      },
    }),
  }
}

/** What the last requests have left behind: nobody waits for it any more, and the store is still open. */
async function storeLastRecords({ services, log }: PipelineParts): Promise<void> {
  try {
    await services.records.store(services.metadata)
  } catch (cause) {
    log.error({ err: cause }, 'the records of the last requests are lost')
  }
}

function openLog(config: Config, { logger, logStream }: Overrides, stack: AsyncDisposableStack): Logger {
  if (logger !== undefined) return logger
  const sink = createLogger({ level: config.logLevel, stream: logStream })
  stack.defer(() => sink.flush())
  if (config.root.secretKey.reveal() === DEFAULTS.root.secretKey) {
    sink.logger.warn('the root account has its default secret key; set COZOS_ROOT_SECRET_KEY before others can connect')
  }
  return sink.logger
}

async function createConfigured(
  { buckets, topics }: Config,
  { services, dialect }: Pick<PipelineParts, 'services' | 'dialect'>,
): Promise<void> {
  const { metadata, accounts, clock } = services
  const settings = newBucketSettings(dialect.access)
  await createMissingBuckets(metadata, { accounts, buckets, rootId: ROOT_ID, settings, nowMs: clock.now() })
  await storeConfiguredTopics(services, { topics: topics.create, rules: dialect.topics, rootId: ROOT_ID })
}

/** On the admin port every dialect has Ceph's admin API, and nothing else is there. */
function adminPipeline(parts: PipelineParts): PipelineParts {
  const headSettings = { ...parts.headSettings, domains: [], websiteDomains: [], servesAdminOps: 'alone' } as const
  return { ...parts, headSettings }
}

interface PipelineOpening {
  readonly config: Config
  readonly services: Services
  readonly dialect: Dialect
  readonly log: Logger
  readonly clock: SettableClock
}

function pipelineParts({ config, services, dialect, log, clock }: PipelineOpening) {
  const { accounts } = services
  return {
    services,
    dialect,
    authenticator: new Authenticator({ accounts, clock: clock.forSignatures }),
    served: SERVED,
    headSettings: {
      domains: config.domains,
      websiteDomains: config.websiteDomains,
      publicHosts: config.server.publicHosts,
      trustedProxies: trustedProxies(config.server.trustedProxies),
      servesAdminOps: dialect.servesAdminOps ? ('beside-s3' as const) : undefined,
    },
    log,
  }
}

interface TlsOpening {
  readonly config: Config
  readonly open: (tls: { cert: Buffer; key: Buffer }) => FastifyInstance
  readonly log: Logger
}

async function listenTls(
  { config, open, log }: TlsOpening,
  stack: AsyncDisposableStack,
): Promise<ListeningAt | undefined> {
  const { tls, host } = config.server
  if (tls === undefined) return undefined
  const app = open(readTlsFiles(tls))
  const at = await listen(app, { host, port: tls.port })
  stack.defer(reloadTls(app.server, tls, log))
  return at
}

async function listen(app: FastifyInstance, at: ListeningAt): Promise<ListeningAt> {
  await app.listen({ host: at.host, port: at.port })
  const { address, port } = app.server.address() as AddressInfo
  return { host: address, port }
}

/** Closing twice is closing once. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= close()
    return closing
  }
}
