import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import { type GivenAttributes, settleObject } from '../access/settle.ts'
import type { Caller } from '../accounts.ts'
import { commitReceived } from '../bytes/commit.ts'
import type { Integrity } from '../bytes/integrity.ts'
import { receive } from '../bytes/receive.ts'
import { type EncryptionWish, etagOf, infoOf, settleProtection } from '../encryption/protection.ts'
import { assertLockable } from '../locks/guard.ts'
import type { Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { assertAnnounced } from '../versions/announced.ts'
import { type MissingKeyCode, writeVersion } from '../versions/write.ts'
import type { Conditions } from './conditions.ts'
import { assertKey } from './key.ts'

export interface PutRequest {
  readonly bucket: BucketRow
  readonly key: string
  readonly caller: Caller
  readonly attributes: GivenAttributes
  /** The bucket's own where it is undefined. */
  readonly storageClass: string | undefined
  readonly conditions: Conditions
  readonly ifMatchOnMissing: MissingKeyCode
  readonly integrity: Integrity
  readonly encryption: EncryptionWish
  readonly body: Parameters<typeof receive>[1]
  readonly teller: Teller
  /** How it comes, in the words of events. */
  readonly kind: 'created:put' | 'created:post'
}

/**
 * Stores a whole object: bytes first, then one transaction that makes them the current version.
 * @throws S3Error of the body's digests and length, and those of settleObject, newDataKey and writeVersion
 */
export async function putObject(services: Services, put: PutRequest, signal: AbortSignal): Promise<VersionRow> {
  const { bucket, key, attributes } = put
  assertKey(key)
  // Before the bytes: it spares an upload that cannot succeed.
  assertLockable(bucket, attributes, services.clock.now())
  const storageClass = put.storageClass ?? bucket.storageClass
  const { ownerId, acl } = settleObject(services.accounts, put)
  const protection = settleProtection(bucket.settings, put.encryption)
  await assertAnnounced(services, { bucket, key, sizeBytes: put.body.sizeBytes, as: 'object' })
  const received = await receive(services, put.body, {
    integrity: put.integrity,
    signal,
    maxBytes: services.limits.putBytesMax,
    storageClass,
    protection,
  })
  const { chunk, sizeBytes, md5, checksum } = received
  return await commitReceived(put.teller, received, async (tx, tell) => {
    const manifestId = chunk === undefined ? undefined : await tx.manifests.create([chunk])
    return await writeVersion(tx, {
      services,
      bucket,
      conditions: put.conditions,
      ifMatchOnMissing: put.ifMatchOnMissing,
      tell,
      kind: put.kind,
      version: {
        key,
        kind: 'object',
        lastModifiedMs: services.clock.now(),
        ownerId,
        sizeBytes,
        etag: etagOf(services.ids, md5, { protection, rules: put.encryption.rules }),
        storageClass,
        appends: 0,
        manifestId,
        checksum,
        partCount: 0,
        attributes: { ...attributes, acl, encryption: infoOf(protection) },
      },
    })
  })
}
