import { hash } from 'node:crypto'
import type { RenderingRef } from '../../storage/metadata/rendering-store.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { Directive } from './directive.ts'

/**
 * Grows when the same directive comes to render otherwise: what was kept before is not found then, and ages.
 */
const REVISION = 1

/** All that a result depends on. */
export interface RenderingRequest {
  /** The picture. */
  readonly source: VersionRow
  /** The pictures that are laid over it, in any order. */
  readonly overlays: readonly VersionRow[]
  readonly directive: Directive
}

/**
 * What a result is kept under. Versions are named by the ids of their rows, which are never used twice: a picture that
 * is replaced, be it the source or an overlay, makes another name.
 */
export function renderingRef({ source, overlays, directive }: RenderingRequest): RenderingRef {
  const ids = overlays.map(({ key, id }) => [key, id] as const)
  const distinct = new Map(ids.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)))
  return { sourceId: source.id, digest: hash('sha256', canonical({ REVISION, overlays: [...distinct], directive })) }
}

/** JSON that does not depend on the order in which properties were set. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  })
}
