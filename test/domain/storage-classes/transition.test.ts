import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openManifest } from '../../../src/domain/bytes/open.ts'
import { sealBytes } from '../../../src/domain/bytes/seal.ts'
import { newDataKey } from '../../../src/domain/encryption/data-key.ts'
import { type Transition, transition } from '../../../src/domain/storage-classes/transition.ts'
import { collectGarbage } from '../../../src/jobs/collect-garbage.ts'
import { ORPHAN_AGE_MS, START_DELAY_MS, scrub } from '../../../src/jobs/scrub.ts'
import type { BucketRow, NewVersion, VersionRow } from '../../../src/storage/metadata/rows.ts'
import { type MetadataStore, UncertainCommit } from '../../../src/storage/metadata/store.ts'
import { drain, pieces } from '../../contracts/chunks.ts'
import { brokenRules } from '../../crash/audit.ts'
import { forwardChunks } from '../../support/chunk-stores.ts'
import { newBucket, newUpload, newVersion } from '../../support/rows.ts'
import { MovedClock, openServices, type TestServices } from '../../support/services.ts'

const { signal } = new AbortController()
const BYTES = randomBytes(200_000)
const WHOLE = { offsetBytes: 0, lengthBytes: BYTES.length }
let services: TestServices
let bucket: BucketRow

beforeEach(async () => {
  services = await openServices({ garbageDelayMs: 1_000 }, ['GLACIER'])
  bucket = await services.metadata.write((tx) => tx.buckets.insert(newBucket('bucket', { versioning: 'enabled' })))
})
afterEach(() => services.dispose())

async function put(change: Partial<NewVersion> = {}): Promise<VersionRow> {
  const file = { name: services.ids.chunkName(), store: '' }
  await services.chunks.put(file, pieces(BYTES, 65_536), { signal })
  return await services.metadata.write(async (tx) => {
    const manifestId = await tx.manifests.create([{ place: 'file', ...file, sizeBytes: BYTES.length }])
    const sizeBytes = BYTES.length
    return await tx.versions.insert(newVersion(bucket.id, 'key', { versionId: 'v1', sizeBytes, manifestId, ...change }))
  })
}

const find = (versionId = 'v1') =>
  services.metadata.read((tx) => tx.versions.find({ bucketId: bucket.id, key: 'key', versionId }))
const change = (version: VersionRow, storageClass = 'GLACIER', more: Partial<Transition> = {}) =>
  transition(services, { bucket, version, storageClass, ...more }, signal)

async function stores(): Promise<string[]> {
  return (await Array.fromAsync(services.chunks.list())).map(({ store }) => store).sort()
}

async function collect(): Promise<void> {
  services.clock.nowMs += 1_000
  while ((await collectGarbage(services).step(signal)) === 'again');
}

async function bytesOf({ manifestId }: VersionRow): Promise<Buffer> {
  return await drain(openManifest(services, { manifestId, range: WHOLE }, signal))
}

/** The store as it is for whoever only reads. */
function failingWrites(cause: Error): MetadataStore {
  const { metadata } = services
  return {
    read: (work) => metadata.read(work),
    write: () => Promise.reject(cause),
    stats: () => metadata.stats(),
    close: () => metadata.close(),
  }
}

it('moves the bytes, and leaves everything else of the version as it was', async () => {
  const before = await put()
  expect(await change(before)).toBe(true)
  const after = await find()
  expect(after).toEqual({ ...before, storageClass: 'GLACIER', manifestId: after!.manifestId })
  expect(after!.manifestId).not.toBe(before.manifestId)
  expect(await stores()).toEqual(['', 'GLACIER'])
  await collect()
  expect(await stores()).toEqual(['GLACIER'])
  expect((await bytesOf(after!)).equals(BYTES)).toBe(true)
  expect(await change(after!, 'STANDARD')).toBe(true)
  await collect()
  expect(await stores()).toEqual([''])
  expect((await bytesOf((await find())!)).equals(BYTES)).toBe(true)
  expect(brokenRules(services.dir)).toEqual([])
})

