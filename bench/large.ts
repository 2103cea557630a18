// 64 MiB up and down, against MD5 alone, which an ETag demands; a copy of 1 GiB; memory while 5 GiB pass through.

import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { signV4 } from '../test/support/sign.ts'
import { KEY, type Running, residentMiB } from './process.ts'
import { send } from './requests.ts'
import { median, type Row } from './table.ts'

const MIB = 1024 * 1024
const OBJECT_MIB = 64
const PART_MIB = 64
const COPY_MIB = 1024
const FLAT_MIB = 5 * 1024
const RUNS = 5
/** A request may hold a few MiB; the rest of the growth is V8's and malloc's slack. */
const GROWTH_MIB = 128

export async function large(cozos: Running): Promise<Row[]> {
  const { port } = cozos
  await send({ port, method: 'PUT', path: '/bench-large' })
  const body = randomBytes(OBJECT_MIB * MIB)
  const puts: number[] = []
  const gets: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    puts.push(await upload(port, { path: '/bench-large/object', body, blocks: [body] }))
    gets.push(await timed(() => download(port, '/bench-large/object')))
  }
  const digestMs = median(
    await Promise.all([1, 2, 3].map(() => timed(async () => createHash('md5').update(body).digest()))),
  )
  const md5MiBs = (OBJECT_MIB / digestMs) * 1000
  const put = (OBJECT_MIB / median(puts)) * 1000
  const get = (OBJECT_MIB / median(gets)) * 1000
  return [
    {
      name: `PUT ${OBJECT_MIB} MiB, durable`,
      reached: `${put.toFixed(0)} MiB/s (${(put / md5MiBs).toFixed(2)} of MD5 alone)`,
    },
    { name: `GET ${OBJECT_MIB} MiB`, reached: `${get.toFixed(0)} MiB/s` },
    await copy(port),
    ...(await flat(cozos)),
  ]
}

async function copy(port: number): Promise<Row> {
  await multipart(port, '/bench-large/gib', COPY_MIB)
  const headers = { 'x-amz-copy-source': '/bench-large/gib' }
  const times: number[] = []
  for (let run = 0; run < 20; run += 1) {
    times.push(await timed(() => send({ port, method: 'PUT', path: `/bench-large/copy-${run}`, headers })))
  }
  const ms = median(times)
  return { name: 'CopyObject of 1 GiB', reached: `${ms.toFixed(1)} ms`, aim: { text: '< 20 ms', met: ms < 20 } }
}

/** One object of 5 GiB up in a single PUT and down again: the server's memory must not follow its size. */
async function flat(cozos: Running): Promise<Row[]> {
  const before = residentMiB(cozos.child).now
  const zeros = Buffer.alloc(MIB)
  const blocks = Array.from({ length: FLAT_MIB }, () => zeros)
  await upload(cozos.port, { path: '/bench-large/flat', body: 'UNSIGNED-PAYLOAD', blocks })
  const uploaded = residentMiB(cozos.child)
  await download(cozos.port, '/bench-large/flat')
  const downloaded = residentMiB(cozos.child)
  const growth = Math.max(uploaded.now, downloaded.now) - before
  return [
    {
      name: 'Memory while 5 GiB go up and down in one request each',
      reached: `RSS ${before.toFixed(0)} → ${uploaded.now.toFixed(0)} → ${downloaded.now.toFixed(0)} MiB (peak ${downloaded.peak.toFixed(0)})`,
      aim: { text: `growth < ${GROWTH_MIB} MiB`, met: growth < GROWTH_MIB },
    },
  ]
}

async function multipart(port: number, path: string, totalMiB: number): Promise<void> {
  const created = await (await send({ port, method: 'POST', path, query: 'uploads=' })).text()
  const uploadId = encodeURIComponent(/<UploadId>([^<]+)/.exec(created)?.[1] ?? '')
  const part = randomBytes(PART_MIB * MIB)
  const parts: string[] = []
  for (let number = 1; number <= totalMiB / PART_MIB; number += 1) {
    const query = `partNumber=${number}&uploadId=${uploadId}`
    const etag = (await send({ port, method: 'PUT', path, query, body: part })).headers.get('etag')
    parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
  }
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
  await send({ port, method: 'POST', path, query: `uploadId=${uploadId}`, body })
}

interface Upload {
  readonly path: string
  /** What is signed: the bytes, or UNSIGNED-PAYLOAD. */
  readonly body: Buffer | string
  readonly blocks: readonly Buffer[]
}

/** Sends the blocks as one PUT and returns the milliseconds from its first byte to its answer. */
async function upload(port: number, { path, body, blocks }: Upload): Promise<number> {
  const signed = signV4({ method: 'PUT', url: { host: `127.0.0.1:${port}`, path }, headers: {}, body }, KEY)
  const length = blocks.reduce((sum, block) => sum + block.length, 0)
  return await timed(async () => {
    const headers = { ...signed, 'content-length': length }
    const request = httpRequest({ port, host: '127.0.0.1', method: 'PUT', path, headers })
    const status = new Promise<number>((resolve, reject) => {
      request.on('response', (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject)
    })
    await pipeline(blocks, request)
    if ((await status) !== 200) throw new Error(`PUT ${path} answered ${await status}`)
  })
}

async function download(port: number, path: string): Promise<void> {
  const url = { host: `127.0.0.1:${port}`, path }
  const headers = signV4({ method: 'GET', url, headers: {} }, KEY)
  await new Promise<void>((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', path, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`GET ${path} answered ${response.statusCode}`))
      response.on('data', () => undefined).on('end', resolve)
    })
      .on('error', reject)
      .end()
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}
