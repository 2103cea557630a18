import { S3Error } from '../../errors.ts'
import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { deletableAtMs } from '../limits.ts'
import { nothingAt, type Tell } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { transition } from '../storage-classes/transition.ts'
import { deleteVersion, type RemovalKinds } from '../versions/delete.ts'
import { announcedAbort, isDue } from './announce.ts'
import { decide, type Place, type Planned, type PlannedTransition, type Terms } from './plan.ts'
import type { Hit, UploadHit, VersionHit } from './scan.ts'
import { isAlone, type Verified, verify } from './verify.ts'

/** Transitions under way at a time: they share commits, and where they move bytes they share the disk. */
const TRANSITIONS_AT_ONCE = 8

/** What a run has done. */
export interface Counts {
  /** Rows that were looked at. */
  readonly scanned: number
  /** Current versions that were removed, or hidden by a delete marker. */
  readonly expired: number
  readonly deletedVersions: number
  readonly removedMarkers: number
  readonly transitioned: number
  readonly abortedUploads: number
  /** Versions that were due and are held by a lock. */
  readonly locked: number
  /** Transitions that failed, and what no topic's queue had room to tell of; the next run tries them again. */
  readonly failed: number
}

export const NO_COUNTS: Counts = {
  scanned: 0,
  expired: 0,
  deletedVersions: 0,
  removedMarkers: 0,
  transitioned: 0,
  abortedUploads: 0,
  locked: 0,
  failed: 0,
}

