import type { BucketRow, Retention, VersionRow } from '../../storage/metadata/rows.ts'
import type { Services } from '../services.ts'
import { type GrantCheck, locate } from '../versions/locate.ts'
import { presentBucket } from '../versions/write.ts'
import { assertAhead, assertKeepsLocks, assertRetentionChange } from './guard.ts'

/** A new retention, which undefined takes away, or a new legal hold. */
export type Lock = { readonly retention: Retention | undefined } | { readonly legalHold: boolean }

export interface LockChange {
  /** As it was when the request was authorized. */
  readonly bucket: BucketRow
  readonly key: string
  /** The latest where it is undefined. */
  readonly versionId: string | undefined
  readonly assertGranted: GrantCheck
  readonly lock: Lock
  /** The caller asked to bypass GOVERNANCE retention and may. */
  readonly bypassGovernance: boolean
}

/** What was to be locked. A delete marker is `absent` with its row: it can bear no lock. */
export type Locked = { readonly kind: 'absent'; readonly marker: VersionRow | undefined } | { readonly kind: 'locked' }

/**
 * Changes the lock of one version in place. In the order of transactions, a deletion either comes before, and then
 * there is nothing to lock, or meets the lock.
 * @throws S3Error NoSuchBucket; InvalidRequest in a bucket without object lock; InvalidArgument for a date that has
 *   passed; AccessDenied for a change that weakens retention; what `assertGranted` throws
 */
export async function changeLock(services: Services, change: LockChange): Promise<Locked> {
  const { lock, key, versionId, assertGranted, bypassGovernance } = change
  if ('retention' in lock) assertAhead(lock.retention, services.clock.now())
  return await services.metadata.write(async (tx) => {
    const bucket = await presentBucket(tx, change.bucket)
    assertKeepsLocks(bucket, { legalHold: true })
    const version = await locate(tx, { bucketId: bucket.id, key, versionId, assertGranted })
    if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
    const { attributes } = version
    if ('retention' in lock) {
      const change = { before: attributes.retention, after: lock.retention }
      assertRetentionChange(change, { nowMs: services.clock.now(), bypassGovernance })
    }
    await tx.versions.setAttributes(version, { ...attributes, ...lock })
    return { kind: 'locked' }
  })
}
