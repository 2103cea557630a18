import { expect, it } from 'vitest'
import type { MetadataStore } from '../../../src/storage/metadata/store.ts'
import { collectAll, contents, createText, type MakePlace, useStore } from './fixture.ts'

const name = (letter: string) => letter.repeat(32)

function createFile(store: MetadataStore, ...letters: string[]): Promise<number> {
  return store.write((tx) =>
    tx.manifests.create(letters.map((letter) => ({ place: 'file', name: name(letter), store: '', sizeBytes: 10 }))),
  )
}

export function garbageContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  const release = (manifestId: number, atMs: number) => at.store.write((tx) => tx.manifests.release(manifestId, atMs))
  const collect = (nowMs: number, options: { pinned?: number[]; limit?: number } = {}) =>
    at.store.write((tx) =>
      tx.garbage.collect({ nowMs, pinned: new Set(options.pinned ?? []), limit: options.limit ?? 100 }),
    )

  it('waits for its time', async () => {
    const { store } = at
    const [first, second] = await store.write(async (tx) => [await createText(tx, 'a'), await createText(tx, 'b')])
    await release(second!, 200)
    await release(first!, 100)
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBe(100)
    expect(await collect(99)).toBe(0)
    expect(await collect(100)).toBe(1)
    expect(await contents(store, first!)).toBe('')
    expect(await contents(store, second!)).toBe('b')
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBe(200)
    expect(await collect(200)).toBe(1)
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBeUndefined()
  })

  it('waits no longer than it is told to', async () => {
    const { store } = at
    const manifests = await store.write(async (tx) => [await createText(tx, 'a'), await createText(tx, 'b')])
    for (const manifestId of manifests) await release(manifestId, 1000)
    const early = await store.write((tx) => createText(tx, 'c'))
    await release(early, 100)
    const hasten = (latestMs: number, limit: number) => store.write((tx) => tx.garbage.hasten({ latestMs, limit }))
    await hasten(500, 1)
    expect(await collect(500)).toBe(2)
    await hasten(500, 1)
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBe(500)
    await hasten(600, 1)
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBe(500)
    expect(await collect(500)).toBe(1)
  })

  it('dooms files, which are forgotten once they are removed', async () => {
    const { store } = at
    const manifestId = await createFile(store, 'a', 'b')
    const kept = await createFile(store, 'c')
    expect(store.stats()).toMatchObject({ fileChunks: 3, fileChunkBytes: 30 })
    await release(manifestId, 0)
    expect(await collectAll(store, 0)).toEqual([name('a'), name('b')])
    expect(await store.read((tx) => tx.garbage.doomedFiles(1))).toHaveLength(1)
    const names = ['a', 'b', 'c', 'd'].map(name)
    const known = () => store.read((tx) => tx.garbage.knownFiles(names))
    expect(await known()).toEqual(new Set([name('a'), name('b'), name('c')]))
    await store.write((tx) => tx.garbage.forgetFiles([name('a'), name('c'), name('d')]))
    expect(await known()).toEqual(new Set([name('b'), name('c')]))
    expect(store.stats()).toMatchObject({ fileChunks: 2, fileChunkBytes: 20 })
    expect(await contents(store, kept)).toBe(`<${name('c')}:0+10>`)
  })

  it('takes a large manifest apart in bounded steps', async () => {
    const { store } = at
    const manifestId = await store.write((tx) => createText(tx, ...'abcdefghij'))
    await release(manifestId, 0)
    const steps = []
    for (let taken = 1; taken > 0; ) {
      taken = await collect(0, { limit: 4 })
      steps.push(taken)
    }
    expect(steps).toEqual([4, 4, 2, 0])
    expect(await contents(store, manifestId)).toBe('')
  })

  it('passes over pinned manifests without standing still', async () => {
    const { store } = at
    const manifests = await store.write(async (tx) => {
      const created = []
      for (const text of 'abcdef') created.push(await createText(tx, text))
      return created
    })
    for (const manifestId of manifests) await release(manifestId, 0)
    const pinned = manifests.slice(0, 4)
    expect(await collect(0, { pinned, limit: 1 })).toBe(1)
    expect(await collect(0, { pinned, limit: 1 })).toBe(1)
    expect(await collect(0, { pinned, limit: 1 })).toBe(0)
    const texts = await Promise.all(manifests.map((manifestId) => contents(store, manifestId)))
    expect(texts).toEqual(['a', 'b', 'c', 'd', '', ''])
    expect(await collect(0)).toBe(4)
  })

  it('removes a manifest without segments', async () => {
    const { store } = at
    const manifestId = await store.write((tx) => tx.manifests.create([]))
    await release(manifestId, 0)
    expect(await collect(0)).toBe(1)
    expect(await collect(0)).toBe(0)
  })

  it('lists the files that are in use, page by page', async () => {
    const { store } = at
    const doomed = await createFile(store, 'b')
    await createFile(store, 'd', 'a', 'c')
    await release(doomed, 0)
    await collectAll(store, 0)
    const files = (after: string, limit: number) =>
      store.read(async (tx) => (await tx.garbage.files({ after, limit })).map((file) => file.name[0]))
    expect(await files('', 10)).toEqual(['a', 'c', 'd'])
    expect(await files('', 2)).toEqual(['a', 'c'])
    expect(await files(name('c'), 2)).toEqual(['d'])
    const [file] = await store.read((tx) => tx.garbage.files({ after: '', limit: 1 }))
    expect(file).toEqual({ name: name('a'), store: '', sizeBytes: 10, isSealed: false })
  })

  it('knows the number of files after a restart', async () => {
    const manifestId = await createFile(at.store, 'a', 'b')
    await release(manifestId, 0)
    const store = await at.reopen()
    expect(store.stats()).toMatchObject({ fileChunks: 2, fileChunkBytes: 20 })
    expect(await collectAll(store, 0)).toEqual([name('a'), name('b')])
  })
}
