// Pictures as clients get them: put into a bucket, processed by a GET, and decoded by sharp.

import sharp from 'sharp'
import { beforeAll } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { type TestResponse, type TestServer, type TestServerOptions, useServer } from '../support/server.ts'
import type { Raster } from './gallery.ts'

export interface Served {
  /** By its key. */
  put(key: string, body: Buffer): Promise<void>
  get(key: string, directive: string): Promise<TestResponse>
  /** The pixels of a result that is a PNG. */
  pixels(key: string, directive: string): Promise<Raster>
  server(): TestServer
}

/** A server with one bucket, in which these files are. */
export function useServed(
  files: () => Promise<Iterable<readonly [string, Buffer]>>,
  options: TestServerOptions = {},
): Served {
  const server = useServer(options)
  const at = { bucket: '' }
  const served: Served = {
    async put(key, body) {
      const { status, text } = await server().request('PUT', `/${at.bucket}/${key}`, { body })
      if (status !== 200) throw new Error(text)
    },
    get: (key, directive) => server().request('GET', `/${at.bucket}/${key}`, { query: { 'x-zos-process': directive } }),
    async pixels(key, directive) {
      const { status, text, body } = await served.get(key, directive)
      if (status !== 200) throw new Error(`${directive}: ${text}`)
      return await decoded(body)
    },
    server,
  }
  beforeAll(async () => {
    at.bucket = await createBucket(server())
    for (const [key, body] of await files()) await served.put(key, body)
  })
  return served
}

export async function decoded(bytes: Buffer): Promise<Raster> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  if (info.channels !== 3 && info.channels !== 4) throw new Error(`a result of ${info.channels} channels`)
  return { data, width: info.width, height: info.height, channels: info.channels }
}
