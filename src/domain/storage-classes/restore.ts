import { s3Error } from '../../errors.ts'
import type { BucketRow, RestoreState, VersionRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
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
}

/** A delete marker is `absent` with its row. `extended`: it was restored already, and its time was set anew. */
export type RestoreOutcome =
  | { readonly kind: 'absent'; readonly marker: VersionRow | undefined }
  | { readonly kind: 'started' | 'extended'; readonly version: VersionRow }

/**
 * Makes an archived object readable after the configured delay, for so many days; no bytes move. A request for a
 * restored one counts its days from now on, as S3 documents. Every tier takes the same time here.
 * @throws S3Error NoSuchBucket, InvalidObjectState (not archived), InvalidArgument (a tier that the class does not
 *   have), RestoreAlreadyInProgress, what `assertGranted` throws
 */
export async function restoreObject(services: Services, request: RestoreRequest): Promise<RestoreOutcome> {
  return await services.metadata.write(async (tx) => {
    const { id: bucketId } = await presentBucket(tx, request.bucket)
    const { key, versionId, assertGranted } = request
    const version = await locate(tx, { bucketId, key, versionId, assertGranted })
    if (version === undefined || version.kind === 'delete-marker') return { kind: 'absent', marker: version }
    assertRestorable(version, request.tier)
    const nowMs = services.clock.now()
    const before = restoreStatus(version.attributes.restore, nowMs)
    if (before?.isOngoing === true) throw s3Error('RestoreAlreadyInProgress')
    const readyMs = before === undefined ? nowMs + services.restoreDelayMs : nowMs
    const { days } = request
    await setRestore(tx, version, {
      requestedMs: nowMs,
      readyMs,
      days,
      untilMs: readyMs + days * services.dayMs,
    })
    return { kind: before === undefined ? 'started' : 'extended', version }
  })
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

/** The times stand with the version, and its end on the list of the job that cleans up behind it. */
async function setRestore(tx: WriteTransaction, version: VersionRow, restore: RestoreState): Promise<void> {
  const { bucketId, key, versionId, attributes } = version
  const ref = { bucketId, key, versionId }
  if (attributes.restore !== undefined) await tx.restored.forget([{ ...ref, untilMs: attributes.restore.untilMs }])
  await tx.versions.setAttributes(version, { ...attributes, restore })
  await tx.restored.note({ ...ref, untilMs: restore.untilMs })
}

/**
 * Forgets up to `limit` restores that are over. Their objects cannot be read any more since: this takes away what is
 * left to see of it.
 * @returns how many were looked at
 */
export async function cleanEndedRestores(
  services: Pick<Services, 'metadata' | 'clock'>,
  limit: number,
): Promise<number> {
  return await services.metadata.write(async (tx) => {
    const nowMs = services.clock.now()
    const due = await tx.restored.due({ nowMs, limit })
    for (const ref of due) {
      const version = await tx.versions.find(ref)
      if (version === undefined) continue
      const { restore, ...attributes } = version.attributes
      if (restore !== undefined && restore.untilMs <= nowMs) await tx.versions.setAttributes(version, attributes)
    }
    await tx.restored.forget(due)
    return due.length
  })
}
