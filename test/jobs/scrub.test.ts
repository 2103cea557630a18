import { randomBytes } from 'node:crypto'
import { truncate, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  ORPHAN_AGE_MS,
  ROUND_PAUSE_MS,
  type ScrubFinding,
  type ScrubJob,
  START_DELAY_MS,
  STEP_BYTES,
  scrub,
  WALK_BATCH,
} from '../../src/jobs/scrub.ts'
import { chunkPath } from '../../src/storage/chunks/disk/layout.ts'
import { type ChunkFile, CorruptChunk, MissingChunk } from '../../src/storage/chunks/store.ts'
import type { NewChunk } from '../../src/storage/metadata/rows.ts'
import { names, pieces } from '../contracts/chunks.ts'
import { forwardChunks } from '../support/chunk-stores.ts'
import { MovedClock, openServices, type TestServices } from '../support/services.ts'

const signal = new AbortController().signal
let services: TestServices
let findings: ScrubFinding[]
let fileClock: MovedClock
let job: ScrubJob

beforeEach(async () => {
  services = await openServices()
  findings = []
  fileClock = new MovedClock(Date.now())
  job = scrub(services, { onFinding: (finding) => findings.push(finding), fileClock, paceClock: services.clock })
})
afterEach(() => services.dispose())

function pathOf(name: string): string {
  return chunkPath(join(services.dir, 'chunks'), name)
}

async function fileChunk(sizeBytes: number): Promise<NewChunk & { place: 'file' }> {
  const file = { name: services.ids.chunkName(), store: '' }
  await services.chunks.put(file, pieces(randomBytes(sizeBytes), 65_536), { signal })
  return { place: 'file', ...file, sizeBytes }
}

function manifestOf(...chunks: NewChunk[]): Promise<number> {
  return services.metadata.write((tx) => tx.manifests.create(chunks))
}

/** Steps, moving the clock to where the job wants to go on, until a round has ended. Returns the number of steps. */
async function round(): Promise<number> {
  const { rounds } = job.report()
  for (let steps = 1; steps < 1_000; steps++) {
    const next = await job.step(signal)
    if (job.report().rounds > rounds) return steps
    if (typeof next === 'object') services.clock.nowMs += next.afterMs ?? 0
  }
  throw new Error('The round finds no end.')
}

it('leaves the disk alone after the start and between rounds', async () => {
  expect(await job.step(signal)).toEqual({ afterMs: START_DELAY_MS })
  await round()
  const endedMs = services.clock.nowMs
  expect(job.report()).toMatchObject({ rounds: 1, lastRoundMs: endedMs })
  expect(await job.step(signal)).toEqual({ afterMs: ROUND_PAUSE_MS })
  await round()
  expect(job.report().rounds).toBe(2)
})

it('removes old files that no row knows; young and known ones stay', async () => {
  const [known, orphan, young] = [await fileChunk(70_000), await fileChunk(70_000), await fileChunk(70_000)]
  await manifestOf(known)
  const old = new Date(fileClock.nowMs - ORPHAN_AGE_MS - 1_000)
  for (const { name } of [known, orphan]) await utimes(pathOf(name), old, old)
  await round()
  expect(await names(services.chunks)).toEqual([known.name, young.name].sort())
  expect(job.report().removedOrphans).toBe(1)
  fileClock.nowMs += ORPHAN_AGE_MS + 10_000
  await round()
  expect(await names(services.chunks)).toEqual([known.name])
  expect(findings).toEqual([])
})

it('a moved clock does not make files old: files are stamped with another', async () => {
  const young = await fileChunk(100)
  services.clock.nowMs += 1_000 * ORPHAN_AGE_MS
  await round()
  expect(await names(services.chunks)).toEqual([young.name])
})

it('walks in batches', async () => {
  for (let n = 0; n <= WALK_BATCH; n++) await fileChunk(1)
  fileClock.nowMs += ORPHAN_AGE_MS + 10_000
  services.clock.nowMs += START_DELAY_MS
  await job.step(signal)
  expect(await names(services.chunks)).toHaveLength(1)
  await round()
  expect(await names(services.chunks)).toEqual([])
})

it('reports damaged, truncated and missing chunks, each round anew, and removes none', async () => {
  const chunks = await Promise.all([100_000, 100_000, 100_000, 100_000].map(fileChunk))
  const [sound, truncated, other, missing] = chunks.map(({ name }) => name)
  await manifestOf(...chunks)
  await truncate(pathOf(truncated!), 80_000)
  await truncate(pathOf(other!), 65_540)
  await unlink(pathOf(missing!))
  fileClock.nowMs += 2 * ORPHAN_AGE_MS
  await round()
  const found = new Map(findings.map(({ name, cause }) => [name, cause]))
  expect([...found.keys()].sort()).toEqual([truncated, other, missing].sort())
  expect(found.get(truncated!)).toBeInstanceOf(CorruptChunk)
  expect(found.get(missing!)).toBeInstanceOf(MissingChunk)
  expect(job.report()).toMatchObject({ verifiedChunks: 4, verifiedBytes: 100_000, corruptChunks: 2, missingChunks: 1 })
  await round()
  expect(findings).toHaveLength(6)
  expect(await names(services.chunks)).toEqual([sound, truncated, other].sort())
})

it('verifies a large chunk in several steps, to its last byte', async () => {
  const chunk = await fileChunk(2 * STEP_BYTES + 70_000)
  await manifestOf(chunk)
  expect(await round()).toBeGreaterThanOrEqual(4)
  expect(job.report()).toMatchObject({ verifiedChunks: 1, verifiedBytes: chunk.sizeBytes })
  expect(findings).toEqual([])
})

it.each([
  ['has removed the file and not yet forgotten the row', false],
  ['is done with it', true],
])('a chunk that is collected while it is about to be verified is no finding: the collector %s', async (_how, done) => {
  const chunk = await fileChunk(70_000)
  const manifestId = await manifestOf(chunk)
  // At the port: the collector runs between the scrub's look at the row and its read of the file.
  const collecting = forwardChunks(services.chunks, {
    verify: async (file: ChunkFile, sizeBytes: number) => {
      await services.metadata.write(async (tx) => {
        await tx.manifests.release(manifestId, services.clock.nowMs)
        await tx.garbage.collect({ nowMs: services.clock.nowMs, pinned: new Set(), limit: 10 })
      })
      await services.chunks.remove([file])
      if (done) await services.metadata.write((tx) => tx.garbage.forgetFiles([file.name]))
      return services.chunks.verify(file, sizeBytes)
    },
  })
  const options = { onFinding: (finding: ScrubFinding) => findings.push(finding), fileClock, paceClock: services.clock }
  job = scrub({ ...services, chunks: collecting }, options)
  await round()
  expect(findings).toEqual([])
  expect(job.report()).toMatchObject({ verifiedChunks: 1, missingChunks: 0 })
})
