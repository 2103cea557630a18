import type { Versioning } from '../../storage/metadata/rows.ts'
import type { LifecycleConfiguration, LifecycleRule } from '../../storage/metadata/settings.ts'
import { compareKeys } from '../listing/order.ts'

/** What a run walks, in this order: current versions; older ones and delete markers; open uploads. */
export const PHASES = ['current', 'history', 'uploads'] as const
export type PhaseKind = (typeof PHASES)[number]

/** A walk through the keys that some rule can have a say about. */
export interface Phase {
  readonly kind: PhaseKind
  /** In the order of keys; no key has two of them. */
  readonly prefixes: readonly string[]
  /** The rules that made it. */
  readonly rules: readonly LifecycleRule[]
}

/** The walks that the enabled rules need. What none asks for is not walked. */
export function phasesOf({ rules }: LifecycleConfiguration, versioning: Versioning): Phase[] {
  return PHASES.flatMap((kind) => {
    const asking = rules.filter((rule) => rule.enabled && NEEDS[kind](rule, versioning))
    return asking.length === 0 ? [] : [{ kind, prefixes: mergedPrefixes(asking), rules: asking }]
  })
}

const NEEDS: Readonly<Record<PhaseKind, (rule: LifecycleRule, versioning: Versioning) => boolean>> = {
  current: ({ expiration, transitions }) =>
    transitions.length > 0 || expiration?.days !== undefined || expiration?.dateMs !== undefined,
  // A bucket that never had versions has neither old ones nor markers.
  history: ({ expiration, noncurrentExpiration, noncurrentTransitions }, versioning) =>
    versioning !== 'off' &&
    (noncurrentExpiration !== undefined ||
      noncurrentTransitions.length > 0 ||
      // Also by days and by date: they remove markers that are left alone.
      (expiration !== undefined && expiration.expiredObjectDeleteMarker !== false)),
  uploads: ({ abortIncompleteDays }) => abortIncompleteDays !== undefined,
}

function mergedPrefixes(rules: readonly LifecycleRule[]): string[] {
  const merged: string[] = []
  // Behind a prefix come all that begin with it, and then others.
  for (const prefix of rules.map(({ filter }) => filter.prefix ?? '').sort(compareKeys)) {
    const last = merged.at(-1)
    if (last === undefined || !prefix.startsWith(last)) merged.push(prefix)
  }
  return merged
}
