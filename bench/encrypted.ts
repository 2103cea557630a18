// 64 MiB up and down, encrypted (SSE-S3) against plain, turn by turn on one server.

import { randomBytes } from 'node:crypto'
import { download, timed, upload } from './large.ts'
import type { Running } from './process.ts'
import { send } from './requests.ts'
import { median, type Row } from './table.ts'

const MIB = 1024 * 1024
const OBJECT_MIB = 64
const RUNS = 11
/** Of the plain throughput. */
const SHARE_MIN = 0.6

const KINDS = [
  { path: '/bench-encrypted/plain', headers: {} },
  { path: '/bench-encrypted/sealed', headers: { 'x-amz-server-side-encryption': 'AES256' } },
] as const

export async function encrypted({ port }: Running): Promise<Row[]> {
  await send({ port, method: 'PUT', path: '/bench-encrypted' })
  const body = randomBytes(OBJECT_MIB * MIB)
  const puts: [number[], number[]] = [[], []]
  const gets: [number[], number[]] = [[], []]
  for (let run = 0; run < RUNS; run += 1) {
    for (const [kind, { path, headers }] of KINDS.entries()) {
      puts[kind]?.push(await upload(port, { path, headers, body, blocks: [body] }))
      gets[kind]?.push(await timed(() => download(port, path)))
    }
  }
  return [row(`PUT ${OBJECT_MIB} MiB, encrypted`, puts), row(`GET ${OBJECT_MIB} MiB, encrypted`, gets)]
}

function row(name: string, [plain, sealed]: [number[], number[]]): Row {
  const share = median(plain) / median(sealed)
  const speed = (times: number[]): string => `${((OBJECT_MIB / median(times)) * 1000).toFixed(0)} MiB/s`
  return {
    name,
    reached: `${share.toFixed(2)} of plain (${speed(sealed)} of ${speed(plain)})`,
    aim: { text: `≥ ${SHARE_MIN}`, met: share >= SHARE_MIN },
  }
}
