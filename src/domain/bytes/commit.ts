import { UncertainCommit } from '../../storage/metadata/store.ts'
import type { Received } from './receive.ts'

/** The metadata store, or a Teller in front of it. */
export interface Committing<Args extends unknown[]> {
  write<T>(work: (...args: Args) => Promise<T>): Promise<T>
}

/**
 * The second half of every write: the bytes are there, now one transaction refers to them. If it fails they are
 * dropped; but where the row may be there nevertheless they stay: better a file that the scrub has to find than a row
 * without its bytes.
 */
export async function commitReceived<T, Args extends unknown[]>(
  store: Committing<Args>,
  received: Pick<Received, 'discard'>,
  work: (...args: Args) => Promise<T>,
): Promise<T> {
  try {
    return await store.write(work) // `return await`: without it a failed commit would skip the catch below
  } catch (cause) {
    if (!(cause instanceof UncertainCommit)) await received.discard()
    throw cause
  }
}
