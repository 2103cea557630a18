import { expect, it } from 'vitest'
import type { RenderingRow } from '../../../src/storage/metadata/rendering-store.ts'
import type { VersionRow } from '../../../src/storage/metadata/rows.ts'
import type { MetadataStore } from '../../../src/storage/metadata/store.ts'
import { newMarker, newVersion } from '../../support/rows.ts'
import { collectAll, contents, createText, type MakePlace, makeBucket, putObject, useStore } from './fixture.ts'

/** An object, with bytes of its own. */
async function putPicture(store: MetadataStore, bucketId: number, versionId = 'null'): Promise<VersionRow> {
  const manifestId = await store.write((tx) => createText(tx, 'picture'))
  return await putObject(store, newVersion(bucketId, 'k', { versionId, manifestId, sizeBytes: 7 }))
}

export function renderingContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  function put(sourceId: number, digest: string, change: Partial<RenderingRow> = {}): Promise<RenderingRow> {
    return at.store.write(async (tx) => {
      const manifestId = await createText(tx, `${digest} `)
      const kept = { sizeBytes: 10, contentType: 'image/png', etag: 'e', usedMs: 100, ...change }
      const row = { sourceId, digest, manifestId, ...kept }
      await tx.renderings.put(row, 500)
      return row
    })
  }

  const find = (sourceId: number, digest: string) => at.store.read((tx) => tx.renderings.find({ sourceId, digest }))
  const total = () => at.store.read((tx) => tx.renderings.total())
  const order = async (limit = 100) => {
    const rows = await at.store.read((tx) => tx.renderings.leastUsed(limit))
    return rows.map(({ digest }) => digest).join('')
  }
  const remove = (row: VersionRow) => at.store.write((tx) => tx.versions.remove(row, 500))

  it('finds a rendering by its picture and its digest, also after a restart', async () => {
    const row = await put(1, 'a', { contentType: 'image/webp', etag: 'tag', usedMs: 7 })
    await put(1, 'b')
    const store = await at.reopen()
    expect(await find(1, 'a')).toEqual(row)
    expect([await find(1, 'c'), await find(2, 'a')]).toEqual([undefined, undefined])
    expect(await total()).toEqual({ count: 2, bytes: 20 })
    expect(await contents(store, row.manifestId)).toBe('a ')
  })

  it('replaces the one that is there, whose bytes wait for their readers', async () => {
    const old = await put(1, 'a')
    const row = await put(1, 'a', { sizeBytes: 3, etag: 'new' })
    expect(await find(1, 'a')).toEqual(row)
    expect(await total()).toEqual({ count: 1, bytes: 3 })
    expect(await at.store.read((tx) => tx.garbage.nextDeletableMs())).toBe(500)
    await collectAll(at.store, 500)
    expect([await contents(at.store, old.manifestId), await contents(at.store, row.manifestId)]).toEqual(['', 'a '])
  })

  it('tells which were used least, and takes notes of uses', async () => {
    await put(1, 'a', { usedMs: 30 })
    await put(2, 'b', { usedMs: 10 })
    await put(3, 'c', { usedMs: 20 })
    expect([await order(), await order(2)]).toEqual(['bca', 'bc'])
    const uses = [
      { sourceId: 2, digest: 'b', usedMs: 40 },
      { sourceId: 3, digest: 'gone', usedMs: 50 },
    ]
    await at.store.write((tx) => tx.renderings.setUsed(uses))
    expect(await order()).toBe('cab')
    expect((await find(2, 'b'))?.usedMs).toBe(40)
    expect((await total()).count).toBe(3)
  })

  it('counts those of one picture, and knows which of them was used least', async () => {
    const { store } = at
    await put(1, 'a', { usedMs: 30 })
    await put(1, 'b', { usedMs: 20 })
    await put(2, 'c', { usedMs: 10 })
    const of = (sourceId: number) =>
      store.read(async (tx) => [
        await tx.renderings.countOf(sourceId),
        (await tx.renderings.leastUsedOf(sourceId))?.digest,
      ])
    expect([await of(1), await of(2), await of(3)]).toEqual([
      [2, 'b'],
      [1, 'c'],
      [0, undefined],
    ])
  })

  it('removes some, and passes over those that are gone', async () => {
    const gone = await put(1, 'a')
    const kept = await put(1, 'b', { sizeBytes: 5 })
    const refs = [gone, { sourceId: 1, digest: 'never' }, gone]
    await at.store.write((tx) => tx.renderings.remove(refs, 500))
    expect([await find(1, 'a'), await find(1, 'b')]).toEqual([undefined, kept])
    expect(await total()).toEqual({ count: 1, bytes: 5 })
    await collectAll(at.store, 499)
    expect(await contents(at.store, gone.manifestId)).toBe('a ')
    await collectAll(at.store, 500)
    expect(await contents(at.store, gone.manifestId)).toBe('')
  })

  it('lets go of what a transaction has done that fails', async () => {
    const failing = at.store.write(async (tx) => {
      const row = { sourceId: 1, digest: 'a', sizeBytes: 1, contentType: '', etag: '', usedMs: 0 }
      await tx.renderings.put({ ...row, manifestId: await createText(tx, 'a') }, 0)
      expect(await tx.renderings.total()).toEqual({ count: 1, bytes: 1 })
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect([await find(1, 'a'), await total()]).toEqual([undefined, { count: 0, bytes: 0 }])
  })

  it('go with a version that is removed, and with no other', async () => {
    const bucketId = await makeBucket(at.store, { versioning: 'enabled' })
    const older = await putPicture(at.store, bucketId, 'v1')
    const newer = await putPicture(at.store, bucketId, 'v2')
    const dropped = [await put(older.id, 'a'), await put(older.id, 'b')]
    const kept = await put(newer.id, 'a')
    await remove(older)
    expect([await find(older.id, 'a'), await find(older.id, 'b')]).toEqual([undefined, undefined])
    expect(await find(newer.id, 'a')).toEqual(kept)
    expect(await total()).toEqual({ count: 1, bytes: 10 })
    await collectAll(at.store, 499)
    expect(await contents(at.store, dropped[0]!.manifestId)).toBe('a ')
    await collectAll(at.store, 500)
    for (const { manifestId } of dropped) expect(await contents(at.store, manifestId)).toBe('')
    await remove(newer)
    expect(await total()).toEqual({ count: 0, bytes: 0 })
  })

  it('go with a version that is replaced, be it by a delete marker', async () => {
    const bucketId = await makeBucket(at.store)
    const first = await putPicture(at.store, bucketId)
    await put(first.id, 'a')
    const version = newVersion(bucketId, 'k', { manifestId: first.manifestId })
    const second = await at.store.write((tx) => tx.versions.replace(first, version, 500))
    expect((await total()).count).toBe(0)
    await put(second.id, 'a')
    await at.store.write((tx) => tx.versions.replace(second, newMarker(bucketId, 'k', 'null'), 500))
    expect((await total()).count).toBe(0)
  })

  it('stay when a newer version hides theirs, and when its class or its attributes change', async () => {
    const { store } = at
    const bucketId = await makeBucket(store, { versioning: 'enabled' })
    const picture = await putPicture(store, bucketId, 'v1')
    const kept = await put(picture.id, 'a')
    const storage = { storageClass: 'GLACIER', manifestId: picture.manifestId }
    await store.write((tx) => tx.versions.setStorage(picture, storage))
    await store.write((tx) => tx.versions.setAttributes(picture, { ...picture.attributes, legalHold: true }))
    await putPicture(store, bucketId, 'v2')
    await store.write((tx) => tx.versions.insert(newMarker(bucketId, 'k', 'v3')))
    expect(await find(picture.id, 'a')).toEqual(kept)
  })

  it('are no objects: nothing that counts or lists knows them', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const picture = await putPicture(store, bucketId)
    const look = () =>
      store.read(async (tx) => [
        await tx.buckets.usage(bucketId),
        await tx.buckets.usageOfOwner('owner'),
        await tx.versions.listAll({ bucketId, prefix: '', from: undefined, olderThanId: undefined, limit: 10 }),
      ])
    const before = await look()
    await put(picture.id, 'a')
    expect(await look()).toEqual(before)
    await remove(picture)
    expect(await store.read((tx) => tx.buckets.isEmpty(bucketId))).toBe(true)
  })
}
