import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Renderings, USE_GRAIN_MS, WAITING_USES_MAX } from '../../../src/domain/images/renderings.ts'
import {
  costOf,
  DROP_BATCH,
  OVERHEAD_BYTES,
  RENDERINGS_OF_SOURCE_MAX,
  SHARE_MAX,
} from '../../../src/domain/images/store-rendering.ts'
import { keepRenderings, STORE_EVERY_MS, USES_BATCH } from '../../../src/jobs/keep-renderings.ts'
import type { VersionRow } from '../../../src/storage/metadata/rows.ts'
import { names } from '../../contracts/chunks.ts'
import { brokenRules } from '../../crash/audit.ts'
import { FakeRenderer, putPicture, requestOf } from '../../support/pictures.ts'
import { MovedClock, openServices, type TestServices } from '../../support/services.ts'

const { signal } = new AbortController()
const RESULT_BYTES = 10_000
const COST = costOf(1, RESULT_BYTES)
const renderer = new FakeRenderer(randomBytes(RESULT_BYTES))
let services: TestServices
/** Uses are counted by this one. */
let clock: MovedClock
let source: VersionRow

beforeEach(async () => {
  services = await openServices()
  clock = new MovedClock()
  source = await putPicture(services, 'p')
})
afterEach(() => services.dispose())

/** The services with room for so many results. */
function withRoomFor(results: number) {
  return { ...services, renderings: new Renderings({ cacheBytes: results * COST, onNotKept: expect.fail, clock }) }
}

type At = ReturnType<typeof withRoomFor>

/** Asks for these widths, a while apart. */
async function ask(at: At, ...widths: number[]): Promise<string> {
  const outcomes: string[] = []
  for (const width of widths) {
    clock.nowMs += USE_GRAIN_MS
    outcomes.push(await renderer.ask(at, requestOf(source, width)))
  }
  return outcomes.join(' ')
}

async function kept(): Promise<string[]> {
  const rows = await services.metadata.read((tx) => tx.renderings.leastUsed(10_000))
  return rows.map(({ digest }) => digest)
}

const total = () => services.metadata.read((tx) => tx.renderings.total())

describe('the bound', () => {
  it('holds: the least recently used makes room', async () => {
    const at = withRoomFor(20)
    const widths = Array.from({ length: 20 }, (_, n) => n + 1)
    await ask(at, ...widths)
    const before = await kept()
    expect(before).toHaveLength(20)
    expect(await ask(at, 21)).toBe('miss')
    expect((await kept()).slice(0, -1)).toEqual(before.slice(1))
    expect(await total()).toEqual({ count: 20, bytes: 20 * RESULT_BYTES })
    expect(await ask(at, 21, 20, 2)).toBe('hit hit hit')
    expect(await ask(at, 1)).toBe('miss')
    expect(brokenRules(services.dir)).toEqual([])
  })

  it('spares what has been used meanwhile, once the job has stored that', async () => {
    const at = withRoomFor(20)
    await ask(at, ...Array.from({ length: 20 }, (_, n) => n + 1))
    await ask(at, 1, 2)
    expect(await keepRenderings(at).step(signal)).toBe('again')
    expect(await keepRenderings(at).step(signal)).toEqual({ afterMs: STORE_EVERY_MS })
    await ask(at, 21, 22)
    expect(await ask(at, 1, 2)).toBe('hit hit')
    expect(await ask(at, 3)).toBe('miss')
  })

  it('keeps out a result that takes too large a share of it, and lets in the largest that does not', async () => {
    const at = withRoomFor(20)
    const largest = Math.floor(at.renderings.cacheBytes * SHARE_MAX) - OVERHEAD_BYTES
    const ask = async (bytes: number) => {
      const one = new FakeRenderer(randomBytes(bytes))
      const request = requestOf(source, bytes)
      return [await one.ask(at, request), await one.ask(at, request)]
    }
    expect(await ask(largest + 1)).toEqual(['miss', 'miss'])
    expect(await ask(largest)).toEqual(['miss', 'hit'])
  })

  it('makes room for a large one in several transactions', async () => {
    const large = new FakeRenderer(randomBytes(2_000_000))
    const small = new FakeRenderer(Buffer.from('x'))
    const sources = [source, await putPicture(services, 'q'), await putPicture(services, 'r')]
    const many = Array.from({ length: 3 * RENDERINGS_OF_SOURCE_MAX }, (_, n) => n)
    const request = (n: number) => requestOf(sources[n % 3]!, n)
    const at = { ...services, renderings: new Renderings({ cacheBytes: 2 ** 30, onNotKept: expect.fail, clock }) }
    await Promise.all(many.map((n) => small.ask(at, request(n))))
    const cacheBytes = 2_000_000 / SHARE_MAX + 2 ** 20
    // As good as full, by so many that one batch of them is not enough.
    const filler = { sizeBytes: cacheBytes - costOf(many.length, many.length), contentType: '', etag: '' }
    await services.metadata.write(async (tx) => {
      const manifestId = await tx.manifests.create([])
      const ref = { sourceId: source.id, digest: 'filler', manifestId, usedMs: clock.nowMs + 1 }
      await tx.renderings.put({ ...filler, ...ref }, 0)
    })
    expect((await total()).count).toBeGreaterThan(2 * DROP_BATCH)
    const narrow = { ...services, renderings: new Renderings({ cacheBytes, onNotKept: expect.fail, clock }) }
    const wanted = requestOf(source, 100_000)
    expect([await large.ask(narrow, wanted), await large.ask(narrow, wanted)]).toEqual(['miss', 'hit'])
    expect(await total()).toEqual({ count: 1, bytes: 2_000_000 })
  })

  it('is one of each picture too', async () => {
    const at = withRoomFor(100 * RENDERINGS_OF_SOURCE_MAX)
    const widths = Array.from({ length: RENDERINGS_OF_SOURCE_MAX + 2 }, (_, n) => n)
    const other = await putPicture(services, 'other')
    await renderer.ask(at, requestOf(other, 1))
    await ask(at, ...widths)
    expect((await total()).count).toBe(RENDERINGS_OF_SOURCE_MAX + 1)
    expect(await renderer.ask(at, requestOf(other, 1))).toBe('hit')
    expect(await ask(at, 2, 0)).toBe('hit miss')
  })
})

