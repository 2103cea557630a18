import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openManifest } from '../../src/domain/bytes/open.ts'
import { collectGarbage, DOOMED_FILES_BATCH, GC_BATCH, PINNED_RETRY_MS } from '../../src/jobs/collect-garbage.ts'
import type { NextStep } from '../../src/jobs/job.ts'
import type { NewChunk } from '../../src/storage/metadata/rows.ts'
import { drain, names, pieces } from '../contracts/chunks.ts'
import { openServices, type TestServices } from '../support/services.ts'

const signal = new AbortController().signal
let services: TestServices

beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

async function fileChunk(sizeBytes = 70_000): Promise<NewChunk & { place: 'file' }> {
  const file = { name: services.ids.chunkName(), store: '' }
  await services.chunks.put(file, pieces(randomBytes(sizeBytes), 65_536), { signal })
  return { place: 'file', ...file, sizeBytes }
}

function manifestOf(...chunks: NewChunk[]): Promise<number> {
  return services.metadata.write((tx) => tx.manifests.create(chunks))
}

function release(manifestId: number, deletableAtMs: number): Promise<void> {
  return services.metadata.write((tx) => tx.manifests.release(manifestId, deletableAtMs))
}

/** Steps until the job wants to wait. */
async function run(): Promise<Exclude<NextStep, 'again'>> {
  const job = collectGarbage(services)
  for (let steps = 0; steps < 100; steps++) {
    const next = await job.step(signal)
    if (next !== 'again') return next
  }
  throw new Error('The collector finds no end.')
}

it('has nothing to do in an empty store, and commits nothing', async () => {
  const { transactions } = services.metadata.stats()
  expect(await run()).toBe('idle')
  expect(services.metadata.stats().transactions).toBe(transactions)
})

it('removes files and rows when their time has come, and no sooner', async () => {
  const [doomed, kept] = [await fileChunk(), await fileChunk()]
  const garbage = await manifestOf(doomed, { place: 'inline', bytes: randomBytes(100) })
  await manifestOf(kept)
  const at = services.clock.nowMs + 600_000
  await release(garbage, at)
  expect(await run()).toEqual({ at })
  expect(await names(services.chunks)).toEqual([doomed.name, kept.name].sort())
  services.clock.nowMs = at
  expect(await run()).toBe('idle')
  expect(await names(services.chunks)).toEqual([kept.name])
  const known = await services.metadata.read((tx) => tx.garbage.knownFiles([doomed.name, kept.name]))
  expect([...known]).toEqual([kept.name])
})

it('makes nothing wait longer than the delay when the clock has been set back', async () => {
  const { clock, limits } = services
  const chunks = [await fileChunk(), await fileChunk()]
  for (const chunk of chunks) await release(await manifestOf(chunk), clock.nowMs + limits.garbageDelayMs)
  clock.nowMs -= 31 * 24 * 3600 * 1000
  const at = clock.nowMs + limits.garbageDelayMs
  expect(await run()).toEqual({ at })
  expect(await names(services.chunks)).toHaveLength(2)
  clock.nowMs = at
  expect(await run()).toBe('idle')
  expect(await names(services.chunks)).toEqual([])
})

it('leaves what a running read still needs, and looks again', async () => {
  const chunk = await fileChunk(3_000_000)
  const manifestId = await manifestOf(chunk)
  const range = { offsetBytes: 0, lengthBytes: 3_000_000 }
  const reading = openManifest(services, { manifestId, range }, signal)
  await release(manifestId, services.clock.nowMs)
  expect(await run()).toEqual({ afterMs: PINNED_RETRY_MS })
  expect(await drain(reading)).toHaveLength(3_000_000)
  if (!reading.closed) await new Promise((resolve) => reading.once('close', resolve))
  expect(await run()).toBe('idle')
  expect(await names(services.chunks)).toEqual([])
})

it('works in bounded steps', async () => {
  const chunks = await Promise.all(Array.from({ length: DOOMED_FILES_BATCH + 20 }, () => fileChunk(10)))
  const small = Array.from({ length: GC_BATCH }, () => ({ place: 'inline', bytes: randomBytes(10) }) as const)
  await release(await manifestOf(...chunks, ...small), services.clock.nowMs)
  const job = collectGarbage(services)
  expect(await job.step(signal)).toBe('again')
  expect((await names(services.chunks)).length).toBeGreaterThan(0)
  expect(await run()).toBe('idle')
  expect(await names(services.chunks)).toEqual([])
})

it('finishes what a crash between file and row left', async () => {
  const chunk = await fileChunk()
  await release(await manifestOf(chunk), services.clock.nowMs)
  const { nowMs } = services.clock
  await services.metadata.write((tx) => tx.garbage.collect({ nowMs, pinned: new Set(), limit: GC_BATCH }))
  await services.chunks.remove([chunk])
  expect(await services.metadata.read((tx) => tx.garbage.doomedFiles(10))).toEqual([{ name: chunk.name, store: '' }])
  expect(await run()).toBe('idle')
  expect(await services.metadata.read((tx) => tx.garbage.doomedFiles(10))).toEqual([])
})
