// What the Markdown files say, held against the code and against each other. The blocks themselves are run by
// test/interop/readme.test.ts.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DEFAULTS } from '../src/config/defaults.ts'
import { CONFIG_VARIABLE, VARIABLES } from '../src/config/env.ts'
import { fencedBlocks } from './support/markdown.ts'
import { filesBelow, ROOT, readSource, type SourceFile } from './support/sources.ts'

const pages = filesBelow('.', '.md').map(readSource)
const english = readSource('README.md')
const chinese = readSource('README.zh-CN.md')

/** Targets of `[text](target)` that name a file of ours. */
function linksOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    const [file = ''] = target.split('#')
    return file === '' || /^[a-z]+:/.test(file) ? [] : [join(dirname(path), file)]
  })
}

function variablesIn(text: string): string[] {
  return [...new Set(text.match(/\bCOZOS_[A-Z0-9_]+/g))].sort()
}

/** What stands in backticks in a cell. */
function quoted(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]*)`/g)].map(([, word = '']) => word)
}

/** The rows of the settings table: the variables and their defaults. */
function settings({ lines }: SourceFile): { names: string[]; defaults: string }[] {
  const rows = lines.filter((line) => line.startsWith('| `COZOS_')).map((line) => line.split('|'))
  return rows.map(([, names, defaults = '']) => ({ names: quoted(names), defaults }))
}

/** The default of a variable as the environment would say it. */
function defaultOf(name: string): string {
  const [path] = VARIABLES[name as keyof typeof VARIABLES]
  const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], DEFAULTS)
  return Array.isArray(value) ? value.join(',') : String(value)
}

describe('the documents', () => {
  it('link to files that are there', () => {
    const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page: page.path, target })))
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter(({ target }) => !existsSync(join(ROOT, target)))).toEqual([])
  })

  it('name only variables that the server knows', () => {
    const known = new Set([...Object.keys(VARIABLES), CONFIG_VARIABLE])
    for (const { path, text } of pages) {
      expect([path, variablesIn(text).filter((name) => !known.has(name))]).toEqual([path, []])
    }
    expect(variablesIn(english.text)).toContain('COZOS_BUCKETS')
  })
})

describe('the README', () => {
  it('has the same blocks, variables, links and tables in both languages', () => {
    expect(fencedBlocks(chinese.text)).toEqual(fencedBlocks(english.text))
    expect(fencedBlocks(english.text).map(({ language }) => language)).toEqual(
      expect.arrayContaining(['sh', 'python', 'yaml']),
    )
    expect(variablesIn(chinese.text)).toEqual(variablesIn(english.text))
    const targets = (page: SourceFile): string[] => linksOf(page).filter((target) => !target.startsWith('README'))
    expect(targets(chinese).sort()).toEqual(targets(english).sort())
    const codeOfTables = (page: SourceFile): string[][] =>
      page.lines.filter((line) => line.startsWith('|')).map((line) => quoted(line).sort())
    expect(codeOfTables(chinese)).toEqual(codeOfTables(english))
  })

  it.each([english, chinese])('gives the defaults that there are: $path', (page) => {
    const rows = settings(page)
    expect(rows.length).toBeGreaterThan(5)
    for (const { names, defaults } of rows) {
      const written = quoted(defaults)
      // A default in words (`as the server`) stands for the first of the names, none for an empty list.
      const expected = names.map(defaultOf).filter((value) => value !== 'null' && value !== '')
      expect([names, written]).toEqual([names, expected])
    }
  })

  it('shows a compose file whose settings there are', () => {
    const [block] = fencedBlocks(english.text).filter(({ language }) => language === 'yaml')
    const { services } = parse(block?.text ?? '')
    expect(Object.keys(services.cozos.environment).filter((name) => !Object.hasOwn(VARIABLES, name))).toEqual([])
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_S3 } = services.tests.environment
    expect({ accessKey: AWS_ACCESS_KEY_ID, secretKey: AWS_SECRET_ACCESS_KEY }).toEqual(DEFAULTS.root)
    expect(AWS_ENDPOINT_URL_S3).toBe(`http://cozos:${DEFAULTS.server.port}`)
  })
})
