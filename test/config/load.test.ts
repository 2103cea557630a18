import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import type { PartialConfig } from '../../src/config/defaults.ts'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError } from '../../src/config/reader.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-config-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true, force: true })
})

interface Given {
  readonly yaml?: string
  readonly env?: Record<string, string>
  readonly flags?: PartialConfig
}

async function load({ yaml = '', env = {}, flags = {} }: Given): Promise<Config> {
  const file = join(dir, 'config.yaml')
  await writeFile(file, yaml)
  return loadConfig({ file, env, flags })
}

async function problems(given: Given): Promise<readonly string[]> {
  const cause = await load(given).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (cause instanceof ConfigError) return cause.problems
  throw new Error('expected a ConfigError', { cause })
}

describe('the sources', () => {
  it('are defaults, then the file, then the environment, then the flags', async () => {
    const yaml = 'server: { port: 1001 }\nregion: file\ndialect: aws'
    const env = { COZOS_REGION: 'env', COZOS_DIALECT: 'rgw' }
    const flags = { dialect: 'ibm-cos' }
    const config = await load({ yaml, env, flags })
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 1001 })
    expect(config.region).toBe('env')
    expect(config.dialect).toBe('ibm-cos')
  })

  it('may be the file that COZOS_CONFIG names', async () => {
    const file = join(dir, 'named.yaml')
    await writeFile(file, 'region: named')
    expect((await loadConfig({ env: { COZOS_CONFIG: file }, flags: {} })).region).toBe('named')
  })

  it('name a file that is missing or no YAML', async () => {
    const missing = join(dir, 'missing.yaml')
    await expect(loadConfig({ file: missing, env: {}, flags: {} })).rejects.toThrow(`${missing}: ENOENT`)
    expect((await problems({ yaml: 'server: [' }))[0]).toContain('config.yaml: ')
    // A line of the file may hold a secret, and is not quoted.
    for (const yaml of ['a: "hush', 'a: "hush"hush', 'a: |hush', 'a: !hush b', 'a: *hush', 'a: [hush', 'a: "\\hush"']) {
      const printed = (await problems({ yaml })).join()
      expect(printed).toMatch(/config\.yaml: \w/)
      expect(printed).not.toContain('hush')
    }
    // One line, not one for every setting that a list does not have.
    expect(await problems({ yaml: '- server' })).toEqual([expect.stringContaining('config.yaml: expected a mapping')])
  })

  it('may hold sections of nothing but comments', async () => {
    const config = await load({ yaml: 'server:\n  # port: 1\nlimits:\nusers:\ndialect: aws' })
    expect(config).toMatchObject({ server: { port: 7480, tls: undefined }, users: [], dialect: 'aws' })
    expect(await problems({ yaml: 'dialect:' })).toEqual(['dialect: expected one of zos, rgw, aws, ibm-cos'])
  })

  it.each([
    ['COZOS_HOST', '0.0.0.0', (config: Config) => config.server.host, '0.0.0.0'],
    ['COZOS_PORT', '7000', (config: Config) => config.server.port, 7000],
    ['COZOS_ADMIN_HOST', '::1', (config: Config) => config.admin.host, '::1'],
    ['COZOS_ADMIN_PORT', '7001', (config: Config) => config.admin.port, 7001],
    ['COZOS_ADMIN_CONTROL', 'false', (config: Config) => config.admin.control, false],
    ['COZOS_DATA_DIR', '/data', (config: Config) => config.dataDir, '/data'],
    ['COZOS_DIALECT', 'aws', (config: Config) => config.dialect, 'aws'],
    ['COZOS_REGION', 'eu-1', (config: Config) => config.region, 'eu-1'],
    ['COZOS_DURABILITY', 'relaxed', (config: Config) => config.durability, 'relaxed'],
    ['COZOS_LOG_LEVEL', 'debug', (config: Config) => config.logLevel, 'debug'],
    ['COZOS_DOMAINS', 'a.test, b.test', (config: Config) => config.domains, ['a.test', 'b.test']],
    ['COZOS_WEBSITE_DOMAINS', 'w.test', (config: Config) => config.websiteDomains, ['w.test']],
    ['COZOS_ROOT_ACCESS_KEY', 'other', (config: Config) => config.root.accessKey, 'other'],
    ['COZOS_ROOT_SECRET_KEY', 'hush', (config: Config) => config.root.secretKey.reveal(), 'hush'],
    ['COZOS_BUCKETS', 'one,two', (config: Config) => config.buckets.map(({ name }) => name), ['one', 'two']],
    ['COZOS_LIFECYCLE_DAY_MS', '1000', (config: Config) => config.lifecycle.dayMs, 1000],
    ['COZOS_RESTORE_DELAY_MS', '0', (config: Config) => config.restore.delayMs, 0],
    ['COZOS_TRUSTED_PROXIES', '10.0.0.0/8', (config: Config) => config.server.trustedProxies, ['10.0.0.0/8']],
    ['COZOS_PUBLIC_HOSTS', 's3.example', (config: Config) => config.server.publicHosts, ['s3.example']],
  ])('read %s', async (name, value, of, expected) => {
    expect(of(await load({ env: { [name]: value } }))).toEqual(expected)
  })

  it('pass over what Kubernetes says about a service of this name, and over empty variables', async () => {
    const env = {
      COZOS_PORT: 'tcp://10.0.0.1:7480',
      COZOS_SERVICE_HOST: '10.0.0.1',
      COZOS_SERVICE_PORT_S3: '7480',
      COZOS_PORT_7480_TCP_ADDR: '10.0.0.1',
      COZOS_ADMIN_PORT: 'tcp://10.0.0.2:7481',
      COZOS_ADMIN_SERVICE_HOST: '10.0.0.2',
      COZOS_HEADLESS_PORT: 'tcp://10.0.0.3:7480',
      COZOS_HEADLESS_PORT_7480_TCP: 'tcp://10.0.0.3:7480',
      COZOS_REGION: '',
    }
    expect(await load({ env })).toMatchObject({ server: { port: 7480 }, admin: { port: 7481 }, region: 'default' })
    expect(await problems({ env: { COZOS_HEADLESS_PORT: '7480' } })).toEqual([
      'COZOS_HEADLESS_PORT: unknown environment variable',
    ])
    expect(await problems({ env: { COZOS_REGOIN: 'x' } })).toEqual(['COZOS_REGOIN: unknown environment variable'])
  })
})

