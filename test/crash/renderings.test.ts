import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renderOnce } from '../../src/domain/images/cache.ts'
import { Renderings } from '../../src/domain/images/renderings.ts'
import { ORPHAN_AGE_MS, scrub } from '../../src/jobs/scrub.ts'
import type { BucketRow, VersionRow } from '../../src/storage/metadata/rows.ts'
import { forwardChunks } from '../support/chunk-stores.ts'
import { bytesOf, FakeRenderer, requestOf } from '../support/pictures.ts'
import { MovedClock, openServices, type TestServices } from '../support/services.ts'
import { auditFiles, brokenRules } from './audit.ts'
import { Faults, InjectedFault, withFaults, withSecondRuns, withUncertainCommits } from './faults.ts'
import { FILE, INLINE, newBucket, Requests } from './scenarios.ts'

/** More steps than keeping a result has. */
const STEPS_MAX = 40
let services: TestServices
let bucket: BucketRow
let requests: Requests
let causes: unknown[]

beforeEach(async () => {
  causes = []
  const opened = await openServices()
  const renderings = new Renderings({ cacheBytes: 2 ** 26, onNotKept: (cause) => causes.push(cause) })
  services = { ...opened, renderings }
  bucket = await newBucket(services, 'pictures', 'off')
  requests = new Requests(bucket)
})
afterEach(() => services.dispose())

async function put(): Promise<VersionRow> {
  await requests.put(services, 'key', INLINE)
  const row = await services.metadata.read((tx) => tx.versions.latest({ bucketId: bucket.id, key: 'key' }))
  if (row === undefined) throw new Error('the object is there')
  return row
}

const count = async () => (await services.metadata.read((tx) => tx.renderings.total())).count

async function assertSound(orphans: number): Promise<void> {
  expect(brokenRules(services.dir)).toEqual([])
  const files = await auditFiles(services.dir, services.chunks)
  expect([files.broken, files.orphans.length]).toEqual([[], orphans])
}

describe.each([
  ['an inline result', INLINE],
  ['a result in a file', FILE],
])('%s', (_name, bytes) => {
  it('reaches who asked for it whichever step of keeping it fails, and nothing stays of it then', async () => {
    const source = await put()
    const renderer = new FakeRenderer(bytes)
    const faults = new Faults()
    const failed: string[] = []
    for (let step = 1; step <= STEPS_MAX; step += 1) {
      const request = requestOf(source, step)
      faults.arm(step)
      const outcome = renderOnce(withFaults(services, faults), request, renderer.maker)
      const rendering = await outcome.catch((cause: unknown) => cause as InjectedFault)
      faults.disarm()
      if (faults.failed === undefined) break
      failed.push(faults.failed)
      // Only looking it up is the request's own: keeping it is not.
      if (rendering instanceof InjectedFault) expect(causes).toEqual([])
      else expect((await bytesOf(services, rendering)).equals(bytes)).toBe(true)
      expect(await count(), faults.failed).toBe(0)
      await assertSound(0)
      expect(await renderer.ask(services, request)).toBe('miss')
      expect(await renderer.ask(services, request)).toBe('hit')
      await services.metadata.write(async (tx) => tx.renderings.remove(await tx.renderings.leastUsed(10), 0))
      causes = []
    }
    expect(failed).toEqual(expect.arrayContaining(['renderings.put', 'manifests.create', 'versions.find']))
    expect(failed.length).toBeLessThan(STEPS_MAX)
    expect(await count()).toBe(1)
  })

  it('stays when nobody knows whether its commit is durable', async () => {
    const source = await put()
    const renderer = new FakeRenderer(bytes)
    expect(await renderer.ask(withUncertainCommits(services), requestOf(source))).toBe('miss')
    expect(causes).toHaveLength(1)
    await assertSound(0)
    expect(await renderer.ask(services, requestOf(source))).toBe('hit')
  })

  it('may be kept in a transaction that runs twice', async () => {
    const source = await put()
    const renderer = new FakeRenderer(bytes)
    expect(await renderer.ask(withSecondRuns(services), requestOf(source))).toBe('miss')
    expect([await renderer.ask(services, requestOf(source)), await count(), causes]).toEqual(['hit', 1, []])
    await assertSound(0)
  })
})

it.each([
  ['an inline result', INLINE],
  ['a result in a file', FILE],
])('%s stays with its picture when overwriting that fails, and goes when it is done', async (_name, bytes) => {
  const source = await put()
  await new FakeRenderer(bytes).ask(services, requestOf(source))
  const faults = new Faults()
  for (let step = 1; step <= STEPS_MAX; step += 1) {
    faults.arm(step)
    await requests.put(withFaults(services, faults), 'key', FILE).catch(() => undefined)
    faults.disarm()
    if (faults.failed === undefined) break
    expect(await count(), faults.failed).toBe(1)
    await assertSound(0)
  }
  expect([faults.failed, await count()]).toEqual([undefined, 0])
  await assertSound(0)
})

describe('the scrub', () => {
  const round = async () => {
    const findings: unknown[] = []
    const fileClock = new MovedClock(Date.now() + 2 * ORPHAN_AGE_MS)
    const onFinding = (finding: unknown) => findings.push(finding)
    const job = scrub(services, { onFinding, fileClock, paceClock: services.clock })
    while (job.report().rounds === 0) {
      const next = await job.step(new AbortController().signal)
      if (typeof next === 'object') services.clock.nowMs += next.afterMs ?? 0
    }
    return { findings, removed: job.report().removedOrphans, verified: job.report().verifiedChunks }
  }

  it('verifies results and leaves them where they are', async () => {
    const source = await put()
    const renderer = new FakeRenderer(FILE)
    await renderer.ask(services, requestOf(source))
    expect(await round()).toEqual({ findings: [], removed: 0, verified: 1 })
    expect(await renderer.ask(services, requestOf(source))).toBe('hit')
  })

  it('removes what a server left that died between the bytes and the row', async () => {
    const source = await put()
    const refuse = () => Promise.reject(new InjectedFault('died'))
    const { metadata } = services
    const dying = {
      ...services,
      chunks: forwardChunks(services.chunks, { remove: refuse }),
      metadata: {
        read: metadata.read.bind(metadata),
        write: refuse,
        stats: () => metadata.stats(),
        close: () => metadata.close(),
      },
    }
    await new FakeRenderer(FILE).ask(dying, requestOf(source))
    await assertSound(1)
    expect(await round()).toEqual({ findings: [], removed: 1, verified: 0 })
    await assertSound(0)
  })
})
