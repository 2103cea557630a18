import { expect, it } from 'vitest'
import type { KeyPosition, MetadataStore } from '../../../src/storage/metadata/store.ts'
import { UniqueViolation } from '../../../src/storage/metadata/store.ts'
import { newPart, newUpload } from '../../support/rows.ts'
import { collectAll, contents, createText, type MakePlace, makeBucket, useStore } from './fixture.ts'

async function putPart(store: MetadataStore, partNumber: number, text: string): Promise<number> {
  return store.write(async (tx) => {
    const manifestId = await createText(tx, ...text.split('|'))
    const sizeBytes = text.replaceAll('|', '').length
    const checksum = { algorithm: 'CRC32C', value: `sum${partNumber}`, type: 'FULL_OBJECT' } as const
    await tx.uploads.putPart(newPart('2~k', partNumber, { manifestId, sizeBytes, checksum }), 100)
    return manifestId
  })
}

export function uploadContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  it('hands back every field, and only for its own key and bucket', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const plain = newUpload(bucketId, 'plain')
    const full = newUpload(bucketId, 'full', {
      storageClass: 'COLD',
      checksumAlgorithm: 'CRC64NVME',
      checksumType: 'FULL_OBJECT',
      attributes: { contentType: 'a/b', metadata: { x: 'y' }, tags: [{ key: 'k', value: 'v' }], acl: 'public-read' },
    })
    for (const upload of [plain, full]) {
      await store.write((tx) => tx.uploads.insert(upload))
      const { uploadId, key } = upload
      const find = (change: object) => store.read((tx) => tx.uploads.find({ uploadId, bucketId, key, ...change }))
      expect(await find({})).toEqual({ ...upload, state: 'open', completed: undefined })
      expect(await find({ key: 'other' })).toBeUndefined()
      expect(await find({ bucketId: bucketId + 1 })).toBeUndefined()
      await expect(store.write((tx) => tx.uploads.insert(upload))).rejects.toThrow(UniqueViolation)
    }
  })

  it('lists open uploads by key and then by age, and resumes within a key', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await store.write(async (tx) => {
      const rows = [
        ['b', '2~z', 1],
        ['b', '2~a', 2],
        ['b', '2~m', 2],
        ['b/1', '2~1', 1],
        ['a', '2~9', 5],
        ['c', '2~c', 0],
      ] as const
      for (const [key, uploadId, initiatedMs] of rows) {
        await tx.uploads.insert(newUpload(bucketId, key, { uploadId, initiatedMs }))
      }
    })
    const list = (page: { prefix?: string; from?: KeyPosition; afterUploadId?: string; limit?: number }) =>
      store.read(async (tx) => {
        const { prefix = '', from, afterUploadId, limit = 100 } = page
        return (await tx.uploads.list({ bucketId, prefix, from, afterUploadId, limit })).map((row) => row.uploadId)
      })
    expect(await list({})).toEqual(['2~9', '2~z', '2~a', '2~m', '2~1', '2~c'])
    expect(await list({ prefix: 'b' })).toEqual(['2~z', '2~a', '2~m', '2~1'])
    const from = { key: 'b', inclusive: true }
    expect(await list({ from: { key: 'b', inclusive: false } })).toEqual(['2~1', '2~c'])
    expect(await list({ from, afterUploadId: '2~z', limit: 3 })).toEqual(['2~a', '2~m', '2~1'])
    expect(await list({ from, afterUploadId: '2~a' })).toEqual(['2~m', '2~1', '2~c'])
    await store.write((tx) => tx.uploads.abort('2~a', 0))
    expect(await list({ from, afterUploadId: '2~a' })).toEqual(['2~m', '2~1', '2~c'])
    expect(await list({ from })).toEqual(['2~z', '2~m', '2~1', '2~c'])
  })

  it('keeps parts by number and lets a new one replace an old one', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await store.write((tx) => tx.uploads.insert(newUpload(bucketId, 'k')))
    for (const number of [10, 2, 9]) await putPart(store, number, `part${number}`)
    const parts = (afterPartNumber: number, limit: number) =>
      store.read(async (tx) => (await tx.uploads.parts('2~k', { afterPartNumber, limit })).map((p) => p.partNumber))
    expect(await parts(0, 10)).toEqual([2, 9, 10])
    expect(await parts(2, 1)).toEqual([9])
    const old = await store.read((tx) => tx.uploads.part('2~k', 9))
    expect(old).toMatchObject({ sizeBytes: 5, checksum: { algorithm: 'CRC32C', value: 'sum9', type: 'FULL_OBJECT' } })
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBeUndefined()
    const manifestId = await putPart(store, 9, 'again')
    expect(await store.read((tx) => tx.uploads.part('2~k', 9))).toMatchObject({ manifestId })
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBe(100)
    await collectAll(store, 100)
    expect(await contents(store, old!.manifestId)).toBe('')
    expect(await contents(store, manifestId)).toBe('again')
  })

  it('assembles parts in the order asked for, and lets go of the others', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await store.write((tx) => tx.uploads.insert(newUpload(bucketId, 'k')))
    for (const [number, text] of [
      [1, 'one'],
      [2, 'un|used'],
      [3, 'th|r|ee'],
      [7, '7'],
    ] as const) {
      await putPart(store, number, text)
    }
    const unused = await store.read((tx) => tx.uploads.part('2~k', 2))
    const completed = {
      etag: 'e-3',
      versionId: 'v',
      checksum: { algorithm: 'CRC32', value: 'x', type: 'FULL_OBJECT' },
    } as const
    const manifestId = await store.write(async (tx) => {
      const id = await tx.uploads.assemble('2~k', [1, 3, 7])
      await tx.uploads.complete('2~k', completed, 500)
      return id
    })
    expect(await contents(store, manifestId)).toBe('onethree7')
    expect(await contents(store, manifestId, [2, 3])).toBe('eth')
    const parts = await store.read((tx) => tx.versions.parts(manifestId, { afterPartNumber: 0, limit: 10 }))
    expect(parts).toEqual([
      { partNumber: 1, startBytes: 0, sizeBytes: 3, checksum: 'sum1' },
      { partNumber: 3, startBytes: 3, sizeBytes: 5, checksum: 'sum3' },
      { partNumber: 7, startBytes: 8, sizeBytes: 1, checksum: 'sum7' },
    ])
    const page = await store.read((tx) => tx.versions.parts(manifestId, { afterPartNumber: 1, limit: 1 }))
    expect(page).toEqual(parts.slice(1, 2))
    expect(await store.read((tx) => tx.uploads.parts('2~k', { afterPartNumber: 0, limit: 10 }))).toEqual([])
    const row = await store.read((tx) => tx.uploads.find({ uploadId: '2~k', bucketId, key: 'k' }))
    expect(row).toMatchObject({ state: 'completed', completed })
    await collectAll(store, 500)
    expect(await contents(store, unused!.manifestId)).toBe('')
    expect(await contents(store, manifestId)).toBe('onethree7')
    await store.write((tx) => tx.manifests.release(manifestId, 500))
    await collectAll(store, 500)
    expect(await contents(store, manifestId)).toBe('')
    expect(await store.read((tx) => tx.versions.parts(manifestId, { afterPartNumber: 0, limit: 10 }))).toEqual([])
  })

  it('assembles parts that share manifests with each other and with objects', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const [file, object, twice] = [
      'c'.repeat(32),
      ...(await store.write(async (tx) => {
        await tx.uploads.insert(newUpload(bucketId, 'k'))
        const ofObject = await tx.manifests.create([{ place: 'file', name: 'c'.repeat(32), store: '', sizeBytes: 3 }])
        await tx.manifests.share(ofObject)
        const ofParts = await createText(tx, 'xyz')
        await tx.manifests.share(ofParts)
        const own = await createText(tx, 'own')
        const manifests = [ofParts, ofObject, ofParts, own]
        for (const [index, manifestId] of manifests.entries()) {
          await tx.uploads.putPart(newPart('2~k', index + 1, { manifestId }), 0)
        }
        return [ofObject, ofParts]
      })),
    ] as const
    const manifestId = await store.write(async (tx) => {
      const id = await tx.uploads.assemble('2~k', [1, 2, 3, 4])
      await tx.uploads.complete('2~k', { etag: 'e', versionId: 'null', checksum: undefined }, 0)
      return id
    })
    const whole = `xyz<${file}:0+3>xyzown`
    expect(await contents(store, manifestId)).toBe(whole)
    expect(await contents(store, twice!)).toBe('')
    expect(await contents(store, object!)).toBe(`<${file}:0+3>`)
    await store.write((tx) => tx.manifests.release(object!, 0))
    expect(await collectAll(store, 0)).toEqual([])
    expect(await contents(store, manifestId)).toBe(whole)
    const inner = await store.write((tx) => tx.manifests.slice(manifestId, { offsetBytes: 7, lengthBytes: 1 }))
    await store.write((tx) => tx.manifests.release(manifestId, 0))
    expect(await collectAll(store, 0)).toEqual([file])
    expect(await contents(store, inner)).toBe('y')
  })

  it('assembles empty parts', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await store.write(async (tx) => {
      await tx.uploads.insert(newUpload(bucketId, 'k'))
      const empty = await tx.manifests.create([])
      await tx.uploads.putPart(newPart('2~k', 2, { manifestId: empty, sizeBytes: 0 }), 0)
    })
    await putPart(store, 1, 'a')
    await putPart(store, 3, 'b')
    const manifestId = await store.write((tx) => tx.uploads.assemble('2~k', [1, 2, 3]))
    expect(await contents(store, manifestId)).toBe('ab')
    const parts = await store.read((tx) => tx.versions.parts(manifestId, { afterPartNumber: 0, limit: 10 }))
    expect(parts.map((part) => [part.startBytes, part.sizeBytes])).toEqual([
      [0, 1],
      [1, 0],
      [1, 1],
    ])
  })

  it('assembles 10,000 parts', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const numbers = Array.from({ length: 10_000 }, (_, index) => index + 1)
    await store.write(async (tx) => {
      await tx.uploads.insert(newUpload(bucketId, 'k'))
      for (const number of numbers) {
        const name = number.toString(16).padStart(32, '0')
        const manifestId = await tx.manifests.create([{ place: 'file', name, store: '', sizeBytes: 5 * 1024 ** 2 }])
        await tx.uploads.putPart(newPart('2~k', number, { manifestId, sizeBytes: 5 * 1024 ** 2 }), 0)
      }
    })
    const manifestId = await store.write((tx) => tx.uploads.assemble('2~k', numbers))
    const last = { offsetBytes: 10_000 * 5 * 1024 ** 2 - 1, lengthBytes: 1, limit: 5 }
    const segments = await store.read((tx) => tx.manifests.segments(manifestId, last))
    expect(segments).toEqual([
      { place: 'file', name: '2710'.padStart(32, '0'), store: '', offsetBytes: 5 * 1024 ** 2 - 1, lengthBytes: 1 },
    ])
    expect(store.stats().fileChunks).toBe(10_000)
  })

  it('forgets completed and aborted uploads by their age, never open ones', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    expect(await store.read((tx) => tx.uploads.oldestClosedMs())).toBeUndefined()
    await store.write(async (tx) => {
      for (const [index, key] of ['a', 'b', 'c', 'open'].entries()) {
        await tx.uploads.insert({ ...newUpload(bucketId, key), initiatedMs: 1000 + index })
      }
      for (const key of ['a', 'b', 'c']) await tx.uploads.abort(`2~${key}`, 0)
    })
    const forget = (initiatedBeforeMs: number, limit: number) =>
      store.write((tx) => tx.uploads.forgetClosed({ initiatedBeforeMs, limit }))
    expect(await forget(1000, 10)).toBe(0)
    expect(await store.read((tx) => tx.uploads.oldestClosedMs())).toBe(1000)
    expect(await forget(5000, 2)).toBe(2)
    const find = (key: string) => store.read((tx) => tx.uploads.find({ uploadId: `2~${key}`, bucketId, key }))
    expect([await find('a'), await find('b')]).toEqual([undefined, undefined])
    expect(await find('c')).toMatchObject({ state: 'aborted' })
    expect(await forget(5000, 10)).toBe(1)
    expect(await find('open')).toMatchObject({ state: 'open' })
  })

  it('counts completed and aborted uploads as younger than they say, never open ones', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await store.write(async (tx) => {
      for (const [index, key] of ['a', 'b', 'c', 'open'].entries()) {
        await tx.uploads.insert({ ...newUpload(bucketId, key), initiatedMs: 1000 + index })
      }
      for (const key of ['a', 'b', 'c']) await tx.uploads.abort(`2~${key}`, 0)
    })
    const times = async () => {
      const keys = ['a', 'b', 'c', 'open']
      const rows = await store.read((tx) =>
        Promise.all(keys.map((key) => tx.uploads.find({ uploadId: `2~${key}`, bucketId, key }))),
      )
      return rows.map((row) => row?.initiatedMs)
    }
    await store.write((tx) => tx.uploads.hastenClosed({ latestMs: 500, limit: 2 }))
    expect((await times()).filter((time) => time === 500)).toHaveLength(2)
    await store.write((tx) => tx.uploads.hastenClosed({ latestMs: 500, limit: 2 }))
    expect(await times()).toEqual([500, 500, 500, 1003])
    await store.write((tx) => tx.uploads.hastenClosed({ latestMs: 700, limit: 2 }))
    expect(await times()).toEqual([500, 500, 500, 1003])
  })

  it('aborts: parts become garbage and the row stays', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await store.write((tx) => tx.uploads.insert(newUpload(bucketId, 'k')))
    const manifestId = await putPart(store, 1, 'gone')
    await store.write((tx) => tx.uploads.abort('2~k', 300))
    const row = await store.read((tx) => tx.uploads.find({ uploadId: '2~k', bucketId, key: 'k' }))
    expect(row).toMatchObject({ state: 'aborted', completed: undefined })
    expect(await store.read((tx) => tx.uploads.part('2~k', 1))).toBeUndefined()
    await collectAll(store, 299)
    expect(await contents(store, manifestId)).toBe('gone')
    await collectAll(store, 300)
    expect(await contents(store, manifestId)).toBe('')
    await expect(store.write((tx) => tx.uploads.abort('2~k', 300))).rejects.toThrow('upload is open')
  })
}
