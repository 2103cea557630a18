import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { hostOf } from './cli/address.ts'
import { nounOf, runCommand } from './cli/nouns.ts'
import type { Config } from './config/config.ts'
import { DEFAULTS } from './config/defaults.ts'
import { type CommandLine, HELP, readFlags } from './config/flags.ts'
import { configFile, loadConfig } from './config/load.ts'
import { ConfigError } from './config/reader.ts'
import type { RunningServer } from './server.ts'

/** The exit code of a command line or configuration that cannot be used. */
const EXIT_USAGE = 2
const EXIT_FAILURE = 1
/** As shells report a process that SIGINT or SIGTERM ended. */
const EXIT_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

const OTHER_PORT = 'choose another with --port or --admin-port, or COZOS_PORT or COZOS_ADMIN_PORT'
const OTHER_HOST = 'choose another with --host or --admin-host, or COZOS_HOST or COZOS_ADMIN_HOST'
/** What to do where an address cannot be listened on, by the system call and its error. */
const LISTEN_ADVICE: Readonly<Record<string, string>> = {
  'listen EADDRINUSE': `stop what listens there (another cozos?), or ${OTHER_PORT}`,
  'listen EACCES': `the system keeps this port for itself: ${OTHER_PORT}`,
  'listen EADDRNOTAVAIL': `this machine has no such address: ${OTHER_HOST}`,
  'getaddrinfo ENOTFOUND': `this host name has no address: ${OTHER_HOST}`,
}

/** The command line. Resolves once the server listens, or once there is nothing more to do. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    if (nounOf(args) !== undefined) return await runCommand(args, { env: process.env, print })
    await dispatch(readFlags(args))
  } catch (cause) {
    const lines = cause instanceof ConfigError ? cause.problems : [describe(cause)]
    for (const line of lines) process.stderr.write(`cozos: ${line}\n`)
    process.exitCode = cause instanceof ConfigError ? EXIT_USAGE : EXIT_FAILURE
  }
}

async function dispatch({ command, file, settings }: CommandLine): Promise<void> {
  if (command === 'help') return print(HELP)
  if (command === 'version') return print(`cozos ${version()}\n`)
  const config = await loadConfig({ file, env: process.env, flags: settings })
  const used = configFile({ file, env: process.env })
  if (command === 'check-config') {
    const { checkForDialect } = await import('./cli/check-config.ts')
    checkForDialect(config)
    return print(`The configuration is sound (${used ?? 'no file'}).\n`)
  }
  // Loaded only now, so that the commands above answer soon.
  const { startServer } = await import('./server.ts')
  const server = await startServer(config)
  // In this order: whoever reads that it serves may send the signal at once.
  stopOnSignal(server)
  announce(banner(config, server, used))
}

/** The first signal stops gracefully; the second one does not wait. */
function stopOnSignal(server: RunningServer): void {
  let stopping = false
  const stop = (signal: keyof typeof EXIT_SIGNAL): void => {
    if (stopping) process.exit(EXIT_SIGNAL[signal])
    stopping = true
    server.close().then(
      () => process.exit(0),
      (cause: unknown) => {
        process.stderr.write(`cozos: ${describe(cause)}\n`)
        process.exit(EXIT_FAILURE)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/**
 * Where the server is and how to talk to it. The default secret is public anyway; a configured one is never printed.
 */
function banner(config: Config, { s3, s3Tls, admin }: RunningServer, file: string | undefined): string {
  const { accessKey, secretKey } = config.root
  const isDefault = secretKey.reveal() === DEFAULTS.root.secretKey
  const secret = isDefault ? DEFAULTS.root.secretKey : '<the configured secret key>'
  const endpoint = `http://${hostOf(s3.host)}:${s3.port}`
  const lines = [
    `cozos ${version()} serves S3 (dialect ${config.dialect}) at ${endpoint}, data in ${resolve(config.dataDir)}`,
    ...(s3Tls === undefined ? [] : [`  and at https://${hostOf(s3Tls.host)}:${s3Tls.port}`]),
    `  health, metrics and admin API: http://${hostOf(admin.host)}:${admin.port}`,
    ...(file === undefined ? [] : [`  configuration: ${file}`]),
    `  root access key: ${accessKey}`,
    `  root secret key: ${isDefault ? `${secret} (the default: change it before others can connect)` : secret}`,
    'Try it:',
    `  export AWS_ACCESS_KEY_ID=${accessKey} AWS_SECRET_ACCESS_KEY='${secret}' AWS_DEFAULT_REGION=us-east-1`,
    `  aws --endpoint-url ${endpoint} s3 mb s3://my-bucket`,
    '',
  ]
  return lines.join('\n')
}

function version(): string {
  // One folder up both from src/ and from dist/.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const advice = 'code' in cause && 'syscall' in cause ? LISTEN_ADVICE[`${cause.syscall} ${cause.code}`] : undefined
  return advice === undefined ? cause.message : `${cause.message}; ${advice}`
}

/** Standard output bears the log where a program reads it; plain lines go beside it then. */
function announce(text: string): void {
  const isForPeople = process.stdout.isTTY || process.env['npm_lifecycle_event'] === 'start'
  ;(isForPeople ? process.stdout : process.stderr).write(text)
}

function print(text: string): void {
  process.stdout.write(text)
}
