import type { LifecycleConfiguration, LifecycleRule } from '../../src/storage/metadata/settings.ts'

/** A rule for all objects that does nothing yet. */
export function newRule(change: Partial<LifecycleRule> = {}): LifecycleRule {
  return {
    id: 'rule',
    enabled: true,
    isOldForm: false,
    filter: { tags: [], isAnd: false },
    transitions: [],
    noncurrentTransitions: [],
    ...change,
  }
}

/** A rule for a prefix. */
export function ruleFor(prefix: string, change: Partial<LifecycleRule> = {}): LifecycleRule {
  return newRule({ id: `rule for ${prefix}`, filter: { prefix, tags: [], isAnd: false }, ...change })
}

export function newConfiguration(
  rules: readonly LifecycleRule[],
  change: Partial<LifecycleConfiguration> = {},
): LifecycleConfiguration {
  return { rules, putMs: 0, ...change }
}
