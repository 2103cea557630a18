import type { BucketRow, ObjectAttributes, VersionRow } from '../../storage/metadata/rows.ts'
import { type Caller, callerId } from '../accounts.ts'
import { commitReceived } from '../bytes/commit.ts'
import type { Integrity } from '../bytes/integrity.ts'
import { receive } from '../bytes/receive.ts'
import { assertLockable } from '../locks/guard.ts'
import type { Services } from '../services.ts'
import { type MissingKeyCode, writeVersion } from '../versions/write.ts'
import type { Conditions } from './conditions.ts'
import { assertKey } from './key.ts'

export interface PutRequest {
  readonly bucket: BucketRow
  readonly key: string
  readonly caller: Caller
  readonly attributes: ObjectAttributes
  /** The bucket's own where it is undefined. */
  readonly storageClass: string | undefined
  readonly conditions: Conditions
  readonly ifMatchOnMissing: MissingKeyCode
  readonly integrity: Integrity
  readonly body: Parameters<typeof receive>[1]
}

/**
 * Stores a whole object: bytes first, then one transaction that makes them the current version.
 * @throws S3Error of the body's digests and length, and those of writeVersion
 */
export async function putObject(services: Services, put: PutRequest, signal: AbortSignal): Promise<VersionRow> {
  const { bucket, key, attributes } = put
  assertKey(key)
  // Before the bytes: it spares an upload that cannot succeed.
  assertLockable(bucket, attributes, services.clock.now())
  const received = await receive(services, put.body, {
    integrity: put.integrity,
    signal,
    maxBytes: services.limits.putBytesMax,
  })
  const { chunk, sizeBytes, md5, checksum } = received
  return await commitReceived(services, received, async (tx) => {
    const manifestId = chunk === undefined ? undefined : await tx.manifests.create([chunk])
    return await writeVersion(tx, {
      services,
      bucket,
      conditions: put.conditions,
      ifMatchOnMissing: put.ifMatchOnMissing,
      version: {
        key,
        kind: 'object',
        lastModifiedMs: services.clock.now(),
        ownerId: callerId(put.caller),
        sizeBytes,
        etag: md5,
        storageClass: put.storageClass ?? bucket.storageClass,
        appends: 0,
        manifestId,
        checksum,
        partCount: 0,
        attributes,
      },
    })
  })
}
