import { describe, expect, it } from 'vitest'
import { Teller, untold } from '../../../src/domain/notifications/teller.ts'
import { COPY_BYTES_MAX, type CopyRequest, copyObject } from '../../../src/domain/objects/copy.ts'
import type { Services } from '../../../src/domain/services.ts'
import { writeVersion } from '../../../src/domain/versions/write.ts'
import type { BucketRow } from '../../../src/storage/metadata/rows.ts'
import { createBucket } from '../../support/buckets.ts'
import { NO_KEY, PLAIN } from '../../support/encryption.ts'
import { useServer } from '../../support/server.ts'

const ATTRIBUTES = { contentType: undefined, metadata: {}, tags: [], acl: 'private' } as const

describe('copyObject', () => {
  const server = useServer()
  const services = () => server().running.services

  async function bucketRow(): Promise<BucketRow> {
    const name = await createBucket(server())
    return services().metadata.read(async (tx) => (await tx.buckets.find({ tenant: '', name }))!)
  }

  async function write(bucket: BucketRow, text: string, sizeBytes: number): Promise<void> {
    const inside = services()
    await inside.metadata.write(async (tx) => {
      const manifestId = await tx.manifests.create([{ place: 'inline', bytes: Buffer.from(text) }])
      const object = { key: 's', kind: 'object', lastModifiedMs: 1, ownerId: 'cozos', sizeBytes, etag: text } as const
      const rest = { storageClass: 'STANDARD', appends: 0, manifestId, checksum: undefined, partCount: 0 }
      const version = { ...object, ...rest, attributes: ATTRIBUTES }
      await writeVersion(tx, { services: inside, bucket, conditions: {}, version, tell: untold, kind: 'created:put' })
    })
  }

  function copy(within: Services, bucket: BucketRow, over: Partial<CopyRequest>) {
    const { tenant, name } = bucket
    const request: CopyRequest = {
      source: { tenant, name, key: 's', versionId: undefined, conditions: {}, expectedOwner: undefined, offer: NO_KEY },
      bucket,
      key: 'd',
      caller: { kind: 'anonymous' },
      conditions: {},
      ifMatchOnMissing: 'PreconditionFailed',
      attributes: ATTRIBUTES,
      metadataDirective: 'COPY',
      taggingDirective: 'COPY',
      storageClass: undefined,
      checksumAlgorithm: undefined,
      encryption: PLAIN,
      absent: () => new Error('absent'),
      teller: new Teller(within),
      ...over,
    }
    return copyObject(within, request, new AbortController().signal)
  }

  it('takes 5 GiB and not one byte more', async () => {
    const bucket = await bucketRow()
    await write(bucket, 'x', COPY_BYTES_MAX + 1)
    await expect(copy(services(), bucket, {})).rejects.toMatchObject({ code: 'InvalidRequest' })
    await write(bucket, 'x', COPY_BYTES_MAX)
    await expect(copy(services(), bucket, {})).resolves.toMatchObject({ version: { sizeBytes: COPY_BYTES_MAX } })
  })

  /** Services whose source is overwritten before each of the first writes: somebody is always faster. */
  function racing(bucket: BucketRow, overwrites: number): Services {
    const inside = services()
    let left = overwrites
    const metadata = {
      read: inside.metadata.read.bind(inside.metadata),
      write: async (work) => {
        if (left > 0) await write(bucket, `${left--}`, 1)
        return inside.metadata.write(work)
      },
      stats: () => inside.metadata.stats(),
      close: () => inside.metadata.close(),
    } satisfies Services['metadata']
    return { ...inside, metadata }
  }

  it('computes a checksum again when the source has changed meanwhile, and gives up in the end', async () => {
    const bucket = await bucketRow()
    await write(bucket, '0', 1)
    const checksumAlgorithm = 'CRC32'
    await expect(copy(racing(bucket, 9), bucket, { checksumAlgorithm })).rejects.toMatchObject({
      code: 'OperationAborted',
    })
    const { version, source } = await copy(racing(bucket, 2), bucket, { checksumAlgorithm })
    expect(source.etag).toBe('1')
    // CRC-32 of "1" is 83dcefb7.
    expect(version.checksum).toEqual({
      algorithm: 'CRC32',
      value: Buffer.from('83dcefb7', 'hex').toString('base64'),
      type: 'FULL_OBJECT',
    })
  })

  it('without a checksum copies whatever is there inside the transaction', async () => {
    const bucket = await bucketRow()
    await write(bucket, '0', 1)
    await expect(copy(racing(bucket, 9), bucket, {})).resolves.toMatchObject({ source: { etag: '9' } })
  })
})
