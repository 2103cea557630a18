import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction, WriteTransaction } from '../../storage/metadata/store.ts'
import { commitReceived } from '../bytes/commit.ts'
import { eventObject, type Tell, Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { presentBucket, releaseManifest } from '../versions/write.ts'
import { isArchived } from './archive.ts'
import { type Moved, moveBytes } from './move.ts'

export interface Transition {
  /** As it was when the version was found. */
  readonly bucket: BucketRow
  /** As it was found. A version that has changed since is left alone. */
  readonly version: Pick<VersionRow, 'id' | 'bucketId' | 'key' | 'versionId' | 'storageClass'>
  /** The class that it is to have. */
  readonly storageClass: string
  /** Asked again inside the transaction, when the bytes have been moved: tags, for one, may be others by then. */
  readonly isStillDue?: (row: VersionRow) => boolean
}

/**
 * Gives a version another storage class, in place: its id, its date and its ETag stay. Where the class has a folder of
 * its own the bytes are copied there first; readers that have begun go on with the old ones, which become garbage. A
 * lock does not keep a version in its class, as S3 documents.
 * @returns false where there was nothing to do any more
 * @throws what moving bytes throws
 */
export async function transition(services: Services, change: Transition, signal: AbortSignal): Promise<boolean> {
  const row = await services.metadata.read((tx) => findUnchanged(tx, change))
  if (row === undefined) return false
  const moved = await move(services, { row, ...change }, signal)
  if (moved === 'changed') return false
  const teller = new Teller(services)
  const write = (tx: WriteTransaction, tell: Tell) => commit(tx, { services, change, before: row, moved, tell })
  if (moved === undefined) return await teller.write(write)
  const done = await commitReceived(teller, moved, write)
  if (!done) await moved.discard()
  return done
}

async function findUnchanged(tx: ReadTransaction, change: Transition): Promise<VersionRow | undefined> {
  const row = await tx.versions.find(change.version)
  const isSame = row?.id === change.version.id && row.storageClass === change.version.storageClass
  if (!isSame || row.kind !== 'object' || row.storageClass === change.storageClass) return undefined
  return change.isStillDue?.(row) === false ? undefined : row
}

async function move(
  services: Services,
  { row, storageClass }: { row: VersionRow; storageClass: string },
  signal: AbortSignal,
): Promise<Moved | undefined | 'changed'> {
  const { manifestId, sizeBytes } = row
  if (manifestId === undefined) return undefined
  const range = { offsetBytes: 0, lengthBytes: sizeBytes }
  try {
    return await moveBytes(services, { manifestId, range, store: services.chunks.storeOf(storageClass) }, signal)
  } catch (cause) {
    // Bytes of a version that has gone meanwhile may be gone too, and that is no failure.
    const { bucketId, key, versionId } = row
    const now = await services.metadata.read((tx) => tx.versions.find({ bucketId, key, versionId }))
    if (now?.id !== row.id || now.manifestId !== manifestId) return 'changed'
    throw cause
  }
}

interface Commit {
  readonly services: Services
  readonly change: Transition
  readonly before: VersionRow
  readonly moved: Moved | undefined
  readonly tell: Tell
}

async function commit(tx: WriteTransaction, work: Commit): Promise<boolean> {
  const { services, change, before, moved, tell } = work
  // 1. The version is still there, with the bytes that were moved.
  const row = await findUnchanged(tx, change)
  if (row === undefined || row.manifestId !== before.manifestId) return false
  // 2. It has its new class and, where they moved, its new bytes; the old ones wait for their readers.
  const manifestId = moved === undefined ? row.manifestId : await tx.manifests.create(moved.chunks)
  await tx.versions.setStorage(row, { storageClass: change.storageClass, manifestId })
  if (moved !== undefined) await releaseManifest(tx, { row, services })
  // 3. What needs no restore any more has none.
  const { restore, ...attributes } = row.attributes
  if (restore !== undefined && !isArchived(change.storageClass)) await tx.versions.setAttributes(row, attributes)
  // 4. The event exists if and only if the move does.
  const bucket = await presentBucket(tx, change.bucket)
  const kind = row.isLatest ? 'transitioned:current' : 'transitioned:noncurrent'
  await tell({ bucket, kind, object: eventObject(bucket, row) })
  return true
}
