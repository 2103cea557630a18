import type { Services } from '../domain/services.ts'
import { attendRestores } from '../domain/storage-classes/restored.ts'
import type { Job, NextStep } from './job.ts'

/** Versions that one transaction sees to: some milliseconds, which a PUT may wait for the writer. */
const BATCH = 100
/** When it looks again at what could not be told because the queue of a topic was full. */
const FULL_QUEUE_MS = 60_000

/** Tells of restores that have come about, and cleans up behind those that are over. */
export function restores(services: Services): Job {
  return { name: 'restores', step: () => step(services) }
}

async function step(services: Services): Promise<NextStep> {
  // Look first: an idle server must not commit an empty transaction.
  const nextMs = await services.metadata.read((tx) => tx.restored.nextDueMs())
  if (nextMs === undefined) return 'idle'
  if (services.clock.now() < nextMs) return { at: nextMs }
  const { done } = await attendRestores(services, BATCH)
  return done > 0 ? 'again' : { afterMs: FULL_QUEUE_MS }
}
