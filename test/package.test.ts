// What `npm ci` needs and what `npm pack` takes, held against what was seen to fail on a new user's machine.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/sources.ts'

interface Locked {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly gypfile?: boolean
  readonly hasInstallScript?: boolean
}

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
const locked = read('package-lock.json').packages as Readonly<Record<string, Locked>>

/** Where npm finds a dependency of the package at `path`: beside it, or in a folder further up. */
function found(path: string, name: string): Locked | undefined {
  const below = locked[`${path}/node_modules/${name}`]
  if (below !== undefined || path === '') return below ?? locked[`node_modules/${name}`]
  return found(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)
}

describe('the lock file', () => {
  it('has the binaries of every platform, in the very version', () => {
    // npm ci refuses a lock file that lacks one of them, on every platform.
    const wanted = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies).map(([name, version]) => ({ path, name, version })),
    )
    const exact = wanted.filter(({ version }) => /^\d/.test(version))
    expect(exact.length).toBeGreaterThan(20)
    expect(exact.filter(({ path, name, version }) => found(path, name)?.version !== version)).toEqual([])
  })

  it('keeps npm from compiling what brings its binaries', () => {
    // npm runs node-gyp for every package with a binding.gyp unless this says otherwise, and node-gyp needs Python.
    // npm drops the line whenever it writes the entry anew.
    expect(locked['node_modules/better-sqlite3']?.gypfile).toBe(false)
    expect(read('node_modules/better-sqlite3/package.json').gypfile).toBe(false)
    expect(read('package.json').allowScripts['better-sqlite3']).toBe(false)
  })

  it('has no package that wants to run a script but those that are named', () => {
    const wanting = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true)
    const names = wanting.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    const named = Object.keys(read('package.json').allowScripts)
    expect(names.filter((name) => !named.includes(name))).toEqual([])
    // sharp has its binaries from packages of their own.
    expect(Object.keys(locked['node_modules/sharp']?.optionalDependencies ?? {})).toEqual(
      expect.arrayContaining(['@img/sharp-linux-x64', '@img/sharp-linux-arm64', '@img/sharp-linuxmusl-x64']),
    )
  })
})

describe('the npm package', () => {
  it('holds the bundle, the migrations, the clients and the example, and nothing of the sources', async () => {
    // The bundle is made by `prepack`; test/container.test.ts builds and runs it.
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
    const { stdout } = await promisify(execFile)('npm', args, { cwd: ROOT })
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
    const paths = files.map(({ path }) => path).filter((path) => !/^(?:dist|clients)\//.test(path))
    expect(files.map(({ path }) => path)).toContain('clients/README.md')
    expect(read('package.json').scripts.prepack).toBe(read('package.json').scripts.build)
    const migrations = paths.filter((path) => /^migrations\/\S+\.sql$/.test(path))
    expect(migrations.length).toBeGreaterThan(0)
    expect(paths.filter((path) => !migrations.includes(path)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'config.example.yaml',
      'package.json',
    ])
  })
})
