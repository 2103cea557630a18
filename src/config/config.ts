import type { Capabilities } from './capabilities.ts'

/**
 * The one configuration, built once by config/load.ts (defaults ← YAML file ← environment ← flags), frozen, and passed
 * by constructor. Units are in the names.
 */
export interface Config {
  readonly server: {
    readonly host: string
    readonly port: number
    /** HTTPS beside HTTP; undefined without a certificate. The files are read again when they change. */
    readonly tls: { readonly cert: string; readonly key: string; readonly port: number } | undefined
    /** Addresses or CIDR networks whose X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto are believed. */
    readonly trustedProxies: readonly string[]
    /** Host names (with port, if any) under which clients may have signed although the Host header says otherwise. */
    readonly publicHosts: readonly string[]
    /** How long a client may send nothing in the middle of a request. */
    readonly idleTimeoutMs: number
    /** How long running requests may take to finish after a stop signal. */
    readonly stopTimeoutMs: number
  }
  readonly admin: {
    readonly host: string
    readonly port: number
    /** Whether /control is served there, which moves the clock and so ends locks, without authentication. */
    readonly control: boolean
  }
  readonly dataDir: string
  readonly dialect: DialectName
  readonly region: string
  readonly durability: 'sync' | 'relaxed'
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  readonly domains: readonly string[]
  readonly websiteDomains: readonly string[]
  readonly root: { readonly accessKey: string; readonly secretKey: Secret }
  readonly users: readonly UserConfig[]
  readonly buckets: readonly BucketConfig[]
  readonly lifecycle: { readonly dayMs: number }
  readonly restore: { readonly delayMs: number }
  readonly chunks: {
    /** Folders of storage classes that do not keep their bytes in the data directory, by class. */
    readonly classes: ReadonlyMap<string, { readonly dir: string }>
  }
  readonly keys: KeysConfig
  readonly topics: {
    /** Networks that HTTP endpoints may be in, any where there are none; and those that they may not. */
    readonly http: { readonly allow: readonly string[]; readonly deny: readonly string[] }
    /** Topics that are there as soon as the server is ready. */
    readonly create: readonly TopicConfig[]
  }
  readonly images: ImagesConfig
  readonly limits: {
    readonly inlineBytesMax: number
    readonly partBytesMin: number
    readonly putBytesMax: number
    readonly garbageDelayMs: number
  }
}

/** How much of the machine processing of pictures may take. */
export interface ImagesConfig {
  /** Pictures that are processed at a time. */
  readonly concurrency: number
  /** Requests that may wait for their turn; the others hear SlowDown. */
  readonly queueMax: number
  /** How long one picture may take. */
  readonly timeoutMs: number
  /** Of each of the processes that process pictures. */
  readonly memoryBytes: number
  /** What the results that are kept may take on the disk; 0 keeps none. */
  readonly cacheBytes: number
}

/** Which keys there are for what is sealed: objects under server-side encryption, and the users' secret keys. */
export interface KeysConfig {
  readonly provider: 'local' | 'vault'
  /** The keys that clients may name for aws:kms. */
  readonly kms: readonly { readonly id: string; readonly disabled: boolean }[]
  /** Whether a key that is not listed is made when it is first named. */
  readonly autoCreate: boolean
  /** Whether keys of customers (SSE-C) are taken over TLS only. */
  readonly customerKeysNeedTls: boolean
  readonly vault: VaultConfig | undefined
}

/** The transit engine of a HashiCorp Vault or an OpenBao. */
export interface VaultConfig {
  /** Without a slash at its end. */
  readonly address: string
  readonly token: Secret
  readonly mount: string
  /** The name of the master key. */
  readonly key: string
  readonly namespace: string | undefined
  /** How long one request may take. */
  readonly timeoutMs: number
}

export type DialectName = 'zos' | 'rgw' | 'aws' | 'ibm-cos'

export interface UserConfig {
  readonly id: string
  readonly tenant: string
  readonly displayName: string
  readonly email: string | undefined
  readonly suspended: boolean
  /** Ceph's rule: 0 is any number, -1 none at all. */
  readonly maxBuckets: number
  readonly caps: Capabilities
  /** What all its buckets together may hold. */
  readonly quota: QuotaConfig | undefined
  /** What each of its buckets may hold. */
  readonly bucketQuota: QuotaConfig | undefined
  readonly keys: readonly { readonly accessKey: string; readonly secretKey: Secret }[]
}

/** Undefined limits are none. */
export interface QuotaConfig {
  readonly enabled: true
  readonly maxBytes: number | undefined
  readonly maxObjects: number | undefined
}

export interface BucketConfig {
  readonly name: string
  /** A user's id; the root account's where it is left out. */
  readonly owner: string | undefined
  readonly versioning: 'off' | 'enabled' | 'suspended'
  readonly objectLock: boolean
}

export interface TopicConfig {
  readonly name: string
  /** A user's id, in whose tenant the topic is; the root account's where it is left out. */
  readonly owner: string | undefined
  /** Those of CreateTopic. Any of them may have a password in it. */
  readonly attributes: Readonly<Record<string, Secret>>
}

/** A value that prints as `[secret]` in logs, JSON and inspection. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
