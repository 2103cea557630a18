import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLocalKeyRing } from '../../../src/storage/keys/local.ts'

let dir = ''
let file = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-key-ring-'))
  file = join(dir, 'keyring.json')
})
afterEach(() => rm(dir, { recursive: true }))

describe('the key ring in a file', () => {
  it('is made once, for its owner alone', async () => {
    openLocalKeyRing({ dir })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual(['keyring.json'])
    const text = await readFile(file, 'utf8')
    expect(JSON.parse(text)).toMatchObject({ version: 1, active: expect.stringMatching(/^[0-9a-f]{8}$/) })
    openLocalKeyRing({ dir })
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('warns where others may read it', async () => {
    const warnings: string[] = []
    const open = () => openLocalKeyRing({ dir, onWarn: (message) => void warnings.push(message) })
    open()
    open()
    expect(warnings).toEqual([])
    await chmod(file, 0o640)
    open()
    expect(warnings).toEqual([expect.stringContaining('chmod 600')])
  })

  it('takes no notice of what a crash has left beside it', async () => {
    await writeFile(`${file}.new`, '{"version":')
    openLocalKeyRing({ dir })
    expect(await readdir(dir)).toEqual(['keyring.json'])
  })

  it('opens with a key of earlier times, beside the active one', async () => {
    const sealed = await openLocalKeyRing({ dir }).seal(Buffer.from('secret'), 'c')
    const content = JSON.parse(await readFile(file, 'utf8'))
    const next = { ...content, active: '0badcafe', keys: { ...content.keys, '0badcafe': content.keys[content.active] } }
    await writeFile(file, JSON.stringify(next))
    const rotated = openLocalKeyRing({ dir })
    expect((await rotated.open(sealed, 'c')).toString()).toBe('secret')
    const resealed = await rotated.seal(Buffer.from('secret'), 'c')
    expect(resealed.toString('hex', 1, 5)).toBe('0badcafe')
  })

  it('keeps the old keys in the file until they are forgotten, and the file for its owner', async () => {
    const ring = openLocalKeyRing({ dir })
    const keysOf = async () => JSON.parse(await readFile(file, 'utf8')) as { active: string; keys: object }
    const first = (await keysOf()).active
    const newest = await ring.rotate()
    expect(await keysOf()).toMatchObject({ active: newest, keys: { [first]: expect.any(String) } })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await ring.forgetOthers(newest)
    expect(Object.keys((await keysOf()).keys)).toEqual([newest])
    expect(await readdir(dir)).toEqual(['keyring.json'])
  })

  it('keeps nothing of the keys that clients name: each is made of the master key and its name', async () => {
    const before = await readFile(file, 'utf8').catch(() => '')
    const ring = openLocalKeyRing({ dir })
    const made = await readFile(file, 'utf8')
    for (let count = 0; count < 100; count += 1) await ring.seal(Buffer.from('x'), 'c', `key-${count}`)
    expect(await readFile(file, 'utf8')).toBe(made)
    expect(before).toBe('')
  })

  const key = Buffer.alloc(32, 7).toString('base64')
  it.each([
    ['nothing', ''],
    ['half of it', `{"version":1,"active":"0badcafe","keys":{"0badcafe":"${key}"`],
    ['a list', '[]'],
    ['null', 'null'],
    ['no active key', JSON.stringify({ version: 1, active: 'deadbeef', keys: { '0badcafe': key } })],
    ['a short key', JSON.stringify({ version: 1, active: '0badcafe', keys: { '0badcafe': key.slice(0, 8) } })],
    ['a strange id', JSON.stringify({ version: 1, active: 'x', keys: { x: key } })],
    ['no version', JSON.stringify({ active: '0badcafe', keys: { '0badcafe': key } })],
  ])('refuses a file with %s, and says nothing of its content', async (_what, content) => {
    await writeFile(file, content, { mode: 0o600 })
    expect(() => openLocalKeyRing({ dir })).toThrow(`the key ring ${file} is broken: put a copy of it back`)
    expect(() => openLocalKeyRing({ dir })).not.toThrow(key.slice(0, 6))
    // It is left as it is: somebody may know how to mend it.
    expect(await readFile(file, 'utf8')).toBe(content)
    await writeFile(file, JSON.stringify({ version: 1, active: '0badcafe', keys: { '0badcafe': key } }))
    expect(() => openLocalKeyRing({ dir })).not.toThrow()
  })

  it('refuses a file of a newer cozos', async () => {
    await writeFile(file, JSON.stringify({ version: 2, active: 'x' }), { mode: 0o600 })
    expect(() => openLocalKeyRing({ dir })).toThrow('newer cozos')
  })
})