it('moves no bytes for a class without a folder of its own, nor for an empty object', async () => {
  const before = await put()
  expect(await change(before, 'STANDARD_IA')).toBe(true)
  expect(await find()).toEqual({ ...before, storageClass: 'STANDARD_IA' })
  expect(await stores()).toEqual([''])
  const empty = await put({ versionId: 'v2', sizeBytes: 0, manifestId: undefined })
  expect(await change(empty)).toBe(true)
  expect(await find('v2')).toMatchObject({ storageClass: 'GLACIER', manifestId: undefined })
})

it('gives a copy that shares the bytes its own place, and the other keeps its', async () => {
  const before = await put()
  await services.metadata.write(async (tx) => {
    await tx.manifests.share(before.manifestId!)
    const { manifestId, sizeBytes } = before
    await tx.versions.insert(newVersion(bucket.id, 'copy', { manifestId, sizeBytes }))
  })
  expect(await change(before)).toBe(true)
  await collect()
  expect(await stores()).toEqual(['', 'GLACIER'])
  const copy = await services.metadata.read((tx) => tx.versions.latest({ bucketId: bucket.id, key: 'copy' }))
  for (const row of [copy!, (await find())!]) expect((await bytesOf(row)).equals(BYTES)).toBe(true)
})

it('moves a sealed chunk once, of whatever many parts the object is made that share it', async () => {
  const { key, sealing } = await newDataKey(services.keyRing, { algorithm: 'AES256' })
  const file = { name: services.ids.chunkName(), store: '' }
  await services.chunks.put(file, pieces(sealBytes(key, BYTES), 65_536), { signal })
  const version = await services.metadata.write(async (tx) => {
    const source = await tx.manifests.create([{ place: 'file', ...file, sizeBytes: BYTES.length, sealing }])
    const { uploadId } = newUpload(bucket.id, 'key')
    await tx.uploads.insert(newUpload(bucket.id, 'key', { uploadId }))
    for (let part = 0; part < 4; part++) {
      const sizeBytes = BYTES.length / 4
      const manifestId = await tx.manifests.slice(source, { offsetBytes: part * sizeBytes, lengthBytes: sizeBytes })
      const row = { uploadId, partNumber: part + 1, lastModifiedMs: 0, sizeBytes, etag: '', checksum: undefined }
      await tx.uploads.putPart({ ...row, manifestId }, 0)
    }
    const manifestId = await tx.uploads.assemble(uploadId, [1, 2, 3, 4])
    const result = { etag: '', versionId: 'v1', checksum: undefined, encryption: undefined }
    await tx.uploads.complete(uploadId, result, 0)
    await tx.manifests.release(source, 0)
    return await tx.versions.insert(
      newVersion(bucket.id, 'key', { versionId: 'v1', sizeBytes: BYTES.length, manifestId }),
    )
  })
  expect(await change(version)).toBe(true)
  await collect()
  expect(await stores()).toEqual(['GLACIER'])
  expect((await bytesOf((await find())!)).equals(BYTES)).toBe(true)
  expect(brokenRules(services.dir)).toEqual([])
})

it('is not noticed by a download that has begun, however long it takes', async () => {
  const before = await put()
  const { manifestId } = before
  const download = openManifest(services, { manifestId, range: WHOLE }, signal)
  expect(await change(before)).toBe(true)
  await collect()
  expect(await stores()).toEqual(['', 'GLACIER'])
  expect((await drain(download)).equals(BYTES)).toBe(true)
  await collect()
  expect(await stores()).toEqual(['GLACIER'])
})

