import { UncertainCommit } from '../../storage/metadata/store.ts'
import type { Received } from './receive.ts'

/**
 * Drops bytes for which no row could be written. Where the row may be there nevertheless the bytes stay: better a file
 * that the scrub has to find than a row without its bytes.
 */
export async function discardAfter(cause: unknown, received: Received): Promise<void> {
  if (!(cause instanceof UncertainCommit)) await received.discard()
}
