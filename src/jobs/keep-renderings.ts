import { costOf, shrink } from '../domain/images/store-rendering.ts'
import { deletableAtMs } from '../domain/limits.ts'
import type { Services } from '../domain/services.ts'
import type { Job, NextStep } from './job.ts'

/** How long uses wait in memory, in real time: what a server forgets of them that ends. */
export const STORE_EVERY_MS = 60_000
/** Rows that one transaction updates: small enough that a PUT never waits long for the writer. */
export const USES_BATCH = 500

/** What of the services this needs. */
type KeepingServices = Pick<Services, 'clock' | 'limits' | 'metadata' | 'renderings'>

/**
 * Stores when renderings were last used, and drops what is too much: each that is kept makes room for itself, but the
 * bound may have been lowered, or the cache switched off, since the last start.
 */
export function keepRenderings(services: KeepingServices): Job {
  return { name: 'keep-renderings', step: () => step(services) }
}

async function step(services: KeepingServices): Promise<NextStep> {
  const { metadata, renderings } = services
  const uses = renderings.takeUses(USES_BATCH)
  if (uses.length > 0) {
    try {
      await metadata.write((tx) => tx.renderings.setUsed(uses))
    } catch (cause) {
      renderings.putBack(uses)
      throw cause
    }
    return 'again'
  }
  // Look first: an idle server must not commit an empty transaction.
  const { count, bytes } = await metadata.read((tx) => tx.renderings.total())
  const keepBytes = renderings.cacheBytes
  if (costOf(count, bytes) <= keepBytes) return { afterMs: STORE_EVERY_MS }
  await metadata.write((tx) => shrink(tx, { keepBytes, deletableAtMs: deletableAtMs(services) }))
  return 'again'
}
