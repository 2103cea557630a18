import { type Delivery, type DeliveryRules, deliverLog, LOG_OBJECT_BYTES } from '../domain/recording/deliver.ts'
import type { Services } from '../domain/services.ts'
import { S3Error } from '../errors.ts'
import type { PendingLog } from '../storage/metadata/store.ts'
import type { Job, NextStep } from './job.ts'

/** A log's object is made when its oldest line is this old, as in Ceph. AWS takes hours. */
export const ROLL_MS = 5 * 60 * 1000
/** How often, in real time, the job looks whether so many lines have gathered that an object can be made at once. */
export const LOOK_MS = 10_000

export interface DeliverLogsOptions {
  readonly rules: DeliveryRules
  /** A log's target is gone, or refuses it: these lines will never be delivered. */
  onRefused(refusal: { log: PendingLog; cause: Error }): void
}

/** Makes objects of the lines of access logs: of those that have waited long enough, or are many enough. */
export function deliverLogs(services: Services, options: DeliverLogsOptions): Job {
  return { name: 'deliver-logs', step: (signal) => step(services, options, signal) }
}

async function step(services: Services, options: DeliverLogsOptions, signal: AbortSignal): Promise<NextStep> {
  const { clock, metadata } = services
  const pending = await metadata.read((tx) => tx.logRecords.pending())
  if (pending.length === 0) return 'idle'
  const nowMs = clock.now()
  const isDue = (log: PendingLog): boolean => log.bytes >= LOG_OBJECT_BYTES || isOld(log, nowMs)
  for (const due of pending.filter(isDue)) {
    const { bucketId: id, bucket } = due
    const delivery = await unlessFull(deliverLog(services, { ...bucket, id }, { rules: options.rules, signal }))
    if (delivery?.outcome === 'refused') options.onRefused({ log: due, cause: delivery.cause })
    if (delivery !== undefined) return 'again'
  }
  const later = pending.filter((log) => !isDue(log)).map(({ oldestMs }) => oldestMs + ROLL_MS)
  return later.length === 0 ? { afterMs: LOOK_MS } : { at: Math.min(...later), afterMs: LOOK_MS }
}

/** Undefined where the queue of a topic that the target tells is full: the lines stay, other logs have their turn. */
async function unlessFull(delivering: Promise<Delivery>): Promise<Delivery | undefined> {
  try {
    return await delivering
  } catch (cause) {
    if (cause instanceof S3Error && cause.code === 'SlowDown') return undefined
    throw cause
  }
}

/** A line from a later time was written before the clock was set back, and has waited long enough. */
function isOld({ oldestMs }: PendingLog, nowMs: number): boolean {
  return oldestMs + ROLL_MS <= nowMs || oldestMs > nowMs
}
