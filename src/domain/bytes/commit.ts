import { UncertainCommit, type WriteTransaction } from '../../storage/metadata/store.ts'
import type { Services } from '../services.ts'
import type { Received } from './receive.ts'

/**
 * The second half of every write: the bytes are there, now one transaction refers to them. If it fails they are
 * dropped; but where the row may be there nevertheless they stay: better a file that the scrub has to find than a row
 * without its bytes.
 */
export async function commitReceived<T>(
  { metadata }: Pick<Services, 'metadata'>,
  received: Pick<Received, 'discard'>,
  work: (tx: WriteTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await metadata.write(work) // `return await`: without it a failed commit would skip the catch below
  } catch (cause) {
    if (!(cause instanceof UncertainCommit)) await received.discard()
    throw cause
  }
}
