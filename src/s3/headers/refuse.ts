import { s3Error } from '../../errors.ts'
import type { RequestHead } from '../request.ts'
import { GRANT_HEADERS } from './acl.ts'
import { ENCRYPTION_HEADERS } from './encryption.ts'

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

const ENCRYPTION_PREFIXES = ['x-amz-server-side-encryption', 'x-amz-copy-source-server-side-encryption']

const REFUSED_PREFIXES = [
  'x-amz-fwd-',
  // IBM: Key Protect, and retention of immutable objects.
  'ibm-sse-kp-',
  'retention-',
]

/** @throws S3Error NotImplemented that names the header */
export function refuseUnserved(head: RequestHead): void {
  for (const { name } of head.headers.entries) {
    if (!mayBeRefused(name)) continue
    const isRefused = REFUSED.has(name) || REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix)) || isUnknown(name)
    // In the message too: RGW's documents have no element for the header.
    if (isRefused)
      throw s3Error('NotImplemented', { Header: name }, { message: `The header ${name} is not implemented` })
  }
}

/** A grant of something that S3 does not know, or a way of encryption. */
function isUnknown(name: string): boolean {
  if (name.startsWith('x-amz-grant-')) return !GRANT_HEADERS.has(name)
  return ENCRYPTION_PREFIXES.some((prefix) => name.startsWith(prefix)) && !ENCRYPTION_HEADERS.has(name)
}

/** Most headers of a request begin otherwise: one look at two letters spares them the table. */
function mayBeRefused(name: string): boolean {
  return name.startsWith('x-') || name.startsWith('re') || name.startsWith('ib')
}
