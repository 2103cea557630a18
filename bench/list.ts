// A page of 1,000 keys from buckets of two sizes: the page must cost the same in both.

import { openSqliteStore } from '../src/storage/metadata/sqlite/store.ts'
import { newBucket, newVersion } from '../test/support/rows.ts'
import { load, startCozos } from './process.ts'
import { prepare } from './requests.ts'
import { median, type Row } from './table.ts'

const SIZES = [100_000, 1_000_000] as const
const PAGE_KEYS = 1000
/** Rows of one seeding transaction. */
const SEED_BATCH = 2000
const RUNS = 5
/** The page of the larger bucket may cost this much more or less. */
const TOLERANCE = 0.25

const QUERIES = [
  { name: 'without delimiter', query: `list-type=2&max-keys=${PAGE_KEYS}&prefix=` },
  // 1,000 folders: every entry of the page is a common prefix that must be skipped over by a seek.
  { name: 'with delimiter', query: `delimiter=%2F&list-type=2&max-keys=${PAGE_KEYS}&prefix=` },
] as const

export async function list(dataDir: string): Promise<Row[]> {
  for (const size of SIZES) await seed(dataDir, size)
  const cozos = await startCozos(dataDir)
  try {
    const rows: Row[] = []
    for (const { name, query } of QUERIES) rows.push(...(await compare(cozos.port, { name, query })))
    return rows
  } finally {
    await cozos.stop()
  }
}

async function compare(port: number, page: { name: string; query: string }): Promise<Row[]> {
  const perPageMs: number[][] = SIZES.map(() => [])
  for (let run = 0; run < RUNS; run += 1) {
    for (const [index, size] of SIZES.entries()) {
      const request = prepare({ port, method: 'GET', path: `/${bucketName(size)}`, query: page.query })
      const plan = { port, requests: [request], connections: 1, warmUp: 10, measured: 40, status: 200 }
      perPageMs[index]?.push((await load(plan)).p50Ms)
    }
  }
  const [small = Number.NaN, large = Number.NaN] = perPageMs.map((times) => median(times))
  const ratio = large / small
  return [
    {
      name: `LIST of 1,000 keys ${page.name}, from 1,000,000 against 100,000`,
      reached: `${ratio.toFixed(2)} (${large.toFixed(1)} ms against ${small.toFixed(1)} ms)`,
      aim: { text: '0.75 to 1.25', met: Math.abs(ratio - 1) <= TOLERANCE },
    },
  ]
}

function bucketName(size: number): string {
  return `bench-list-${size}`
}

/** Writes rows through the metadata port, as so many PUTs of empty objects would leave them. */
async function seed(dataDir: string, size: number): Promise<void> {
  const store = await openSqliteStore({ dir: dataDir, durability: 'relaxed' })
  const bucket = await store.write((tx) => tx.buckets.insert(newBucket(bucketName(size), { ownerId: 'cozos' })))
  for (let first = 0; first < size; first += SEED_BATCH) {
    await store.write(async (tx) => {
      for (let index = first; index < first + SEED_BATCH; index += 1) {
        await tx.versions.insert(newVersion(bucket.id, keyOf(index, size), { ownerId: 'cozos', sizeBytes: 0 }))
      }
    })
  }
  await store.close()
}

/** 2,000 folders in either bucket; the larger one has ten times the keys in each. */
function keyOf(index: number, size: number): string {
  const perFolder = size / 2000
  const folder = String(Math.floor(index / perFolder)).padStart(4, '0')
  return `folder-${folder}/key-${String(index % perFolder).padStart(6, '0')}`
}
