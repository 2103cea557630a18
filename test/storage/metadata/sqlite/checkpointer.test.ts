import { expect, it } from 'vitest'
import { createText, makeBucket } from '../../../contracts/metadata/fixture.ts'
import { newVersion } from '../../../support/rows.ts'
import { useFolder } from './fixture.ts'

const folder = useFolder()
const MIB = 1024 ** 2

it('keeps the WAL small while writes never pause, and loses nothing', async () => {
  const store = await folder.open('relaxed')
  const bucketId = await makeBucket(store)
  const text = 'x'.repeat(64 * 1024)
  let written = 0
  let walBytesMax = 0
  const write = async () => {
    // 200 MiB in all: the WAL would hold every byte of it if it were never started anew.
    while (written < 3200) {
      const key = `key-${written++}`
      await store.write(async (tx) => {
        const manifestId = await createText(tx, key + text)
        await tx.versions.insert(newVersion(bucketId, key, { manifestId }))
      })
      walBytesMax = Math.max(walBytesMax, store.stats().walBytes)
    }
  }
  await Promise.all(Array.from({ length: 16 }, write))
  expect(walBytesMax).toBeLessThan(128 * MIB)
  expect(store.stats().databaseBytes).toBeGreaterThan(100 * MIB)
  expect(await store.read((tx) => tx.buckets.usage(bucketId))).toMatchObject({ objects: 3200 })
  expect(folder.warnings).toEqual([])
  await store.close()
  const again = await folder.open('relaxed')
  const last = await again.read((tx) => tx.versions.latest({ bucketId, key: 'key-3199' }))
  const whole = { offsetBytes: 0, lengthBytes: 8, limit: 1 }
  const segments = await again.read((tx) => tx.manifests.segments(last!.manifestId!, whole))
  expect(segments).toEqual([{ place: 'inline', bytes: Buffer.from('key-3199') }])
})
