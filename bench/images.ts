// A picture of 12 megapixels made smaller: the first time, when it is rendered, against the second, when it is kept.
// And what requests notice that are served while pictures are rendered.

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { renderersByDefault } from '../src/config/schema.ts'
import type { LoadPlan } from './load.ts'
import { load, startCozos } from './process.ts'
import { prepare, send } from './requests.ts'
import { median, type Row } from './table.ts'

const WIDTH = 4000
const HEIGHT = 3000
const DIRECTIVE = 'image/resize,w_800'
const PICTURE = '/bench-images/picture.jpg'
/** Pictures that are rendered, each by a new version: one that was never asked for. */
const FIRSTS = 7
/** Times that a kept result is read after each of them. */
const SECONDS = 20
const FASTER_MIN = 20
/** Renders at a time, beside which requests are served: the default, and more than there are processors. */
const RENDERS = [renderersByDefault(), 2 * availableParallelism()]
const KEYS = 64
const BODY = Buffer.alloc(4096, 'x')
const CONNECTIONS = 8
const LOADS = 7
const P99_RATIO_MAX = 3

export async function images(dataDir: string): Promise<Row[]> {
  const picture = await photo()
  const rows: Row[] = []
  for (const renders of RENDERS) {
    const dir = join(dataDir, String(renders))
    mkdirSync(dir, { recursive: true })
    const config = join(dir, 'cozos.yaml')
    writeFileSync(config, `images:\n  concurrency: ${renders}\n`)
    const cozos = await startCozos(join(dir, 'data'), { COZOS_CONFIG: config, COZOS_DIALECT: 'zos' })
    try {
      await send({ port: cozos.port, method: 'PUT', path: '/bench-images' })
      await send({ port: cozos.port, method: 'PUT', path: PICTURE, body: picture })
      if (rows.length === 0) rows.push(await firstAndSecond(cozos.port, picture))
      rows.push(await beside(cozos.port, renders))
    } finally {
      await cozos.stop()
    }
  }
  return rows
}

/** Colours that run into each other, with the noise of a sensor: it compresses as a photo does. */
async function photo(): Promise<Buffer> {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3)
  let seed = 1
  for (let at = 0; at < pixels.length; at += 3) {
    const [x, y] = [(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)]
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    const noise = seed >>> 28
    pixels[at] = 100 + 80 * Math.sin(x / 310) + noise
    pixels[at + 1] = 100 + 80 * Math.sin((x + y) / 170) + noise
    pixels[at + 2] = 100 + 80 * Math.cos(y / 230) + noise
  }
  return await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

async function firstAndSecond(port: number, picture: Buffer): Promise<Row> {
  const firsts: number[] = []
  const seconds: number[] = []
  // One more than counts: it starts the processes.
  for (let run = 0; run <= FIRSTS; run += 1) {
    await send({ port, method: 'PUT', path: PICTURE, body: picture })
    const first = await processed(port, DIRECTIVE)
    if (run > 0) firsts.push(first)
    for (let hit = 0; hit < SECONDS; hit += 1) seconds.push(await processed(port, DIRECTIVE))
  }
  const [first, second] = [median(firsts), median(seconds)]
  const faster = first / second
  return {
    name: `${(WIDTH * HEIGHT) / 1e6} megapixels, ${DIRECTIVE}: the first time against the second`,
    reached: `${faster.toFixed(0)} (${first.toFixed(0)} ms against ${second.toFixed(1)} ms)`,
    aim: { text: `≥ ${FASTER_MIN}`, met: faster >= FASTER_MIN },
  }
}

/** Milliseconds from the request to its last byte. */
async function processed(port: number, directive: string): Promise<number> {
  const query = `x-zos-process=${encodeURIComponent(directive)}`
  const beganMs = performance.now()
  const answer = await send({ port, method: 'GET', path: PICTURE, query })
  await answer.arrayBuffer()
  return performance.now() - beganMs
}

/** Loads by turns, with renders beside them and without: a machine that slows down does so for both. */
async function beside(port: number, renders: number): Promise<Row> {
  const plan = await getPlan(port)
  const idle: number[] = []
  const busy: number[] = []
  let rendered = 0
  for (let turn = 0; turn < LOADS; turn += 1) {
    idle.push((await load(plan)).p99Ms)
    let isOver = false
    const lanes = Array.from({ length: renders }, async () => {
      while (!isOver) {
        rendered += 1
        await processed(port, `image/resize,w_${100 + rendered}`)
      }
    })
    busy.push((await load(plan)).p99Ms)
    isOver = true
    await Promise.all(lanes)
  }
  const [without, withRenders] = [median(idle), median(busy)]
  const ratio = withRenders / without
  return {
    name: `GET 4 KiB while pictures are rendered, ${renders} at a time: p99 against idle`,
    reached: `${ratio.toFixed(1)} (${withRenders.toFixed(1)} ms against ${without.toFixed(1)} ms, ${rendered} rendered)`,
    aim: { text: `≤ ${P99_RATIO_MAX}`, met: ratio <= P99_RATIO_MAX },
  }
}

async function getPlan(port: number): Promise<LoadPlan> {
  const keys = Array.from({ length: KEYS }, (_, index) => `/bench-images/key-${index}`)
  for (const path of keys) await send({ port, method: 'PUT', path, body: BODY })
  const requests = keys.map((path) => prepare({ port, method: 'GET', path }))
  return { port, requests, connections: CONNECTIONS, warmUp: 500, measured: 10_000, status: 200 }
}
