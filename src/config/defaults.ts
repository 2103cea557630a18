/** What a config file may contain, as plain data: what YAML, the environment and the flags are merged into. */
export interface PlainConfig {
  server: {
    host: string
    port: number
    tls: { cert: string; key: string; port: number } | null
    trustedProxies: string[]
    publicHosts: string[]
    idleTimeoutMs: number
    stopTimeoutMs: number
  }
  /**
   * Without a host, the admin port listens where the server does. Without a word about it, the control API is served
   * where nobody but the machine itself can reach it.
   */
  admin: { host: string | null; port: number; control: boolean | null }
  dataDir: string
  dialect: string
  region: string
  durability: string
  logLevel: string
  domains: string[]
  websiteDomains: string[]
  root: { accessKey: string; secretKey: string }
  users: PlainUser[]
  buckets: PlainBucket[]
  lifecycle: { dayMs: number }
  restore: { delayMs: number }
  chunks: { classes: Record<string, { dir: string }> }
  keys: {
    provider: string
    kms: { id: string; disabled?: boolean }[]
    autoCreate: boolean
    customerKeysNeedTls: boolean
    vault: PlainVault | null
  }
  topics: { http: { allow: string[]; deny: string[] }; create: PlainTopic[] }
  images: { concurrency: number | null; queueMax: number; timeoutMs: number; memoryBytes: number; cacheBytes: number }
  limits: { inlineBytesMax: number; partBytesMin: number; putBytesMax: number; garbageDelayMs: number }
}

export interface PlainVault {
  address: string
  token: string
  mount?: string
  key?: string
  namespace?: string
  timeoutMs?: number
}

export interface PlainUser {
  id: string
  tenant?: string
  displayName?: string
  email?: string
  suspended?: boolean
  maxBuckets?: number
  /** Ceph's text: `users=*;buckets=read`. */
  caps?: string
  quota?: PlainQuota
  bucketQuota?: PlainQuota
  keys: { accessKey: string; secretKey: string }[]
}

export interface PlainQuota {
  maxObjects?: number
  maxBytes?: number
}

export interface PlainBucket {
  name: string
  owner?: string
  versioning?: string
  objectLock?: boolean
}

export interface PlainTopic {
  name: string
  owner?: string
  attributes?: Record<string, string | boolean>
}

/** The part of a config that somebody set. */
export type PartialConfig = {
  [K in keyof PlainConfig]?: PlainConfig[K] extends object ? Loose<PlainConfig[K]> : PlainConfig[K]
}
type Loose<T> = T extends unknown[] ? T : T extends object ? { [K in keyof T]?: Loose<T[K]> } : T

/** config.example.yaml says the same; test/config/example.test.ts holds the two together. */
export const DEFAULTS: PlainConfig = {
  server: {
    host: '127.0.0.1',
    port: 7480,
    tls: null,
    trustedProxies: [],
    publicHosts: [],
    idleTimeoutMs: 60_000,
    // Below the ten seconds that `docker stop` waits before it kills.
    stopTimeoutMs: 8_000,
  },
  admin: { host: null, port: 7481, control: null },
  dataDir: './data',
  dialect: 'zos',
  region: 'default',
  durability: 'sync',
  logLevel: 'info',
  domains: ['localhost', 's3.localhost'],
  websiteDomains: ['website.localhost', 's3-website.localhost'],
  root: { accessKey: 'cozos', secretKey: 'cozos-secret' },
  users: [],
  buckets: [],
  lifecycle: { dayMs: 86_400_000 },
  // Long enough to see a restore under way, short enough for a test to wait for.
  restore: { delayMs: 2_000 },
  chunks: { classes: {} },
  keys: { provider: 'local', kms: [], autoCreate: true, customerKeysNeedTls: false, vault: null },
  topics: { http: { allow: [], deny: [] }, create: [] },
  images: {
    concurrency: null,
    queueMax: 64,
    timeoutMs: 30_000,
    memoryBytes: 2 * 1024 ** 3,
    cacheBytes: 1024 ** 3,
  },
  limits: {
    inlineBytesMax: 64 * 1024,
    partBytesMin: 5 * 1024 * 1024,
    putBytesMax: 5 * 1024 ** 3,
    garbageDelayMs: 10 * 60 * 1000,
  },
}

/** Ceph's default number of buckets that a user may own. */
export const MAX_BUCKETS_DEFAULT = 1000

/** The account that the root key belongs to. */
export const ROOT_ID = 'cozos'
