import type { Conditions } from '../../domain/objects/conditions.ts'
import type { Found } from '../../domain/objects/read.ts'
import type { Selection } from '../../domain/objects/select.ts'
import { NULL_VERSION } from '../../domain/versions/write.ts'
import type { Dialect } from '../dialect.ts'
import type { Wire } from '../request.ts'
import type { WireResponse } from '../response.ts'
import { notModifiedHeaders } from './absent.ts'
import { readConditions } from './conditions.ts'
import { objectHeaders } from './object.ts'
import { objectAddress } from './permissions.ts'
import { readSelection, selectionHeaders } from './selection.ts'
import { readVersionId } from './version-id.ts'

/** What GET and HEAD of an object read from their request: the two differ in the body only. */
export interface ObjectQuery {
  readonly key: string
  readonly versionId: string | undefined
  readonly conditions: Conditions
  readonly selection: Selection
  /** x-amz-checksum-mode: ENABLED. */
  readonly checksums: boolean
}

export function readObjectQuery({ head, dialect }: Pick<Wire, 'head' | 'dialect'>): ObjectQuery {
  return {
    key: objectAddress(head).key,
    versionId: readVersionId({ head, dialect }),
    conditions: readConditions(head, dialect),
    selection: readSelection(head),
    checksums: head.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED',
  }
}

/** The answer's head. The checksum covers the whole object, so a range bears none; a part bears its own. */
export function objectResponse(
  found: Exclude<Found, { kind: 'absent' }>,
  view: { query: ObjectQuery; dialect: Dialect; overrides: Readonly<Record<string, string>> },
): WireResponse {
  const { query, dialect, overrides } = view
  const { version } = found
  if (found.kind === 'not-modified') return { status: 304, headers: notModifiedHeaders(dialect, version) }
  const { selected } = found
  const versioned = version.versionId !== NULL_VERSION || query.versionId !== undefined
  const checksums = query.checksums && !selected.partial
  const headers = [
    ...selectionHeaders(version, selected),
    ...objectHeaders(version, { dialect, checksums, overrides, versioned }),
  ]
  const { part } = selected
  if (query.checksums && part?.checksum !== undefined && version.checksum !== undefined) {
    headers.push([`x-amz-checksum-${version.checksum.algorithm.toLowerCase()}`, part.checksum])
  }
  return { status: selected.partial ? 206 : 200, headers }
}
