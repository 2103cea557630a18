import type { BucketRow, Retention } from '../../storage/metadata/rows.ts'

const DAY_MS = 24 * 3600 * 1000
/**
 * A year of retention, whatever the calendar says: S3 counts so (API reference, "DefaultRetention"), and Ceph's
 * rgw_object_lock. Days here are days of the clock; config.lifecycle.dayMs shortens those of lifecycle rules only.
 */
const YEAR_DAYS = 365

/** The retention that a version gets which brings none of its own: from its creation on. */
export function defaultRetention(
  { objectLock, settings }: Pick<BucketRow, 'objectLock' | 'settings'>,
  createdMs: number,
): Retention | undefined {
  const rule = settings.objectLockRetention
  if (!objectLock || rule === undefined) return undefined
  const days = (rule.days ?? 0) + (rule.years ?? 0) * YEAR_DAYS
  return { mode: rule.mode, retainUntilMs: createdMs + days * DAY_MS }
}
