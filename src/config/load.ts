import { existsSync, readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import { DEFAULTS, type PartialConfig, type PlainConfig } from './defaults.ts'
import { CONFIG_VARIABLE, readEnvironment } from './env.ts'
import { merge } from './paths.ts'
import { ConfigError } from './reader.ts'
import { readConfig } from './schema.ts'

/** Read when nobody names another file. */
const DEFAULT_FILE = './cozos.yaml'

export interface Sources {
  /** The file that the command line names. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags: PartialConfig
}

/**
 * Defaults ← file ← environment ← flags.
 * @throws ConfigError with a line for every unknown key and impossible value
 */
export async function loadConfig(sources: Sources): Promise<Config> {
  const problems: string[] = []
  const fromFile = await readFile(configFile(sources), problems)
  const fromEnvironment = readEnvironment(sources.env, problems)
  const merged = [fromFile, fromEnvironment, sources.flags].reduce<unknown>(merge, DEFAULTS) as PlainConfig
  try {
    const config = readConfig(merged)
    if (problems.length === 0) return config
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    problems.push(...cause.problems)
  }
  throw new ConfigError(problems)
}

/** The config file that is read, if any: the one that is named, or the one that lies there. */
export function configFile({ file, env }: Pick<Sources, 'file' | 'env'>): string | undefined {
  const named = file ?? (env[CONFIG_VARIABLE] || undefined)
  return named ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined)
}

async function readFile(path: string | undefined, problems: string[]): Promise<unknown> {
  if (path === undefined) return undefined
  try {
    // A file of nothing but comments is a config that changes nothing.
    const content: unknown = (await parseYaml(readFileSync(path, 'utf8'))) ?? undefined
    if (content === undefined || (typeof content === 'object' && !Array.isArray(content))) return content
    problems.push(`${path}: expected a mapping, as in config.example.yaml`)
    return undefined
  } catch (cause) {
    problems.push(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`)
    return undefined
  }
}

/** @throws Error that says what is wrong, and where, without a word of the text: a secret may stand there */
async function parseYaml(text: string): Promise<unknown> {
  // Loaded only where there is a file: the parser would cost every start some milliseconds.
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  try {
    // What it would only warn of is a word that it cannot read as it stands there, such as a tag.
    for (const wrong of [...document.errors, ...document.warnings]) throw wrong
    return document.toJS()
  } catch (cause) {
    throw new Error(withoutSource(cause instanceof Error ? cause.message : String(cause)))
  }
}

/** The parser names the word that is wrong behind a colon, and quotes its line. */
function withoutSource(message: string): string {
  const [first = ''] = message.split('\n')
  const place = / at line \d+, column \d+(?=:?$)/.exec(first)?.[0] ?? ''
  const what = place === '' ? first : first.slice(0, first.lastIndexOf(place))
  return `${what.replace(/(?<=\S): .*$/, '')}${place}`
}
