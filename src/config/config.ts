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
    /** Addresses or CIDR networks whose X-Forwarded-Host and X-Forwarded-Proto are believed. */
    readonly trustedProxies: readonly string[]
    /** Host names (with port, if any) under which clients may have signed although the Host header says otherwise. */
    readonly publicHosts: readonly string[]
    /** How long a client may send nothing in the middle of a request. */
    readonly idleTimeoutMs: number
    /** How long running requests may take to finish after a stop signal. */
    readonly stopTimeoutMs: number
  }
  readonly admin: { readonly host: string; readonly port: number }
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
  readonly limits: {
    readonly inlineBytesMax: number
    readonly partBytesMin: number
    readonly putBytesMax: number
    readonly garbageDelayMs: number
  }
}

export type DialectName = 'zos' | 'rgw' | 'aws' | 'ibm-cos'

export interface UserConfig {
  readonly id: string
  readonly tenant: string
  readonly displayName: string
  readonly email: string | undefined
  readonly suspended: boolean
  readonly maxBuckets: number
  readonly keys: readonly { readonly accessKey: string; readonly secretKey: Secret }[]
}

export interface BucketConfig {
  readonly name: string
  /** A user's id; the root account's where it is left out. */
  readonly owner: string | undefined
  readonly versioning: 'off' | 'enabled' | 'suspended'
  readonly objectLock: boolean
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
