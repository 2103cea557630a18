// A lifecycle run over 1,000,000 objects of which one in a hundred expires: how long it takes by itself, what memory it
// takes, and what requests notice that are served meanwhile.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { openSqliteStore } from '../src/storage/metadata/sqlite/store.ts'
import { newConfiguration, newRule } from '../test/support/lifecycle.ts'
import { newBucket, newVersion } from '../test/support/rows.ts'
import type { LoadPlan } from './load.ts'
import { load, residentMiB, startCozos } from './process.ts'
import { prepare, send } from './requests.ts'
import { median, type Row } from './table.ts'

const OBJECTS = 1_000_000
/** Every so manieth object expires. */
const ONE_IN = 100
/** Rows of one seeding transaction. */
const SEED_BATCH = 2000
const DAY_MS = 86_400_000
const RULE_DAYS = 30
/** Requests that are served meanwhile: small objects of another bucket. */
const KEYS = 64
const BODY = Buffer.alloc(4096, 'x')
const CONNECTIONS = 8
/** Loads that are measured idle; those beside the run are as many as fit. */
const IDLE_LOADS = 5
const P99_RATIO_MAX = 3

export async function lifecycle(dataDir: string): Promise<Row[]> {
  await seed(dataDir, 'quiet')
  await seed(dataDir, 'busy')
  const adminPort = await freePort()
  const cozos = await startCozos(dataDir, { COZOS_ADMIN_PORT: String(adminPort) })
  try {
    const plan = await getPlan(cozos.port)
    const quiet = await timed(() => runRules(adminPort, 'quiet'))
    const idle: number[] = []
    for (let index = 0; index < IDLE_LOADS; index += 1) idle.push((await load(plan)).p99Ms)
    const before = residentMiB(cozos.child)
    const { busyMs, p99s } = await beside(plan, () => runRules(adminPort, 'busy'))
    const after = residentMiB(cozos.child)
    return rows({ quietMs: quiet, busyMs, idleMs: median(idle), meanwhileMs: median(p99s), before, after })
  } finally {
    await cozos.stop()
  }
}

interface Measured {
  readonly quietMs: number
  readonly busyMs: number
  readonly idleMs: number
  readonly meanwhileMs: number
  readonly before: { now: number; peak: number }
  readonly after: { now: number; peak: number }
}

function rows({ quietMs, busyMs, idleMs, meanwhileMs, before, after }: Measured): Row[] {
  const ratio = meanwhileMs / idleMs
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
  return [
    {
      name: 'Lifecycle run over 1,000,000 objects of which 1 % expire',
      reached: `${seconds(quietMs)} (${seconds(busyMs)} beside 8 connections of GETs)`,
    },
    {
      name: 'Memory while it runs',
      reached: `RSS ${before.now.toFixed(0)} → ${after.now.toFixed(0)} MiB (peak ${after.peak.toFixed(0)})`,
    },
    {
      name: 'GET 4 KiB while it runs, 8 connections, p99',
      reached: `${ratio.toFixed(2)} of idle (${meanwhileMs.toFixed(1)} ms against ${idleMs.toFixed(1)} ms)`,
      aim: { text: '≤ 3 of idle', met: ratio <= P99_RATIO_MAX },
    },
  ]
}

/** Writes rows through the metadata port, as so many PUTs would leave them; the rule is already there. */
async function seed(dataDir: string, name: string): Promise<void> {
  const store = await openSqliteStore({ dir: dataDir, durability: 'relaxed' })
  const nowMs = Date.now()
  const rule = newRule({ expiration: { days: RULE_DAYS } })
  const settings = { lifecycle: newConfiguration([rule], { putMs: nowMs }) }
  const bucket = await store.write((tx) => tx.buckets.insert(newBucket(name, { ownerId: 'cozos', settings })))
  for (let first = 0; first < OBJECTS; first += SEED_BATCH) {
    await store.write(async (tx) => {
      for (let index = first; index < first + SEED_BATCH; index += 1) {
        const isOld = index % ONE_IN === 0
        // What expires has bytes of its own, which become garbage.
        const manifestId = isOld ? await tx.manifests.create([{ place: 'inline', bytes: BODY }]) : undefined
        const change = {
          ownerId: 'cozos',
          sizeBytes: isOld ? BODY.length : 0,
          manifestId,
          lastModifiedMs: isOld ? nowMs - 2 * RULE_DAYS * DAY_MS : nowMs,
        }
        await tx.versions.insert(newVersion(bucket.id, `key-${String(index).padStart(7, '0')}`, change))
      }
    })
  }
  await store.close()
}

async function getPlan(port: number): Promise<LoadPlan> {
  await send({ port, method: 'PUT', path: '/read' })
  const requests: string[] = []
  for (let index = 0; index < KEYS; index += 1) {
    const path = `/read/${index}`
    await send({ port, method: 'PUT', path, body: BODY })
    requests.push(prepare({ port, method: 'GET', path }))
  }
  return { port, requests, connections: CONNECTIONS, warmUp: 500, measured: 5000, status: 200 }
}

/** Runs the rules of a bucket now, and waits until they have been carried out. */
async function runRules(adminPort: number, bucket: string): Promise<void> {
  const url = `http://127.0.0.1:${adminPort}/control/lifecycle/run?bucket=${bucket}`
  const answer = await fetch(url, { method: 'POST' })
  const { buckets } = (await answer.json()) as { buckets: readonly { run: { expired: number } }[] }
  const expired = buckets[0]?.run.expired
  if (expired !== OBJECTS / ONE_IN) throw new Error(`${expired} objects have expired`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Puts the load on the server over and over until the work is done; of the loads only those count that it outlasts. */
async function beside(plan: LoadPlan, work: () => Promise<void>): Promise<{ busyMs: number; p99s: number[] }> {
  let isDone = false
  const done = timed(work).finally(() => {
    isDone = true
  })
  const p99s: number[] = []
  while (!isDone) {
    const { p99Ms } = await load(plan)
    if (!isDone || p99s.length === 0) p99s.push(p99Ms)
  }
  return { busyMs: await done, p99s }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}
