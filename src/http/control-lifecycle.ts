import type { Counts } from '../domain/lifecycle/apply.ts'
import { type Preview, preview } from '../domain/lifecycle/preview.ts'
import { type LifecycleState, nextRunMs, stateName } from '../domain/lifecycle/state.ts'
import type { Services } from '../domain/services.ts'
import type { BucketRow } from '../storage/metadata/rows.ts'
import { ControlRefusal, type ControlRequest, type ControlRoute, type ControlRoutes } from './control.ts'

export interface LifecycleControlOptions {
  readonly services: Pick<Services, 'metadata' | 'clock' | 'dayMs'>
  /** Runs the rules of a bucket now; undefined where it has none any more. */
  run(bucketId: number): Promise<(Counts & { startedMs: number; endedMs: number }) | undefined>
}

/** Versions and uploads that a dry run looks for where the request does not say. */
const LIMIT_DEFAULT = 1000
const LIMIT_MAX = 10_000
/** Buckets that one read lists. */
const BUCKETS_PAGE = 100
/** A run of a large bucket takes minutes; whoever waits no longer finds its end in GET /control/lifecycle. */
const RUN_TIMEOUT_MS = 600_000

/** What the rules of buckets have done, will do, and would do now; and a run now. */
export function lifecycleControl(options: LifecycleControlOptions): ControlRoutes {
  const overview: ControlRoute = {
    GET: async (request) => {
      const { dryRun, limit } = readQuery(request, ['dryRun', 'limit'])
      if (dryRun !== 'true') {
        if (dryRun !== undefined && dryRun !== 'false') throw new ControlRefusal(400, 'dryRun: expected true or false')
        if (limit !== undefined) throw new ControlRefusal(400, 'limit is for dryRun=true')
        return await describe(options, await chosen(options, request))
      }
      return await rehearse(options, request, readLimit(limit))
    },
  }
  const run: ControlRoute = {
    POST: async (request) => {
      readQuery(request, [])
      if (request.body !== undefined) throw new ControlRefusal(400, 'the bucket stands in the query: ?bucket=name')
      return await runNow(options, request)
    },
  }
  return { '/control/lifecycle': overview, '/control/lifecycle/run': run }
}

function readQuery({ query }: ControlRequest, others: readonly string[]): Readonly<Record<string, string | undefined>> {
  const read: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(query)) {
    const known = ['bucket', 'tenant', ...others]
    if (!known.includes(name)) throw new ControlRefusal(400, `unknown parameter ${name}: there is ${known.join(', ')}`)
    if (typeof value !== 'string') throw new ControlRefusal(400, `${name}: expected one value`)
    read[name] = value
  }
  if (read['tenant'] !== undefined && read['bucket'] === undefined) {
    throw new ControlRefusal(400, 'tenant is for bucket')
  }
  return read
}

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? LIMIT_DEFAULT : /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new ControlRefusal(400, `limit: expected a whole number from 1 to ${LIMIT_MAX}`)
}

/** The bucket that the query names, or all that have rules. */
async function chosen({ services }: LifecycleControlOptions, { query }: ControlRequest): Promise<BucketRow[]> {
  const { bucket: name, tenant = '' } = query as Readonly<Record<string, string | undefined>>
  if (name !== undefined) {
    const bucket = await services.metadata.read((tx) => tx.buckets.find({ tenant, name }))
    if (bucket === undefined) throw new ControlRefusal(404, `there is no bucket ${name}`)
    if (bucket.settings.lifecycle === undefined) throw new ControlRefusal(404, `the bucket ${name} has no rules`)
    return [bucket]
  }
  const all: BucketRow[] = []
  for (let afterId = 0; ; afterId = all.at(-1)?.id ?? afterId) {
    const range = { afterId, limit: BUCKETS_PAGE }
    const page = await services.metadata.read((tx) => tx.buckets.listWithSetting('lifecycle', range))
    all.push(...page)
    if (page.length < BUCKETS_PAGE) return all
  }
}

async function describe({ services }: LifecycleControlOptions, chosen: readonly BucketRow[]): Promise<object> {
  const { metadata, clock, dayMs } = services
  const nowMs = clock.now()
  const buckets: object[] = []
  for (const bucket of chosen) {
    const { lifecycle } = bucket.settings
    if (lifecycle === undefined) continue
    const state = await metadata.read((tx) => tx.jobState.get<LifecycleState>(stateName(bucket.id)))
    buckets.push({
      ...named(bucket),
      rules: lifecycle.rules.length,
      enabledRules: lifecycle.rules.filter(({ enabled }) => enabled).length,
      lastRun: state?.last === undefined ? null : shownRun(state.last),
      running: state?.running === undefined ? null : shownProgress(state.running),
      nextRun: iso(nextRunMs(state, lifecycle, { nowMs, dayMs })),
    })
  }
  return { now: iso(nowMs), dayMs, buckets }
}

async function rehearse(options: LifecycleControlOptions, request: ControlRequest, limit: number): Promise<object> {
  const { services } = options
  const buckets: object[] = []
  let left = limit
  for (const bucket of await chosen(options, request)) {
    if (left === 0) break
    const found = await preview(services, bucket, { limit: left, signal: request.signal })
    left = Math.max(0, left - found.actions.length)
    const { scanned, isTruncated: truncated } = found
    buckets.push({ ...named(bucket), actions: found.actions.map(shownAction), scanned, truncated })
  }
  return { now: iso(services.clock.now()), dryRun: true, buckets }
}

async function runNow(options: LifecycleControlOptions, request: ControlRequest): Promise<object> {
  const timeout = AbortSignal.timeout(RUN_TIMEOUT_MS)
  const ended = Promise.all(
    (await chosen(options, request)).map(async (bucket) => {
      const report = await options.run(bucket.id)
      return { ...named(bucket), run: report === undefined ? null : shownRun(report) }
    }),
  )
  return { buckets: await unlessAborted(ended, AbortSignal.any([timeout, request.signal])) }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void =>
    reject(new ControlRefusal(504, 'the run has not ended; GET /control/lifecycle tells of it'))
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function named({ tenant, name }: BucketRow): object {
  return tenant === '' ? { bucket: name } : { tenant, bucket: name }
}

function shownRun({ startedMs, endedMs, ...counts }: Counts & { startedMs: number; endedMs: number }): object {
  return { started: iso(startedMs), ended: iso(endedMs), ...counts }
}

function shownProgress({ startedMs, position, counts }: NonNullable<LifecycleState['running']>): object {
  return { started: iso(startedMs), phase: position.phase, key: position.from?.key ?? null, ...counts }
}

function shownAction({ ruleId, dueMs, ...what }: Preview): object {
  return { ...what, rule: ruleId, due: iso(dueMs) }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
