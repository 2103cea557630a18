import { expect, it } from 'vitest'
import type { Acl, BucketRef } from '../../../src/storage/metadata/rows.ts'
import { UniqueViolation } from '../../../src/storage/metadata/store.ts'
import { newBucket, newMarker, newPart, newUpload, newVersion } from '../../support/rows.ts'
import { collectAll, contents, createText, type MakePlace, makeBucket, useStore } from './fixture.ts'

export function bucketContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)

  it('hands back every field', async () => {
    const { store } = at
    const plain = newBucket('plain')
    const full = newBucket('full', {
      tenant: 'acme',
      versioning: 'suspended',
      objectLock: true,
      location: 'eu',
      storageClass: 'COLD',
      azPolicy: 'multi-az',
      acl: { grants: [{ grantee: { kind: 'account', id: 'a "b"' }, permission: 'READ' }] },
      settings: { ownership: 'BucketOwnerEnforced' },
    })
    for (const bucket of [plain, full]) {
      const row = await store.write((tx) => tx.buckets.insert(bucket))
      expect(row).toEqual({ settings: {}, ...bucket, id: row.id })
      expect(await store.read((tx) => tx.buckets.find(bucket))).toEqual(row)
      expect(await store.read((tx) => tx.buckets.findById(row.id))).toEqual(row)
      expect(await store.read((tx) => tx.buckets.findById(row.id + 1))).toBeUndefined()
    }
  })

  it('knows a name once for each tenant', async () => {
    const { store } = at
    await makeBucket(store)
    await expect(makeBucket(store, { ownerId: 'other' })).rejects.toThrow(UniqueViolation)
    await makeBucket(store, { tenant: 'acme' })
    expect(await store.read((tx) => tx.buckets.find({ tenant: 'none', name: 'bucket' }))).toBeUndefined()
  })

  it('lets a write go on after a name was taken', async () => {
    const { store } = at
    await makeBucket(store)
    const outcome = await store.write(async (tx) => {
      try {
        await tx.buckets.insert(newBucket('bucket'))
      } catch (cause) {
        if (!(cause instanceof UniqueViolation)) throw cause
      }
      return (await tx.buckets.insert(newBucket('second'))).name
    })
    expect(outcome).toBe('second')
    expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(2)
  })

  it('lists an owner’s buckets by name, within a prefix and behind a name', async () => {
    const { store } = at
    await store.write(async (tx) => {
      for (const name of ['log-b', 'log-a', 'data', 'zoo', 'log', 'log.x']) await tx.buckets.insert(newBucket(name))
      await tx.buckets.insert(newBucket('log-c', { ownerId: 'other' }))
    })
    const list = (prefix: string, after: string | undefined, limit = 100) =>
      store.read(async (tx) =>
        (await tx.buckets.list({ ownerId: 'owner', prefix, after, limit })).map((row) => row.name),
      )
    expect(await list('', undefined)).toEqual(['data', 'log', 'log-a', 'log-b', 'log.x', 'zoo'])
    expect(await list('log', undefined)).toEqual(['log', 'log-a', 'log-b', 'log.x'])
    expect(await list('log', 'log-a')).toEqual(['log-b', 'log.x'])
    expect(await list('', 'data', 2)).toEqual(['log', 'log-a'])
    expect(await list('log', 'zzz')).toEqual([])
    expect(await store.read((tx) => tx.buckets.count('owner'))).toBe(6)
    expect(await store.read((tx) => tx.buckets.count('nobody'))).toBe(0)
  })

  it('lists all buckets by tenant and name', async () => {
    const { store } = at
    await store.write(async (tx) => {
      for (const name of ['b', 'c', 'a']) await tx.buckets.insert(newBucket(name, { ownerId: `owner of ${name}` }))
      for (const name of ['b', 'a']) await tx.buckets.insert(newBucket(name, { tenant: 'acme' }))
    })
    const list = (after: BucketRef | undefined, limit = 100) =>
      store.read(async (tx) =>
        (await tx.buckets.listAll({ after, limit })).map(({ tenant, name }) => `${tenant}/${name}`),
      )
    expect(await list(undefined)).toEqual(['/a', '/b', '/c', 'acme/a', 'acme/b'])
    expect(await list(undefined, 2)).toEqual(['/a', '/b'])
    expect(await list({ tenant: '', name: 'b' }, 2)).toEqual(['/c', 'acme/a'])
    expect(await list({ tenant: 'acme', name: 'b' })).toEqual([])
  })

  it('changes versioning, ACL and object lock', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const find = () => store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))
    await store.write((tx) => tx.buckets.setVersioning(bucketId, 'enabled'))
    const enabled = { ...newBucket('bucket'), id: bucketId, versioning: 'enabled', settings: {} }
    expect(await find()).toEqual(enabled)
    const acl: Acl = { grants: [{ grantee: { kind: 'all-users' }, permission: 'READ' }] }
    await store.write((tx) => tx.buckets.setAcl(bucketId, acl))
    expect(await find()).toEqual({ ...enabled, acl })
    await store.write((tx) => tx.buckets.setAcl(bucketId, 'public-read'))
    expect(await find()).toEqual({ ...enabled, acl: 'public-read' })
    await store.write((tx) => tx.buckets.enableObjectLock(bucketId))
    expect(await find()).toEqual({ ...enabled, acl: 'public-read', objectLock: true })
  })

  it('is empty without versions and delete markers, whatever uploads it has', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const isEmpty = () => store.read((tx) => tx.buckets.isEmpty(bucketId))
    await store.write((tx) => tx.uploads.insert(newUpload(bucketId, 'k')))
    expect(await isEmpty()).toBe(true)
    const marker = await store.write((tx) => tx.versions.insert(newMarker(bucketId, 'k', 'm')))
    expect(await isEmpty()).toBe(false)
    await store.write((tx) => tx.versions.remove(marker, 0))
    expect(await isEmpty()).toBe(true)
    await store.write((tx) => tx.versions.insert(newVersion(bucketId, 'k')))
    expect(await isEmpty()).toBe(false)
  })

  it('counts data-bearing versions and their bytes', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const usage = () => store.read((tx) => tx.buckets.usage(bucketId))
    expect(await usage()).toEqual({ objects: 0, bytes: 0 })
    const [first, marker] = await store.write(async (tx) => [
      await tx.versions.insert(newVersion(bucketId, 'k', { versionId: '1', sizeBytes: 10 })),
      await tx.versions.insert(newMarker(bucketId, 'k', '2')),
      await tx.versions.insert(newVersion(bucketId, 'k', { versionId: '3', sizeBytes: 5 })),
    ])
    expect(await usage()).toEqual({ objects: 2, bytes: 15 })
    await store.write((tx) =>
      tx.versions.replace(first!, newVersion(bucketId, 'k', { versionId: '4', sizeBytes: 7 }), 0),
    )
    expect(await usage()).toEqual({ objects: 2, bytes: 12 })
    await store.write((tx) => tx.versions.remove(marker!, 0))
    expect(await usage()).toEqual({ objects: 2, bytes: 12 })
  })

  it('takes its uploads along when it is removed', async () => {
    const { store } = at
    const bucketId = await makeBucket(store)
    const otherId = await makeBucket(store, { name: 'other' })
    const [mine, shared] = await store.write(async (tx) => {
      const manifests = [await createText(tx, 'mine'), await createText(tx, 'shared')] as const
      await tx.manifests.share(manifests[1])
      for (const [id, key] of [
        [bucketId, 'a'],
        [bucketId, 'b'],
        [otherId, 'c'],
      ] as const) {
        await tx.uploads.insert(newUpload(id, key))
      }
      await tx.uploads.putPart(newPart('2~a', 1, { manifestId: manifests[0] }), 0)
      await tx.uploads.putPart(newPart('2~b', 1, { manifestId: manifests[1] }), 0)
      await tx.uploads.abort('2~b', 50)
      return manifests
    })
    await store.write((tx) => tx.buckets.remove(bucketId, 100))
    expect(await store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))).toBeUndefined()
    const find = (id: number, key: string) =>
      store.read((tx) => tx.uploads.find({ uploadId: `2~${key}`, bucketId: id, key }))
    expect(await find(bucketId, 'a')).toBeUndefined()
    expect(await find(bucketId, 'b')).toBeUndefined()
    expect(await find(otherId, 'c')).toBeDefined()
    expect(await store.read((tx) => tx.uploads.part('2~a', 1))).toBeUndefined()
    expect(await store.read((tx) => tx.garbage.nextDeletableMs())).toBe(100)
    await collectAll(store, 100)
    expect(await contents(store, mine)).toBe('')
    expect(await contents(store, shared)).toBe('shared')
  })
}
