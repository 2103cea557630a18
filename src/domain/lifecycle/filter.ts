import type { Tag } from '../../storage/metadata/rows.ts'
import type { LifecycleFilter } from '../../storage/metadata/settings.ts'

/** What a rule's filter asks about. A delete marker has no bytes and no tags. */
export interface Filtered {
  readonly key: string
  readonly sizeBytes: number
  readonly tags: readonly Tag[]
}

/** Whether all conditions of the filter hold. A filter without any holds for everything. */
export function passes(filter: LifecycleFilter, { key, sizeBytes, tags }: Filtered): boolean {
  const { prefix = '', sizeGreaterThan, sizeLessThan } = filter
  if (!key.startsWith(prefix)) return false
  if (sizeGreaterThan !== undefined && sizeBytes <= sizeGreaterThan) return false
  if (sizeLessThan !== undefined && sizeBytes >= sizeLessThan) return false
  return filter.tags.every((wanted) => tags.some(({ key, value }) => key === wanted.key && value === wanted.value))
}

/** Whether the filter says something about sizes: then it takes the place of the least size for transitions. */
export function asksSize({ sizeGreaterThan, sizeLessThan }: LifecycleFilter): boolean {
  return sizeGreaterThan !== undefined || sizeLessThan !== undefined
}
