// Run by tests as a process of its own: opens the store in a folder and writes objects, 8 at a time, until it is
// killed or the storage refuses. Prints `ready`, the key of every write it was told is durable, and how it ended.
import { S3Error } from '../../../../src/errors.ts'
import { openSqliteStore } from '../../../../src/storage/metadata/sqlite/store.ts'
import { newBucket, newVersion } from '../../../support/rows.ts'

const [dir = '', bodyBytes = '1000'] = process.argv.slice(2)

try {
  const store = await openSqliteStore({ dir, durability: 'sync' })
  const bucket = await store.write((tx) => tx.buckets.insert(newBucket('bucket')))
  console.log('ready')
  let next = 0
  const write = async (): Promise<void> => {
    for (;;) {
      const key = `key-${next++}`
      await store.write(async (tx) => {
        const bytes = Buffer.alloc(Number(bodyBytes), key)
        const manifestId = await tx.manifests.create([{ place: 'inline', bytes }])
        await tx.versions.insert(newVersion(bucket.id, key, { manifestId, sizeBytes: bytes.length }))
      })
      console.log(key)
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: 8 }, write))
  for (const end of ends) {
    const code = end.status === 'rejected' && end.reason instanceof S3Error ? end.reason.code : 'unexpected'
    console.log(`end ${code}`)
  }
  const found = await store.read((tx) => tx.buckets.find({ tenant: '', name: 'bucket' }))
  console.log(`reads ${found?.name}`)
} catch (cause) {
  console.log(`failed ${(cause as Error).message}`)
}
