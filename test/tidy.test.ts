// The house rules that the linter does not know, as tests. Each one lists its offenders.
import { expect, test } from 'vitest'
import { isOperationName } from '../src/s3/bindings.ts'
import {
  filesBelow,
  functionsOf,
  importsOf,
  parametersOf,
  readSource,
  resolveImport,
  type SourceFile,
} from './support/sources.ts'

const LINE_MAX = 120
const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 60
const PARAMETERS_MAX = 3

/** A file imports its own room and rooms on lower floors; rooms of one floor do not import each other. */
const FLOORS: Readonly<Record<string, number>> = {
  'main.ts': 10,
  'cli.ts': 9,
  cli: 8,
  'server.ts': 7,
  server: 6,
  http: 5,
  operations: 4,
  jobs: 4,
  s3: 3,
  domain: 2,
  storage: 1,
  topics: 1,
  renderer: 1,
  config: 0,
  lib: 0,
  'errors.ts': 0,
}

/** The places that may import a package; a package that is not named here may be imported nowhere in src/. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  fastify: ['src/http/', 'src/server.ts'],
  'fast-xml-parser': ['src/s3/xml/parse.ts', 'src/s3/xml/build.ts'],
  'better-sqlite3': ['src/storage/metadata/sqlite/'],
  yaml: ['src/config/'],
  pino: ['src/lib/logger.ts', 'src/http/', 'src/server.ts', 'src/main.ts'],
  '@node-rs/crc32': ['src/lib/'],
  kafkajs: ['src/topics/kafka.ts'],
  amqplib: ['src/topics/rabbitmq.ts'],
  re2js: ['src/domain/notifications/key-pattern.ts'],
  sharp: ['src/renderer/sharp/'],
  fontkitten: ['src/renderer/text/font.ts'],
}

/** The composition root. */
const ROOT_PLACES = ['src/server.ts', 'src/server/']

/** Engines, which only the composition root may name. */
const ENGINES = [
  'src/storage/metadata/sqlite/',
  'src/storage/chunks/disk/',
  'src/storage/chunks/memory/',
  'src/storage/keys/local.ts',
  'src/storage/keys/vault.ts',
  'src/topics/http.ts',
  'src/topics/kafka.ts',
  'src/topics/rabbitmq.ts',
  'src/renderer/processes.ts',
  'src/renderer/sharp/',
]

/** Rooms of pure rules: they reach files, sockets and processes through ports only. */
const PURE = ['src/s3/', 'src/domain/', 'src/operations/']
const IMPURE_MODULES = /^node:(?:fs|http|https|child_process|worker_threads|dgram|tls)(?:\/|$)/

const sources = filesBelow('src', '.ts').map(readSource)
const tests = filesBelow('test', '.ts').map(readSource)
const benches = filesBelow('bench', '.ts').map(readSource)
const all = [...sources, ...tests, ...benches]

test('a file imports its own room and rooms on lower floors', () => {
  const offenders = pairs(sources, (file, specifier) => {
    if (!specifier.startsWith('.')) return false
    const from = roomOf(file.path)
    const to = roomOf(resolveImport(file, specifier))
    return from !== to && !(floorOf(to) < floorOf(from))
  })
  expect(offenders).toEqual([])
  const rooms = [...new Set(sources.map((file) => roomOf(file.path)))]
  expect(rooms.filter((room) => FLOORS[room] === undefined)).toEqual([])
})

test('a package is imported only in its room', () => {
  const offenders = pairs(sources, (file, specifier) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return false
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
    return !(PACKAGES[name]?.some((place) => file.path.startsWith(place)) ?? false)
  })
  expect(offenders).toEqual([])
})

test('only the composition root names concrete engines', () => {
  const offenders = pairs(sources, (file, specifier) => {
    if (!specifier.startsWith('.') || ROOT_PLACES.some((place) => file.path.startsWith(place))) return false
    const target = resolveImport(file, specifier)
    return ENGINES.some((engine) => target.startsWith(engine) && !file.path.startsWith(engine))
  })
  expect(offenders).toEqual([])
})

test('rules reach the outside through ports only', () => {
  const pure = sources.filter((file) => PURE.some((room) => file.path.startsWith(room)))
  expect(pairs(pure, (_file, specifier) => IMPURE_MODULES.test(specifier))).toEqual([])
})

test('no operation asks for the name of its dialect: what conflicts is a field of it', () => {
  const others = sources.filter((file) => PURE.some((room) => file.path.startsWith(room)))
  const askers = others.filter((file) => !file.path.startsWith('src/s3/dialects/'))
  expect(linesThat(askers, (line) => /\bdialect\.name\b/.test(line))).toEqual([])
})

test('relative imports name a file', () => {
  const isVague = (_file: SourceFile, specifier: string) =>
    specifier.startsWith('.') && !specifier.endsWith('.ts') && !specifier.endsWith('.json')
  expect(pairs(all, isVague)).toEqual([])
})

