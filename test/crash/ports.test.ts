import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_INTEGRITY } from '../../src/domain/bytes/integrity.ts'
import { receive } from '../../src/domain/bytes/receive.ts'
import type { Services } from '../../src/domain/services.ts'
import { collectGarbage } from '../../src/jobs/collect-garbage.ts'
import type { Job } from '../../src/jobs/job.ts'
import { ORPHAN_AGE_MS, scrub } from '../../src/jobs/scrub.ts'
import { forwardChunks } from '../support/chunk-stores.ts'
import { MovedClock, openServices, type TestServices } from '../support/services.ts'
import { auditFiles, brokenRules } from './audit.ts'
import { Faults, InjectedFault, withFaults, withSecondRuns, withUncertainCommits } from './faults.ts'
import { observe } from './observe.ts'
import {
  type Act,
  bodyOf,
  FILE,
  INLINE,
  newBucket,
  PART_BYTES_MIN,
  Requests,
  SCENARIOS,
  type Scenario,
} from './scenarios.ts'

/** More steps than any of the writes has. */
const STEPS_MAX = 60
let services: TestServices
let buckets = 0

beforeEach(async () => {
  services = await openServices({ partBytesMin: PART_BYTES_MIN }, ['GLACIER'])
})
afterEach(() => services.dispose())

/** The scenario's bucket as it is before the act, which is ready to be done. */
async function arrange(scenario: Scenario): Promise<{ act: Act; look: () => Promise<unknown> }> {
  buckets += 1
  const bucket = await newBucket(services, `b${buckets}`, scenario.versioning ?? 'off')
  const act = await scenario.arrange(services, new Requests(bucket))
  return { act, look: () => observe(services, bucket.id) }
}

/** What the bucket looks like when everything goes well. */
async function wanted(scenario: Scenario): Promise<unknown> {
  const { act, look } = await arrange(scenario)
  await act(services)
  return await look()
}

function eventsOf(observed: unknown): readonly string[] {
  return (observed as { events: readonly string[] }).events
}

async function assertSound(orphans: number): Promise<void> {
  expect(brokenRules(services.dir)).toEqual([])
  const files = await auditFiles(services.dir, services.chunks)
  expect([files.broken, files.orphans.length]).toEqual([[], orphans])
}

describe.each(SCENARIOS)('$name', (scenario) => {
  it('changes nothing when one of its steps fails, and everything when it is tried again', async () => {
    const after = await wanted(scenario)
    const faults = new Faults()
    const steps: string[] = []
    for (let step = 1; step <= STEPS_MAX; step += 1) {
      const { act, look } = await arrange(scenario)
      const before = await look()
      expect(before).not.toEqual(after)
      faults.arm(step)
      const outcome = await act(withFaults(services, faults)).catch((cause: unknown) => cause)
      faults.disarm()
      if (faults.failed === undefined) {
        expect(await look()).toEqual(after)
        break
      }
      steps.push(faults.failed)
      expect(outcome, faults.failed).toBeInstanceOf(InjectedFault)
      expect(await look(), faults.failed).toEqual(before)
      await assertSound(0)
      await act(services)
      expect(await look(), faults.failed).toEqual(after)
    }
    expect(steps.length, steps.join(', ')).toBeGreaterThan(1)
    expect(steps.length, steps.join(', ')).toBeLessThan(STEPS_MAX)
  })

  it('tells of what it does', async () => {
    const { act, look } = await arrange(scenario)
    const before = eventsOf(await look())
    await act(services)
    const told = eventsOf(await look()).slice(before.length)
    expect(told).toHaveLength(scenario.isUntold === true ? 0 : 1)
  })

  it('keeps its bytes when nobody knows whether the commit is durable', async () => {
    const after = await wanted(scenario)
    const { act, look } = await arrange(scenario)
    await expect(act(withUncertainCommits(services))).rejects.toThrow('The storage does not respond.')
    expect(await look()).toEqual(after)
    await assertSound(0)
  })

  it('may run its transactions twice', async () => {
    const after = await wanted(scenario)
    const { act, look } = await arrange(scenario)
    await act(withSecondRuns(services))
    expect(await look()).toEqual(after)
    await assertSound(0)
  })
})

