import { describe, expect, it } from 'vitest'
import { untold } from '../../../src/domain/notifications/teller.ts'
import { deleteVersion } from '../../../src/domain/versions/delete.ts'
import { type VersionWrite, writeVersion } from '../../../src/domain/versions/write.ts'
import type { BucketRow, Versioning } from '../../../src/storage/metadata/rows.ts'
import { newBucket as newBucketRow } from '../../support/rows.ts'
import { uniqueName, useServer } from '../../support/server.ts'

const HELD = { contentType: undefined, metadata: {}, tags: [], acl: 'private', legalHold: true } as const
const FREE = { ...HELD, legalHold: undefined } as const

describe('versions', () => {
  const server = useServer()
  const services = () => server().running.services

  async function newBucket(versioning: Versioning, objectLock = false): Promise<BucketRow> {
    const bucket = newBucketRow(uniqueName('v'), { ownerId: 'o', versioning, objectLock })
    return services().metadata.write((tx) => tx.buckets.insert(bucket))
  }

  function write(bucket: BucketRow, over: Partial<VersionWrite['version']> = {}) {
    const version = {
      key: 'k',
      kind: 'object',
      lastModifiedMs: 1,
      ownerId: 'o',
      sizeBytes: 0,
      etag: 'e',
      storageClass: 'STANDARD',
      appends: 0,
      manifestId: undefined,
      checksum: undefined,
      partCount: 0,
      attributes: FREE,
      ...over,
    } as const
    return services().metadata.write((tx) =>
      writeVersion(tx, { services: services(), bucket, conditions: {}, version, tell: untold, kind: 'created:put' }),
    )
  }

  function remove(bucket: BucketRow, versionId?: string) {
    const deletion = { services: services(), bucket, key: 'k', versionId, conditions: {}, bypassGovernance: true }
    return services().metadata.write((tx) => deleteVersion(tx, { ...deletion, ownerId: 'o', tell: untold }))
  }

  const ids = async (bucket: BucketRow) => {
    const range = { bucketId: bucket.id, prefix: '', from: undefined, olderThanId: undefined, limit: 100 }
    const rows = await services().metadata.read((tx) => tx.versions.listAll(range))
    return rows.map(({ kind, versionId, isLatest }) => `${kind} ${versionId === 'null' ? 'null' : 'id'} ${isLatest}`)
  }

  it.each([
    ['off', ['object null true']],
    ['suspended', ['object null true']],
    ['enabled', ['object id true', 'object id false']],
  ] as const)('two writes with versioning %s', async (versioning, expected) => {
    const bucket = await newBucket(versioning)
    await write(bucket)
    await write(bucket)
    expect(await ids(bucket)).toEqual(expected)
  })

  it.each([
    ['off', { versionId: undefined, deleteMarker: false }, []],
    ['suspended', { versionId: 'null', deleteMarker: true }, ['delete-marker null true']],
    ['enabled', { versionId: expect.any(String), deleteMarker: true }, ['delete-marker id true', 'object id false']],
  ] as const)('a plain delete with versioning %s', async (versioning, answer, left) => {
    const bucket = await newBucket(versioning)
    await write(bucket)
    expect(await remove(bucket)).toEqual(answer)
    expect(await ids(bucket)).toEqual(left)
  })

  it('counts the versioning of now, not of when the request was authorized', async () => {
    const asAuthorized = await newBucket('off')
    await write(asAuthorized)
    await services().metadata.write((tx) => tx.buckets.setVersioning(asAuthorized.id, 'enabled'))
    await write(asAuthorized)
    await remove(asAuthorized)
    expect(await ids(asAuthorized)).toEqual(['delete-marker id true', 'object id false', 'object null false'])
  })

  it('does not write into a bucket that has been deleted, or made anew', async () => {
    const gone = await newBucket('off')
    await services().metadata.write((tx) => tx.buckets.remove(gone.id, 0))
    await expect(write(gone)).rejects.toMatchObject({ code: 'NoSuchBucket' })
    await expect(remove(gone)).rejects.toMatchObject({ code: 'NoSuchBucket' })
    const { id: _id, ...again } = gone
    const anew = await services().metadata.write((tx) => tx.buckets.insert(again))
    await expect(write(gone)).rejects.toMatchObject({ code: 'NoSuchBucket' })
    await expect(write(anew)).resolves.toMatchObject({ versionId: 'null' })
  })

  it('does not replace a null version that is locked', async () => {
    const bucket = await newBucket('off', true)
    await write(bucket, { attributes: HELD })
    await expect(write(bucket)).rejects.toMatchObject({ code: 'AccessDenied' })
    await expect(remove(bucket)).rejects.toMatchObject({ code: 'AccessDenied' })
    await services().metadata.write((tx) => tx.buckets.setVersioning(bucket.id, 'suspended'))
    await expect(write(bucket)).rejects.toMatchObject({ code: 'AccessDenied' })
    await expect(remove(bucket)).rejects.toMatchObject({ code: 'AccessDenied' })
    await services().metadata.write((tx) => tx.buckets.setVersioning(bucket.id, 'enabled'))
    await expect(write(bucket)).resolves.toMatchObject({ isLatest: true })
    await expect(remove(bucket, 'null')).rejects.toMatchObject({ code: 'AccessDenied' })
  })

  it('releases the bytes of what it replaces and of nothing else', async () => {
    const { metadata } = services()
    const bucket = await newBucket('off')
    const newManifest = () =>
      metadata.write((tx) => tx.manifests.create([{ place: 'inline', bytes: Buffer.from('bytes') }]))
    const first = await newManifest()
    const second = await newManifest()
    await write(bucket, { manifestId: first, sizeBytes: 5 })
    await write(bucket, { manifestId: second, sizeBytes: 5 })
    const later = services().clock.now() + 2 * services().limits.garbageDelayMs
    const collected = (nowMs: number) =>
      metadata.write((tx) => tx.garbage.collect({ nowMs, pinned: new Set(), limit: 1000 }))
    const segments = (manifestId: number) =>
      metadata.read((tx) => tx.manifests.segments(manifestId, { offsetBytes: 0, lengthBytes: 5, limit: 1 }))
    expect(await collected(services().clock.now())).toBe(0)
    expect(await collected(later)).toBeGreaterThan(0)
    expect(await segments(first)).toEqual([])
    expect(await segments(second)).toHaveLength(1)
  })
})
