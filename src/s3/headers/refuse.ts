import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'

/**
 * Headers that change what is stored, or how it is protected, and that no operation honours yet. Dropping one silently
 * would store plain text where encryption was asked for, or overwrite where a condition forbade it.
 */
const REFUSED: ReadonlySet<string> = new Set([
  'x-amz-mfa',
  // Directory buckets' preconditions of a delete, their append and their rename.
  'x-amz-if-match-last-modified-time',
  'x-amz-if-match-size',
  'x-amz-if-match-initiated-time',
  'x-amz-write-offset-bytes',
  'x-amz-rename-source',
  // RGW removes the object by itself at that time.
  'x-delete-at',
  'x-delete-after',
])

const REFUSED_PREFIXES = [
  'x-amz-server-side-encryption',
  'x-amz-copy-source-server-side-encryption',
  'x-amz-grant-',
  'x-amz-fwd-',
  // IBM: Key Protect, and retention of immutable objects.
  'ibm-sse-kp-',
  'retention-',
]

/** Buckets here work by ACL: this ownership can be granted, the others would disable ACLs. */
const OWNERSHIP = 'x-amz-object-ownership'
const SERVED_OWNERSHIP = 'ObjectWriter'

/** @throws S3Error NotImplemented that names the header */
export function refuseUnserved(head: RequestHead): void {
  for (const { name, value } of head.headers.entries) {
    if (!mayBeRefused(name)) continue
    const isRefused =
      REFUSED.has(name) ||
      REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix)) ||
      (name === OWNERSHIP && value !== SERVED_OWNERSHIP)
    // In the message too: RGW's documents have no element for the header.
    if (isRefused)
      throw s3Error('NotImplemented', { Header: name }, { message: `The header ${name} is not implemented` })
  }
}

/** Most headers of a request begin otherwise: one look at two letters spares them the table. */
function mayBeRefused(name: string): boolean {
  return name.startsWith('x-') || name.startsWith('re') || name.startsWith('ib')
}