describe('uses', () => {
  it('cost no transaction each, and are noted once in a while', async () => {
    const at = withRoomFor(20)
    await ask(at, 1)
    const { transactions } = services.metadata.stats()
    const request = requestOf(source, 1)
    for (let n = 0; n < 50; n += 1) await renderer.ask(at, request)
    expect(at.renderings.takeUses(10)).toEqual([])
    clock.nowMs += USE_GRAIN_MS
    for (let n = 0; n < 50; n += 1) await renderer.ask(at, request)
    expect(services.metadata.stats().transactions).toBe(transactions)
    expect(at.renderings.takeUses(10)).toEqual([expect.objectContaining({ usedMs: clock.nowMs })])
  })

  it('of a time to come are noted anew: the clock was set back', async () => {
    const at = withRoomFor(20)
    await ask(at, 1)
    clock.nowMs -= 365 * 86_400_000
    expect(await renderer.ask(at, requestOf(source, 1))).toBe('hit')
    expect(at.renderings.takeUses(10)).toEqual([expect.objectContaining({ usedMs: clock.nowMs })])
  })

  it('that wait are bounded, and handed out once', () => {
    const { renderings } = withRoomFor(1)
    const row = { digest: 'd', manifestId: 1, sizeBytes: 1, contentType: '', etag: '', usedMs: 0 }
    for (let sourceId = 0; sourceId < WAITING_USES_MAX + 5; sourceId += 1) renderings.noteUse({ ...row, sourceId })
    const taken = renderings.takeUses(3)
    expect(taken.map(({ sourceId }) => sourceId)).toEqual([0, 1, 2])
    renderings.putBack(taken)
    expect(renderings.takeUses(2 * WAITING_USES_MAX)).toHaveLength(WAITING_USES_MAX)
    expect(renderings.takeUses(1)).toEqual([])
  })
})

describe('the job', () => {
  it('commits nothing where nothing was used and nothing is too much', async () => {
    const at = withRoomFor(20)
    await ask(at, 1)
    const { transactions } = services.metadata.stats()
    expect(await keepRenderings(at).step(signal)).toEqual({ afterMs: STORE_EVERY_MS })
    expect(services.metadata.stats().transactions).toBe(transactions)
  })

  it('stores uses in batches, and keeps them when it cannot', async () => {
    const at = withRoomFor(20)
    const row = { digest: 'd', manifestId: 1, sizeBytes: 1, contentType: '', etag: '', usedMs: 0 }
    for (let sourceId = 0; sourceId < USES_BATCH + 1; sourceId += 1) at.renderings.noteUse({ ...row, sourceId })
    const { metadata } = services
    const broken = { ...at, metadata: { ...metadata, write: () => Promise.reject(new Error('full')) } as never }
    await expect(keepRenderings(broken).step(signal)).rejects.toThrow('full')
    const steps = []
    for (let n = 0; n < 3; n += 1) steps.push(await keepRenderings(at).step(signal))
    expect(steps).toEqual(['again', 'again', { afterMs: STORE_EVERY_MS }])
  })

  it.each([
    ['lowered', 5],
    ['switched off', 0],
  ])('drops what is too much when the cache has been %s', async (_case, room) => {
    await ask(withRoomFor(20), 1, 2, 3, 4, 5, 6, 7)
    const job = keepRenderings(withRoomFor(room))
    expect(await job.step(signal)).toBe('again')
    expect(await job.step(signal)).toEqual({ afterMs: STORE_EVERY_MS })
    expect((await total()).count).toBe(room)
    expect(brokenRules(services.dir)).toEqual([])
    expect(await names(services.chunks)).toEqual([])
  })
})
