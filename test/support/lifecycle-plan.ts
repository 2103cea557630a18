import { type Candidate, decide, type Place, type Terms } from '../../src/domain/lifecycle/plan.ts'
import type { Versioning } from '../../src/storage/metadata/rows.ts'
import type { LifecycleConfiguration, LifecycleFilter, LifecycleRule } from '../../src/storage/metadata/settings.ts'
import { newConfiguration, newRule } from './lifecycle.ts'

export const DAY = 86_400_000
/** A morning, so that days are rounded up. */
export const MADE = Date.UTC(2030, 0, 15, 10, 30)
/** The end of that day. */
export const MIDNIGHT = Date.UTC(2030, 0, 16)

export const LATEST: Place = { kind: 'latest', isAlone: true }
export const object = (change: Partial<Candidate> = {}): Candidate => ({
  key: 'logs/a',
  kind: 'object',
  lastModifiedMs: MADE,
  sizeBytes: 1_000_000,
  storageClass: 'STANDARD',
  tags: [],
  place: LATEST,
  ...change,
})
export const older = (newer: number, change: Partial<Candidate> = {}) =>
  object({ lastModifiedMs: 0, place: { kind: 'noncurrent', sinceMs: MADE, newer }, ...change })
export const marker = (place: Place) => object({ kind: 'delete-marker', sizeBytes: 0, place })

export interface Case {
  readonly rules: readonly LifecycleRule[]
  readonly candidate?: Candidate
  readonly atMs: number
  readonly versioning?: Versioning
  readonly dayMs?: number
  readonly minimum?: LifecycleConfiguration['transitionMinimum']
}

export function outcome({ rules, candidate = object(), atMs, versioning = 'off', dayMs = DAY, minimum }: Case): string {
  const terms: Terms = { configuration: newConfiguration(rules, { transitionMinimum: minimum }), versioning, dayMs }
  const planned = decide(terms, candidate, atMs)
  if (planned === undefined) return 'none'
  return planned.action === 'transition' ? `${planned.action} ${planned.storageClass}` : planned.action
}

export const expire = (days: number, change: Partial<LifecycleRule> = {}) =>
  newRule({ expiration: { days }, ...change })
export const move = (days: number, storageClass: string, change: Partial<LifecycleRule> = {}) =>
  newRule({ transitions: [{ days, storageClass }], ...change })
export const filtered = (filter: Partial<LifecycleFilter>) => ({ filter: { tags: [], isAnd: false, ...filter } })
