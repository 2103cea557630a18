import type { BucketRow, ListedVersion } from '../../storage/metadata/rows.ts'
import type { LifecycleRule } from '../../storage/metadata/settings.ts'
import type { KeyPosition, ReadTransaction } from '../../storage/metadata/store.ts'
import { afterPrefix, compareKeys } from '../listing/order.ts'
import { announcedAbort, isDue } from './announce.ts'
import { type Phase, type PhaseKind, phasesOf } from './phases.ts'
import { decide, type Place, type Terms } from './plan.ts'

/** How far a run has come, as plain data. */
export interface Position {
  readonly phase: PhaseKind
  /** Undefined at the beginning of the phase. */
  readonly from?: KeyPosition
  /** Of `from.key`, the version that was looked at last: its older ones follow. */
  readonly version?: Neighbour
  /** Of `from.key`, the upload that was looked at last. */
  readonly uploadId?: string
}

/** A version by which the next older one of its key is judged. */
interface Neighbour {
  readonly id: number
  readonly versionId: string
  readonly lastModifiedMs: number
  /** How many noncurrent versions of its key are as new as it or newer. */
  readonly ahead: number
  /** The run itself has removed it. */
  readonly isRemoved?: boolean
}

/** Something that a rule wants to act on, as it was found. */
export type Hit = VersionHit | UploadHit

export interface VersionHit {
  readonly kind: 'version'
  readonly key: string
  readonly versionId: string
  readonly id: number
  readonly place: Place
  /** Of a noncurrent version: the one that took its place. */
  readonly successor?: Neighbour
}

export interface UploadHit {
  readonly kind: 'upload'
  readonly key: string
  readonly uploadId: string
}

export interface Page {
  readonly hits: readonly Hit[]
  /** Rows that were looked at. */
  readonly scanned: number
  /** Undefined when the walk has ended. */
  readonly next: Position | undefined
}

export interface PageRequest {
  readonly bucket: BucketRow
  readonly terms: Terms
  readonly position: Position
  readonly nowMs: number
  /** The most rows that are read, and the most hits after which no more are looked at. */
  readonly rowsMax: number
  readonly hitsMax: number
}

/** Where a run begins; undefined where no rule asks for anything. */
export function firstPosition({ configuration, versioning }: Terms): Position | undefined {
  const [first] = phasesOf(configuration, versioning)
  return first === undefined ? undefined : { phase: first.kind }
}

/**
 * Looks at the next rows of a run. The rules may be others than those that the position was reached with: a phase that
 * they do not ask for any more is passed over.
 */
export async function scanPage(tx: ReadTransaction, request: PageRequest): Promise<Page> {
  const { terms, position } = request
  const phases = phasesOf(terms.configuration, terms.versioning)
  const phase = phases.find(({ kind }) => kind === position.phase)
  const prefix = phase?.prefixes.find((one) => isAhead(one, position.from))
  if (phase === undefined || prefix === undefined) {
    return { hits: [], scanned: 0, next: nextPhase(terms, position.phase) }
  }
  const { rows, scanned } = await WALKS[phase.kind](tx, { request, phase, prefix })
  const hits = rows.flatMap(({ hit }) => (hit === undefined ? [] : [hit]))
  const last = rows.at(-1)
  const isWhole = scanned < request.rowsMax && rows.length === scanned
  if (!isWhole && last !== undefined) return { hits, scanned: rows.length, next: last.position }
  // The prefix has been walked: on behind it.
  const end = afterPrefix(prefix)
  const next = end === undefined ? undefined : { phase: phase.kind, from: { key: end, inclusive: true } }
  return { hits, scanned, next: next ?? nextPhase(terms, position.phase) }
}

const ORDER: Readonly<Record<PhaseKind, number>> = { current: 0, history: 1, uploads: 2 }

function nextPhase({ configuration, versioning }: Terms, after: PhaseKind): Position | undefined {
  const next = phasesOf(configuration, versioning).find(({ kind }) => ORDER[kind] > ORDER[after])
  return next === undefined ? undefined : { phase: next.kind }
}

/** Whether some key of the prefix is not behind us. */
function isAhead(prefix: string, from: KeyPosition | undefined): boolean {
  const end = afterPrefix(prefix)
  return from === undefined || end === undefined || compareKeys(end, from.key) > 0
}

interface Walk {
  readonly request: PageRequest
  readonly phase: Phase
  readonly prefix: string
}

/** A row that has been looked at, and where to go on behind it. */
interface Looked {
  readonly hit: Hit | undefined
  readonly position: Position
}

/** `scanned`: rows that were read; fewer of them have been looked at where there were hits enough. */
type Walked = Promise<{ rows: readonly Looked[]; scanned: number }>

const WALKS: Readonly<Record<PhaseKind, (tx: ReadTransaction, walk: Walk) => Walked>> = {
  current: walkCurrent,
  history: walkHistory,
  uploads: walkUploads,
}

