import type { PartialConfig } from './defaults.ts'
import { setPath } from './paths.ts'

type Read = (text: string) => unknown

/** A number that is none stays text, so that the schema names its path. */
const number: Read = (text) => (/^-?\d+$/.test(text) ? Number(text) : text)
const text: Read = (value) => value
const list: Read = (value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
const names: Read = (value) => (list(value) as string[]).map((name) => ({ name }))

/** A word that is neither stays text, so that the schema names its path. */
const flag: Read = (text) => (text === 'true' || text === 'false' ? text === 'true' : text)

/** The environment's names and the paths they set. */
export const VARIABLES = {
  COZOS_HOST: ['server.host', text],
  COZOS_PORT: ['server.port', number],
  COZOS_TLS_CERT: ['server.tls.cert', text],
  COZOS_TLS_KEY: ['server.tls.key', text],
  COZOS_TLS_PORT: ['server.tls.port', number],
  COZOS_TRUSTED_PROXIES: ['server.trustedProxies', list],
  COZOS_PUBLIC_HOSTS: ['server.publicHosts', list],
  COZOS_ADMIN_HOST: ['admin.host', text],
  COZOS_ADMIN_PORT: ['admin.port', number],
  COZOS_ADMIN_CONTROL: ['admin.control', flag],
  COZOS_DATA_DIR: ['dataDir', text],
  COZOS_DIALECT: ['dialect', text],
  COZOS_REGION: ['region', text],
  COZOS_DURABILITY: ['durability', text],
  COZOS_LOG_LEVEL: ['logLevel', text],
  COZOS_DOMAINS: ['domains', list],
  COZOS_WEBSITE_DOMAINS: ['websiteDomains', list],
  COZOS_ROOT_ACCESS_KEY: ['root.accessKey', text],
  COZOS_ROOT_SECRET_KEY: ['root.secretKey', text],
  COZOS_BUCKETS: ['buckets', names],
  COZOS_LIFECYCLE_DAY_MS: ['lifecycle.dayMs', number],
  COZOS_RESTORE_DELAY_MS: ['restore.delayMs', number],
  COZOS_KEYS_PROVIDER: ['keys.provider', text],
  COZOS_KEYS_AUTO_CREATE: ['keys.autoCreate', flag],
  COZOS_VAULT_ADDRESS: ['keys.vault.address', text],
  COZOS_VAULT_TOKEN: ['keys.vault.token', text],
  COZOS_VAULT_MOUNT: ['keys.vault.mount', text],
  COZOS_VAULT_KEY: ['keys.vault.key', text],
  COZOS_VAULT_NAMESPACE: ['keys.vault.namespace', text],
} as const satisfies Record<string, readonly [path: string, read: Read]>

/** Names the config file; read before everything else. */
export const CONFIG_VARIABLE = 'COZOS_CONFIG'

/**
 * Kubernetes and Docker links describe a service named `cozos` or `cozos-admin` in variables of these forms, COZOS_PORT
 * and COZOS_ADMIN_PORT among them (`tcp://10.0.0.1:7480`). They are about some other process, so they are passed over.
 */
const SERVICE_LINK = /^COZOS_(?:\w+_)?(?:SERVICE_(?:HOST|PORT)\w*|PORT_\d+_(?:TCP|UDP)\w*|NAME|ENV_\w+)$/
const LINKED_PORT = /^COZOS_(?:\w+_)?PORT$/

/** What the environment sets. Empty values set nothing. Unknown COZOS_ names are problems: they are mostly misspelt. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, problems: string[]): PartialConfig {
  const config: PartialConfig = {}
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('COZOS_') || value === undefined || value === '' || name === CONFIG_VARIABLE) continue
    if (SERVICE_LINK.test(name) || (LINKED_PORT.test(name) && value.includes('://'))) continue
    if (!isVariable(name)) {
      problems.push(`${name}: unknown environment variable`)
      continue
    }
    const [path, read] = VARIABLES[name]
    setPath(config, path, read(value))
  }
  return config
}

function isVariable(name: string): name is keyof typeof VARIABLES {
  return Object.hasOwn(VARIABLES, name)
}
