import { S3Error } from '../../errors.ts'
import type { RestoredVersion } from '../../storage/metadata/rows.ts'
import type { WriteTransaction } from '../../storage/metadata/store.ts'
import { eventObject, type Tell, Teller } from '../notifications/teller.ts'
import type { Services } from '../services.ts'
import { tellCompleted } from './restore.ts'

/** Some of those that are due, in their order. */
export interface RestoresRange {
  readonly limit: number
  readonly after: RestoredVersion | undefined
}

export interface RestoresAttended {
  /** How many were seen to. */
  readonly done: number
  /** The last one that stays on the list because the queue of a topic is full. */
  readonly passed: RestoredVersion | undefined
}

/**
 * Sees to restores whose time has come: those that can be read now are told of, and of those that are over goes what is
 * left to see of them. Readers do not wait for it: they look at the clock themselves.
 */
export async function attendRestores(services: Services, { limit, after }: RestoresRange): Promise<RestoresAttended> {
  return await new Teller(services).write(async (tx, tell) => {
    const nowMs = services.clock.now()
    const due = await tx.restored.due({ nowMs, limit, after })
    const done = new Set<RestoredVersion>()
    for (const one of due) if (await attend(tx, one, { nowMs, tell })) done.add(one)
    await tx.restored.forget([...done])
    return { done: done.size, passed: due.findLast((one) => !done.has(one)) }
  })
}

async function attend(
  tx: WriteTransaction,
  { dueMs, ...ref }: RestoredVersion,
  { nowMs, tell }: { nowMs: number; tell: Tell },
): Promise<boolean> {
  const bucket = await tx.buckets.findById(ref.bucketId)
  const version = await tx.versions.find(ref)
  if (bucket === undefined || version === undefined) return true
  const { restore, ...attributes } = version.attributes
  // It may be restored for longer, or anew, since this was noted.
  if (restore === undefined) return true
  try {
    if (dueMs === restore.readyMs) await tellCompleted(tell, { bucket, version, restore })
    else if (restore.untilMs <= nowMs) {
      await tell({ bucket, kind: 'restore:ended', object: eventObject(bucket, version) })
      await tx.versions.setAttributes(version, attributes)
    }
    return true
  } catch (cause) {
    if (!(cause instanceof S3Error) || cause.code !== 'SlowDown') throw cause
    return false
  }
}
