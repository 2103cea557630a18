import type { PipelineParts } from '../http/pipeline.ts'
import { collectGarbage } from '../jobs/collect-garbage.ts'
import { deliverEvents } from '../jobs/deliver-events.ts'
import { deliverLogs } from '../jobs/deliver-logs.ts'
import { forgetUploads } from '../jobs/forget-uploads.ts'
import { keepRenderings } from '../jobs/keep-renderings.ts'
import { type LifecycleJob, lifecycle } from '../jobs/lifecycle.ts'
import { renewKeys } from '../jobs/renew-keys.ts'
import { restores } from '../jobs/restores.ts'
import { JobRunner } from '../jobs/runner.ts'
import { scrub } from '../jobs/scrub.ts'
import { storeRecords } from '../jobs/store-records.ts'
import type { SettableClock } from '../lib/clock.ts'
import type { EventParts } from './events.ts'

/** Runs rules of buckets when it is asked to, too. */
export function lifecycleJob({ services, log }: PipelineParts): LifecycleJob {
  return lifecycle(services, {
    onFailure: ({ bucket, key, cause }) =>
      log.warn({ bucket, key, err: cause }, 'a lifecycle rule could not move an object'),
  })
}

export function createRunner(
  { services, dialect, log }: PipelineParts,
  { clock, rules, events }: { clock: SettableClock; rules: LifecycleJob; events: EventParts },
): JobRunner {
  const jobs = [
    rules,
    deliverEvents(services, events),
    collectGarbage(services),
    forgetUploads(services),
    restores(services),
    keepRenderings(services),
    storeRecords(services, { onLost: (lines) => log.warn({ lines }, 'lines of access logs were lost') }),
    deliverLogs(services, {
      rules: dialect,
      onRefused: ({ log: { bucket, bytes }, cause }) =>
        log.warn({ bucket: bucket.name, bytes, err: cause }, 'the access log of a bucket could not be delivered'),
    }),
    renewKeys(services, {
      onStuck: ({ what, cause }) => log.warn({ what, err: cause }, 'a sealed key could not be sealed anew'),
    }),
    scrub(services, {
      onFinding: ({ name, cause }) => log.error({ chunk: name, err: cause }, 'a stored chunk is damaged'),
    }),
  ]
  return new JobRunner(jobs, {
    clock,
    onError: ({ job, failures, cause }) => log.error({ job, failures, err: cause }, 'a background job failed'),
  })
}
