import { expect, it } from 'vitest'
import { UniqueViolation } from '../../../src/storage/metadata/store.ts'
import { newMarker, newVersion } from '../../support/rows.ts'
import { type MakePlace, makeBucket, putObject, useStore } from './fixture.ts'

export function versionContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  const latest = (bucketId: number) => at.store.read((tx) => tx.versions.latest({ bucketId, key: 'k' }))
  const find = (bucketId: number, versionId: string) =>
    at.store.read((tx) => tx.versions.find({ bucketId, key: 'k', versionId }))

  it('hands back every field', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const plain = newVersion(bucketId, 'plain')
    const full = newVersion(bucketId, 'ключ/鍵 \u{1F600}', {
      versionId: 'v1',
      sizeBytes: 5 * 1024 ** 4,
      appends: 4,
      manifestId: 7,
      partCount: 3,
      checksum: { algorithm: 'SHA256', value: 'abc=-3', type: 'COMPOSITE' },
      attributes: {
        contentType: undefined,
        cacheControl: 'no-store',
        contentDisposition: 'inline',
        contentEncoding: 'gzip',
        contentLanguage: 'de',
        expires: 'never',
        websiteRedirectLocation: '/x',
        metadata: { color: 'grün', 'a-b': '' },
        tags: [
          { key: 'b', value: '1' },
          { key: 'a', value: '' },
        ],
        acl: 'public-read',
        retention: { mode: 'GOVERNANCE', retainUntilMs: 5 },
        legalHold: true,
      },
    })
    for (const version of [plain, full]) {
      const row = await putObject(store, version)
      expect(row).toEqual({ ...version, id: row.id, isLatest: true })
      const { key, versionId } = version
      expect(await store.read((tx) => tx.versions.latest({ bucketId, key }))).toEqual(row)
      expect(await store.read((tx) => tx.versions.find({ bucketId, key, versionId }))).toEqual(row)
    }
  })

  it('makes the newest version the latest, and the next one again when it is removed', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    for (const versionId of ['1', '2', '3']) await putObject(store, newVersion(bucketId, 'k', { versionId }))
    for (const versionId of ['3', '2', '1']) {
      const row = await latest(bucketId)
      expect(row).toMatchObject({ versionId, isLatest: true })
      await store.write((tx) => tx.versions.remove(row!, 0))
    }
    expect(await latest(bucketId)).toBeUndefined()
  })

  it('tells of each version whether it is the latest', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await putObject(store, newVersion(bucketId, 'k', { versionId: '1' }))
    await putObject(store, newMarker(bucketId, 'k', '2'))
    expect(await find(bucketId, '1')).toMatchObject({ kind: 'object', isLatest: false })
    expect(await find(bucketId, '2')).toMatchObject({ kind: 'delete-marker', isLatest: true, etag: '', sizeBytes: 0 })
    await putObject(store, newMarker(bucketId, 'k', '3'))
    expect(await find(bucketId, '2')).toMatchObject({ kind: 'delete-marker', isLatest: false })
    await putObject(store, newVersion(bucketId, 'k', { versionId: '4' }))
    expect(await find(bucketId, '3')).toMatchObject({ kind: 'delete-marker', isLatest: false })
    expect(await find(bucketId, '4')).toMatchObject({ kind: 'object', isLatest: true })
    expect(await find(bucketId, '5')).toBeUndefined()
  })

  it('brings an object back when the delete marker over it is removed, and not when another is', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await putObject(store, newVersion(bucketId, 'k', { versionId: '1' }))
    await putObject(store, newMarker(bucketId, 'k', '2'))
    await putObject(store, newMarker(bucketId, 'k', '3'))
    const older = await find(bucketId, '2')
    await store.write((tx) => tx.versions.remove(older!, 0))
    expect(await latest(bucketId)).toMatchObject({ versionId: '3', kind: 'delete-marker' })
    const newest = await latest(bucketId)
    await store.write((tx) => tx.versions.remove(newest!, 0))
    expect(await latest(bucketId)).toMatchObject({ versionId: '1', kind: 'object', isLatest: true })
  })

  it('leaves the latest alone when an older version is removed', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    for (const versionId of ['1', '2', '3']) await putObject(store, newVersion(bucketId, 'k', { versionId }))
    const middle = await find(bucketId, '2')
    await store.write((tx) => tx.versions.remove(middle!, 0))
    expect(await latest(bucketId)).toMatchObject({ versionId: '3' })
    expect(await find(bucketId, '2')).toBeUndefined()
    expect(await find(bucketId, '1')).toMatchObject({ isLatest: false })
    await expect(store.write((tx) => tx.versions.remove(middle!, 0))).rejects.toThrow('a version is removed')
  })

  it('replaces the current object in place', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const old = await putObject(store, newVersion(bucketId, 'k'))
    const row = await store.write((tx) => tx.versions.replace(old, newVersion(bucketId, 'k', { sizeBytes: 9 }), 0))
    expect(row.id).toBeGreaterThan(old.id)
    expect(await latest(bucketId)).toEqual(row)
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 1, bytes: 9 })
  })

  it('replaces the null version under a newer one, which becomes history', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const old = await putObject(store, newVersion(bucketId, 'k'))
    await putObject(store, newVersion(bucketId, 'k', { versionId: '1' }))
    const found = await find(bucketId, 'null')
    expect(found).toEqual({ ...old, isLatest: false })
    await store.write((tx) => tx.versions.replace(found!, newVersion(bucketId, 'k', { etag: 'new' }), 0))
    expect(await latest(bucketId)).toMatchObject({ versionId: 'null', etag: 'new', isLatest: true })
    expect(await find(bucketId, '1')).toMatchObject({ isLatest: false })
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 2, bytes: 6 })
  })

  it('replaces an object by a delete marker and a delete marker by an object', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const object = await putObject(store, newVersion(bucketId, 'k'))
    const marker = await store.write((tx) => tx.versions.replace(object, newMarker(bucketId, 'k', 'null'), 0))
    expect(await latest(bucketId)).toEqual(marker)
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 0, bytes: 0 })
    const again = await store.write((tx) => tx.versions.replace(marker, newVersion(bucketId, 'k'), 0))
    expect(await latest(bucketId)).toEqual(again)
    expect(await find(bucketId, 'null')).toEqual(again)
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 1, bytes: 3 })
  })

  it('changes the attributes of a current object, of an older one and of a delete marker, and nothing else', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const versions = [
      await putObject(store, newVersion(bucketId, 'k', { versionId: '1' })),
      await putObject(store, newMarker(bucketId, 'k', '2')),
      await putObject(store, newVersion(bucketId, 'k', { versionId: '3' })),
    ]
    for (const { versionId, attributes } of versions) {
      const before = await find(bucketId, versionId)
      const changed = {
        ...attributes,
        tags: [{ key: 'a', value: versionId }],
        acl: { grants: [{ grantee: { kind: 'account', id: 'other' }, permission: 'READ' }] },
      } as const
      await store.write((tx) => tx.versions.setAttributes(before!, changed))
      expect(await find(bucketId, versionId)).toEqual({ ...before, attributes: changed })
    }
    expect(await latest(bucketId)).toEqual(await find(bucketId, '3'))
    expect(await store.read((tx) => tx.buckets.usage(bucketId))).toEqual({ objects: 2, bytes: 6 })
    const [oldest] = versions
    await store.write((tx) => tx.versions.remove(oldest!, 0))
    const late = store.write((tx) => tx.versions.setAttributes(oldest!, oldest!.attributes))
    await expect(late).rejects.toThrow('a version gets attributes')
  })

  it('undoes changed attributes of a write that throws', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const row = await putObject(store, newVersion(bucketId, 'k'))
    const failing = store.write(async (tx) => {
      await tx.versions.setAttributes(row, { ...row.attributes, acl: 'public-read' })
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await latest(bucketId)).toEqual(row)
  })

  it('has a version id once for each key', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    await putObject(store, newVersion(bucketId, 'k'))
    await expect(putObject(store, newVersion(bucketId, 'k'))).rejects.toThrow(UniqueViolation)
    await expect(putObject(store, newMarker(bucketId, 'k', 'null'))).rejects.toThrow(UniqueViolation)
    await putObject(store, newMarker(bucketId, 'k', 'm'))
    await expect(putObject(store, newMarker(bucketId, 'k', 'm'))).rejects.toThrow(UniqueViolation)
    await putObject(store, newVersion(bucketId, 'k/', {}))
    expect(await latest(bucketId)).toMatchObject({ versionId: 'm' })
  })

  it('keeps keys of a bucket from those of another', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const otherId = await makeBucket(store, { name: 'other' })
    await putObject(store, newVersion(bucketId, 'k', { etag: 'mine' }))
    await putObject(store, newVersion(otherId, 'k', { etag: 'other' }))
    expect(await latest(bucketId)).toMatchObject({ etag: 'mine' })
    expect(await store.read((tx) => tx.versions.latest({ bucketId: otherId, key: 'K' }))).toBeUndefined()
  })
}
