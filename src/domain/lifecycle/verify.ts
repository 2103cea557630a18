import type { BucketRow, VersionRow } from '../../storage/metadata/rows.ts'
import type { ReadTransaction } from '../../storage/metadata/store.ts'
import { decide, type Place, type Planned, type Terms } from './plan.ts'
import type { VersionHit } from './scan.ts'

/** Versions that are counted again at most; AWS keeps no more than a hundred. */
const COUNTED_MAX = 1000

/** A version as it is, and what the rules as they are do to it. */
export interface Verified {
  readonly row: VersionRow
  readonly place: Place
  readonly planned: Planned
}

/**
 * Whether what was found is still there, in the same place, and still to be acted on: it may have been overwritten,
 * tagged, locked or deleted since, and the rules may be others. Undefined where it is to be left alone, be it for this
 * run only. `removed` are the ids of versions that the run has taken away in this transaction.
 */
export async function verify(
  tx: ReadTransaction,
  hit: VersionHit,
  context: { bucket: BucketRow; terms: Terms; nowMs: number; removed?: ReadonlySet<number> },
): Promise<Verified | undefined> {
  const { bucket, terms, nowMs, removed } = context
  const row = await tx.versions.find({ bucketId: bucket.id, key: hit.key, versionId: hit.versionId })
  // Ids grow with every insertion: another row of this version id is another version.
  if (row?.id !== hit.id) return undefined
  const place = await presentPlace(tx, { row, hit, terms, removed })
  if (place === undefined) return undefined
  const planned = decide(terms, { ...row, tags: row.attributes.tags, place }, nowMs)
  return planned === undefined ? undefined : { row, place, planned }
}

async function presentPlace(
  tx: ReadTransaction,
  { row, hit, terms, removed }: { row: VersionRow; hit: VersionHit; terms: Terms; removed?: ReadonlySet<number> },
): Promise<Place | undefined> {
  if (hit.place.kind === 'latest') {
    if (!row.isLatest) return undefined
    return { kind: 'latest', isAlone: row.kind === 'delete-marker' && (await isAlone(tx, row)) }
  }
  const { place, successor } = hit
  if (row.isLatest || successor === undefined) return undefined
  // Without the version that took its place it is noncurrent since another day, which the next run will see; but not
  // where that version was due itself.
  const isRemoved = successor.isRemoved === true || removed?.has(successor.id) === true
  const ref = { bucketId: row.bucketId, key: row.key, versionId: successor.versionId }
  if (!isRemoved && (await tx.versions.find(ref))?.id !== successor.id) return undefined
  return { ...place, newer: await countNewer(tx, { row, known: place.newer, terms }) }
}

export async function isAlone(tx: ReadTransaction, { bucketId, key }: VersionRow): Promise<boolean> {
  const from = { key, inclusive: true }
  const found = await tx.versions.listAll({ bucketId, prefix: key, from, olderThanId: undefined, limit: 2 })
  return found[1]?.key !== key
}

/** Counts the newer noncurrent versions again, where a rule asks for their number, and as far as it asks. */
async function countNewer(
  tx: ReadTransaction,
  { row, known, terms }: { row: VersionRow; known: number; terms: Terms },
): Promise<number> {
  const asked = Math.max(0, ...terms.configuration.rules.map(mostKept))
  if (asked === 0 || asked > COUNTED_MAX) return known
  const { bucketId, key, id } = row
  const from = { key, inclusive: true }
  // One for the current version, which is not counted.
  const found = await tx.versions.listAll({ bucketId, prefix: key, from, olderThanId: undefined, limit: asked + 1 })
  return found.filter((other) => other.key === key && other.id > id && !other.isLatest).length
}

function mostKept({ noncurrentExpiration, noncurrentTransitions }: Terms['configuration']['rules'][number]): number {
  const asking = [...noncurrentTransitions, ...(noncurrentExpiration === undefined ? [] : [noncurrentExpiration])]
  return Math.max(0, ...asking.map(({ newerNoncurrentVersions = 0 }) => newerNoncurrentVersions))
}
