import { s3Error } from '../../errors.ts'
import type { BucketRow, RestoreState, VersionRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { eventObject, type Tell, type Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { type GrantCheck, locate } from '../versions/locate.ts'
import { presentBucket } from '../versions/write.ts'
import { isArchived, restoreStatus } from './archive.ts'

export type RestoreTier = 'Standard' | 'Bulk' | 'Expedited'

export interface RestoreRequest {
  /** As it was when the request was authorized. */
  readonly bucket: BucketRow
  readonly key: string
  /** The latest where it is undefined; `null` is the null version. */
  readonly versionId: string | undefined
  readonly assertGranted: GrantCheck
  readonly days: number
  readonly tier: RestoreTier
  readonly teller: Teller
}

/** A delete marker is `absent` with its row. `extended`: it was restored already, and its time was set anew. */
export type RestoreOutcome =
  | { readonly kind: 'absent'; readonly marker: VersionRow | undefined }
  | { readonly kind: 'started' | 'extended'; readonly version: VersionRow }

/**
 * Makes an archived object readable after the configured delay, for so many days; no bytes move. A request for a
 * restored one counts its days from now on, as S3 documents. Every tier takes the same time here.
 * @throws S3Error NoSuchBucket, InvalidObjectState (not archived), InvalidArgument (a tier that the class does not
 *   have), RestoreAlreadyInProgress, SlowDown, what `assertGranted` throws
 */
export async function restoreObject(services: Services, request: RestoreRequest): Promise<RestoreOutcome> {
  return await request.teller.write(async (tx, tell) => {
    const bucket = await presentBucket(tx, request.bucket)
    const { key, versionId, assertGranted, days } = request
    const version = await locate(tx, { bucketId: bucket.id, key, versionId, assertGranted })
    if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
    assertRestorable(version, request.tier)
    const nowMs = services.clock.now()
    const { restore: present } = version.attributes
    const before = restoreStatus(present, nowMs)
    if (before?.isOngoing === true) throw s3Error('RestoreAlreadyInProgress')
    if (before !== undefined && present !== undefined) {
      await setRestore(tx, version, { ...present, requestedMs: nowMs, days, untilMs: nowMs + days * services.dayMs })
      return { kind: 'extended', version }
    }
    const readyMs = nowMs + services.restoreDelayMs
    const restore = { requestedMs: nowMs, readyMs, days, untilMs: readyMs + days * services.dayMs }
    await setRestore(tx, version, restore)
    await tell({ bucket, kind: 'restore:started', object: eventObject(bucket, version) })
    if (readyMs <= nowMs) await tellCompleted(tell, { bucket, version, restore })
    return { kind: 'started', version }
  })
}

export async function tellCompleted(
  tell: Tell,
  { bucket, version, restore: { untilMs } }: { bucket: BucketRow; version: VersionRow; restore: RestoreState },
): Promise<void> {
  const restore = { untilMs, storageClass: version.storageClass }
  await tell({ bucket, kind: 'restore:completed', object: eventObject(bucket, version), restore })
}

function assertRestorable({ storageClass }: VersionRow, tier: RestoreTier): void {
  if (!isArchived(storageClass)) {
    const message = "Restore is not allowed for the object's current storage class"
    throw s3Error('InvalidObjectState', { StorageClass: storageClass }, { message })
  }
  if (storageClass === 'DEEP_ARCHIVE' && tier === 'Expedited') {
    const message = 'Expedited retrieval is not available for objects of the storage class DEEP_ARCHIVE'
    throw s3Error('InvalidArgument', { ArgumentName: 'Tier', ArgumentValue: tier }, { message })
  }
}

/** The times stand with the version, and what is to come of them on the list of the job that sees to it. */
async function setRestore(tx: WriteTransaction, version: VersionRow, restore: RestoreState): Promise<void> {
  const { bucketId, key, versionId, attributes } = version
  const ref = { bucketId, key, versionId }
  if (attributes.restore !== undefined) await tx.restored.forget([{ ...ref, dueMs: attributes.restore.untilMs }])
  await tx.versions.setAttributes(version, { ...attributes, restore })
  if (restore.requestedMs < restore.readyMs) await tx.restored.note({ ...ref, dueMs: restore.readyMs })
  await tx.restored.note({ ...ref, dueMs: restore.untilMs })
}
