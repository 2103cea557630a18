import { parseArgs } from 'node:util'
import { flagProblem, SETTINGS, settingsOf } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { ConfigError } from '../config/reader.ts'
import { BUCKET_COMMANDS } from './bucket.ts'
import { AdminClient } from './client.ts'
import type { Call, Command } from './command.ts'
import { KEY_COMMANDS } from './key.ts'
import { KEYRING_COMMANDS } from './keyring.ts'
import { USER_COMMANDS } from './user.ts'

/** What the commands are about. */
const NOUNS: Readonly<Record<string, readonly Command[]>> = {
  user: USER_COMMANDS,
  key: KEY_COMMANDS,
  bucket: BUCKET_COMMANDS,
  keyring: KEYRING_COMMANDS,
}

/** Where the noun is not one of many. */
const ABOUT: Readonly<Record<string, string>> = { keyring: 'the key ring' }

/** The flags of every command. */
const COMMON = { config: 'string', help: 'boolean', json: 'boolean' } as const

/**
 * The noun that a command line begins with, perhaps behind flags: `user` in `--config x.yaml user list`. Undefined
 * where it begins with something else.
 */
export function nounOf(args: readonly string[]): string | undefined {
  for (let place = 0; place < args.length; place += 1) {
    const word = args[place] ?? ''
    if (!word.startsWith('-')) return Object.hasOwn(NOUNS, word) ? word : undefined
    // A flag without `=` has its value behind it, except for those that have none.
    if (!word.includes('=') && Object.hasOwn({ ...SETTINGS, config: '' }, word.slice(2))) place += 1
  }
  return undefined
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  print(text: string): void
}

/**
 * Runs `cozos user|key|bucket|keyring …`: a request or some to the admin API of the running server.
 * @throws ConfigError for what is wrong with the command line or the configuration; CommandError
 */
export async function runCommand(args: readonly string[], { env, print }: Surroundings): Promise<void> {
  const noun = nounOf(args) ?? ''
  const commands = NOUNS[noun] ?? []
  const { values, positionals } = parse(args, noun, commands)
  const [, verb, ...words] = positionals
  if (values['help'] === true || verb === undefined) return print(helpOf(noun))
  const command = commands.find((one) => one.verb === verb)
  if (command === undefined) throw usage(`${noun} ${verb ?? ''}`.trim(), 'unknown command', noun)
  if (words.length !== command.words.length) {
    const expected = ['cozos', noun, command.verb, ...command.words].join(' ')
    throw usage(`${noun} ${command.verb}`, `expected ${expected}`, noun)
  }
  assertFlags(command, values, noun)
  const file = typeof values['config'] === 'string' ? values['config'] : undefined
  const config = await loadConfig({ file, env, flags: settingsOf(values) })
  const { json, text } = await command.run(new AdminClient(config), callOf(words, values))
  if (values['json'] !== true) print(text)
  else if (json !== undefined) print(`${JSON.stringify(json, undefined, 2)}\n`)
}

function parse(args: readonly string[], noun: string, commands: readonly Command[]) {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {}
  for (const flag of Object.keys(SETTINGS)) options[flag] = { type: 'string' }
  for (const [flag, type] of Object.entries(COMMON)) options[flag] = { type }
  options['help'] = { type: 'boolean', short: 'h' }
  for (const { flags } of commands) for (const [flag, { type }] of Object.entries(flags)) options[flag] = { type }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true }) as {
      values: Record<string, unknown>
      positionals: string[]
    }
  } catch (cause) {
    throw new ConfigError([`${flagProblem(cause)}; see cozos ${noun} --help`])
  }
}

/** A flag of one command is none of another's, although both are parsed alike. */
function assertFlags(command: Command, values: Readonly<Record<string, unknown>>, noun: string): void {
  for (const flag of Object.keys(values)) {
    if (Object.hasOwn(command.flags, flag) || Object.hasOwn(SETTINGS, flag) || Object.hasOwn(COMMON, flag)) continue
    throw usage(`--${flag}`, `${noun} ${command.verb} has no such flag`, noun)
  }
}

function usage(what: string, problem: string, noun: string): ConfigError {
  return new ConfigError([`${what}: ${problem}; see cozos ${noun} --help`])
}

function callOf(words: readonly string[], values: Readonly<Record<string, unknown>>): Call {
  return {
    words,
    text(flag) {
      const value = values[flag]
      return typeof value === 'string' ? value : undefined
    },
    isSet: (flag) => values[flag] === true,
  }
}

/** Where the flags' explanations begin. */
const FLAG_COLUMN = 30

/** What `cozos user --help` prints. */
export function helpOf(noun: string): string {
  const commands = (NOUNS[noun] ?? []).map(({ verb, words, help, flags }) => {
    const lines = Object.entries(flags).map(([flag, { value, help: says }]) => {
      const shown = `      --${flag}${value === undefined ? '' : ` ${value}`}`
      return `${shown.padEnd(FLAG_COLUMN)}  ${says}\n`
    })
    return `  ${[`cozos ${noun} ${verb}`, ...words].join(' ')}\n      ${help}\n${lines.join('')}`
  })
  return `cozos ${noun}: ${ABOUT[noun] ?? `${noun}s`} of the running server, through its admin port

${commands.join('\n')}
  --json prints what the server answered, for programs. --config, --admin-host and --admin-port say where the server is;
  requests are signed with the root key of the same configuration, or of COZOS_ROOT_ACCESS_KEY and
  COZOS_ROOT_SECRET_KEY.
`
}
