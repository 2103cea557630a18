import type { Tag, Versioning } from '../../storage/metadata/rows.ts'
import type {
  LifecycleConfiguration,
  LifecycleDue,
  LifecycleRule,
  NoncurrentDue,
} from '../../storage/metadata/settings.ts'
import { canMove, isTooSmall, preferenceOf } from './classes.ts'
import { dueMs } from './due.ts'
import { passes } from './filter.ts'

/** What the rules ask about a version. */
export interface Candidate {
  readonly key: string
  readonly kind: 'object' | 'delete-marker'
  readonly lastModifiedMs: number
  readonly sizeBytes: number
  readonly storageClass: string
  readonly tags: readonly Tag[]
  readonly place: Place
}

/** Where the version stands among those of its key. */
export type Place =
  /** `isAlone`: there is no other version. */
  | { readonly kind: 'latest'; readonly isAlone: boolean }
  /** `sinceMs`: when the version that took its place was made; `newer`: newer noncurrent versions, markers too. */
  | { readonly kind: 'noncurrent'; readonly sinceMs: number; readonly newer: number }

/**
 * `expire`: what a plain DELETE does; `delete-version`: the noncurrent version goes for good; `remove-marker`: the
 * delete marker that hides nothing any more goes.
 */
export type LifecycleAction = 'expire' | 'delete-version' | 'remove-marker' | 'transition'

/** Something that a rule does to a version. */
export type Planned =
  | {
      readonly action: Exclude<LifecycleAction, 'transition'>
      readonly rule: LifecycleRule
      readonly dueMs: number
    }
  | PlannedTransition

export interface PlannedTransition {
  readonly action: 'transition'
  readonly rule: LifecycleRule
  readonly dueMs: number
  readonly storageClass: string
}

/** The rules of a bucket, and what it takes to read them. */
export interface Terms {
  readonly configuration: LifecycleConfiguration
  readonly versioning: Versioning
  readonly dayMs: number
}

/**
 * What is to be done to a version first, of all that is due; undefined where nothing is. S3's order of what is due on
 * one day ("How Amazon S3 handles conflicts in lifecycle configurations"): permanent deletion, then transition, then a
 * delete marker.
 */
export function decide(terms: Terms, candidate: Candidate, nowMs: number): Planned | undefined {
  let removal: Planned | undefined
  let move: PlannedTransition | undefined
  for (const rule of terms.configuration.rules) {
    if (!rule.enabled || !passes(rule.filter, candidate)) continue
    const removed = removalBy(rule, candidate, terms.dayMs)
    if (removed !== undefined && removed.dueMs <= nowMs && removed.dueMs < (removal?.dueMs ?? Infinity)) {
      removal = removed
    }
    const moved = candidate.kind === 'object' ? moveBy(rule, { terms, candidate, nowMs }) : undefined
    if (moved !== undefined && (move === undefined || isPreferred(moved, move))) move = moved
  }
  const isMoved = move !== undefined && move.storageClass !== candidate.storageClass
  const isForGood = removal !== undefined && (removal.action !== 'expire' || terms.versioning === 'off')
  return isMoved && !isForGood ? move : removal
}

/** How a rule will take a version away, whenever that is due. */
function removalBy(rule: LifecycleRule, candidate: Candidate, dayMs: number): Planned | undefined {
  const { place, lastModifiedMs: sinceMs } = candidate
  if (place.kind === 'noncurrent') {
    const atMs = noncurrentDueMs(rule.noncurrentExpiration, place, dayMs)
    return atMs === undefined ? undefined : { action: 'delete-version', rule, dueMs: atMs }
  }
  const { expiration } = rule
  const atMs = expiration === undefined ? undefined : currentDueMs(expiration, { sinceMs, dayMs })
  if (candidate.kind === 'object') return atMs === undefined ? undefined : { action: 'expire', rule, dueMs: atMs }
  // A marker that hides other versions stays. One that is left alone goes at its age, or at once where a rule says so
  // (S3 user guide, "Lifecycle configuration elements", on Days and on ExpiredObjectDeleteMarker).
  if (!place.isAlone) return undefined
  const markerMs = expiration?.expiredObjectDeleteMarker === true ? sinceMs : atMs
  return markerMs === undefined ? undefined : { action: 'remove-marker', rule, dueMs: markerMs }
}

/**
 * Where a rule wants a version to be by now: in the class that it named for the longest time that has passed, be it the
 * one that the version is in. Classes that it cannot be moved to do not count.
 */
function moveBy(
  rule: LifecycleRule,
  { terms, candidate, nowMs }: { terms: Terms; candidate: Candidate; nowMs: number },
): PlannedTransition | undefined {
  const { sizeBytes, storageClass: from } = candidate
  const minimum = terms.configuration.transitionMinimum
  let last: PlannedTransition | undefined
  for (const { dueMs, storageClass } of dueTransitions(rule, candidate, terms.dayMs)) {
    if (dueMs > nowMs || (storageClass !== from && !canMove({ from, to: storageClass }))) continue
    if (isTooSmall({ sizeBytes, to: storageClass }, { filter: rule.filter, minimum })) continue
    const planned: PlannedTransition = { action: 'transition', rule, dueMs, storageClass }
    const isLater = last === undefined || dueMs > last.dueMs || (dueMs === last.dueMs && isPreferred(planned, last))
    if (isLater) last = planned
  }
  return last
}

function* dueTransitions(
  rule: LifecycleRule,
  { place, lastModifiedMs: sinceMs }: Candidate,
  dayMs: number,
): Generator<{ dueMs: number; storageClass: string }> {
  const transitions = place.kind === 'latest' ? rule.transitions : rule.noncurrentTransitions
  for (const transition of transitions) {
    const atMs =
      'noncurrentDays' in transition
        ? noncurrentDueMs(transition, place, dayMs)
        : currentDueMs(transition, { sinceMs, dayMs })
    if (atMs !== undefined) yield { dueMs: atMs, storageClass: transition.storageClass }
  }
}

function isPreferred(one: PlannedTransition, other: PlannedTransition): boolean {
  const ahead = preferenceOf(one.storageClass) - preferenceOf(other.storageClass)
  return ahead > 0 || (ahead === 0 && one.dueMs < other.dueMs)
}

/** When an action on the current version is due; undefined where it names neither days nor a date. */
export function currentDueMs(
  { days, dateMs }: LifecycleDue,
  { sinceMs, dayMs }: { sinceMs: number; dayMs: number },
): number | undefined {
  return days === undefined ? dateMs : dueMs({ sinceMs, days, dayMs })
}

/** Undefined for one of the newest, which the rule keeps. */
function noncurrentDueMs(due: NoncurrentDue | undefined, place: Place, dayMs: number): number | undefined {
  if (due === undefined || place.kind !== 'noncurrent') return undefined
  if (place.newer < (due.newerNoncurrentVersions ?? 0)) return undefined
  return dueMs({ sinceMs: place.sinceMs, days: due.noncurrentDays, dayMs })
}
