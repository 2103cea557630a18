import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { purgeBucket } from '../../../src/domain/buckets/purge.ts'
import { removeBucket } from '../../../src/domain/buckets/remove.ts'
import { deleteVersion } from '../../../src/domain/versions/delete.ts'
import type { BucketRow, Versioning, VersionRow } from '../../../src/storage/metadata/rows.ts'
import { names } from '../../contracts/chunks.ts'
import { collectAll } from '../../contracts/metadata/fixture.ts'
import { auditFiles, brokenRules } from '../../crash/audit.ts'
import { FILE, INLINE, newBucket, Requests } from '../../crash/scenarios.ts'
import { newRule } from '../../support/lifecycle.ts'
import { LifecycleWorld } from '../../support/lifecycle-world.ts'
import { FakeRenderer, requestOf } from '../../support/pictures.ts'
import { openServices, type TestServices } from '../../support/services.ts'

const { signal } = new AbortController()
const KEY = 'key'
let services: TestServices
let bucket: BucketRow
let requests: Requests

beforeEach(async () => {
  services = await openServices({}, ['GLACIER'])
})
afterEach(() => services.dispose())

async function arrange(versioning: Versioning): Promise<VersionRow> {
  bucket = await newBucket(services, 'pictures', versioning)
  requests = new Requests(bucket)
  await requests.put(services, KEY, INLINE)
  return await latest()
}

async function latest(): Promise<VersionRow> {
  const row = await services.metadata.read((tx) => tx.versions.latest({ bucketId: bucket.id, key: KEY }))
  if (row === undefined) throw new Error('the object is there')
  return row
}

/** Two results of this version, one of which is a file. */
async function render(source: VersionRow): Promise<void> {
  await new FakeRenderer(FILE).ask(services, requestOf(source, 1))
  await new FakeRenderer(INLINE).ask(services, requestOf(source, 2))
}

const kept = async () => (await services.metadata.read((tx) => tx.renderings.total())).count
const usage = () => services.metadata.read((tx) => tx.buckets.usage(bucket.id))

async function assertSound(): Promise<void> {
  expect(brokenRules(services.dir)).toEqual([])
  expect(await auditFiles(services.dir, services.chunks)).toEqual({ orphans: [], broken: [] })
}

const remove = (versionId: string | undefined) =>
  services.metadata.write((tx) =>
    deleteVersion(tx, {
      services,
      bucket,
      key: KEY,
      versionId,
      conditions: {},
      bypassGovernance: false,
      ownerId: 'o',
      tell: async () => undefined,
    }),
  )

type Act = (source: VersionRow) => Promise<unknown>

/** What makes a version go, and with it what has been rendered of it. */
const ENDS: readonly (readonly [name: string, versioning: Versioning, act: Act])[] = [
  ['an overwrite', 'off', () => requests.put(services, KEY, INLINE)],
  ['an overwrite of the null version', 'suspended', () => requests.put(services, KEY, INLINE)],
  [
    'a copy over it',
    'off',
    async () => {
      await requests.put(services, 'other', INLINE)
      await requests.copy(services, 'other', KEY)
    },
  ],
  ['a delete', 'off', () => requests.remove(services, KEY)],
  ['a delete marker in the null version’s place', 'suspended', () => requests.remove(services, KEY)],
  ['a delete of the version', 'enabled', ({ versionId }) => remove(versionId)],
  ['a purge of the bucket', 'enabled', () => purgeBucket(services, bucket, signal)],
  [
    'the end of the bucket',
    'off',
    async () => {
      await requests.remove(services, KEY)
      await removeBucket(services, bucket)
    },
  ],
]

describe.each(ENDS)('%s (versioning %s)', (_name, versioning, act) => {
  it('takes the renderings along, whose bytes wait for their readers', async () => {
    const source = await arrange(versioning)
    await render(source)
    expect([await kept(), await names(services.chunks)]).toEqual([2, [expect.any(String)]])
    await assertSound()
    await act(source)
    expect([await kept(), await names(services.chunks)]).toEqual([0, [expect.any(String)]])
    await assertSound()
    const deletableMs = services.clock.nowMs + services.limits.garbageDelayMs
    expect(await collectAll(services.metadata, deletableMs - 1)).toEqual([])
    expect(await collectAll(services.metadata, deletableMs)).toEqual(await names(services.chunks))
  })
})

it('an append takes the renderings of the shorter object along', async () => {
  bucket = await newBucket(services, 'pictures', 'off')
  requests = new Requests(bucket)
  await requests.append(services, KEY, { at: 0, bytes: INLINE })
  await render(await latest())
  expect(await kept()).toBe(2)
  await requests.append(services, KEY, { at: INLINE.length, bytes: INLINE })
  expect(await kept()).toBe(0)
  await assertSound()
})

it('an upload that is completed over a picture takes its renderings along', async () => {
  await render(await arrange('off'))
  const upload = { key: KEY, uploadId: await requests.createUpload(services, KEY) }
  await requests.part(services, upload, { number: 1, bytes: INLINE })
  expect(await kept()).toBe(2)
  await requests.complete(services, upload)
  expect(await kept()).toBe(0)
})

it('an expiry takes the renderings along', async () => {
  const world = await LifecycleWorld.open()
  try {
    const { metadata } = world.services
    bucket = await world.makeBucket([newRule({ expiration: { days: 1 } })])
    const manifestId = await metadata.write((tx) => tx.manifests.create([{ place: 'inline', bytes: INLINE }]))
    await world.put(bucket, [KEY], { manifestId, sizeBytes: INLINE.length })
    const source = await metadata.read((tx) => tx.versions.latest({ bucketId: bucket.id, key: KEY }))
    await new FakeRenderer(INLINE).ask(world.services, requestOf(source!))
    expect((await metadata.read((tx) => tx.renderings.total())).count).toBe(1)
    world.advance(3)
    await world.run()
    expect(await world.contents(bucket)).toEqual([])
    expect((await metadata.read((tx) => tx.renderings.total())).count).toBe(0)
  } finally {
    await world.services.dispose()
  }
})

describe.each([
  ['a newer version', 'enabled', () => requests.put(services, KEY, INLINE)],
  ['a delete marker', 'enabled', () => requests.remove(services, KEY)],
  ['a move to another class', 'off', () => requests.moveTo(services, KEY, 'GLACIER')],
  ['a copy of it', 'off', () => requests.copy(services, KEY, 'copy')],
] satisfies [string, Versioning, Act][])('%s', (_name, versioning, act) => {
  it('leaves the renderings where they are', async () => {
    const source = await arrange(versioning)
    await render(source)
    await act()
    expect(await kept()).toBe(2)
    expect(await new FakeRenderer(INLINE).ask(services, requestOf(source, 2))).toBe('hit')
    await assertSound()
  })
})

it('renderings do not count as anything’s bytes, nor keep a bucket', async () => {
  const source = await arrange('off')
  const before = await usage()
  await render(source)
  expect(await usage()).toEqual(before)
  await requests.remove(services, KEY)
  expect(await usage()).toEqual({ objects: 0, bytes: 0 })
  await removeBucket(services, bucket)
})
