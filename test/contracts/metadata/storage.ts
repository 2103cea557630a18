import { expect, it } from 'vitest'
import { newMarker, newPart, newUpload, newVersion } from '../../support/rows.ts'
import { collectAll, contents, createText, type MakePlace, makeBucket, putObject, useStore } from './fixture.ts'

export function storageContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  it('moves a version in place, current or not: all else about it stays, the usage too', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const manifestId = await store.write((tx) => createText(tx, 'old'))
    await putObject(store, newVersion(bucketId, 'k', { versionId: '1', manifestId }))
    await putObject(store, newVersion(bucketId, 'k', { versionId: '2', manifestId: undefined, sizeBytes: 0 }))
    const find = (versionId: string) => store.read((tx) => tx.versions.find({ bucketId, key: 'k', versionId }))
    const usage = () => store.read((tx) => tx.buckets.usage(bucketId))
    const usageBefore = await usage()
    const before = [await find('1'), await find('2')]
    const moved = await store.write(async (tx) => {
      const elsewhere = await createText(tx, 'new')
      await tx.versions.setStorage(before[0]!, { storageClass: 'GLACIER', manifestId: elsewhere })
      await tx.manifests.release(manifestId, 0)
      await tx.versions.setStorage(before[1]!, { storageClass: 'STANDARD_IA', manifestId: undefined })
      return elsewhere
    })
    expect(await find('1')).toEqual({ ...before[0], storageClass: 'GLACIER', manifestId: moved })
    expect(await find('2')).toEqual({ ...before[1], storageClass: 'STANDARD_IA' })
    expect(await usage()).toEqual(usageBefore)
    await collectAll(store, 0)
    expect([await contents(store, moved), await contents(store, manifestId)]).toEqual(['new', ''])
    await store.write((tx) => tx.versions.remove(before[0]!, 0))
    const late = store.write((tx) =>
      tx.versions.setStorage(before[0]!, { storageClass: 'STANDARD', manifestId: undefined }),
    )
    await expect(late).rejects.toThrow('a version moves')
  })

  it('takes the sizes of the parts along, and keeps them where only the class changes', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const upload = newUpload(bucketId, 'k')
    const row = await store.write(async (tx) => {
      await tx.uploads.insert(upload)
      for (const [n, text] of ['ab', 'cde'].entries()) {
        const part = { manifestId: await createText(tx, text), sizeBytes: text.length }
        await tx.uploads.putPart(newPart(upload.uploadId, n + 1, part), 0)
      }
      const manifestId = await tx.uploads.assemble(upload.uploadId, [1, 2])
      return await tx.versions.insert(newVersion(bucketId, 'k', { manifestId, sizeBytes: 5, partCount: 2 }))
    })
    const parts = async () => {
      const found = await store.read((tx) => tx.versions.latest({ bucketId, key: 'k' }))
      const range = { afterPartNumber: 0, limit: 10 }
      return (await store.read((tx) => tx.versions.parts(found!.manifestId!, range))).map((part) => part.sizeBytes)
    }
    await store.write((tx) => tx.versions.setStorage(row, { storageClass: 'GLACIER', manifestId: row.manifestId }))
    expect(await parts()).toEqual([2, 3])
    await store.write(async (tx) => {
      const manifestId = await createText(tx, 'abcde')
      await tx.versions.setStorage(row, { storageClass: 'STANDARD', manifestId })
      await tx.manifests.release(row.manifestId!, 0)
    })
    await collectAll(store, 0)
    expect(await parts()).toEqual([2, 3])
  })

  it('lists with attributes what it lists without, where it is asked to', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const attributes = { contentType: 'a/b', metadata: {}, tags: [{ key: 't', value: 'v' }], acl: 'private' } as const
    for (const versionId of ['1', '2', '3']) {
      await putObject(store, newVersion(bucketId, 'k', { versionId, attributes }))
    }
    await putObject(store, newVersion(bucketId, 'l', { attributes }))
    await putObject(store, newMarker(bucketId, 'l', 'm'))
    const range = { bucketId, prefix: '', from: undefined, limit: 10 }
    const current = await store.read((tx) => tx.versions.listCurrent({ ...range, withAttributes: true }))
    expect(current.map((row) => [row.key, row.attributes])).toEqual([['k', attributes]])
    for (const page of [
      { ...range, olderThanId: undefined },
      { ...range, from: { key: 'k', inclusive: true }, olderThanId: current[0]!.id },
    ]) {
      const plain = await store.read((tx) => tx.versions.listAll(page))
      const full = await store.read((tx) => tx.versions.listAll({ ...page, withAttributes: true }))
      expect(full.map(({ attributes: _, ...row }) => row)).toEqual(plain)
      expect(full.filter(({ kind }) => kind === 'object').every((row) => row.attributes?.tags.length === 1)).toBe(true)
      expect(plain[0]).not.toHaveProperty('attributes')
    }
  })
}
