import type { BucketRow, NewVersion, Versioning, VersionRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { assertRemovable } from '../locks/guard.ts'
import type { Conditions } from '../objects/conditions.ts'
import type { Services } from '../services.ts'
import type { MissingKeyCode } from './write.ts'
import { assertConditions, NULL_VERSION, presentBucket, releaseManifest } from './write.ts'

export type DeleteEffect = 'remove' | 'insert-marker' | 'replace-null-with-marker'

/** What DELETE without a version id does; the S3 user guide's "Deleting object versions" as a table. */
export const PLAIN_DELETE = {
  off: 'remove',
  enabled: 'insert-marker',
  suspended: 'replace-null-with-marker',
} as const satisfies Record<Versioning, DeleteEffect>

export interface Deletion {
  readonly services: Services
  /** As it was when the request was authorized. */
  readonly bucket: BucketRow
  readonly key: string
  readonly versionId: string | undefined
  readonly conditions: Conditions
  readonly ifMatchOnMissing?: MissingKeyCode | undefined
  readonly bypassGovernance: boolean
  /** Who owns a delete marker that comes into being. */
  readonly ownerId: string
}

export interface Deleted {
  /** The version that was removed, or the delete marker that was made; undefined where nothing has a version. */
  readonly versionId: string | undefined
  /** Whether that version is a delete marker. */
  readonly deleteMarker: boolean
}

const NOTHING: Deleted = { versionId: undefined, deleteMarker: false }
/** RGW names the null version of a versioned bucket also where there is none (recorded: object.delete.version_null). */
const NULL_NOT_THERE: Deleted = { versionId: NULL_VERSION, deleteMarker: false }

/**
 * Removes a version for good, or hides a key behind a delete marker. A key or version that is not there is no error.
 * Checks everything before it changes anything, so that a failed one leaves its transaction usable.
 * @throws S3Error NoSuchBucket, AccessDenied (locks), PreconditionFailed, NoSuchKey (an If-Match where AWS says so)
 */
export async function deleteVersion(tx: WriteTransaction, deletion: Deletion): Promise<Deleted> {
  const bucket = await presentBucket(tx, deletion.bucket)
  if (deletion.versionId !== undefined)
    return await removeVersion(tx, { ...deletion, bucket, versionId: deletion.versionId })
  const effect = PLAIN_DELETE[bucket.versioning]
  const ref = { bucketId: bucket.id, key: deletion.key }
  const latest = await tx.versions.latest(ref)
  assertConditions(deletion.conditions, latest, deletion.ifMatchOnMissing)
  switch (effect) {
    case 'remove':
      if (latest !== undefined) await remove(tx, latest, deletion)
      return NOTHING
    case 'insert-marker': {
      const marker = await tx.versions.insert(newMarker(deletion, deletion.services.ids.versionId()))
      return { versionId: marker.versionId, deleteMarker: true }
    }
    case 'replace-null-with-marker': {
      await replaceNull(tx, deletion)
      return { versionId: NULL_VERSION, deleteMarker: true }
    }
  }
}

async function removeVersion(tx: WriteTransaction, deletion: Deletion & { versionId: string }): Promise<Deleted> {
  const { bucket, key, versionId } = deletion
  const row = await tx.versions.find({ bucketId: bucket.id, key, versionId })
  assertConditions(deletion.conditions, row, deletion.ifMatchOnMissing)
  if (row === undefined) return versionId === NULL_VERSION && bucket.versioning !== 'off' ? NULL_NOT_THERE : NOTHING
  await remove(tx, row, deletion)
  return { versionId, deleteMarker: row.kind === 'delete-marker' }
}

async function remove(tx: WriteTransaction, row: VersionRow, { services, bypassGovernance }: Deletion): Promise<void> {
  assertRemovable(row, { nowMs: services.clock.now(), bypassGovernance })
  await tx.versions.remove(row)
  await releaseManifest(tx, { row, services })
}

async function replaceNull(tx: WriteTransaction, deletion: Deletion): Promise<void> {
  const { services, bucket, key, bypassGovernance } = deletion
  const marker = newMarker(deletion, NULL_VERSION)
  const old = await tx.versions.find({ bucketId: bucket.id, key, versionId: NULL_VERSION })
  if (old === undefined) {
    await tx.versions.insert(marker)
    return
  }
  assertRemovable(old, { nowMs: services.clock.now(), bypassGovernance })
  await tx.versions.replace(old, marker)
  await releaseManifest(tx, { row: old, services })
}

function newMarker({ services, bucket, key, ownerId }: Deletion, versionId: string): NewVersion {
  return {
    bucketId: bucket.id,
    key,
    versionId,
    kind: 'delete-marker',
    lastModifiedMs: services.clock.now(),
    ownerId,
    sizeBytes: 0,
    etag: '',
    storageClass: bucket.storageClass,
    appends: 0,
    manifestId: undefined,
    checksum: undefined,
    partCount: 0,
    attributes: { contentType: undefined, metadata: {}, tags: [], acl: 'private' },
  }
}
