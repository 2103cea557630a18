import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve, sep } from 'node:path'
import { NO_CAPABILITIES, parseCapabilities } from './capabilities.ts'
import { chunksFolder } from './chunks-folder.ts'
import { type BucketConfig, type Config, type QuotaConfig, Secret, type UserConfig } from './config.ts'
import { MAX_BUCKETS_DEFAULT, type PlainConfig, ROOT_ID } from './defaults.ts'
import { readKeys } from './keys.ts'
import { fullUserId, isAccessKey, isTenantName, isUserId } from './names.ts'
import { ConfigError, Reader } from './reader.ts'
import { STORAGE_CLASSES } from './storage-classes.ts'
import { readTopic, topicProblems } from './topics.ts'

const PORTS = { min: 0, max: 65_535 }
/** A day: longer waits are a mistake of the unit. */
const WAIT_MS = { min: 1, max: 86_400_000 }
/** None, up to the two days that DEEP_ARCHIVE takes at most. */
const RESTORE_MS = { min: 0, max: 2 * 86_400_000 }
/** A version's row must stay small beside its neighbours: beyond this a file is faster anyway. */
const INLINE_BYTES = { min: 0, max: 1024 * 1024 }
/** S3's ceiling for one PUT is 5 GiB; more would still be sound. */
const PUT_BYTES = { min: 1, max: 5 * 1024 ** 4 }
/** Ceph's rule: 0 is any number, a negative number none at all. */
const USER_BUCKETS = { min: -1, max: 1_000_000 }
/** More than a machine has processors for; and each of them has a process of its own. */
const RENDERERS = { min: 1, max: 64 }
/** Unless the configuration asks for more: each may take images.memoryBytes. */
const RENDERERS_BY_DEFAULT_MAX = 4
/** Nobody waits for the thousandth picture before his own. */
const WAITING_RENDERS = { min: 0, max: 10_000 }
/** Below this not even a process without a picture fits. */
const RENDERER_BYTES = { min: 256 * 1024 ** 2, max: 64 * 1024 ** 3 }
const CACHE_BYTES = { min: 0, max: Number.MAX_SAFE_INTEGER }
const QUOTA = { min: 0, max: Number.MAX_SAFE_INTEGER }

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
    restore: finished(reader.mapping('restore'), (part) => ({ delayMs: part.integer('delayMs', RESTORE_MS) })),
    chunks: finished(reader.mapping('chunks'), (part) => ({
      classes: part.named('classes', STORAGE_CLASSES, (item) => ({ dir: item.text('dir') })),
    })),
    keys: readKeys(reader.mapping('keys')),
    topics: finished(reader.mapping('topics'), (part) => ({
      http: finished(part.mapping('http'), (http) => ({
        allow: http.texts('allow', network),
        deny: http.texts('deny', network),
      })),
      create: part.mappings('create', readTopic),
    })),
    images: readImages(reader.mapping('images')),
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
  return finished(part, () => {
    const host = part.has('host') ? part.text('host', hostName) : serverHost
    return { host, port: part.integer('port', PORTS), control: part.flag('control', isLoopback(host)) }
  })
}

function readImages(part: Reader): Config['images'] {
  return finished(part, () => ({
    concurrency: part.has('concurrency') ? part.integer('concurrency', RENDERERS) : renderersByDefault(),
    queueMax: part.integer('queueMax', WAITING_RENDERS),
    timeoutMs: part.integer('timeoutMs', WAIT_MS),
    memoryBytes: part.integer('memoryBytes', RENDERER_BYTES),
    cacheBytes: part.integer('cacheBytes', CACHE_BYTES),
  }))
}

/** A picture of 250 million pixels takes seconds of a processor: one of them is left for everything else. */
export function renderersByDefault(): number {
  return Math.min(Math.max(availableParallelism() - 1, RENDERERS.min), RENDERERS_BY_DEFAULT_MAX)
}

function readKey(part: Reader): { accessKey: string; secretKey: Secret } {
  return { accessKey: part.text('accessKey', keyText), secretKey: new Secret(part.text('secretKey')) }
}

