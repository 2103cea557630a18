import { expect, it } from 'vitest'
import type { KeyPosition } from '../../../src/storage/metadata/store.ts'
import { newMarker, newVersion } from '../../support/rows.ts'
import { type MakePlace, makeBucket, putObject, useStore } from './fixture.ts'

type Page = { prefix?: string; from?: KeyPosition; limit?: number }

export function versionListContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  const listCurrent = (bucketId: number, { prefix = '', from, limit = 1000 }: Page = {}) =>
    at.store.read(async (tx) => (await tx.versions.listCurrent({ bucketId, prefix, from, limit })).map((v) => v.key))

  /** As `key@version`, with a `*` for the latest and a `-` for a delete marker. */
  const listAll = (
    bucketId: number,
    { prefix = '', from, limit = 1000, olderThanId }: Page & { olderThanId?: number },
  ) =>
    at.store.read(async (tx) => {
      const rows = await tx.versions.listAll({ bucketId, prefix, from, limit, olderThanId })
      const flags = (row: (typeof rows)[0]) => (row.isLatest ? '*' : '') + (row.kind === 'delete-marker' ? '-' : '')
      return rows.map((row) => `${row.key}@${row.versionId}${flags(row)}`)
    })

  async function put(bucketId: number, keys: readonly string[]): Promise<void> {
    for (const key of keys) await putObject(at.store, newVersion(bucketId, key))
  }

  it('sorts keys by their UTF-8 bytes, not as JavaScript sorts', async () => {
    const bucketId = await makeBucket(at.store)
    const sorted = [
      '',
      ' ',
      'A',
      'Z',
      'a',
      'a ',
      'a/',
      'a/b',
      'aa',
      'é',
      '\u4e2d',
      '\ue000',
      '\ufffd',
      '\u{1F600}',
      '\u{10FFFF}',
    ]
    expect(sorted.toSorted()).not.toEqual(sorted)
    await put(bucketId, sorted.toReversed())
    expect(await listCurrent(bucketId)).toEqual(sorted)
    expect(await listAll(bucketId, {})).toEqual(sorted.map((key) => `${key}@null*`))
    const from = { key: '\ufffd', inclusive: false }
    expect(await listCurrent(bucketId, { from })).toEqual(['\u{1F600}', '\u{10FFFF}'])
  })

  it('takes a prefix literally and to its edges', async () => {
    const bucketId = await makeBucket(at.store)
    const keys = ['a', 'a%', 'a%b', 'a_', 'ab', 'a\u{10FFFF}', 'a\u{10FFFF}x', 'b', '\ud7ffx', '\ue000', 'é', 'É']
    await put(bucketId, keys)
    const list = (prefix: string) => listCurrent(bucketId, { prefix })
    expect(await list('a')).toEqual(['a', 'a%', 'a%b', 'a_', 'ab', 'a\u{10FFFF}', 'a\u{10FFFF}x'])
    expect(await list('a%')).toEqual(['a%', 'a%b'])
    expect(await list('a_')).toEqual(['a_'])
    expect(await list('A')).toEqual([])
    expect(await list('a\u{10FFFF}')).toEqual(['a\u{10FFFF}', 'a\u{10FFFF}x'])
    expect(await list('\ud7ff')).toEqual(['\ud7ffx'])
    expect(await list('\u{10FFFF}')).toEqual([])
    await put(bucketId, ['\u{10FFFF}', '\u{10FFFF}\u{10FFFF}z'])
    expect(await list('\u{10FFFF}')).toEqual(['\u{10FFFF}', '\u{10FFFF}\u{10FFFF}z'])
    expect(await list('\u{10FFFF}\u{10FFFF}')).toEqual(['\u{10FFFF}\u{10FFFF}z'])
  })

  it('starts at a key, behind a key, and never before its prefix', async () => {
    const bucketId = await makeBucket(at.store)
    await put(bucketId, ['a', 'b', 'b/1', 'b/2', 'b0', 'c'])
    const list = (page: Page) => listCurrent(bucketId, page)
    expect(await list({ from: { key: 'b', inclusive: true } })).toEqual(['b', 'b/1', 'b/2', 'b0', 'c'])
    expect(await list({ from: { key: 'b', inclusive: false } })).toEqual(['b/1', 'b/2', 'b0', 'c'])
    expect(await list({ from: { key: 'b', inclusive: false }, limit: 2 })).toEqual(['b/1', 'b/2'])
    expect(await list({ prefix: 'b/', from: { key: 'a', inclusive: true } })).toEqual(['b/1', 'b/2'])
    expect(await list({ prefix: 'b/', from: { key: 'b/1', inclusive: false } })).toEqual(['b/2'])
    expect(await list({ prefix: 'b/', from: { key: 'c', inclusive: true } })).toEqual([])
    // How a delimiter is skipped over: the first key behind everything that starts with b/.
    expect(await list({ from: { key: 'b0', inclusive: true } })).toEqual(['b0', 'c'])
    expect(await list({ limit: 0 })).toEqual([])
  })

  it('lists as current only keys whose latest version is an object', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await put(bucketId, ['deleted', 'kept'])
    await putObject(store, newMarker(bucketId, 'deleted', 'm1'))
    await putObject(store, newMarker(bucketId, 'never', 'm2'))
    await putObject(store, newVersion(bucketId, 'kept', { versionId: 'v2', etag: 'second' }))
    expect(await listCurrent(bucketId)).toEqual(['kept'])
    const range = { bucketId, prefix: '', from: undefined, limit: 10 }
    const [row] = await store.read((tx) => tx.versions.listCurrent(range))
    expect(row).toMatchObject({ versionId: 'v2', etag: 'second', isLatest: true, kind: 'object', appends: 0 })
    expect(row).not.toHaveProperty('attributes')
  })

  it('lists all versions, newest first within a key', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await put(bucketId, ['a', 'b'])
    await putObject(store, newVersion(bucketId, 'b', { versionId: '2' }))
    await putObject(store, newMarker(bucketId, 'b', '3'))
    await putObject(store, newVersion(bucketId, 'b/x', { versionId: '4' }))
    await putObject(store, newMarker(bucketId, 'c', '5'))
    await putObject(store, newMarker(bucketId, 'c', '6'))
    const all = ['a@null*', 'b@3*-', 'b@2', 'b@null', 'b/x@4*', 'c@6*-', 'c@5-']
    expect(await listAll(bucketId, {})).toEqual(all)
    expect(await listAll(bucketId, { prefix: 'b' })).toEqual(['b@3*-', 'b@2', 'b@null', 'b/x@4*'])
    expect(await listAll(bucketId, { from: { key: 'b', inclusive: false } })).toEqual(['b/x@4*', 'c@6*-', 'c@5-'])
    expect(await listAll(bucketId, { from: { key: 'b', inclusive: true }, limit: 2 })).toEqual(['b@3*-', 'b@2'])
  })

  it('goes through all versions page by page and meets each of them once', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    for (let i = 0; i < 30; i++) {
      const key = `k${i % 4}`
      const versionId = String(i)
      const version = i % 7 === 0 ? newMarker(bucketId, key, versionId) : newVersion(bucketId, key, { versionId })
      await putObject(store, version)
    }
    const all = await listAll(bucketId, {})
    expect(all).toHaveLength(30)
    for (const limit of [1, 2, 3, 7, 29, 30]) {
      const met: string[] = []
      let from: KeyPosition | undefined
      let olderThanId: number | undefined
      for (;;) {
        const range = { bucketId, prefix: '', from, olderThanId, limit }
        const page = await store.read((tx) => tx.versions.listAll(range))
        const last = page.at(-1)
        if (last === undefined) break
        met.push(...(await listAll(bucketId, range)))
        from = { key: last.key, inclusive: true }
        olderThanId = last.id
      }
      expect(met).toEqual(all)
    }
  })
}
