import { isIP } from 'node:net'
import { type BucketConfig, type Config, Secret, type UserConfig } from './config.ts'
import { MAX_BUCKETS_DEFAULT, type PlainConfig, ROOT_ID } from './defaults.ts'
import { ConfigError, Reader } from './reader.ts'

const PORTS = { min: 0, max: 65_535 }
/** A day: longer waits are a mistake of the unit. */
const WAIT_MS = { min: 1, max: 86_400_000 }
/** A version's row must stay small beside its neighbours: beyond this a file is faster anyway. */
const INLINE_BYTES = { min: 0, max: 1024 * 1024 }
/** S3's ceiling for one PUT is 5 GiB; more would still be sound. */
const PUT_BYTES = { min: 1, max: 5 * 1024 ** 4 }

/**
 * The checked, frozen configuration.
 * @throws ConfigError naming every path that is wrong
 */
export function readConfig(plain: PlainConfig): Config {
  const problems: string[] = []
  const reader = new Reader(plain, '', problems)
  const server = readServer(reader.mapping('server'))
  const config: Config = {
    server,
    admin: readAdmin(reader.mapping('admin'), server.host),
    dataDir: reader.text('dataDir'),
    dialect: reader.oneOf('dialect', ['zos', 'rgw', 'aws', 'ibm-cos']),
    region: reader.text('region', plainWord),
    durability: reader.oneOf('durability', ['sync', 'relaxed']),
    logLevel: reader.oneOf('logLevel', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    domains: reader.texts('domains', hostName),
    websiteDomains: reader.texts('websiteDomains', hostName),
    root: finished(reader.mapping('root'), readKey),
    users: reader.mappings('users', readUser),
    buckets: reader.mappings('buckets', readBucket),
    lifecycle: finished(reader.mapping('lifecycle'), (part) => ({ dayMs: part.integer('dayMs', WAIT_MS) })),
    limits: finished(reader.mapping('limits'), (part) => ({
      inlineBytesMax: part.integer('inlineBytesMax', INLINE_BYTES),
      partBytesMin: part.integer('partBytesMin', { min: 1, max: PUT_BYTES.max }),
      putBytesMax: part.integer('putBytesMax', PUT_BYTES),
      garbageDelayMs: part.integer('garbageDelayMs', { min: 0, max: WAIT_MS.max }),
    })),
  }
  reader.finish()
  problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return freeze(config)
}

function finished<T>(part: Reader, read: (part: Reader) => T): T {
  const result = read(part)
  part.finish()
  return result
}

function readServer(part: Reader): Config['server'] {
  return finished(part, () => ({
    host: part.text('host', hostName),
    port: part.integer('port', PORTS),
    tls: part.has('tls')
      ? finished(part.mapping('tls'), (tls) => ({
          cert: tls.text('cert'),
          key: tls.text('key'),
          port: tls.integer('port', PORTS),
        }))
      : undefined,
    trustedProxies: part.texts('trustedProxies', network),
    publicHosts: part.texts('publicHosts', hostName),
    idleTimeoutMs: part.integer('idleTimeoutMs', WAIT_MS),
    stopTimeoutMs: part.integer('stopTimeoutMs', { min: 0, max: WAIT_MS.max }),
  }))
}

function readAdmin(part: Reader, serverHost: string): Config['admin'] {
  return finished(part, () => ({
    host: part.has('host') ? part.text('host', hostName) : serverHost,
    port: part.integer('port', PORTS),
  }))
}

function readKey(part: Reader): { accessKey: string; secretKey: Secret } {
  return { accessKey: part.text('accessKey', keyText), secretKey: new Secret(part.text('secretKey')) }
}

function readUser(part: Reader): UserConfig {
  const id = part.text('id', plainWord)
  return {
    id,
    tenant: part.has('tenant') ? part.text('tenant', tenantName) : '',
    displayName: part.optionalText('displayName') ?? id,
    email: part.optionalText('email'),
    suspended: part.flag('suspended', false),
    maxBuckets: part.has('maxBuckets') ? part.integer('maxBuckets', { min: 0, max: 1_000_000 }) : MAX_BUCKETS_DEFAULT,
    keys: part.mappings('keys', readKey),
  }
}

function readBucket(part: Reader): BucketConfig {
  const objectLock = part.flag('objectLock', false)
  const versioning = part.has('versioning') ? part.oneOf('versioning', ['off', 'enabled', 'suspended']) : undefined
  // S3 keeps versioning on in a bucket with object lock; see the PutBucketVersioning page of its API reference.
  if (objectLock && versioning !== undefined && versioning !== 'enabled') {
    part.problem('versioning', 'a bucket with objectLock is always versioned: expected enabled', undefined)
  }
  return {
    name: part.text('name', bucketName),
    owner: part.optionalText('owner'),
    versioning: versioning ?? (objectLock ? 'enabled' : 'off'),
    objectLock,
  }
}

/** What is sound by itself but not beside the rest. */
function contradictions(config: Config): string[] {
  const problems: string[] = []
  const ids = new Set([ROOT_ID])
  const keys = new Set([config.root.accessKey])
  for (const [index, user] of config.users.entries()) {
    const name = user.tenant === '' ? user.id : `${user.tenant}$${user.id}`
    if (ids.has(name)) problems.push(`users[${index}].id: there is another user ${name}`)
    ids.add(name)
    if (user.keys.length === 0) problems.push(`users[${index}].keys: a user needs a key`)
    for (const [place, { accessKey }] of user.keys.entries()) {
      if (keys.has(accessKey)) problems.push(`users[${index}].keys[${place}].accessKey: ${accessKey} is used twice`)
      keys.add(accessKey)
    }
  }
  for (const [index, { owner }] of config.buckets.entries()) {
    if (owner !== undefined && !ids.has(owner)) problems.push(`buckets[${index}].owner: there is no user ${owner}`)
  }
  const { server, admin } = config
  if (server.port !== 0 && server.port === admin.port && server.host === admin.host) {
    problems.push(`admin.port: ${admin.port} is the server's port`)
  }
  return problems
}

function hostName(value: string): string | undefined {
  return /^[\w.:[\]-]+$/.test(value) ? undefined : `${value} is no host name`
}

function plainWord(value: string): string | undefined {
  return /^[\w.@+-]+$/.test(value) ? undefined : 'expected letters, digits and . _ @ + -'
}

/** Ceph's rule for tenants. */
function tenantName(value: string): string | undefined {
  return /^\w+$/.test(value) ? undefined : 'expected letters, digits and _'
}

/** An access key stands in a credential scope, whose parts a slash divides, and behind `AWS `, before a colon. */
function keyText(value: string): string | undefined {
  return /^[\w.@+$=-]+$/.test(value) ? undefined : 'expected letters, digits and . _ @ + $ = -'
}

/** The rule for new buckets that every dialect's CreateBucket shares. */
function bucketName(value: string): string | undefined {
  const isSound = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) && !/\.\.|\.-|-\./.test(value) && isIP(value) === 0
  return isSound ? undefined : `${value} is no bucket name: 3 to 63 lower-case letters, digits, - and .`
}

function network(value: string): string | undefined {
  const [address = '', bits, ...rest] = value.split('/')
  const widest = isIP(address) === 6 ? 128 : 32
  const bitsAreSound = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest)
  if (isIP(address) !== 0 && bitsAreSound && rest.length === 0) return undefined
  return `${value} is neither an address nor a network such as 10.0.0.0/8`
}

/** Secrets keep their value in a private field, which freezing leaves alone. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