describe('what a failed write leaves behind', () => {
  it('is removed by the scrub when it could not be removed at once', async () => {
    const bucket = await newBucket(services, 'orphans', 'off')
    const requests = new Requests(bucket)
    const refuse = () => Promise.reject(new InjectedFault('refused'))
    const chunks = forwardChunks(services.chunks, { remove: refuse })
    const broken = { ...services, chunks, metadata: { ...reader(services), write: refuse } }
    await expect(requests.put(broken, 'key', FILE)).rejects.toThrow('refused')
    await assertSound(1)
    const fileClock = new MovedClock(Date.now() + 2 * ORPHAN_AGE_MS)
    const clocks = { fileClock, paceClock: services.clock }
    const job = scrub(services, { onFinding: ({ cause }) => expect.fail(String(cause)), ...clocks })
    await untilEnd(job, () => job.report().rounds > 0)
    await assertSound(0)
    await requests.put(services, 'key', FILE)
    await assertSound(0)
  })

  it.each([
    ['breaks off', INLINE, () => new InjectedFault('gone')],
    ['breaks off', FILE, () => new InjectedFault('gone')],
    ['ends early', INLINE, () => undefined],
    ['ends early', FILE, () => undefined],
  ])('is nothing when the body %s', async (_case, bytes, failure) => {
    async function* half(): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, bytes.length / 2)
      const cause = failure()
      if (cause !== undefined) throw cause
    }
    const { signal } = new AbortController()
    const options = { integrity: NO_INTEGRITY, signal, maxBytes: 1e9, storageClass: 'STANDARD', protection: undefined }
    const body = { ...bodyOf(bytes), stream: Readable.from(half(), { objectMode: false }) }
    await expect(receive(services, body, options)).rejects.toThrow()
    await assertSound(0)
    const received = await receive(services, bodyOf(bytes), options)
    expect(received.sizeBytes).toBe(bytes.length)
    await received.discard()
    await assertSound(0)
  })

  it('is nothing when the client goes while its bytes are written', async () => {
    const leaving = new AbortController()
    async function* half(): AsyncGenerator<Buffer> {
      yield FILE.subarray(0, 100_000)
      leaving.abort(new InjectedFault('client gone'))
      yield FILE.subarray(100_000)
    }
    const options = {
      integrity: NO_INTEGRITY,
      signal: leaving.signal,
      maxBytes: 1e9,
      storageClass: 'STANDARD',
      protection: undefined,
    }
    const body = { ...bodyOf(FILE), stream: Readable.from(half(), { objectMode: false }) }
    await expect(receive(services, body, options)).rejects.toThrow('client gone')
    await assertSound(0)
  })
})

describe('collecting garbage', () => {
  it('takes nothing that is in use and leaves nothing, whichever of its steps fails', async () => {
    const faults = new Faults()
    const bucket = await newBucket(services, 'garbage', 'off')
    const requests = new Requests(bucket)
    const failed: string[] = []
    for (let step = 1; step <= STEPS_MAX; step += 1) {
      for (const bytes of [FILE, INLINE]) await requests.put(services, `k${bytes.length}`, bytes)
      await requests.copy(services, `k${FILE.length}`, 'copy')
      for (const bytes of [FILE, INLINE]) await requests.put(services, `k${bytes.length}`, bytes)
      const before = await observe(services, bucket.id)
      services.clock.nowMs += services.limits.garbageDelayMs + 1
      faults.arm(step)
      const job = collectGarbage(withFaults(services, faults))
      await untilIdle(job).catch((cause: unknown) => expect(cause).toBeInstanceOf(InjectedFault))
      faults.disarm()
      expect(await observe(services, bucket.id), faults.failed).toEqual(before)
      expect(brokenRules(services.dir), faults.failed).toEqual([])
      await untilIdle(collectGarbage(services))
      expect(await observe(services, bucket.id), faults.failed).toEqual(before)
      await assertSound(0)
      if (faults.failed === undefined) break
      failed.push(faults.failed)
    }
    expect(failed).toEqual(expect.arrayContaining(['garbage.collect', 'chunks.remove', 'garbage.forgetFiles']))
    expect(await services.metadata.read((tx) => tx.garbage.nextDeletableMs())).toBeUndefined()
    expect(await services.metadata.read((tx) => tx.garbage.doomedFiles(1))).toEqual([])
  })
})

async function untilIdle(job: Job): Promise<void> {
  for (let step = 0; step < 1_000; step += 1) if ((await job.step(new AbortController().signal)) === 'idle') return
  throw new Error('the job finds no end')
}

/** Steps a job that waits by the clock, which is moved to where it wants to go on. */
async function untilEnd(job: Job, isDone: () => boolean): Promise<void> {
  for (let step = 0; step < 1_000 && !isDone(); step += 1) {
    const next = await job.step(new AbortController().signal)
    if (typeof next !== 'object') continue
    const untilMs = 'at' in next ? next.at : services.clock.nowMs + next.afterMs
    services.clock.nowMs = Math.max(services.clock.nowMs, untilMs)
  }
}

function reader({ metadata }: Services): Omit<Services['metadata'], 'write'> {
  return { read: (work) => metadata.read(work), stats: () => metadata.stats(), close: () => metadata.close() }
}
