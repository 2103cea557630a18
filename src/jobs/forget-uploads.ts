import type { Services } from '../domain/services.ts'
import type { Job, NextStep } from './job.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/**
 * The row of a completed or aborted upload is kept for this long after its initiation: a client that heard no answer to
 * its CompleteMultipartUpload repeats it within minutes, and is told the same again.
 */
export const CLOSED_UPLOAD_KEPT_MS = 7 * DAY_MS
/** Rows that one transaction forgets: small enough that a PUT never waits long for the writer. */
export const FORGET_BATCH = 500

/** Forgets uploads that have ended long ago, so that their rows do not pile up. */
export function forgetUploads(services: Pick<Services, 'clock' | 'metadata'>): Job {
  return { name: 'forget-uploads', step: () => step(services) }
}

async function step({ clock, metadata }: Pick<Services, 'clock' | 'metadata'>): Promise<NextStep> {
  const nowMs = clock.now()
  const initiatedBeforeMs = nowMs - CLOSED_UPLOAD_KEPT_MS
  // Look first: an idle server must not commit, and sync, an empty transaction.
  const oldestMs = await metadata.read((tx) => tx.uploads.oldestClosedMs())
  if (oldestMs === undefined) return 'idle'
  // Initiated at a time that the clock has been set back from: they count from now on.
  if (oldestMs > nowMs) {
    await metadata.write((tx) => tx.uploads.hastenClosed({ latestMs: nowMs, limit: FORGET_BATCH }))
    return 'again'
  }
  if (oldestMs >= initiatedBeforeMs) return { at: oldestMs + CLOSED_UPLOAD_KEPT_MS + 1 }
  await metadata.write((tx) => tx.uploads.forgetClosed({ initiatedBeforeMs, limit: FORGET_BATCH }))
  return 'again'
}
