import type { BucketRow } from '../../storage/metadata/rows.ts'
import type { LifecycleConfiguration } from '../../storage/metadata/settings.ts'
import type { Counts } from './apply.ts'
import { dayBegin } from './due.ts'
import type { Terms } from './plan.ts'
import type { Position } from './scan.ts'

/** What the job keeps about a bucket that has rules, under stateName. */
export interface LifecycleState {
  /** The beginning of the day that the last run was for. */
  readonly ranForMs?: number
  /** A run that has not ended: after a restart it goes on from there. */
  readonly running?: RunState
  readonly last?: RunReport
}

export interface RunState {
  /** The beginning of the day that it is for. */
  readonly forMs: number
  /** Of the rules that it carries out: others end it. */
  readonly putMs: number
  readonly startedMs: number
  readonly position: Position
  readonly counts: Counts
}

export interface RunReport extends Counts {
  readonly startedMs: number
  readonly endedMs: number
}

/** All of its names begin so. */
export const STATE_PREFIX = 'lifecycle/'

export function stateName(bucketId: number): string {
  return `${STATE_PREFIX}${bucketId}`
}

/** The rules of a bucket, and what it takes to read them; undefined without rules. */
export function termsOf({ settings, versioning }: BucketRow, dayMs: number): Terms | undefined {
  const { lifecycle } = settings
  return lifecycle === undefined ? undefined : { configuration: lifecycle, versioning, dayMs }
}

/**
 * When the rules are carried out next: now, if a run has not ended, or if none was made for this day by rules that were
 * put on another one; else when the next day begins. A clock that was set back makes a new day of an old one, and rules
 * of a day that is now to come do not wait for it.
 */
export function nextRunMs(
  state: LifecycleState | undefined,
  { putMs }: LifecycleConfiguration,
  { nowMs, dayMs }: { nowMs: number; dayMs: number },
): number {
  if (state?.running !== undefined) return nowMs
  const todayMs = dayBegin(nowMs, dayMs)
  const isDone = dayBegin(putMs, dayMs) === todayMs || state?.ranForMs === todayMs
  return isDone ? todayMs + dayMs : nowMs
}
