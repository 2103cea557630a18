import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import type { DestinationStream } from 'pino'
import type { Config } from './config/config.ts'
import { prepareDataDir } from './config/data-dir.ts'
import { DEFAULTS, ROOT_ID } from './config/defaults.ts'
import { ReadPins } from './domain/bytes/pins.ts'
import { configuredAccounts, createMissingBuckets } from './domain/configured.ts'
import type { Services } from './domain/services.ts'
import { AdminState, createAdminApp } from './http/admin.ts'
import { createApp } from './http/app.ts'
import { Exchanges } from './http/exchanges.ts'
import { RequestMetrics } from './http/metrics.ts'
import { closeGracefully } from './http/stop.ts'
import { readTlsFiles, reloadTls } from './http/tls.ts'
import { trustedProxies } from './http/trusted-proxies.ts'
import { collectGarbage } from './jobs/collect-garbage.ts'
import { forgetUploads } from './jobs/forget-uploads.ts'
import { JobRunner } from './jobs/runner.ts'
import { scrub } from './jobs/scrub.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { IdSource } from './lib/ids.ts'
import { createLogger, type Logger } from './lib/logger.ts'
import { SERVED } from './operations/served.ts'
import { createDialect } from './s3/dialects/create.ts'
import { Authenticator } from './s3/signature/authenticate.ts'
import { openDiskStore } from './storage/chunks/disk/store.ts'
import { openSqliteStore } from './storage/metadata/sqlite/store.ts'

export interface Overrides {
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
 * Opens the stores, starts the jobs and listens. Only here are concrete engines named.
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
  const adminApp = createAdminApp({ state, requests, loopDelay })
  stack.defer(() => adminApp.close())
  const admin = await listen(adminApp, config.admin)

  const services = await openServices({ config, overrides, dataDir, log }, stack)
  state.metadata = services.metadata
  const scrubbing = scrub(services, {
    onFinding: ({ name, cause }) => log.error({ chunk: name, err: cause }, 'a stored chunk is damaged'),
  })
  const runner = new JobRunner([collectGarbage(services), forgetUploads(services), scrubbing], {
    clock: services.clock,
    onError: ({ job, failures, cause }) => log.error({ job, failures, err: cause }, 'a background job failed'),
  })
  stack.defer(() => runner.stop())
  const exchanges = new Exchanges()
  const pipeline = pipelineParts({ config, services, log })
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

function openLog(config: Config, { logger, logStream }: Overrides, stack: AsyncDisposableStack): Logger {
  if (logger !== undefined) return logger
  const sink = createLogger({ level: config.logLevel, stream: logStream })
  stack.defer(() => sink.flush())
  if (config.root.secretKey.reveal() === DEFAULTS.root.secretKey) {
    sink.logger.warn('the root account has its default secret key; set COZOS_ROOT_SECRET_KEY before others can connect')
  }
  return sink.logger
}

interface Opening {
  readonly config: Config
  readonly overrides: Overrides
  readonly dataDir: string
  readonly log: Logger
}

async function openServices(
  { config, overrides, dataDir, log }: Opening,
  stack: AsyncDisposableStack,
): Promise<Services> {
  const { durability } = config
  const onWarn = (message: string, details: object): void => log.warn(details, message)
  const metadata = await openSqliteStore({ dir: dataDir, durability, onWarn })
  stack.defer(() => metadata.close())
  const chunks = await openDiskStore({ dir: join(dataDir, 'chunks'), durability })
  stack.defer(() => chunks.close())
  const clock = overrides.clock ?? systemClock
  const accounts = configuredAccounts(config, ROOT_ID)
  const { buckets } = config
  await createMissingBuckets(metadata, { accounts, buckets, rootId: ROOT_ID, nowMs: clock.now() })
  const ids = overrides.ids ?? new IdSource()
  const { limits, region } = config
  return { metadata, chunks, pins: new ReadPins(), accounts, clock, ids, limits, region }
}

function pipelineParts({ config, services, log }: { config: Config; services: Services; log: Logger }) {
  const { accounts, clock, ids } = services
  return {
    services,
    dialect: createDialect(config.dialect, { ids, clock, region: config.region }),
    authenticator: new Authenticator({ accounts, clock }),
    served: SERVED,
    headSettings: {
      domains: config.domains,
      publicHosts: config.server.publicHosts,
      trustedProxies: trustedProxies(config.server.trustedProxies),
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
