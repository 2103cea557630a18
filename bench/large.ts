// 64 MiB up and down, against MD5 alone, which an ETag demands; a copy of 1 GiB; memory while 5 GiB pass through, and
// while a form of 1 GiB does.

import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { BOUNDARY, FORM_TYPE, formBody, policyOf, signFormV2 } from '../test/support/form.ts'
import { signV4 } from '../test/support/sign.ts'
import { KEY, type Running, residentMiB } from './process.ts'
import { send } from './requests.ts'
import { median, type Row } from './table.ts'

const MIB = 1024 * 1024
const OBJECT_MIB = 64
const PART_MIB = 64
const COPY_MIB = 1024
const FLAT_MIB = 5 * 1024
const FORM_MIB = 1024
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
    await form(cozos),
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

/** A browser's upload of 1 GiB: the form's parser must keep no more of it than the sockets do. */
async function form(cozos: Running): Promise<Row> {
  const bucket = 'bench-large'
  const fields = [['key', 'form'], ...signFormV2(policyOf([{ bucket }, { key: 'form' }]), KEY)] as const
  const whole = formBody({ fields, file: '' })
  const behind = `\r\n--${BOUNDARY}--\r\n`.length
  const [before, after] = [whole.subarray(0, -behind), whole.subarray(-behind)]
  const zeros = Buffer.alloc(MIB)
  const blocks = [before, ...Array.from({ length: FORM_MIB }, () => zeros), after]
  const memory = residentMiB(cozos.child).now
  const headers = { 'content-type': FORM_TYPE }
  const ms = await sent(cozos.port, { method: 'POST', path: `/${bucket}`, headers, blocks, status: 204 })
  const { now } = residentMiB(cozos.child)
  return {
    name: 'POST of a form with 1 GiB',
    reached: `${((FORM_MIB / ms) * 1000).toFixed(0)} MiB/s, RSS ${memory.toFixed(0)} → ${now.toFixed(0)} MiB`,
    aim: { text: `growth < ${GROWTH_MIB} MiB`, met: now - memory < GROWTH_MIB },
  }
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
  /** Beside those of the signature. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends the blocks as one PUT. */
export async function upload(port: number, { path, body, blocks, headers: given = {} }: Upload): Promise<number> {
  const headers = signV4({ method: 'PUT', url: { host: `127.0.0.1:${port}`, path }, headers: given, body }, KEY)
  return await sent(port, { method: 'PUT', path, headers, blocks, status: 200 })
}

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly blocks: readonly Buffer[]
  /** What it has to be answered. */
  readonly status: number
}

/** Sends the blocks as one body and returns the milliseconds from its first byte to its answer. */
async function sent(port: number, { method, path, headers, blocks, status }: Sent): Promise<number> {
  const length = blocks.reduce((sum, block) => sum + block.length, 0)
  return await timed(async () => {
    const options = { port, host: '127.0.0.1', method, path, headers: { ...headers, 'content-length': length } }
    const request = httpRequest(options)
    const answered = new Promise<number>((resolve, reject) => {
      request.on('response', (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject)
    })
    await pipeline(blocks, request)
    if ((await answered) !== status) throw new Error(`${method} ${path} answered ${await answered}`)
  })
}

export async function download(port: number, path: string): Promise<void> {
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

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}
