import { type DeliveryRules, deliverLog, LOG_OBJECT_BYTES } from '../domain/recording/deliver.ts'
import type { Services } from '../domain/services.ts'
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
  const due = pending.find((log) => log.bytes >= LOG_OBJECT_BYTES || isOld(log, nowMs))
  if (due === undefined) return { at: Math.min(...pending.map(({ oldestMs }) => oldestMs + ROLL_MS)), afterMs: LOOK_MS }
  const { bucketId: id, bucket } = due
  const delivery = await deliverLog(services, { ...bucket, id }, { rules: options.rules, signal })
  if (delivery.outcome === 'refused') options.onRefused({ log: due, cause: delivery.cause })
  return 'again'
}

/** A line from a later time was written before the clock was set back, and has waited long enough. */
function isOld({ oldestMs }: PendingLog, nowMs: number): boolean {
  return oldestMs + ROLL_MS <= nowMs || oldestMs > nowMs
}
