import { spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareDataDir } from '../../src/config/data-dir.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-data-dir-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true, force: true })
})

describe('prepareDataDir', () => {
  it('makes the directory, and says so when the path is a file', async () => {
    const path = join(dir, 'deep', 'data')
    expect(prepareDataDir(path)).toBe(path)
    expect((await stat(path)).isDirectory()).toBe(true)
    const file = join(dir, 'file')
    await writeFile(file, '')
    expect(() => prepareDataDir(file)).toThrow(`${file} is not a directory`)
    expect(() => prepareDataDir(join(file, 'below'))).toThrow('is not a directory')
  })

  it('tells an operator what to do about a directory of somebody else', async () => {
    const path = join(dir, 'readable')
    await mkdir(path, { mode: 0o555 })
    const isRoot = process.getuid?.() === 0
    // Root may write everywhere, so the check runs as `nobody` then.
    if (isRoot) {
      await chmod(dir, 0o755)
      process.seteuid?.(65_534)
    }
    try {
      expect(() => prepareDataDir(path)).toThrow(/is not writable by this process .*\n.*chown -R/)
      expect(() => prepareDataDir(join(path, 'below'))).toThrow('docker run --user')
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
    await chmod(path, 0o755)
    expect(prepareDataDir(path)).toBe(path)
  })

  it('tells it about files of somebody else in a directory of its own', async () => {
    const path = join(dir, 'mixed')
    await mkdir(join(path, 'lost+found'), { recursive: true })
    await writeFile(join(path, 'metadata.db'), '', { mode: 0o444 })
    await chmod(join(path, 'lost+found'), 0o500)
    await chmod(path, 0o777)
    await chmod(dir, 0o755)
    // In a process of its own, which may be another user's: access(2) asks for the real user, not the effective one.
    const module = join(dir, 'data-dir.ts')
    await copyFile(new URL('../../src/config/data-dir.ts', import.meta.url), module)
    const program = `import { prepareDataDir } from ${JSON.stringify(module)}; prepareDataDir(${JSON.stringify(path)})`
    const prepare = async (): Promise<string> => {
      const isRoot = process.getuid?.() === 0
      const node = isRoot ? join(dir, 'node') : process.execPath
      // Where the tests are run from may be closed to everybody else.
      if (isRoot) await copyFile(process.execPath, node)
      const args = ['--input-type=module', '-e', program]
      const { stderr } = spawnSync(node, args, { cwd: dir, encoding: 'utf8', ...(isRoot && { uid: 65_534 }) })
      return stderr
    }
    expect(await prepare()).toMatch(/holds metadata\.db, which is not writable .*\n.*chown -R/)
    await chmod(join(path, 'metadata.db'), 0o666)
    expect(await prepare()).toBe('')
  })
})