function readUser(part: Reader): UserConfig {
  const id = part.text('id', userId)
  return {
    id,
    tenant: part.has('tenant') ? part.text('tenant', tenantName) : '',
    displayName: part.optionalText('displayName') ?? id,
    email: part.optionalText('email'),
    suspended: part.flag('suspended', false),
    maxBuckets: part.has('maxBuckets') ? part.integer('maxBuckets', USER_BUCKETS) : MAX_BUCKETS_DEFAULT,
    caps: (part.has('caps') ? parseCapabilities(part.text('caps', capabilities)) : undefined) ?? NO_CAPABILITIES,
    quota: readQuota(part, 'quota'),
    bucketQuota: readQuota(part, 'bucketQuota'),
    keys: part.mappings('keys', readKey),
  }
}

function readQuota(user: Reader, key: 'quota' | 'bucketQuota'): QuotaConfig | undefined {
  if (!user.has(key)) return undefined
  return finished(user.mapping(key), (part) => ({
    enabled: true as const,
    maxBytes: part.has('maxBytes') ? part.integer('maxBytes', QUOTA) : undefined,
    maxObjects: part.has('maxObjects') ? part.integer('maxObjects', QUOTA) : undefined,
  }))
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
  // The second one stands for callers without a key.
  const ids = new Set([ROOT_ID, 'anonymous'])
  const emails = new Set<string>()
  const keys = new Set([config.root.accessKey])
  for (const [index, user] of config.users.entries()) {
    const name = fullUserId({ tenant: user.tenant, uid: user.id })
    if (ids.has(name)) problems.push(`users[${index}].id: there is another user ${name}`)
    ids.add(name)
    const email = user.email?.toLowerCase()
    if (email !== undefined && emails.has(email)) problems.push(`users[${index}].email: ${email} is used twice`)
    if (email !== undefined) emails.add(email)
    if (user.keys.length === 0) problems.push(`users[${index}].keys: a user needs a key`)
    for (const [place, { accessKey }] of user.keys.entries()) {
      if (keys.has(accessKey)) problems.push(`users[${index}].keys[${place}].accessKey: ${accessKey} is used twice`)
      keys.add(accessKey)
    }
  }
  for (const [index, { owner }] of config.buckets.entries()) {
    if (owner !== undefined && !ids.has(owner)) problems.push(`buckets[${index}].owner: there is no user ${owner}`)
  }
  problems.push(...topicProblems(config, ids), ...sharedFolders(config))
  const { server, admin } = config
  if (server.port !== 0 && server.port === admin.port && server.host === admin.host) {
    problems.push(`admin.port: ${admin.port} is the server's port`)
  }
  return problems
}

/**
 * Folders of which one lies in another, or is another: each store takes what it does not know in its own for rubbish.
 */
function sharedFolders({ dataDir, chunks }: Config): string[] {
  const folders = [...chunks.classes].map(([name, { dir }]) => ({
    path: `chunks.classes.${name}.dir`,
    dir: resolve(chunksFolder(dir)),
  }))
  const problems: string[] = []
  for (const [index, { path, dir }] of folders.entries()) {
    const home = { path: 'dataDir', dir: resolve(chunksFolder(dataDir)) }
    const other = [home, ...folders.slice(0, index)].find((one) => isWithin(dir, one.dir) || isWithin(one.dir, dir))
    if (other !== undefined) problems.push(`${path}: the folder of ${other.path} is the same, or one lies in the other`)
  }
  return problems
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function hostName(value: string): string | undefined {
  return /^[\w.:[\]-]+$/.test(value) ? undefined : `${value} is no host name`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(host)
}

function plainWord(value: string): string | undefined {
  return /^[\w.@+-]+$/.test(value) ? undefined : 'expected letters, digits and . _ @ + -'
}

function userId(value: string): string | undefined {
  return isUserId(value) ? undefined : 'expected letters, digits and . _ @ + -'
}

function tenantName(value: string): string | undefined {
  return isTenantName(value) ? undefined : 'expected letters, digits and _'
}

function keyText(value: string): string | undefined {
  return isAccessKey(value) ? undefined : 'expected letters, digits and . _ @ + $ = -'
}

function capabilities(value: string): string | undefined {
  return parseCapabilities(value) === undefined
    ? "expected Ceph's capabilities, such as users=*;buckets=read"
    : undefined
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
