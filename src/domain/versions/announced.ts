import type { BucketRow } from '../../storage/metadata/rows.ts'
import { assertWithinQuota, quotasOf } from '../quota.ts'
import type { Services } from '../services.ts'
import { replacedVersion } from './write.ts'

export interface Announced {
  readonly bucket: BucketRow
  readonly key: string
  /** What the client says that it will send; undefined where it does not say. */
  readonly sizeBytes: number | undefined
  /**
   * `object`: these bytes become the object, or a part of it, which will then be as large at least. `piece`: they are
   * added to the object that is there.
   */
  readonly as: 'object' | 'piece'
}

/**
 * Refuses a body that a quota will not let in, before it is received: it spares the upload. What counts in the end is
 * asked again in the transaction that writes.
 * @throws S3Error QuotaExceeded
 */
export async function assertAnnounced(services: Services, announced: Announced): Promise<void> {
  const { bucket, key, sizeBytes = 0, as } = announced
  const quotas = quotasOf(services, bucket)
  if (quotas.bucket === undefined && quotas.user === undefined) return
  await services.metadata.read(async (tx) => {
    const replaced = await replacedVersion(tx, bucket, key)
    const kept = as === 'piece' ? (replaced?.sizeBytes ?? 0) : 0
    const version = { kind: 'object', sizeBytes: kept + sizeBytes } as const
    await assertWithinQuota(tx, { services, bucket, version, replaced })
  })
}
