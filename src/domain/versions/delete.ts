import type { BucketRow, NewVersion, Versioning, VersionRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { deletableAtMs } from '../limits.ts'
import { assertRemovable } from '../locks/guard.ts'
import type { EventKind } from '../notifications/events.ts'
import { eventObject, nothingAt, type Tell } from '../notifications/teller.ts'
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
  readonly tell: Tell
  /** What happens, in the words of events: `removed:…` where it is left out. */
  readonly kinds?: RemovalKinds
}

export interface RemovalKinds {
  /** A version, or a delete marker, goes for good. */
  readonly removed: EventKind
  /** A delete marker comes into being. */
  readonly marker: EventKind
}

const REMOVAL: RemovalKinds = { removed: 'removed:delete', marker: 'removed:marker' }

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
 * Checks and tells everything before it changes anything, so that a failed one leaves its transaction usable.
 * @throws S3Error NoSuchBucket, AccessDenied (locks), PreconditionFailed, NoSuchKey (an If-Match where AWS says so),
 *   SlowDown (the queue of a topic)
 */
export async function deleteVersion(tx: WriteTransaction, deletion: Deletion): Promise<Deleted> {
  const bucket = await presentBucket(tx, deletion.bucket)
  const { key, versionId } = deletion
  if (versionId !== undefined) return await removeVersion(tx, { ...deletion, bucket, versionId })
  const effect = PLAIN_DELETE[bucket.versioning]
  const latest = await tx.versions.latest({ bucketId: bucket.id, key })
  assertConditions(deletion.conditions, latest, deletion.ifMatchOnMissing)
  switch (effect) {
    case 'remove':
      await removeOrMiss(tx, latest, { ...deletion, bucket })
      return NOTHING
    case 'insert-marker': {
      const marker = newMarker(deletion, deletion.services.ids.versionId())
      await tellMarker({ ...deletion, bucket }, { marker, hidden: latest })
      await tx.versions.insert(marker)
      return { versionId: marker.versionId, deleteMarker: true }
    }
    case 'replace-null-with-marker': {
      await replaceNull(tx, { ...deletion, bucket }, latest)
      return { versionId: NULL_VERSION, deleteMarker: true }
    }
  }
}

/** Events tell of the object that the marker hides, under the marker's version (recorded: http.delete_makes_marker). */
async function tellMarker(
  { tell, bucket, key, kinds = REMOVAL }: Deletion,
  { marker, hidden }: { marker: NewVersion; hidden: VersionRow | undefined },
): Promise<void> {
  const { versionId, lastModifiedMs: atMs } = marker
  const object = hidden?.kind === 'object' ? { ...eventObject(bucket, hidden), versionId } : nothingAt(key, versionId)
  await tell({ bucket, kind: kinds.marker, object, atMs })
}

async function removeVersion(tx: WriteTransaction, deletion: Deletion & { versionId: string }): Promise<Deleted> {
  const { bucket, key, versionId } = deletion
  const row = await tx.versions.find({ bucketId: bucket.id, key, versionId })
  assertConditions(deletion.conditions, row, deletion.ifMatchOnMissing)
  await removeOrMiss(tx, row, deletion)
  if (row !== undefined) return { versionId, deleteMarker: row.kind === 'delete-marker' }
  return versionId === NULL_VERSION && bucket.versioning !== 'off' ? NULL_NOT_THERE : NOTHING
}

/** That there was nothing to delete is told as well (recorded: http.delete_missing, http.delete_marker_removed). */
async function removeOrMiss(tx: WriteTransaction, row: VersionRow | undefined, deletion: Deletion): Promise<void> {
  const { services, bucket, key, bypassGovernance, tell, kinds = REMOVAL } = deletion
  if (row !== undefined) assertRemovable(row, { nowMs: services.clock.now(), bypassGovernance })
  const object = row?.kind === 'object' ? eventObject(bucket, row) : nothingAt(key, deletion.versionId ?? '')
  await tell({ bucket, kind: kinds.removed, object })
  if (row === undefined) return
  await tx.versions.remove(row, deletableAtMs(services))
  await releaseManifest(tx, { row, services })
}

async function replaceNull(tx: WriteTransaction, deletion: Deletion, hidden: VersionRow | undefined): Promise<void> {
  const { services, bucket, key, bypassGovernance } = deletion
  const marker = newMarker(deletion, NULL_VERSION)
  const old = await tx.versions.find({ bucketId: bucket.id, key, versionId: NULL_VERSION })
  if (old !== undefined) assertRemovable(old, { nowMs: services.clock.now(), bypassGovernance })
  await tellMarker(deletion, { marker, hidden })
  if (old === undefined) {
    await tx.versions.insert(marker)
    return
  }
  await tx.versions.replace(old, marker, deletableAtMs(services))
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
