import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { DEFAULTS, type PartialConfig, type PlainConfig } from '../../src/config/defaults.ts'
import { readEnvironment } from '../../src/config/env.ts'
import { merge } from '../../src/config/paths.ts'
import { ConfigError } from '../../src/config/reader.ts'
import { readConfig } from '../../src/config/schema.ts'

const read = (keys: object) => readConfig(merge(DEFAULTS, { keys }) as PlainConfig).keys

function problems(keys: object): readonly string[] {
  try {
    read(keys)
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems
    throw cause
  }
  return []
}

const VAULT = { address: 'https://vault.example.com:8200/', token: 'hvs.token' }

describe('the section keys', () => {
  it('has a local ring by default, where any key may be named', () => {
    expect(read({})).toEqual({
      provider: 'local',
      kms: [],
      autoCreate: true,
      customerKeysNeedTls: false,
      vault: undefined,
    })
  })

  it('lists keys', () => {
    const kms = [{ id: 'a' }, { id: 'arn:aws:kms:r:1:key/b', disabled: true }]
    expect(read({ kms, autoCreate: false })).toMatchObject({
      kms: [
        { id: 'a', disabled: false },
        { id: 'arn:aws:kms:r:1:key/b', disabled: true },
      ],
      autoCreate: false,
    })
  })

  it('names a Vault, whose token does not print', () => {
    const { vault } = read({ provider: 'vault', vault: VAULT })
    expect(vault).toMatchObject({ address: 'https://vault.example.com:8200', mount: 'transit', key: 'cozos' })
    expect(vault).toMatchObject({ namespace: undefined, timeoutMs: 5000 })
    expect(vault?.token.reveal()).toBe('hvs.token')
    expect(inspect(vault, { depth: 9 }) + JSON.stringify(vault)).not.toContain('hvs.')
  })

  it('comes from the environment as well', () => {
    const found: string[] = []
    const env = {
      COZOS_KEYS_PROVIDER: 'vault',
      COZOS_KEYS_AUTO_CREATE: 'false',
      COZOS_VAULT_ADDRESS: 'http://127.0.0.1:8200',
      COZOS_VAULT_TOKEN: 'hvs.token',
      COZOS_VAULT_MOUNT: 'a/b',
      COZOS_VAULT_KEY: 'master',
      COZOS_VAULT_NAMESPACE: 'team',
    }
    const { keys = {} }: PartialConfig = readEnvironment(env, found)
    expect(found).toEqual([])
    const { vault, ...rest } = read(keys)
    expect(rest).toMatchObject({ provider: 'vault', autoCreate: false })
    expect(vault).toMatchObject({ address: 'http://127.0.0.1:8200', mount: 'a/b', key: 'master', namespace: 'team' })
  })

  it.each([
    [{ provider: 'kms' }, 'keys.provider: expected one of local, vault'],
    [{ provider: 'vault' }, 'keys.vault: the provider vault needs an address and a token'],
    [{ vault: { ...VAULT, address: 'vault:8200' } }, 'keys.vault.address: expected an http:// or https:// address'],
    [{ vault: { ...VAULT, token: 'a b' } }, 'keys.vault.token: expected letters, digits and signs without blanks'],
    [
      { vault: { ...VAULT, mount: '../sys' } },
      'keys.vault.mount: expected the path that the transit engine is mounted at',
    ],
    [
      { vault: { ...VAULT, mount: '/transit' } },
      'keys.vault.mount: expected the path that the transit engine is mounted at',
    ],
    [{ vault: { ...VAULT, key: 'a/b' } }, 'keys.vault.key: expected letters, digits and _ . -'],
    [{ vault: { ...VAULT, timeoutMs: 0 } }, 'keys.vault.timeoutMs: expected a whole number from 1 to 60000'],
    [{ vault: { ...VAULT, password: 'x' } }, 'keys.vault.password: unknown key'],
    [{ kms: [{ name: 'a' }] }, 'keys.kms[0].id: expected a text that is not empty'],
    [{ autoCreate: 'yes' }, 'keys.autoCreate: expected true or false'],
    [{ color: 'red' }, 'keys.color: unknown key'],
  ])('%j: %s', (keys, problem) => {
    expect(problems(keys)).toContain(problem)
    expect(problems(keys).join()).not.toContain('a b')
  })
})
