import { expect, it } from 'vitest'
import { UniqueViolation } from '../../../src/storage/metadata/store.ts'
import { collectAll, contents, createText, type MakePlace, useStore } from './fixture.ts'

export function manifestContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  it('reads inline bytes and files in their order', async () => {
    const { store } = at
    const manifestId = await store.write((tx) =>
      tx.manifests.create([
        { place: 'inline', bytes: Buffer.from('hello ') },
        { place: 'file', name: 'f'.repeat(32), store: '', sizeBytes: 100 },
        { place: 'inline', bytes: Buffer.from('world') },
      ]),
    )
    const f = 'f'.repeat(32)
    expect(await contents(store, manifestId)).toBe(`hello <${f}:0+100>world`)
    expect(await contents(store, manifestId, [0, 111])).toBe(`hello <${f}:0+100>world`)
    expect(await contents(store, manifestId, [1, 4])).toBe('ello')
    expect(await contents(store, manifestId, [5, 2])).toBe(` <${f}:0+1>`)
    expect(await contents(store, manifestId, [6, 100])).toBe(`<${f}:0+100>`)
    expect(await contents(store, manifestId, [56, 10])).toBe(`<${f}:50+10>`)
    expect(await contents(store, manifestId, [105, 3])).toBe(`<${f}:99+1>wo`)
    expect(await contents(store, manifestId, [111, 5])).toBe('')
    expect(await contents(store, manifestId, [3, 0])).toBe('')
  })

  it('hands out at most the segments asked for', async () => {
    const { store } = at
    const manifestId = await store.write((tx) => createText(tx, 'ab', 'cd', 'ef', 'gh'))
    const read = (offsetBytes: number, limit: number) =>
      store.read((tx) => tx.manifests.segments(manifestId, { offsetBytes, lengthBytes: 8 - offsetBytes, limit }))
    const text = (segments: Awaited<ReturnType<typeof read>>) =>
      segments.map((segment) => (segment.place === 'inline' ? segment.bytes.toString() : '?'))
    expect(text(await read(0, 2))).toEqual(['ab', 'cd'])
    expect(text(await read(4, 2))).toEqual(['ef', 'gh'])
    expect(text(await read(3, 2))).toEqual(['d', 'ef'])
  })

  it('may be empty, and grows', async () => {
    const { store } = at
    const manifestId = await store.write((tx) => tx.manifests.create([]))
    expect(await contents(store, manifestId)).toBe('')
    const bytes = Buffer.from('first')
    const same = await store.write((tx) => tx.manifests.append(manifestId, { place: 'inline', bytes }))
    expect(same).toBe(manifestId)
    expect(await contents(store, manifestId)).toBe('first')
  })

  it('appends to its only holder in place, and to a shared one as a copy', async () => {
    const { store } = at
    const chunk = (text: string) => ({ place: 'inline', bytes: Buffer.from(text) }) as const
    const manifestId = await store.write((tx) => createText(tx, 'one '))
    expect(await store.write((tx) => tx.manifests.append(manifestId, chunk('two ')))).toBe(manifestId)
    await store.write((tx) => tx.manifests.share(manifestId))
    const copy = await store.write((tx) => tx.manifests.append(manifestId, chunk('three')))
    expect(copy).not.toBe(manifestId)
    expect(await contents(store, copy)).toBe('one two three')
    expect(await contents(store, manifestId)).toBe('one two ')
    // The copy took one reference with it: either side now vanishes by itself.
    await store.write((tx) => tx.manifests.release(manifestId, 0))
    await collectAll(store, 0)
    expect(await contents(store, manifestId)).toBe('')
    expect(await contents(store, copy)).toBe('one two three')
    await store.write((tx) => tx.manifests.release(copy, 0))
    await collectAll(store, 0)
    expect(await contents(store, copy)).toBe('')
  })

  it('is garbage only when its last holder lets go', async () => {
    const { store } = at
    const manifestId = await store.write(async (tx) => {
      const id = await createText(tx, 'abc')
      await tx.manifests.share(id)
      await tx.manifests.share(id)
      return id
    })
    for (const text of ['abc', 'abc', '']) {
      await store.write((tx) => tx.manifests.release(manifestId, 0))
      await collectAll(store, 0)
      expect(await contents(store, manifestId)).toBe(text)
    }
  })

  it('slices without moving bytes: the chunks live as long as one slice', async () => {
    const { store } = at
    const f = 'a'.repeat(32)
    const source = await store.write((tx) =>
      tx.manifests.create([
        { place: 'inline', bytes: Buffer.from('0123456789') },
        { place: 'file', name: f, store: '', sizeBytes: 50 },
        { place: 'inline', bytes: Buffer.from('abcdef') },
      ]),
    )
    const slice = (offsetBytes: number, lengthBytes: number, of = source) =>
      store.write((tx) => tx.manifests.slice(of, { offsetBytes, lengthBytes }))
    const [inner, across, tail, none] = [await slice(2, 3), await slice(8, 58), await slice(60, 6), await slice(5, 0)]
    const nested = await slice(1, 55, across)
    expect(await contents(store, inner)).toBe('234')
    expect(await contents(store, inner, [1, 1])).toBe('3')
    expect(await contents(store, across)).toBe(`89<${f}:0+50>abcdef`)
    expect(await contents(store, tail)).toBe('abcdef')
    expect(await contents(store, none)).toBe('')
    expect(await contents(store, nested)).toBe(`9<${f}:0+50>abcd`)
    await expect(slice(60, 7)).rejects.toThrow('a slice lies within its manifest')
    for (const manifestId of [source, across]) await store.write((tx) => tx.manifests.release(manifestId, 0))
    expect(await collectAll(store, 0)).toEqual([])
    expect(await contents(store, nested)).toBe(`9<${f}:0+50>abcd`)
    expect(await contents(store, inner)).toBe('234')
    await store.write((tx) => tx.manifests.release(nested, 0))
    expect(await collectAll(store, 0)).toEqual([f])
  })

  it('refuses to bring garbage back', async () => {
    const { store } = at
    const [dead, alive] = await store.write(async (tx) => [await createText(tx, 'x'), await createText(tx, 'y')])
    await store.write((tx) => tx.manifests.release(dead!, 100))
    await expect(store.write((tx) => tx.manifests.share(dead!))).rejects.toThrow('garbage')
    await store.write((tx) => tx.manifests.share(alive!))
  })

  it('knows a file once', async () => {
    const { store } = at
    const create = () =>
      store.write((tx) => tx.manifests.create([{ place: 'file', name: 'e'.repeat(32), store: '', sizeBytes: 7 }]))
    await create()
    await expect(create()).rejects.toThrow(UniqueViolation)
    expect(store.stats()).toMatchObject({ fileChunks: 1, fileChunkBytes: 7 })
  })
}
