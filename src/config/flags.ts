import { parseArgs } from 'node:util'
import type { PartialConfig } from './defaults.ts'
import { setPath } from './paths.ts'
import { ConfigError } from './reader.ts'

/** The flags that set a value of the config, with its path. */
export const SETTINGS = {
  host: 'server.host',
  port: 'server.port',
  'admin-host': 'admin.host',
  'admin-port': 'admin.port',
  'data-dir': 'dataDir',
  dialect: 'dialect',
  region: 'region',
  durability: 'durability',
  'log-level': 'logLevel',
} as const

export interface CommandLine {
  readonly command: 'start' | 'check-config' | 'help' | 'version'
  /** The config file, if one was named. */
  readonly file: string | undefined
  readonly settings: PartialConfig
}

/**
 * The command line without the program's name.
 * @throws ConfigError for a flag or command that there is not
 */
export function readFlags(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args)
  const settings = settingsOf(values)
  const [command = 'start', ...rest] = positionals
  const unknown = command !== 'start' && command !== 'check-config' ? command : rest[0]
  if (unknown !== undefined) throw new ConfigError([`${unknown}: unknown command; see cozos --help`])
  const file = typeof values['config'] === 'string' ? values['config'] : undefined
  if (values['help'] === true) return { command: 'help', file, settings }
  if (values['version'] === true) return { command: 'version', file, settings }
  return { command: command as 'start' | 'check-config', file, settings }
}

/** The settings among the values of flags. */
export function settingsOf(values: Readonly<Record<string, unknown>>): PartialConfig {
  const settings: PartialConfig = {}
  for (const [flag, path] of Object.entries(SETTINGS)) {
    const value = values[flag]
    if (typeof value !== 'string') continue
    setPath(settings, path, path.endsWith('port') && /^\d+$/.test(value) ? Number(value) : value)
  }
  return settings
}

function parse(args: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    config: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  }
  for (const flag of Object.keys(SETTINGS)) options[flag] = { type: 'string' }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    throw new ConfigError([`${flagProblem(cause)}; see cozos --help`])
  }
}

/** What is wrong with a flag. Node adds advice about positional arguments, which is of no use here. */
export function flagProblem(cause: unknown): string {
  const [what = ''] = (cause instanceof Error ? cause.message : String(cause)).split(/\.\s/, 1)
  return what
}

export const HELP = `cozos: self-hosted, S3-compatible object storage

Usage
  cozos [start] [flags]          serve until a signal says stop
  cozos check-config [flags]     say what is wrong with the configuration, and exit
  cozos user|key|bucket ...      users, keys and buckets of the running server; see cozos user --help
  cozos keyring ...              its master key, and a new one; see cozos keyring --help
  cozos --help | --version

Flags (they win over the environment, which wins over the file)
  --config FILE        configuration file (COZOS_CONFIG; otherwise ./cozos.yaml if there is one)
  --host HOST          address to listen on (COZOS_HOST, 127.0.0.1)
  --port PORT          port of the S3 API, 0 for any (COZOS_PORT, 7480)
  --admin-host HOST    address of health, metrics and admin API (COZOS_ADMIN_HOST, as --host)
  --admin-port PORT    port of health, metrics and admin API, 0 for any (COZOS_ADMIN_PORT, 7481)
  --data-dir DIR       where everything is kept (COZOS_DATA_DIR, ./data)
  --dialect NAME       zos, rgw, aws or ibm-cos (COZOS_DIALECT, zos)
  --region NAME        region and default location (COZOS_REGION, default)
  --durability MODE    sync, or relaxed for throw-away data in CI (COZOS_DURABILITY, sync)
  --log-level LEVEL    fatal, error, warn, info, debug, trace or silent (COZOS_LOG_LEVEL, info)

The root key pair is set by COZOS_ROOT_ACCESS_KEY and COZOS_ROOT_SECRET_KEY.
config.example.yaml describes every setting.
`
