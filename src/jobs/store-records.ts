import type { Services } from '../domain/services.ts'
import type { Job, NextStep } from './job.ts'

/**
 * How long what is noted about requests waits in memory, in real time: what a server loses of it that is killed.
 */
export const STORE_EVERY_MS = 2_000

export interface RecordLosses {
  /** Lines of access logs that there was no room for in memory. */
  onLost(lines: number): void
}

/** Stores the lines of access logs and the usage that requests have left behind. */
export function storeRecords(services: Pick<Services, 'metadata' | 'records'>, losses: RecordLosses): Job {
  return { name: 'store-records', step: () => step(services, losses) }
}

async function step(
  { metadata, records }: Pick<Services, 'metadata' | 'records'>,
  { onLost }: RecordLosses,
): Promise<NextStep> {
  const lost = records.log.takeLost()
  if (lost > 0) onLost(lost)
  if (!records.isEmpty) await records.store(metadata)
  return { afterMs: STORE_EVERY_MS }
}
