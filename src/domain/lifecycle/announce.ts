import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { BucketSettings, LifecycleRule } from '../../storage/metadata/settings.ts'
import { dueMs } from './due.ts'
import { type Filtered, passes } from './filter.ts'
import { currentDueMs } from './plan.ts'

/** The rule that will act first, and when. Of several at one time it is the one that stands first. */
export interface Announced {
  readonly ruleId: string
  readonly dueMs: number
}

/** When a current version expires; undefined where no rule says so, and for any other version. */
export function announcedExpiry(
  { lifecycle }: BucketSettings,
  version: Pick<VersionRow, 'key' | 'kind' | 'isLatest' | 'sizeBytes' | 'lastModifiedMs' | 'attributes'>,
  dayMs: number,
): Announced | undefined {
  if (lifecycle === undefined || !version.isLatest || version.kind !== 'object') return undefined
  const { key, sizeBytes, lastModifiedMs: sinceMs } = version
  return earliest(lifecycle.rules, { key, sizeBytes, tags: version.attributes.tags }, ({ expiration }) =>
    expiration === undefined ? undefined : currentDueMs(expiration, { sinceMs, dayMs }),
  )
}

/** When an upload is aborted that is neither completed nor aborted by then. */
export function announcedAbort(
  rules: readonly LifecycleRule[],
  { key, initiatedMs: sinceMs }: { key: string; initiatedMs: number },
  dayMs: number,
): Announced | undefined {
  return earliest(rules, { key, sizeBytes: 0, tags: [] }, ({ abortIncompleteDays: days }) =>
    days === undefined ? undefined : dueMs({ sinceMs, days, dayMs }),
  )
}

export function isDue(announced: Announced | undefined, nowMs: number): boolean {
  return announced !== undefined && announced.dueMs <= nowMs
}

function earliest(
  rules: readonly LifecycleRule[],
  filtered: Filtered,
  dueOf: (rule: LifecycleRule) => number | undefined,
): Announced | undefined {
  let first: Announced | undefined
  for (const rule of rules) {
    if (!rule.enabled || !passes(rule.filter, filtered)) continue
    const atMs = dueOf(rule)
    if (atMs !== undefined && (first === undefined || atMs < first.dueMs)) first = { ruleId: rule.id, dueMs: atMs }
  }
  return first
}
