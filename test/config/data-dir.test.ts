import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
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

  it('says what is wrong with a file system that cannot be written', () => {
    // Linux shows the kernel's state here; nobody, not even root, can make a directory in it.
    expect(() => prepareDataDir('/proc/cozos-data')).toThrow('The data directory /proc/cozos-data')
  })
})
