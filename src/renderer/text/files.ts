import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { FONTS, type FontSource } from './faces.ts'

/** Part of a font: the file, and the code points for which its stylesheet names it. */
export interface FontSlice {
  readonly path: string
  /** Undefined: all. Both ends belong to a range. */
  readonly ranges: readonly (readonly [first: number, last: number])[] | undefined
}

/**
 * Where the files of a font package are: in the bundle `fonts/` beside this code, which build.ts fills; of the sources
 * `node_modules/` in a folder above.
 */
export function fontFolder(packageName: string): string {
  const bundled = join(import.meta.dirname, 'fonts', packageName)
  if (existsSync(bundled)) return bundled
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', packageName)
    if (existsSync(found)) return found
    if (folder === dirname(folder)) throw new Error(`no fonts of ${packageName} in ${import.meta.dirname} or above`)
  }
}

/** The files that make up a font. */
export function slicesOf(source: FontSource): FontSlice[] {
  const folder = fontFolder(source.package)
  if (!source.file.endsWith('.css')) return [{ path: join(folder, source.file), ranges: undefined }]
  const slices = readStylesheet(readFileSync(join(folder, source.file), 'utf8'))
  return slices.map(({ path, ranges }) => ({ path: join(folder, posix.dirname(source.file), path), ranges }))
}

/** The rules of a stylesheet, paths as they stand in it. Of each rule the WOFF2 file counts. */
export function readStylesheet(css: string): FontSlice[] {
  return [...css.matchAll(/@font-face\s*\{([^}]*)\}/g)].map(([, rule = '']) => {
    const path = /url\(["']?([^"')]+\.woff2)["']?\)/.exec(rule)?.[1]
    if (path === undefined) throw new Error('a rule of a font stylesheet names no WOFF2 file')
    const ranges = /unicode-range:([^;}]*)/.exec(rule)?.[1]
    return { path, ranges: ranges?.split(',').map(readRange) }
  })
}

/** `U+4E2D`, `U+4E00-9FFF`. */
function readRange(text: string): [first: number, last: number] {
  const [, first = '', last = first] = /^\s*U\+([0-9A-F]+)(?:-([0-9A-F]+))?\s*$/i.exec(text) ?? []
  if (first === '') throw new Error(`not a range of code points: ${text}`)
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)]
}

/** What a bundle has to carry: each file, and where it belongs in the bundle's `fonts/`. */
export function bundledFontFiles(): { readonly from: string; readonly to: string }[] {
  const files = Object.values(FONTS).flatMap((source) => {
    const folder = fontFolder(source.package)
    const paths = [join(folder, source.file), join(folder, source.licence), ...slicesOf(source).map(({ path }) => path)]
    return [...new Set(paths)].map((from) => ({ from, to: join(source.package, from.slice(folder.length)) }))
  })
  return [...files, { from: join(import.meta.dirname, 'LICENSES.md'), to: 'LICENSES.md' }]
}
