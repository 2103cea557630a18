import type { Services } from '../domain/services.ts'
import { cleanEndedRestores } from '../domain/storage-classes/restore.ts'
import type { Job, NextStep } from './job.ts'

/** Versions that one transaction cleans: some milliseconds, which a PUT may wait for the writer. */
const BATCH = 100

/** What of the services this needs. */
type EndingServices = Pick<Services, 'clock' | 'metadata'>

/** Cleans up behind restores that are over. Reads do not wait for it: they look at the clock themselves. */
export function endRestores(services: EndingServices): Job {
  return { name: 'end-restores', step: () => step(services) }
}

async function step(services: EndingServices): Promise<NextStep> {
  // Look first: an idle server must not commit an empty transaction.
  const nextMs = await services.metadata.read((tx) => tx.restored.nextUntilMs())
  if (nextMs === undefined) return 'idle'
  if (services.clock.now() < nextMs) return { at: nextMs }
  await cleanEndedRestores(services, BATCH)
  return 'again'
}