describe('a version that is not what was found any more is left alone:', () => {
  it('removed', async () => {
    const before = await put()
    await services.metadata.write((tx) => tx.versions.remove(before, 0))
    expect(await change(before)).toBe(false)
    expect(await stores()).toEqual([''])
  })

  it('of this class already, or of another', async () => {
    const before = await put()
    expect(await change({ ...before, storageClass: 'GLACIER' })).toBe(false)
    expect(await change(before, 'STANDARD')).toBe(false)
    expect(await find()).toEqual(before)
  })

  it.each([
    ['removed while its bytes moved', 'remove'],
    ['moved by somebody else meanwhile', 'move'],
    ['not due any more', 'tag'],
  ])('%s', async (_case, how) => {
    const before = await put()
    // At the port: somebody else is faster than the second transaction.
    const chunks = forwardChunks(services.chunks, {
      async put(...call) {
        const result = await services.chunks.put(...call)
        if (how === 'move') await change(before)
        else {
          await services.metadata.write(async (tx) => {
            const tagged = { ...before.attributes, tags: [{ key: 'keep', value: '' }] }
            if (how === 'tag') await tx.versions.setAttributes(before, tagged)
            else await tx.versions.remove(before, 0)
          })
        }
        return result
      },
    })
    const isStillDue = (row: VersionRow) => row.attributes.tags.length === 0
    const slow = transition(
      { ...services, chunks },
      { bucket, version: before, storageClass: 'GLACIER', isStillDue },
      signal,
    )
    expect(await slow).toBe(false)
    const after = await find()
    expect(await stores()).toEqual(how === 'move' ? ['', 'GLACIER'] : [''])
    if (how === 'move') expect((await bytesOf(after!)).equals(BYTES)).toBe(true)
    if (how === 'tag') expect(after).toMatchObject({ storageClass: 'STANDARD', manifestId: before.manifestId })
  })
})

it('a crash between the copy and the commit loses no byte, and the scrub finds the orphan', async () => {
  const before = await put()
  const dying = { ...services, metadata: failingWrites(new UncertainCommit(new Error('power'))) }
  const crashed = transition(dying, { bucket, version: before, storageClass: 'GLACIER' }, signal)
  await expect(crashed).rejects.toThrow('The storage does not respond.')
  expect(await find()).toEqual(before)
  expect((await bytesOf(before)).equals(BYTES)).toBe(true)
  expect(await stores()).toEqual(['', 'GLACIER'])
  const findings: unknown[] = []
  const fileClock = new MovedClock(Date.now() + ORPHAN_AGE_MS + 60_000)
  const onFinding = (finding: unknown) => findings.push(finding)
  const job = scrub(services, { onFinding, fileClock, paceClock: services.clock })
  services.clock.nowMs += START_DELAY_MS
  for (let steps = 0; job.report().rounds === 0 && steps < 10; steps++) await job.step(signal)
  expect(job.report()).toMatchObject({ removedOrphans: 1, verifiedChunks: 1 })
  expect([findings, await stores()]).toEqual([[], ['']])
  expect(await change(before)).toBe(true)
})

it('a failed commit leaves no files', async () => {
  const before = await put()
  const refusing = { ...services, metadata: failingWrites(new Error('refused')) }
  const failing = transition(refusing, { bucket, version: before, storageClass: 'GLACIER' }, signal)
  await expect(failing).rejects.toThrow('refused')
  expect([await stores(), await find()]).toEqual([[''], before])
})

it('forgets a restore where the new class needs none', async () => {
  const restore = { requestedMs: 1, readyMs: 2, days: 1, untilMs: services.clock.nowMs + 1_000_000 }
  const attributes = { ...newVersion(0, '').attributes, restore }
  const row = await put({ storageClass: 'GLACIER', attributes })
  expect(await change(row, 'DEEP_ARCHIVE')).toBe(true)
  expect((await find())?.attributes.restore).toEqual(restore)
  expect(await change((await find())!, 'STANDARD')).toBe(true)
  expect((await find())?.attributes).not.toHaveProperty('restore')
})
