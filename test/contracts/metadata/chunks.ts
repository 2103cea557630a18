import { expect, it } from 'vitest'
import type { NewChunk } from '../../../src/storage/metadata/rows.ts'
import { collectAll, contents, type MakePlace, useStore } from './fixture.ts'

const name = (letter: string) => letter.repeat(32)
const key = (text: string) => ({ sealedKey: Buffer.from(text) })

/** A sealed chunk of ten plain bytes. */
function sealedFile(letter: string, store = ''): NewChunk {
  return { place: 'file', name: name(letter), store, sizeBytes: 10, sealing: key(`key ${letter}`) }
}

export function chunkRowContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const create = (...chunks: NewChunk[]) => at.store.write((tx) => tx.manifests.create(chunks))

  it('hands out sealed chunks whole, and ranges of them in plain bytes', async () => {
    const { store } = at
    const stored = Buffer.from('sealed bytes of five')
    const manifestId = await create(
      { place: 'inline', bytes: Buffer.from('plain') },
      { place: 'inline', bytes: stored, sizeBytes: 5, sealing: key('one') },
      sealedFile('a', 'GLACIER'),
    )
    const range = { offsetBytes: 7, lengthBytes: 5, limit: 10 }
    expect(await store.read((tx) => tx.manifests.segments(manifestId, range))).toEqual([
      {
        place: 'sealed',
        stored: { place: 'inline', bytes: stored },
        sealing: key('one'),
        chunkBytes: 5,
        offsetBytes: 2,
        lengthBytes: 3,
      },
      {
        place: 'sealed',
        stored: { place: 'file', name: name('a'), store: 'GLACIER' },
        sealing: key('key a'),
        chunkBytes: 10,
        offsetBytes: 0,
        lengthBytes: 2,
      },
    ])
    expect(store.stats()).toMatchObject({ fileChunks: 1, fileChunkBytes: 10 })
  })

  it('slices and appends sealed chunks like any other', async () => {
    const { store } = at
    const manifestId = await create(sealedFile('a'))
    const slice = await store.write((tx) => tx.manifests.slice(manifestId, { offsetBytes: 3, lengthBytes: 4 }))
    expect(await contents(store, slice)).toBe(`{${name('a')}:3+4}`)
    await store.write((tx) => tx.manifests.append(slice, sealedFile('b')))
    expect(await contents(store, slice)).toBe(`{${name('a')}:3+4}{${name('b')}:0+10}`)
  })

  it('takes a part of a chunk where a range is given', async () => {
    const { store } = at
    const part = { ...sealedFile('a'), range: { offsetBytes: 2, lengthBytes: 5 } } as NewChunk
    const manifestId = await create(part, { place: 'inline', bytes: Buffer.from('end') })
    expect(await contents(store, manifestId)).toBe(`{${name('a')}:2+5}end`)
    const tooLong = { ...sealedFile('b'), range: { offsetBytes: 6, lengthBytes: 5 } } as NewChunk
    await expect(create(tooLong)).rejects.toThrow('a segment lies in its chunk')
  })

  it('tells where each file lies: of segments, of files in use, and of files that are to go', async () => {
    const { store } = at
    const [kept, doomed] = [
      await create({ place: 'file', name: name('b'), store: 'GLACIER', sizeBytes: 10 }, sealedFile('c')),
      await create(sealedFile('a', 'STANDARD_IA')),
    ]
    const [segment] = await store.read((tx) =>
      tx.manifests.segments(kept, { offsetBytes: 1, lengthBytes: 2, limit: 1 }),
    )
    expect(segment).toEqual({ place: 'file', name: name('b'), store: 'GLACIER', offsetBytes: 1, lengthBytes: 2 })
    expect(await store.read((tx) => tx.garbage.files({ after: '', limit: 10 }))).toEqual([
      { name: name('a'), store: 'STANDARD_IA', sizeBytes: 10, isSealed: true },
      { name: name('b'), store: 'GLACIER', sizeBytes: 10, isSealed: false },
      { name: name('c'), store: '', sizeBytes: 10, isSealed: true },
    ])
    await store.write((tx) => tx.manifests.release(doomed, 0))
    await collectAll(store, 0)
    expect(await store.read((tx) => tx.garbage.doomedFiles(10))).toEqual([{ name: name('a'), store: 'STANDARD_IA' }])
  })

  it('names the stores that rows refer to', async () => {
    const { store } = at
    expect(await store.read((tx) => tx.garbage.stores())).toEqual([])
    const inStore = (letter: string, at: string) =>
      create({ place: 'file', name: name(letter), store: at, sizeBytes: 1 })
    await inStore('a', '')
    for (const letter of 'bcd') await inStore(letter, 'STANDARD_IA')
    const last = await inStore('e', 'GLACIER')
    expect(await store.read((tx) => tx.garbage.stores())).toEqual(['GLACIER', 'STANDARD_IA'])
    await store.write((tx) => tx.manifests.release(last, 0))
    await collectAll(store, 0)
    // Its file has not been removed yet.
    expect(await store.read((tx) => tx.garbage.stores())).toEqual(['GLACIER', 'STANDARD_IA'])
    await store.write((tx) => tx.garbage.forgetFiles([name('e')]))
    expect(await store.read((tx) => tx.garbage.stores())).toEqual(['STANDARD_IA'])
  })

  it('walks the chunks that bear a key, and only those, page by page', async () => {
    const { store } = at
    await create(sealedFile('a'), { place: 'inline', bytes: Buffer.from('plain') }, sealedFile('b'))
    await create({ place: 'inline', bytes: Buffer.from('s'), sizeBytes: 1, sealing: key('key c') })
    const walked: string[] = []
    for (let afterId = 0; ; ) {
      const [chunk] = await store.read((tx) => tx.chunks.sealed({ afterId, limit: 1 }))
      if (chunk === undefined) break
      expect(chunk.id).toBeGreaterThan(afterId)
      afterId = chunk.id
      walked.push(chunk.sealedKey.toString())
    }
    expect(walked).toEqual(['key a', 'key b', 'key c'])
  })

  it('replaces a key that nobody has replaced meanwhile', async () => {
    const { store } = at
    const manifestId = await create(sealedFile('a'))
    const [chunk] = await store.read((tx) => tx.chunks.sealed({ afterId: 0, limit: 10 }))
    const { id, sealedKey } = chunk!
    const replace = (oldKey: Buffer, newKey: string) =>
      store.write((tx) => tx.chunks.setSealedKey(id, oldKey, Buffer.from(newKey)))
    expect(await replace(sealedKey, 'wrapped anew')).toBe(true)
    expect(await replace(sealedKey, 'too late')).toBe(false)
    const [segment] = await store.read((tx) =>
      tx.manifests.segments(manifestId, { offsetBytes: 0, lengthBytes: 1, limit: 1 }),
    )
    expect(segment).toMatchObject({ place: 'sealed', sealing: key('wrapped anew') })
    expect(await store.write((tx) => tx.chunks.setSealedKey(id + 1, sealedKey, sealedKey))).toBe(false)
  })
}
