import type { CustomerKey } from '../../domain/encryption/customer-key.ts'
import type { Conditions } from '../../domain/objects/conditions.ts'
import type { Found } from '../../domain/objects/read.ts'
import type { Selection } from '../../domain/objects/select.ts'
import type { RestoreStatus } from '../../domain/storage-classes/archive.ts'
import { NULL_VERSION } from '../../domain/versions/write.ts'
import type { Dialect } from '../dialect.ts'
import type { Wire } from '../request.ts'
import type { HeaderValue, WireResponse } from '../response.ts'
import { notModifiedHeaders } from './absent.ts'
import { readConditions } from './conditions.ts'
import { readOfferedKey } from './encryption.ts'
import { objectHeaders } from './object.ts'
import { objectAddress } from './permissions.ts'
import { restoreValue } from './restore.ts'
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
  /** The key that the object may have been encrypted with (SSE-C). */
  readonly customerKey: CustomerKey | undefined
}

export function readObjectQuery({ head, dialect }: Pick<Wire, 'head' | 'dialect'>): ObjectQuery {
  return {
    key: objectAddress(head).key,
    versionId: readVersionId({ head, dialect }),
    conditions: readConditions(head, dialect),
    selection: readSelection(head),
    checksums: head.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED',
    customerKey: readOfferedKey({ head, dialect }),
  }
}

/** What beside the object goes into the head of an answer. */
export interface AnswerView {
  readonly query: ObjectQuery
  readonly dialect: Dialect
  readonly overrides: Readonly<Record<string, string>>
  /** Of the current version. AWS sends it to requests that name no version. */
  readonly expiration?: readonly [name: string, value: HeaderValue]
  readonly restore?: RestoreStatus
}

/** The answer's head. The checksum covers the whole object, so a range bears none; a part bears its own. */
export function objectResponse(found: Exclude<Found, { kind: 'absent' }>, view: AnswerView): WireResponse {
  const { query, dialect, overrides, expiration, restore } = view
  const { version } = found
  if (found.kind === 'not-modified') return { status: 304, headers: notModifiedHeaders(dialect, version) }
  const { selected } = found
  const versioned = version.versionId !== NULL_VERSION || query.versionId !== undefined
  const checksums = query.checksums && !selected.partial
  const headers: (readonly [string, HeaderValue])[] = [
    ...selectionHeaders(version, selected),
    ...objectHeaders(version, { dialect, checksums, overrides, versioned }),
  ]
  if (expiration !== undefined && query.versionId === undefined) headers.push(expiration)
  headers.push(['x-amz-restore', restoreValue(restore)])
  const { part } = selected
  if (query.checksums && part?.checksum !== undefined && version.checksum !== undefined) {
    headers.push([`x-amz-checksum-${version.checksum.algorithm.toLowerCase()}`, part.checksum])
  }
  return { status: selected.partial ? 206 : 200, headers }
}
