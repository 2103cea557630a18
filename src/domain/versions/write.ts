import { s3Error } from '../../errors.ts'
import type { BucketRow, NewVersion, ObjectAttributes, Versioning, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction, WriteTransaction } from '../../storage/metadata/store.ts'
import { assertAclNotBlocked } from '../access/blocks.ts'
import { deletableAtMs } from '../limits.ts'
import { defaultRetention } from '../locks/default.ts'
import { assertKeepsLocks, assertRemovable } from '../locks/guard.ts'
import type { EventKind } from '../notifications/events.ts'
import { eventObject, type Tell } from '../notifications/teller.ts'
import type { Conditions } from '../objects/conditions.ts'
import { evaluate } from '../objects/conditions.ts'
import { assertWithinQuota } from '../quota.ts'
import type { Services } from '../services.ts'

/** The version id of what is written while versioning is off or suspended. */
export const NULL_VERSION = 'null'

/** Where a new version goes; the S3 user guide's "Adding objects to versioning-enabled buckets" as a table. */
export const PLACE = {
  off: 'null-version',
  enabled: 'new-version',
  suspended: 'null-version',
} as const satisfies Record<Versioning, 'null-version' | 'new-version'>

export interface VersionWrite {
  readonly services: Services
  /** As it was when the request was authorized. */
  readonly bucket: BucketRow
  readonly conditions: Conditions
  /** What an If-Match on a key without an object answers: AWS says NoSuchKey, RGW PreconditionFailed. */
  readonly ifMatchOnMissing?: MissingKeyCode | undefined
  readonly version: Omit<NewVersion, 'versionId' | 'bucketId'>
  readonly tell: Tell
  /** What has happened, in the words of events. */
  readonly kind: EventKind
}

export type MissingKeyCode = 'NoSuchKey' | 'PreconditionFailed'

/**
 * Makes a version the current one of its key. The row takes over the reference to its manifest; the manifest of a null
 * version that it replaces loses one.
 * @throws S3Error NoSuchBucket, PreconditionFailed, NoSuchKey, AccessDenied (a public ACL that is blocked; a lock),
 *   InvalidRequest (a lock), QuotaExceeded, SlowDown (the queue of a topic)
 */
export async function writeVersion(tx: WriteTransaction, write: VersionWrite): Promise<VersionRow> {
  const { services, conditions } = write
  // 1. The bucket is still the one that the request was authorized for; its versioning counts as of now, and so does
  // whether public ACLs are blocked: an upload may take hours.
  const bucket = await presentBucket(tx, write.bucket)
  assertAclNotBlocked(bucket, write.version.attributes.acl)
  assertKeepsLocks(bucket, write.version.attributes)
  const ref = { bucketId: bucket.id, key: write.version.key }
  const enabled = PLACE[bucket.versioning] === 'new-version'
  // 2. The conditions hold against the row that stops being current, inside the same transaction.
  const latest = bucket.versioning === 'off' || isConditional(conditions) ? await tx.versions.latest(ref) : undefined
  assertConditions(conditions, latest, write.ifMatchOnMissing)
  const version: NewVersion = {
    ...write.version,
    bucketId: bucket.id,
    versionId: enabled ? services.ids.versionId() : NULL_VERSION,
    attributes: retained(bucket, write.version),
  }
  // 3. The null version makes room; without versioning there is no other version, so the latest is it.
  const old = bucket.versioning === 'off' ? latest : await replacedVersion(tx, bucket, version.key)
  if (old !== undefined) assertRemovable(old, { nowMs: services.clock.now(), bypassGovernance: false })
  // 4. There is room for it: as nobody else writes meanwhile, the last place is given out once.
  await assertWithinQuota(tx, { services, bucket, version, replaced: old })
  const row = old === undefined ? await tx.versions.insert(version) : await replace(tx, { services, old, version })
  // 5. The event exists if and only if the version does.
  await write.tell({ bucket, kind: write.kind, object: eventObject(bucket, row), atMs: row.lastModifiedMs })
  return row
}

/** The bytes of what is replaced become garbage after readers have had time to open them. */
async function replace(
  tx: WriteTransaction,
  { services, old, version }: { services: Services; old: VersionRow; version: NewVersion },
): Promise<VersionRow> {
  const row = await tx.versions.replace(old, version, deletableAtMs(services))
  await releaseManifest(tx, { row: old, services })
  return row
}

/** A retention of its own stands above the bucket's, which counts from the version's date. */
function retained(bucket: BucketRow, { attributes, lastModifiedMs }: VersionWrite['version']): ObjectAttributes {
  if (attributes.retention !== undefined) return attributes
  const retention = defaultRetention(bucket, lastModifiedMs)
  return retention === undefined ? attributes : { ...attributes, retention }
}

/**
 * What a new version of this key takes the place of: the null version, unless each version has an id of its own.
 */
export async function replacedVersion(
  tx: ReadTransaction,
  bucket: Pick<BucketRow, 'id' | 'versioning'>,
  key: string,
): Promise<VersionRow | undefined> {
  const ref = { bucketId: bucket.id, key }
  switch (bucket.versioning) {
    case 'off':
      return await tx.versions.latest(ref)
    case 'enabled':
      return undefined
    case 'suspended':
      return await tx.versions.find({ ...ref, versionId: NULL_VERSION })
  }
}

/**
 * The bucket as it is inside this transaction.
 * @throws S3Error NoSuchBucket when it has been deleted, or deleted and made anew, since the request was authorized
 */
export async function presentBucket(tx: ReadTransaction, bucket: BucketRow): Promise<BucketRow> {
  const present = await tx.buckets.find({ tenant: bucket.tenant, name: bucket.name })
  if (present?.id !== bucket.id) throw s3Error('NoSuchBucket', { BucketName: bucket.name })
  return present
}

/**
 * Holds a write's conditions against the latest version. A delete marker is no object.
 * @throws S3Error PreconditionFailed, or `ifMatchOnMissing` for an If-Match where there is no object
 */
export function assertConditions(
  conditions: Conditions,
  latest: VersionRow | undefined,
  ifMatchOnMissing: MissingKeyCode = 'PreconditionFailed',
): void {
  if (!isConditional(conditions)) return
  const object = latest?.kind === 'object' ? latest : undefined
  if (evaluate(conditions, object) === 'proceed') return
  if (conditions.ifMatch === undefined) throw s3Error('PreconditionFailed', { Condition: 'If-None-Match' })
  if (object === undefined && ifMatchOnMissing === 'NoSuchKey') throw s3Error('NoSuchKey')
  throw s3Error('PreconditionFailed', { Condition: 'If-Match' })
}

/** Gives back a removed row's reference to its bytes, which stay for the garbage delay. */
export async function releaseManifest(
  tx: WriteTransaction,
  { row, services }: { row: VersionRow; services: Services },
): Promise<void> {
  if (row.manifestId === undefined) return
  await tx.manifests.release(row.manifestId, deletableAtMs(services))
}

function isConditional(conditions: Conditions): boolean {
  return (
    conditions.ifMatch !== undefined ||
    conditions.ifNoneMatch !== undefined ||
    conditions.ifModifiedSinceMs !== undefined ||
    conditions.ifUnmodifiedSinceMs !== undefined
  )
}
