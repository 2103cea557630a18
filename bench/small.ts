// 4 KiB requests against the bare route: PUT, GET, HEAD, DELETE at several numbers of connections.

import { randomBytes } from 'node:crypto'
import type { LoadPlan } from './load.ts'
import { load, type Running } from './process.ts'
import { prepare, send } from './requests.ts'
import { median, type Row } from './table.ts'

const OBJECT_BYTES = 4096
/** Different keys, so that neither side lives from one row. */
const KEYS = 512
const RUNS = 3
const CONNECTIONS = [1, 8, 32] as const
/** Answers measured in one run, by connections: a second or so. */
const MEASURED: Readonly<Record<number, number>> = { 1: 1500, 8: 6000, 32: 12_000 }

interface Kind {
  readonly name: string
  readonly method: string
  readonly status: number
  /** The least ratio to the bare route at 32 connections. */
  readonly aim?: number
}

const KINDS: readonly Kind[] = [
  { name: 'PUT 4 KiB, durable', method: 'PUT', status: 200, aim: 0.25 },
  { name: 'GET 4 KiB', method: 'GET', status: 200, aim: 0.3 },
  { name: 'HEAD', method: 'HEAD', status: 200 },
  { name: 'DELETE of a key that is gone', method: 'DELETE', status: 204 },
]

export async function small(cozos: Running, bare: Running): Promise<Row[]> {
  await send({ port: cozos.port, method: 'PUT', path: '/bench-small' })
  const rows: Row[] = []
  for (const kind of KINDS) {
    for (const connections of CONNECTIONS) rows.push(await measure(kind, connections, { cozos, bare }))
  }
  return rows
}

async function measure(kind: Kind, connections: number, servers: { cozos: Running; bare: Running }): Promise<Row> {
  const measured = MEASURED[connections] ?? 1000
  const plan = { connections, measured, warmUp: measured / 4 }
  const ratios: number[] = []
  const perSecond: number[] = []
  const p99Ms: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const yardstick = await load({ ...plan, ...barePlan(servers.bare.port) })
    const result = await load({ ...plan, ...cozosPlan(servers.cozos.port, kind) })
    ratios.push(result.perSecond / yardstick.perSecond)
    perSecond.push(result.perSecond)
    p99Ms.push(result.p99Ms)
  }
  const ratio = median(ratios)
  const wanted = connections === 32 ? kind.aim : undefined
  return {
    name: `${kind.name}, ${connections} connection${connections === 1 ? '' : 's'}`,
    reached: `${ratio.toFixed(2)} of bare (${Math.round(median(perSecond))}/s, p99 ${median(p99Ms).toFixed(1)} ms)`,
    ...(wanted === undefined ? {} : { aim: { text: `≥ ${wanted.toFixed(2)} of bare`, met: ratio >= wanted } }),
  }
}

function barePlan(port: number): Pick<LoadPlan, 'port' | 'requests' | 'status'> {
  const request = Buffer.from(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`).toString('base64')
  return { port, requests: [request], status: 200 }
}

function cozosPlan(port: number, kind: Kind): Pick<LoadPlan, 'port' | 'requests' | 'status'> {
  const body = kind.method === 'PUT' ? randomBytes(OBJECT_BYTES) : undefined
  const requests = Array.from({ length: KEYS }, (_, index) =>
    prepare({ port, method: kind.method, path: `/bench-small/key-${index}`, ...(body === undefined ? {} : { body }) }),
  )
  return { port, requests, status: kind.status }
}
