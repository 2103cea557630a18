import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
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
})
