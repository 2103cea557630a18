import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { afterAll, beforeAll } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { DEFAULTS, type PartialConfig, type PlainConfig, type PlainUser } from '../../src/config/defaults.ts'
import { merge } from '../../src/config/paths.ts'
import { readConfig } from '../../src/config/schema.ts'
import { type Overrides, type RunningServer, startServer } from '../../src/server.ts'
import { encodeQuery, signV2, signV4 } from './sign.ts'

export interface TestUser {
  readonly id: string
  readonly accessKey: string
  readonly secretKey: string
}

export type UserName = 'root' | 'alt' | 'anonymous'

export interface TestServerOptions {
  /** Over the test's own defaults: any port, a temp folder, relaxed durability, parts of 1 KiB and more. */
  readonly config?: PartialConfig
  /** Users beside `alt`. */
  readonly users?: readonly PlainUser[]
  readonly overrides?: Omit<Overrides, 'logStream'>
}

export interface TestRequest {
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string | undefined
  readonly as?: UserName | TestUser
  readonly sign?: 'v4' | 'v2'
  /** The S3 port where it is left out. */
  readonly port?: number
}

export interface TestResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly text: string
}

export interface TestServer {
  /** Without a slash at its end. */
  readonly url: string
  readonly port: number
  readonly adminUrl: string
  readonly dataDir: string
  readonly config: Config
  readonly running: RunningServer
  readonly root: TestUser
  readonly alt: TestUser
  /** What has been logged so far, one JSON text per line. */
  readonly logLines: readonly string[]
  s3(options?: S3ClientConfig & { user?: UserName }): S3Client
  /** Sends exactly this path (encoded already, without a query) and resolves with the whole answer. */
  request(method: string, path: string, options?: TestRequest): Promise<TestResponse>
  /** Stops and starts again on the same data. */
  restart(): Promise<void>
  /** Stops and removes the data. */
  stop(): Promise<void>
}

const ROOT: TestUser = { id: 'cozos', accessKey: 'cozos', secretKey: 'cozos-secret' }
const ALT: TestUser = { id: 'alt', accessKey: 'ALTKEY', secretKey: 'alt-secret-of-the-tests' }

/** Small enough that a multipart upload in a test is a matter of kilobytes. */
const TEST_PART_BYTES_MIN = 1024

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cozos-test-'))
  const config = testConfig(dataDir, options)
  const logLines: string[] = []
  const logStream = { write: (line: string) => void logLines.push(line) }
  const start = (): Promise<RunningServer> => startServer(config, { ...options.overrides, logStream })
  let running: RunningServer
  try {
    running = await start()
  } catch (cause) {
    await rm(dataDir, { recursive: true, force: true })
    throw cause
  }
  const clients: S3Client[] = []
  return {
    get url() {
      return `http://127.0.0.1:${running.s3.port}`
    },
    get port() {
      return running.s3.port
    },
    get adminUrl() {
      return `http://127.0.0.1:${running.admin.port}`
    },
    get running() {
      return running
    },
    dataDir,
    config,
    root: ROOT,
    alt: ALT,
    logLines,
    s3: ({ user = 'root', ...rest } = {}) => {
      const client = createClient(running.s3.port, user, rest)
      clients.push(client)
      return client
    },
    request: (method, path, sent = {}) => send({ port: sent.port ?? running.s3.port, method, path }, sent),
    restart: async () => {
      await running.close()
      running = await start()
    },
    stop: async () => {
      for (const client of clients) client.destroy()
      await running.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Starts a server before the tests of this file (or `describe`) and stops it behind them. */
export function useServer(options?: TestServerOptions): () => TestServer {
  let server: TestServer | undefined
  beforeAll(async () => {
    server = await startTestServer(options)
  })
  afterAll(async () => {
    await server?.stop()
  })
  return () => {
    if (server === undefined) throw new Error('the server is there from beforeAll on')
    return server
  }
}

let names = 0

/** A bucket name that no other test uses. */
export function uniqueName(prefix: string): string {
  names += 1
  return `${prefix}-${process.pid.toString(36)}-${Date.now().toString(36)}-${names}`
}

export function testConfig(dataDir: string, options: TestServerOptions = {}): Config {
  const own: PartialConfig = {
    server: { port: 0 },
    admin: { port: 0 },
    dataDir,
    durability: 'relaxed',
    limits: { partBytesMin: TEST_PART_BYTES_MIN },
    users: [{ id: ALT.id, keys: [{ accessKey: ALT.accessKey, secretKey: ALT.secretKey }] }, ...(options.users ?? [])],
  }
  return readConfig([own, options.config].reduce<unknown>(merge, DEFAULTS) as PlainConfig)
}

function createClient(port: number, user: UserName, config: S3ClientConfig): S3Client {
  const key = user === 'alt' ? ALT : ROOT
  const anonymous: Partial<S3ClientConfig> = { signer: { sign: async (request) => request } }
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: key.accessKey, secretAccessKey: key.secretKey },
    ...(user === 'anonymous' ? anonymous : {}),
    ...config,
  })
}

/** Signed like a client would, sent by nothing cleverer than node:http, which passes any path on as it is. */
async function send(
  at: { port: number; method: string; path: string },
  { query = {}, headers = {}, body, as = 'root', sign = 'v4' }: TestRequest,
): Promise<TestResponse> {
  const { port, method, path } = at
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const queryText = encodeQuery(query)
  const request = { method, url: { host: `127.0.0.1:${port}`, path, query: queryText }, headers, body: bytes }
  const key = typeof as === 'object' ? as : as === 'alt' ? ALT : ROOT
  const signed = as === 'anonymous' ? headers : sign === 'v2' ? signV2(request, key) : signV4(request, key)
  const length = { 'content-length': String(bytes?.length ?? 0) }
  const needsLength = bytes !== undefined || method === 'PUT' || method === 'POST'
  return new Promise((resolve, reject) => {
    const target = queryText === '' ? path : `${path}?${queryText}`
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path: target,
        headers: { ...asBytes(signed), ...(needsLength ? length : {}) },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const whole = Buffer.concat(parts)
          const { statusCode = 0, headers: received, rawHeaders } = response
          resolve({ status: statusCode, headers: received, rawHeaders, body: whole, text: whole.toString('utf8') })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

/** Node writes header text as Latin-1; clients send UTF-8. */
function asBytes(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]),
  )
}