async function walkCurrent(tx: ReadTransaction, { request, phase, prefix }: Walk): Walked {
  const { bucket, position, rowsMax: limit } = request
  const { from } = position
  const withAttributes = asksTags(phase)
  const found = await tx.versions.listCurrent({ bucketId: bucket.id, prefix, from, limit, withAttributes })
  const judge = judgeOf({ request, phase, prefix }, found)
  const rows = look(found, request.hitsMax, (row) => ({
    hit: judge(row, { kind: 'latest', isAlone: false }),
    position: { phase: 'current', from: { key: row.key, inclusive: false } },
  }))
  return { rows, scanned: found.length }
}

/** Current objects are the other walk's; here they are what the versions behind them are judged by. */
async function walkHistory(tx: ReadTransaction, walk: Walk): Walked {
  const { request, phase, prefix } = walk
  const { bucket, position, rowsMax: limit } = request
  const { from, version } = position
  const range = { bucketId: bucket.id, prefix, from, olderThanId: version?.id, limit }
  const found = await tx.versions.listAll({ ...range, withAttributes: asksTags(phase) })
  const judge = judgeOf(walk, found)
  const before = version === undefined || from === undefined ? undefined : { key: from.key, ...version }
  const rows = look(standing(found, before), request.hitsMax, ({ row, successor, isAlone }) => {
    const { key, id, versionId, lastModifiedMs } = row
    const ahead = successor === undefined ? 0 : successor.ahead + 1
    let hit: Hit | undefined
    if (successor !== undefined) {
      hit = judge(row, { kind: 'noncurrent', sinceMs: successor.lastModifiedMs, newer: successor.ahead }, successor)
    } else if (row.kind === 'delete-marker') hit = judge(row, { kind: 'latest', isAlone })
    const position = { key, inclusive: false }
    return { hit, position: { phase: 'history', from: position, version: { id, versionId, lastModifiedMs, ahead } } }
  })
  return { rows, scanned: found.length }
}

/** Each version with the one that took its place, and whether no older one of its key is in sight. */
function* standing(
  rows: readonly ListedVersion[],
  before: (Neighbour & { readonly key: string }) | undefined,
): Generator<{ row: ListedVersion; successor: Neighbour | undefined; isAlone: boolean }> {
  let newer = before
  for (const [index, row] of rows.entries()) {
    const successor = newer?.key === row.key ? newer : undefined
    yield { row, successor, isAlone: rows[index + 1]?.key !== row.key }
    newer = { ...row, ahead: successor === undefined ? 0 : successor.ahead + 1 }
  }
}

async function walkUploads(tx: ReadTransaction, { request, phase, prefix }: Walk): Walked {
  const { bucket, position, rowsMax: limit, terms, nowMs } = request
  const { from, uploadId: afterUploadId } = position
  const found = await tx.uploads.list({ bucketId: bucket.id, prefix, from, afterUploadId, limit })
  const rows = look(found, request.hitsMax, ({ key, uploadId, initiatedMs }) => ({
    hit: isDue(announcedAbort(phase.rules, { key, initiatedMs }, terms.dayMs), nowMs)
      ? ({ kind: 'upload', key, uploadId } as const)
      : undefined,
    position: { phase: 'uploads', from: { key, inclusive: false }, uploadId },
  }))
  return { rows, scanned: found.length }
}

/** Looks at rows in their order until there are hits enough. */
function look<Row>(rows: Iterable<Row>, hitsMax: number, at: (row: Row) => Looked): Looked[] {
  const looked: Looked[] = []
  let hits = 0
  for (const row of rows) {
    const one = at(row)
    looked.push(one)
    if (one.hit !== undefined) hits += 1
    if (hits >= hitsMax) break
  }
  return looked
}

type Judge = (row: ListedVersion, place: Place, successor?: Neighbour) => VersionHit | undefined

/** Of a page's rules only those that can apply to one of its keys are asked about each of them. */
function judgeOf({ request, phase, prefix }: Walk, rows: readonly ListedVersion[]): Judge {
  const { terms, nowMs } = request
  const rules = phase.rules.filter((rule) => mayApply(rule, { prefix, first: rows[0]?.key, last: rows.at(-1)?.key }))
  const own: Terms = { ...terms, configuration: { ...terms.configuration, rules } }
  return (row, place, successor) => {
    const { key, versionId, id, attributes } = row
    const candidate = { ...row, tags: attributes?.tags ?? [], place }
    if (rules.length === 0 || decide(own, candidate, nowMs) === undefined) return undefined
    return { kind: 'version', key, versionId, id, place, ...(successor === undefined ? {} : { successor }) }
  }
}

function mayApply(
  { filter }: LifecycleRule,
  page: { prefix: string; first: string | undefined; last: string | undefined },
): boolean {
  const { prefix: own = '' } = filter
  const { prefix, first = '', last = '' } = page
  if (!own.startsWith(prefix)) return false
  const end = afterPrefix(own)
  return compareKeys(own, last) <= 0 && (end === undefined || compareKeys(end, first) > 0)
}

/** Tags cost reading and parsing the attributes of every row. */
function asksTags({ rules }: Phase): boolean {
  return rules.some(({ filter }) => filter.tags.length > 0)
}
