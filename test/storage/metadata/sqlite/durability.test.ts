import { closeSync, openSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Durability } from '../../../../src/storage/metadata/sqlite/durability.ts'
import { type MetadataStore, UncertainCommit } from '../../../../src/storage/metadata/store.ts'
import { type Child, startWriter, useFolder } from './fixture.ts'

const folder = useFolder()

/** Reads the child's output until it has acknowledged `count` writes, or to its end. */
async function acknowledged(
  child: Child,
  count = Number.POSITIVE_INFINITY,
): Promise<{ keys: string[]; rest: string[] }> {
  const keys: string[] = []
  const rest: string[] = []
  for await (const line of child.lines) {
    if (line.startsWith('key-')) keys.push(line)
    else rest.push(line)
    if (keys.length === count) child.kill()
  }
  await child.exited
  return { keys, rest }
}

async function expectSound(store: MetadataStore, keys: readonly string[]): Promise<void> {
  const bucket = await store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))
  const bucketId = bucket!.id
  for (const key of keys) {
    const bytes = await store.read(async (tx) => {
      const version = await tx.versions.latest({ bucketId, key })
      const range = { offsetBytes: 0, lengthBytes: version!.sizeBytes, limit: 2 }
      return tx.manifests.segments(version!.manifestId!, range)
    })
    expect(bytes).toMatchObject([{ place: 'inline', bytes: Buffer.alloc(1000, key) }])
  }
  const range = { bucketId, prefix: '', from: undefined, limit: 1_000_000 }
  const listed = await store.read((tx) => tx.versions.listCurrent(range))
  const usage = await store.read((tx) => tx.buckets.usage(bucketId))
  expect(usage).toEqual({ objects: listed.length, bytes: listed.length * 1000 })
}

it('keeps every acknowledged write when its process is killed', async () => {
  const child = startWriter([folder.dir])
  const { keys } = await acknowledged(child, 500)
  expect(keys.length).toBeGreaterThanOrEqual(500)
  const store = await folder.open()
  await expectSound(store, keys)
  await store.close()
  expect((await readdir(folder.dir)).sort()).toEqual(['lock.db', 'metadata.db'])
})

it('answers ServiceUnavailable when the disk takes no more, still reads, and keeps what it acknowledged', async () => {
  const { keys, rest } = await acknowledged(startWriter([folder.dir], 2048))
  expect(rest).toEqual(['ready', ...Array(8).fill('end ServiceUnavailable'), 'reads bucket'])
  expect(keys.length).toBeGreaterThan(100)
  await expectSound(await folder.open(), keys)
})

it('refuses everything after a sync that failed, and nothing before', async () => {
  const path = join(folder.dir, 'file')
  const descriptor = openSync(path, 'w+')
  let idle = 0
  const durability = new Durability(descriptor, () => {
    idle += 1
  })
  const sync = () => new Promise((resolve) => durability.afterSync(resolve))
  expect(await Promise.all([sync(), sync(), sync()])).toEqual([undefined, undefined, undefined])
  closeSync(descriptor)
  expect(durability.failure).toBeUndefined()
  const failure = { code: 'ServiceUnavailable', cause: { code: 'EBADF' } }
  for (let attempt = 0; attempt < 2; attempt++) {
    const outcome = await sync()
    expect(outcome).toBeInstanceOf(UncertainCommit)
    expect(outcome).toMatchObject({ cause: failure })
    expect(durability.failure).toMatchObject(failure)
  }
  expect(idle).toBeGreaterThan(0)
})
