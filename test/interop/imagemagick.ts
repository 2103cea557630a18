// A server that processes pictures, and ImageMagick, which does the same with code of its own.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { signV4 } from '../support/sign.ts'
import { ACCESS_KEY, CONVERT, client, IDENTIFY, SECRET_KEY, type ServerProcess, startProcess } from './clients.ts'

const BUCKET = '/pictures'
/** What `convert` may take; a machine may bound it below what the tests need. */
const LIMITS = { MAGICK_MEMORY_LIMIT: '1GiB', MAGICK_MAP_LIMIT: '1GiB' }

export interface Studio {
  /** Of what the tools read and write; gone with the server. */
  readonly dir: string
  /** Stores a file in the bucket, and lays it beside the tools. */
  put(name: string, body: Buffer): Promise<void>
  /** Stores a file that a tool has made. */
  putMade(name: string): Promise<void>
  /** What the server makes of a stored file, as a file of this name. */
  process(name: string, directive: string, result: string): Promise<Response>
  convert(...args: readonly string[]): Promise<string>
  /** `%m %w %h` and the like of a file. */
  identify(file: string, format: string): Promise<string>
  /** From 0 to 1: 0 is no difference. */
  difference(one: string, other: string, metric: 'RMSE' | 'PAE'): Promise<number>
  stop(): Promise<void>
}

export async function openStudio(): Promise<Studio> {
  const server = await startProcess({ COZOS_DIALECT: 'zos' })
  const dir = server.workDir
  await send(server, { method: 'PUT', path: BUCKET })
  const convert = async (...args: readonly string[]) => await client(server, [CONVERT, ...args], LIMITS)
  const studio: Studio = {
    dir,
    async put(name, body) {
      writeFileSync(join(dir, name), body)
      await send(server, { method: 'PUT', path: `${BUCKET}/${name}`, body })
    },
    async putMade(name) {
      await send(server, { method: 'PUT', path: `${BUCKET}/${name}`, body: readFileSync(join(dir, name)) })
    },
    async process(name, directive, result) {
      const query = `x-zos-process=${encodeURIComponent(directive)}`
      const answer = await send(server, { method: 'GET', path: `${BUCKET}/${name}`, query })
      writeFileSync(join(dir, result), Buffer.from(await answer.clone().arrayBuffer()))
      return answer
    },
    convert,
    identify: async (file, format) => await client(server, [IDENTIFY, '-format', format, file], LIMITS),
    difference: async (one, other, metric) => {
      const text = await convert(one, other, '-metric', metric, '-compare', '-format', '%[distortion]', 'info:')
      const distortion = Number(text)
      if (text === '' || Number.isNaN(distortion)) throw new Error(`${one} and ${other}: "${text}"`)
      return distortion
    },
    stop: () => server.stop(),
  }
  return studio
}

interface Sent {
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly query?: string
  readonly body?: Buffer
}

async function send({ port }: ServerProcess, { method, path, query = '', body }: Sent): Promise<Response> {
  const request = { method, url: { host: `127.0.0.1:${port}`, path, query }, headers: {}, body }
  const { host: _, ...headers } = signV4(request, { accessKey: ACCESS_KEY, secretKey: SECRET_KEY })
  const target = `http://127.0.0.1:${port}${path}${query === '' ? '' : `?${query}`}`
  const answer = await fetch(target, { method, headers, ...(body === undefined ? {} : { body: new Uint8Array(body) }) })
  if (!answer.ok) throw new Error(`${method} ${path} ${decodeURIComponent(query)}: ${await answer.text()}`)
  return answer
}
