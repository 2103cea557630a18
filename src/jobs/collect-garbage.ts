import type { Services } from '../domain/services.ts'
import type { Job, NextStep } from './job.ts'

/** Segments that one transaction takes apart: small enough that a PUT never waits long for the writer. */
export const GC_BATCH = 500
/** Files that one step removes: some tenths of a second of a slow disk. */
export const DOOMED_FILES_BATCH = 100
/**
 * Garbage that only running reads hold back is looked at again after this long, in real time; a download ends without
 * telling.
 */
export const PINNED_RETRY_MS = 30_000

/** What of the services this needs. */
type CollectingServices = Pick<Services, 'chunks' | 'clock' | 'limits' | 'metadata' | 'pins'>

/**
 * Takes apart the manifests that nothing refers to any more and removes the files of their chunks. A file goes before
 * its row: a crash between the two leaves a row whose file is removed again, never a file that nobody knows.
 */
export function collectGarbage(services: CollectingServices): Job {
  return { name: 'collect-garbage', step: () => step(services) }
}

async function step(services: CollectingServices): Promise<NextStep> {
  const { metadata, pins, clock, chunks } = services
  const nowMs = clock.now()
  // 1. Look first: an idle server must not commit, and sync, an empty transaction.
  const found = await metadata.read(async (tx) => ({
    nextMs: await tx.garbage.nextDeletableMs(),
    doomed: await tx.garbage.doomedFiles(1),
  }))
  // Garbage waits for the delay and no longer: these times are from before the clock was set back.
  const latestMs = nowMs + services.limits.garbageDelayMs
  if (found.nextMs !== undefined && found.nextMs > latestMs) {
    await metadata.write((tx) => tx.garbage.hasten({ latestMs, limit: GC_BATCH }))
    return 'again'
  }
  const isDue = found.nextMs !== undefined && found.nextMs <= nowMs
  if (!isDue && found.doomed.length === 0) return found.nextMs === undefined ? 'idle' : { at: found.nextMs }
  // 2. Rows: inline bytes vanish here, files become doomed. The pins are read when the transaction runs.
  const taken = isDue
    ? await metadata.write((tx) => tx.garbage.collect({ nowMs, pinned: pins.pinned(), limit: GC_BATCH }))
    : 0
  // 3. Files, then their rows.
  const doomed = await metadata.read((tx) => tx.garbage.doomedFiles(DOOMED_FILES_BATCH))
  if (doomed.length > 0) {
    await chunks.remove(doomed)
    await metadata.write((tx) => tx.garbage.forgetFiles(doomed.map(({ name }) => name)))
  }
  if (taken > 0 || doomed.length > 0) return 'again'
  return { afterMs: PINNED_RETRY_MS }
}