export function addCounts(counts: Counts, more: Partial<Counts>): Counts {
  const sum = { ...counts }
  for (const name of Object.keys(more) as (keyof Counts)[]) sum[name] += more[name] ?? 0
  return sum
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
type Tally = Writable<Counts>

const COUNTED = {
  expire: 'expired',
  'delete-version': 'deletedVersions',
  'remove-marker': 'removedMarkers',
} as const satisfies Record<Exclude<Planned['action'], 'transition'>, keyof Counts>

/** What rules act in: the bucket as it is in this transaction, and its rules as they are. */
export interface ApplyContext {
  readonly services: Services
  readonly bucket: BucketRow
  readonly terms: Terms
}

/**
 * Does what is due to what was found, but for transitions. Every one is looked at again first, in this transaction.
 * @returns what was done, and the ids of the versions that are gone
 */
export async function applyHits(
  tx: WriteTransaction,
  hits: readonly Hit[],
  context: ApplyContext & { readonly tell: Tell },
): Promise<{ counts: Counts; removed: ReadonlySet<number> }> {
  const work: Work = { context, tally: { ...NO_COUNTS }, removed: new Set() }
  for (const hit of hits) {
    if (hit.kind === 'upload') await abort(tx, hit, work)
    else await removeIfDue(tx, hit, work)
  }
  return { counts: work.tally, removed: work.removed }
}

interface Work {
  readonly context: ApplyContext & { readonly tell: Tell }
  readonly tally: Tally
  readonly removed: Set<number>
}

async function removeIfDue(tx: WriteTransaction, hit: VersionHit, work: Work): Promise<void> {
  const { services, bucket, terms } = work.context
  const nowMs = services.clock.now()
  const found = await verify(tx, hit, { bucket, terms, nowMs, removed: work.removed })
  if (found === undefined || found.planned.action === 'transition') return
  if (!(await perform(tx, found, work))) return
  if (found.planned.action !== 'delete-version') return
  // The last version that a delete marker hid has gone: a rule that removes markers has no need to wait for a day.
  const marker = await tx.versions.latest({ bucketId: bucket.id, key: hit.key })
  if (marker?.kind !== 'delete-marker' || !(await isAlone(tx, marker))) return
  const place = { kind: 'latest', isAlone: true } as const
  const planned = decide(terms, { ...marker, tags: [], place }, nowMs)
  if (planned !== undefined) await perform(tx, { row: marker, place, planned }, work)
}

/**
 * The one place where a rule takes a version away. A lock stands above every rule: what is locked is left alone.
 * @returns whether it has gone
 */
async function perform(
  tx: WriteTransaction,
  { row, place, planned }: Verified,
  { context, tally, removed }: Work,
): Promise<boolean> {
  if (planned.action === 'transition') return false
  const { services, bucket, tell } = context
  const { key, versionId } = row
  const deletion = {
    services,
    bucket,
    key,
    versionId: planned.action === 'expire' ? undefined : versionId,
    conditions: {},
    bypassGovernance: false,
    ownerId: bucket.ownerId,
    tell,
    kinds: kindsOf(row, place),
  }
  try {
    await deleteVersion(tx, deletion)
  } catch (cause) {
    const count = cause instanceof S3Error ? LEFT_ALONE[cause.code] : undefined
    if (count === undefined) throw cause
    tally[count] += 1
    return false
  }
  tally[COUNTED[planned.action]] += 1
  removed.add(row.id)
  return true
}

/** Why a deletion leaves a version where it is: a lock, or the full queue of a topic. */
const LEFT_ALONE: Readonly<Partial<Record<string, keyof Counts>>> = { AccessDenied: 'locked', SlowDown: 'failed' }

/** A marker's removal is told as Ceph does: AWS has one name for all that goes. */
function kindsOf(row: VersionRow, place: Place): RemovalKinds {
  const removed =
    row.kind === 'delete-marker' ? 'expired:marker' : place.kind === 'latest' ? 'expired:current' : 'expired:noncurrent'
  return { removed, marker: 'expired:marker-created' }
}

async function abort(tx: WriteTransaction, { key, uploadId }: UploadHit, { context, tally }: Work): Promise<void> {
  const { services, bucket, terms, tell } = context
  const upload = await tx.uploads.find({ uploadId, bucketId: bucket.id, key })
  if (upload?.state !== 'open') return
  if (!isDue(announcedAbort(terms.configuration.rules, upload, terms.dayMs), services.clock.now())) return
  try {
    await tell({ bucket, kind: 'expired:upload', object: nothingAt(key, '') })
  } catch (cause) {
    if (!(cause instanceof S3Error) || cause.code !== 'SlowDown') throw cause
    tally.failed += 1
    return
  }
  await tx.uploads.abort(uploadId, deletableAtMs(services))
  tally.abortedUploads += 1
}

/**
 * The transitions among what was found, which move bytes and have transactions of their own.
 * @throws the signal's reason
 */
export async function applyTransitions(
  hits: readonly Hit[],
  context: ApplyContext & { signal: AbortSignal; onFailure(failure: { row: VersionRow; cause: unknown }): void },
): Promise<Pick<Counts, 'transitioned' | 'failed'>> {
  const { services, bucket, terms } = context
  const nowMs = services.clock.now()
  const due = await services.metadata.read(async (tx) => {
    const found: (Verified & { planned: PlannedTransition })[] = []
    for (const hit of hits) {
      const one = hit.kind === 'version' ? await verify(tx, hit, { bucket, terms, nowMs }) : undefined
      if (one?.planned.action === 'transition') found.push({ ...one, planned: one.planned })
    }
    return found
  })
  const counts = { transitioned: 0, failed: 0 }
  const queue = due.values()
  const work = async (): Promise<void> => {
    for (const { row, place, planned } of queue) {
      const { storageClass } = planned
      const isStillDue = (now: VersionRow): boolean => {
        if (now.isLatest !== (place.kind === 'latest')) return false
        const again = decide(terms, { ...now, tags: now.attributes.tags, place }, nowMs)
        return again?.action === 'transition' && again.storageClass === storageClass
      }
      try {
        const isDone = await transition(services, { bucket, version: row, storageClass, isStillDue }, context.signal)
        if (isDone) counts.transitioned += 1
      } catch (cause) {
        context.signal.throwIfAborted()
        counts.failed += 1
        context.onFailure({ row, cause })
      }
    }
  }
  await Promise.all(Array.from({ length: TRANSITIONS_AT_ONCE }, work))
  return counts
}
