import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

/** Folders that hold what was installed or made, and not what was written. */
const FOREIGN: ReadonlySet<string> = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.venv', '.cache'])

export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
}

/** Every written file below a folder whose name ends so. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (FOREIGN.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, ending)
    return entry.isFile() && entry.name.endsWith(ending) ? [path.split(sep).join('/')] : []
  })
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return { path, text, lines: text.split('\n') }
}

const IMPORTS = [
  /^(?:import|export)\s[^'"`;]*?\sfrom\s*['"]([^'"]+)['"]/gm,
  /^import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
]

/** What a file imports, as it says. */
export function importsOf(file: SourceFile): readonly string[] {
  return IMPORTS.flatMap((pattern) => [...file.text.matchAll(pattern)].map(([, specifier = '']) => specifier))
}

/** The path of a relative import, from the repository's root. */
export function resolveImport(file: SourceFile, specifier: string): string {
  return relative(ROOT, join(ROOT, file.path, '..', specifier))
    .split(sep)
    .join('/')
}

export interface FunctionSpan {
  readonly header: string
  /** Counted from 1. */
  readonly line: number
  readonly lines: number
}

const FUNCTION = /=>\s*\{$|\bfunction\b/
const METHOD = /^\s*(?:(?:static|async|override|get|set)\s+)*[#\w$]+(?:<.*>)?\(.*\).*\{$/
const STATEMENT = /^\s*(?:\}\s*)?(?:if|for|while|switch|catch|else|do|try|return|await|describe\S*)\b/

/** The functions of a file, found by their indentation: the formatter closes each where it opened. */
export function functionsOf({ lines }: SourceFile): readonly FunctionSpan[] {
  return lines.flatMap((line, index) => {
    if (!line.endsWith('{')) return []
    const indent = line.length - line.trimStart().length
    const first = line.trimStart().startsWith(')') ? startOfParameters(lines, { from: index, indent }) : index
    const header = lines.slice(first, index + 1).join(' ')
    const isFunction = FUNCTION.test(header) || METHOD.test(header)
    if (!isFunction || STATEMENT.test(header)) return []
    const closing = `${' '.repeat(indent)}}`
    const last = lines.findIndex((later, at) => at > index && later.startsWith(closing))
    return last < 0 ? [] : [{ header: header.trim(), line: first + 1, lines: last - first + 1 }]
  })
}

function startOfParameters(lines: readonly string[], { from, indent }: { from: number; indent: number }): number {
  const start = lines.findLastIndex(
    (line, at) => at < from && line.trim() !== '' && line.length - line.trimStart().length === indent,
  )
  return Math.max(start, 0)
}

const DECLARATION = /^(?:export )?(?:async )?function\*? ([\w$]+)(?:<[^(]*>)?\(/gm

/** The declared functions of a module with the number of their parameters. */
export function parametersOf({ text }: SourceFile): readonly { readonly name: string; readonly count: number }[] {
  return [...text.matchAll(DECLARATION)].map((match) => {
    const [whole, name = ''] = match
    return { name, count: countParameters(text, (match.index ?? 0) + whole.length) }
  })
}

/** Commas at the depth of the list, up to the bracket that closes it; a trailing comma ends nothing. */
function countParameters(text: string, from: number): number {
  let depth = 0
  let count = 0
  let pending = false
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at)
    if (depth === 0 && char === ')') break
    if ('([{<'.includes(char)) depth += 1
    // The arrow of a function type closes no bracket.
    else if (')]}'.includes(char) || (char === '>' && text.charAt(at - 1) !== '=')) depth -= 1
    if (depth === 0 && char === ',') {
      count += 1
      pending = false
    } else if (char.trim() !== '') pending = true
  }
  return count + (pending ? 1 : 0)
}
