import { type KeysConfig, Secret, type VaultConfig } from './config.ts'
import type { Reader } from './reader.ts'

const VAULT_TIMEOUT_MS = 5_000
/** A request of a client waits for it. */
const TIMEOUT_RANGE_MS = { min: 1, max: 60_000 }

export function readKeys(part: Reader): KeysConfig {
  const provider = part.oneOf('provider', ['local', 'vault'])
  const vault = part.has('vault') ? readVault(part.mapping('vault')) : undefined
  if (provider === 'vault' && vault === undefined) {
    part.problem('vault', 'the provider vault needs an address and a token', undefined)
  }
  const keys: KeysConfig = {
    provider,
    kms: part.mappings('kms', (key) => ({ id: key.text('id'), disabled: key.flag('disabled', false) })),
    autoCreate: part.flag('autoCreate', true),
    customerKeysNeedTls: part.flag('customerKeysNeedTls', false),
    vault,
  }
  part.finish()
  return keys
}

function readVault(part: Reader): VaultConfig {
  const vault: VaultConfig = {
    address: part.text('address', httpAddress).replace(/\/+$/, ''),
    token: new Secret(part.text('token', headerText)),
    mount: part.has('mount') ? part.text('mount', path) : 'transit',
    key: part.has('key') ? part.text('key', keyName) : 'cozos',
    namespace: part.has('namespace') ? part.text('namespace', headerText) : undefined,
    timeoutMs: part.has('timeoutMs') ? part.integer('timeoutMs', TIMEOUT_RANGE_MS) : VAULT_TIMEOUT_MS,
  }
  part.finish()
  return vault
}

function httpAddress(value: string): string | undefined {
  return /^https?:\/\//.test(value) && URL.canParse(value) ? undefined : 'expected an http:// or https:// address'
}

function path(value: string): string | undefined {
  return /^\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(value)
    ? undefined
    : 'expected the path that the transit engine is mounted at'
}

function keyName(value: string): string | undefined {
  return /^\w(?:[\w.-]*\w)?$/.test(value) ? undefined : 'expected letters, digits and _ . -'
}

/** The value is not repeated: it may be the token. */
function headerText(value: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(value) ? undefined : 'expected letters, digits and signs without blanks'
}