describe('pictures at a time', () => {
  it('leave a processor to everything else, unless the configuration says how many', async () => {
    const { images } = await load({})
    expect(images.concurrency).toBe(Math.min(Math.max(availableParallelism() - 1, 1), 4))
    expect((await load({ yaml: 'images: { concurrency: 7 }' })).images.concurrency).toBe(7)
  })
})

describe('a config', () => {
  it('is refused with a line for every problem', async () => {
    const yaml = 'server: { prot: 1, port: 70000 }\ndialect: gcs\nlogLevle: info'
    expect(await problems({ yaml, env: { COZOS_LIFECYCLE_DAY_MS: 'long' } })).toEqual([
      'server.port: expected a whole number from 0 to 65535',
      'server.prot: unknown key',
      'dialect: expected one of zos, rgw, aws, ibm-cos',
      'lifecycle.dayMs: expected a whole number from 1 to 86400000',
      'logLevle: unknown key',
    ])
  })

  it.each([
    ['users: [{ id: a, keys: [] }]', 'users[0].keys: a user needs a key'],
    [
      'users: [{ id: a, keys: [{ accessKey: cozos, secretKey: s }] }]',
      'users[0].keys[0].accessKey: cozos is used twice',
    ],
    ['users: [{ id: cozos, keys: [{ accessKey: a, secretKey: s }] }]', 'users[0].id: there is another user cozos'],
    ['users: [{ id: anonymous, keys: [] }]', 'users[0].id: there is another user anonymous'],
    [
      'users: [{ id: a, caps: frobs=read, keys: [] }]',
      "users[0].caps: expected Ceph's capabilities, such as users=*;buckets=read",
    ],
    ['users: [{ id: a, quota: { maxObject: 1 }, keys: [] }]', 'users[0].quota.maxObject: unknown key'],
    ['users: [{ id: a, bucketQuota: 5, keys: [] }]', 'users[0].bucketQuota: expected a mapping'],
    [
      'users: [{ id: a, quota: { maxBytes: -1 }, keys: [] }]',
      'users[0].quota.maxBytes: expected a whole number from 0 to 9007199254740991',
    ],
    ['users: [{ id: a, maxBuckets: -2, keys: [] }]', /^users\[0\]\.maxBuckets: expected a whole number from -1 to /],
    [
      'users: [{ id: a, email: a@x.org, keys: [] }, { id: b, email: A@x.org, keys: [] }]',
      'users[1].email: a@x.org is used twice',
    ],
    ['users: {}', 'users: expected a list'],
    ['buckets: [{ name: A }]', /^buckets\[0\]\.name: A is no bucket name: /],
    ['buckets: [{ name: a..b }]', /^buckets\[0\]\.name: a\.\.b is no bucket name: /],
    ['buckets: [{ name: 10.0.0.1 }]', /^buckets\[0\]\.name: 10\.0\.0\.1 is no bucket name: /],
    ['root: { secretKey: 12345 }', 'root.secretKey: expected a text: put the number in quotes'],
    ['buckets: [{ name: abc, owner: nobody }]', 'buckets[0].owner: there is no user nobody'],
    [
      'buckets: [{ name: abc, objectLock: true, versioning: suspended }]',
      'buckets[0].versioning: a bucket with objectLock is always versioned: expected enabled',
    ],
    ['server: { trustedProxies: [10.0.0.0/33] }', /^server\.trustedProxies\[0\]: 10\.0\.0\.0\/33 is neither/],
    ['server: { tls: { cert: a } }', 'server.tls.key: expected a text that is not empty'],
    ['admin: { port: 7480 }', "admin.port: 7480 is the server's port"],
    ['admin: { control: yes please }', 'admin.control: expected true or false'],
    ['server: 5', 'server: expected a mapping'],
    ['root: { accessKey: a/b }', /^root\.accessKey: /],
    ['restore: { delayMs: -1 }', 'restore.delayMs: expected a whole number from 0 to 172800000'],
    ['images: { concurrency: 0 }', 'images.concurrency: expected a whole number from 1 to 64'],
    ['images: { memoryBytes: 1000 }', 'images.memoryBytes: expected a whole number from 268435456 to 68719476736'],
    ['images: { cacheBytes: -1 }', 'images.cacheBytes: expected a whole number from 0 to 9007199254740991'],
    ['images: { quality: 80 }', 'images.quality: unknown key'],
    ['topics: { http: { deny: [metadata] } }', /^topics\.http\.deny\[0\]: metadata is neither/],
    ['topics: { kafka: {} }', 'topics.kafka: unknown key'],
    ['topics: { create: [{ attributes: {} }] }', 'topics.create[0].name: expected a text that is not empty'],
    ['topics: { create: [{ name: t, owner: nobody }] }', 'topics.create[0].owner: there is no user nobody'],
    ['topics: { create: [{ name: t }, { name: t }] }', 'topics.create[1].name: topics.create[0] is the same topic'],
    ['topics: { create: [{ name: t, endpoint: x }] }', 'topics.create[0].endpoint: unknown key'],
    ['topics: { create: [{ name: t, attributes: [] }] }', 'topics.create[0].attributes: expected a mapping'],
    [
      'topics: { create: [{ name: t, attributes: { password: 0123 } }] }',
      'topics.create[0].attributes.password: expected a text: put the number in quotes',
    ],
    [
      'topics: { create: [{ name: t, attributes: { user-name: } }] }',
      'topics.create[0].attributes.user-name: expected a text',
    ],
    ['chunks: { dir: /cold }', 'chunks.dir: unknown key'],
    ['chunks: { classes: { COLD: { dir: /cold } } }', 'chunks.classes.COLD: unknown key'],
    ['chunks: { classes: { GLACIER: /cold } }', 'chunks.classes.GLACIER: expected a mapping'],
    ['chunks: { classes: { GLACIER: {} } }', 'chunks.classes.GLACIER.dir: expected a text that is not empty'],
    ['chunks: { classes: { GLACIER: { dir: /cold, mode: 1 } } }', 'chunks.classes.GLACIER.mode: unknown key'],
    [
      'chunks: { classes: { GLACIER: { dir: ./data } } }',
      'chunks.classes.GLACIER.dir: the folder of dataDir is the same, or one lies in the other',
    ],
    [
      'dataDir: /d\nchunks: { classes: { GLACIER: { dir: /d/chunks/cold } } }',
      'chunks.classes.GLACIER.dir: the folder of dataDir is the same, or one lies in the other',
    ],
    [
      'chunks: { classes: { GLACIER: { dir: /cold }, DEEP_ARCHIVE: { dir: /cold/./ } } }',
      'chunks.classes.DEEP_ARCHIVE.dir: the folder of chunks.classes.GLACIER.dir is the same, or one lies in the other',
    ],
  ])('with %s is refused', async (yaml, problem) => {
    const expected = typeof problem === 'string' ? problem : expect.stringMatching(problem)
    expect(await problems({ yaml })).toContainEqual(expected)
  })

  it('names the folders of storage classes, which may lie beside each other', async () => {
    const { chunks } = await load({
      yaml: 'dataDir: /d\nchunks: { classes: { DEEP_ARCHIVE: { dir: /d/deep }, GLACIER: { dir: /d/cold } } }',
    })
    expect(Object.fromEntries(chunks.classes)).toEqual({
      GLACIER: { dir: '/d/cold' },
      DEEP_ARCHIVE: { dir: '/d/deep' },
    })
    expect((await load({})).chunks.classes.size).toBe(0)
  })

  it('fills in what users and buckets leave out', async () => {
    const yaml = `
users: [{ id: alice, tenant: t, keys: [{ accessKey: A, secretKey: s }] }]
buckets: [{ name: plain }, { name: locked, objectLock: true }]`
    const { users, buckets } = await load({ yaml })
    expect(users[0]).toMatchObject({ tenant: 't', displayName: 'alice', suspended: false, maxBuckets: 1000 })
    expect(users[0]).toMatchObject({ quota: undefined, bucketQuota: undefined })
    expect(users[0]?.caps.size).toBe(0)
    expect(buckets[0]).toEqual({ name: 'plain', owner: undefined, versioning: 'off', objectLock: false })
    expect(buckets[1]).toMatchObject({ versioning: 'enabled', objectLock: true })
  })

  it("reads topics' attributes, all of which may be secret", async () => {
    const config = await load({
      yaml: `
users: [{ id: alice, tenant: t, keys: [{ accessKey: A, secretKey: s }] }]
topics:
  create:
    - { name: same, attributes: { push-endpoint: "kafka://u:hush@host", persistent: true, OpaqueData: "" } }
    - { name: same, owner: t$alice }`,
    })
    const [first, second] = config.topics.create
    const revealed = Object.entries(first?.attributes ?? {}).map(([name, value]) => [name, value.reveal()])
    expect(revealed).toEqual([
      ['push-endpoint', 'kafka://u:hush@host'],
      ['persistent', 'true'],
      ['OpaqueData', ''],
    ])
    expect(second).toEqual({ name: 'same', owner: 't$alice', attributes: {} })
    expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}`).not.toContain('hush')
    expect((await load({})).topics.create).toEqual([])
  })

  it('reads capabilities and quotas', async () => {
    const { users } = await load({
      yaml: `
users:
  - { id: a, caps: "users=*;buckets=read", quota: { maxObjects: 2 }, bucketQuota: { maxBytes: 9 }, maxBuckets: -1,
      keys: [{ accessKey: A, secretKey: s }] }`,
    })
    expect([...(users[0]?.caps ?? [])]).toEqual([
      ['users', '*'],
      ['buckets', 'read'],
    ])
    expect(users[0]).toMatchObject({
      quota: { enabled: true, maxObjects: 2, maxBytes: undefined },
      bucketQuota: { enabled: true, maxObjects: undefined, maxBytes: 9 },
      maxBuckets: -1,
    })
  })

  it('serves the control API where only this machine can reach it, unless it says otherwise', async () => {
    const control = async (yaml: string) => (await load({ yaml })).admin.control
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', "'::1'"]) {
      expect(await control(`server: { host: ${host} }`)).toBe(true)
    }
    for (const host of ['0.0.0.0', "'::'", '192.168.0.1', 'localhost.example.com', '127.0.0.1.example.com']) {
      expect(await control(`server: { host: ${host} }`)).toBe(false)
    }
    expect(await control('server: { host: 0.0.0.0 }\nadmin: { host: 127.0.0.1 }')).toBe(true)
    expect(await control('admin: { host: 0.0.0.0 }')).toBe(false)
    expect(await control('admin: { host: 0.0.0.0, control: true }')).toBe(true)
    expect(await control('admin: { control: false }')).toBe(false)
  })

  it('listens for the admin where the server listens, unless it says otherwise', async () => {
    expect((await load({ yaml: 'server: { host: 0.0.0.0 }' })).admin.host).toBe('0.0.0.0')
    expect((await load({ yaml: 'server: { host: 0.0.0.0 }\nadmin: { host: 127.0.0.1 }' })).admin.host).toBe('127.0.0.1')
  })

  it('is frozen and does not print secrets', async () => {
    const config = await load({ yaml: 'root: { secretKey: tell-nobody }' })
    expect(Object.isFrozen(config.server)).toBe(true)
    expect(Object.isFrozen(config.users)).toBe(true)
    expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}${config.root.secretKey}`).not.toContain(
      'tell-nobody',
    )
    expect(config.root.secretKey.reveal()).toBe('tell-nobody')
  })
})