test('no line is longer than the limit', () => {
  // The formatter breaks code, but not strings.
  const isComment = (line: string) => /^\s*(?:\/\/|\/?\*)/.test(line)
  const isText = (line: string) => !isComment(line) && /(['"`])(?:(?!\1).){60,}/.test(line)
  expect(linesThat(all, (line) => line.length > LINE_MAX && !isText(line))).toEqual([])
})

test('no file is longer than the limit', () => {
  const long = all.filter((file) => file.lines.length > FILE_LINES_MAX + 1)
  expect(long.map((file) => `${file.path} ${file.lines.length - 1}`)).toEqual([])
})

test('no function is longer than the limit', () => {
  // A contract suite is a function so that every engine can run it.
  const files = all.filter((file) => !file.path.startsWith('test/contracts/'))
  const offenders = files.flatMap((file) =>
    functionsOf(file)
      .filter((found) => found.lines > FUNCTION_LINES_MAX)
      .map((found) => `${file.path}:${found.line} ${found.lines} lines: ${found.header.slice(0, 60)}`),
  )
  expect(offenders).toEqual([])
})

test('the rules about functions see them', () => {
  const body = '  x()\n'.repeat(FUNCTION_LINES_MAX)
  const text =
    `export function long(a: A, b: Map<B, C>, c: (d: D) => E) {\n${body}}\n` +
    `class K {\n  async method(a: A): Promise<void> {\n${body.replaceAll('  ', '    ')}  }\n}\n` +
    `const arrow = (\n  a: A,\n) => {\n${body}}\n` +
    'function four(a: A, b: B, { c }: C, ...d: D[]): void {\n}\nfunction none() {\n}\n' +
    `if (a) {\n${body}}\n`
  const file = { path: 'x.ts', text, lines: text.split('\n') }
  const lengths = functionsOf(file).map((found) => found.lines)
  expect(lengths).toEqual([FUNCTION_LINES_MAX + 2, FUNCTION_LINES_MAX + 2, FUNCTION_LINES_MAX + 4, 2, 2])
  expect(parametersOf(file)).toEqual([
    { name: 'long', count: 3 },
    { name: 'four', count: 4 },
    { name: 'none', count: 0 },
  ])
})

test('no function has more parameters than the limit', () => {
  const offenders = all.flatMap((file) =>
    parametersOf(file)
      .filter(({ count }) => count > PARAMETERS_MAX)
      .map(({ name, count }) => `${file.path} ${name} ${count}`),
  )
  expect(offenders).toEqual([])
})

test('no module holds mutable state', () => {
  expect(linesThat(sources, (line) => /^(?:export )?(?:let|var) /.test(line))).toEqual([])
})

test('nothing is left for later', () => {
  // Put together here, so that this file does not offend itself.
  const words = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'X' + 'XX'].join('|')})\\b`)
  expect(linesThat(all, (line) => words.test(line))).toEqual([])
})

test('every test runs, and none waits for time to pass', () => {
  const spared = new RegExp(`\\b(?:test|it|describe)\\.(?:${['sk' + 'ip', 'on' + 'ly', 'to' + 'do'].join('|')})\\b`)
  expect(linesThat(tests, (line) => spared.test(line))).toEqual([])
  // The crash suite kills at a random moment, and the interop suite waits for other programs.
  const inProcess = tests.filter(({ path }) => !/^test\/(?:crash|interop)\//.test(path))
  const sleep = /Promise[^\n]*\bsetTimeout\(|\bsetTimeout\b.*'node:timers\/promises'|\bsleep\(/
  expect(linesThat(inProcess, (line) => sleep.test(line) && !line.includes('const sleep ='))).toEqual([])
})

test('the repository stands alone', () => {
  const hosts = ['registry.npm' + 'js.org', 'registry.yarn' + 'pkg.com', 'npm' + 'mirror', 'python' + 'hosted.org']
  const foreign = new RegExp([...hosts, '\\.\\./sha' + 'red\\b', '/work/sha' + 'red\\b'].join('|'))
  const texts = ['.ts', '.json', '.md', '.yaml', '.yml', '.sql', '.py', '.txt', '.sh', 'Dockerfile', '.npmrc', 'run']
  const written = [...new Set(texts.flatMap((ending) => filesBelow('.', ending)))].map(readSource)
  expect(linesThat(written, (line) => foreign.test(line))).toEqual([])
})

test('an operation has its file, its registry line and its test, all under its own S3 name', () => {
  const isOperation = (path: string) => /^src\/operations\/(?:extensions\/\w+\/)?[A-Z]\w*\.ts$/.test(path)
  const operations = sources.filter((file) => isOperation(file.path))
  const registry = readSource('src/operations/registry.ts')
  const registered = registry.lines.filter((line) => line.startsWith('export {') && line.includes('from'))
  const offenders = operations.flatMap(({ path, text }) => {
    const name = path.slice(path.lastIndexOf('/') + 1, -'.ts'.length)
    const line = `export { ${name} } from './${path.slice('src/operations/'.length)}'`
    return [
      isOperationName(name) ? undefined : `${name} is not in the bindings`,
      new RegExp(`^export const ${name}\\b`, 'm').test(text) ? undefined : `${path} does not export ${name}`,
      new RegExp(`^  name: '${name}',$`, 'm').test(text) ? undefined : `${path} bears another name`,
      registered.includes(line) ? undefined : `${name} has no registry line`,
      tests.some(({ path: at }) => at.startsWith('test/operations/') && at.endsWith(`/${name}.test.ts`))
        ? undefined
        : `${name} has no test`,
    ].filter((offence) => offence !== undefined)
  })
  expect(offenders).toEqual([])
  expect(registered).toHaveLength(operations.length)
})

function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/**
 * The floor of a room that is not in the table is above all others, so that it is an offender wherever it is imported.
 */
function floorOf(room: string): number {
  return FLOORS[room] ?? Number.POSITIVE_INFINITY
}

function pairs(files: readonly SourceFile[], isOffence: (file: SourceFile, specifier: string) => boolean): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => isOffence(file, specifier))
      .map((specifier) => `${file.path} imports ${specifier}`),
  )
}

function linesThat(files: readonly SourceFile[], isOffence: (line: string) => boolean): string[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (isOffence(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 80)}`] : [])),
  )
}
