import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { uniqueName, useServer } from '../support/server.ts'

/** Noise, which compresses badly: its results are files. */
const SIDE = 400
const QUERY = { query: { 'x-zos-process': 'image/resize,w_300/format,png' } }
const SSE = { 'x-amz-server-side-encryption': 'AES256' }

describe('results of x-zos-process', () => {
  const server = useServer()
  const bucket = uniqueName('renderings')

  beforeAll(async () => {
    await server().request('PUT', `/${bucket}`)
  })

  /** A picture like no other. */
  async function put(key: string, headers = {}): Promise<void> {
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const
    const body = await sharp(randomBytes(SIDE * SIDE * 3), { raw })
      .png()
      .toBuffer()
    await server().request('PUT', `/${bucket}/${key}`, { body, headers })
  }

  const get = (key: string, headers = {}) => server().request('GET', `/${bucket}/${key}`, { ...QUERY, headers })
  const list = async () => (await server().request('GET', `/${bucket}`, { query: { 'list-type': '2' } })).text
  const kept = async () => (await server().running.services.metadata.read((tx) => tx.renderings.total())).count

  it('are kept, over a restart too, and the same each time, in ranges as well', async () => {
    await put('kept.png')
    const before = await kept()
    const first = await get('kept.png')
    expect([first.status, first.headers['content-type']]).toEqual([200, 'image/png'])
    expect(await kept()).toBe(before + 1)
    await server().restart()
    const second = await get('kept.png')
    expect(second.headers.etag).toBe(first.headers.etag)
    expect(second.body.equals(first.body)).toBe(true)
    const part = await get('kept.png', { range: 'bytes=10-19' })
    expect([part.status, part.body]).toEqual([206, first.body.subarray(10, 20)])
    const { processes } = server().running.services.renderer.stats()
    expect([processes, await kept()]).toEqual([0, before + 1])
  })

  it('are no objects, and go with theirs', async () => {
    await put('gone.png')
    const before = await list()
    await get('gone.png')
    const count = await kept()
    expect(await list()).toBe(before)
    await server().request('DELETE', `/${bucket}/gone.png`)
    expect(await kept()).toBe(count - 1)
    expect((await get('gone.png')).status).toBe(404)
  })

  it('are those of the picture that is there now', async () => {
    await put('changes.png')
    const first = await get('changes.png')
    await put('changes.png')
    const second = await get('changes.png')
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.headers.etag).not.toBe(first.headers.etag)
  })

  it('of an encrypted picture never touch the disk', async () => {
    await put('sealed.png', SSE)
    const before = await kept()
    const answer = await get('sealed.png')
    expect(answer.status).toBe(200)
    expect(await kept()).toBe(before)
    expect(await isOnDisk(server().dataDir, answer.body.subarray(-500, -100))).toBe(false)
    // The valid neighbour: of a plain one they do.
    await put('plain.png')
    const plain = await get('plain.png')
    expect(await isOnDisk(server().dataDir, plain.body.subarray(-500, -100))).toBe(true)
  })
})

async function isOnDisk(dir: string, bytes: Buffer): Promise<boolean> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (entry.isFile() && (await readFile(join(entry.parentPath, entry.name))).includes(bytes)) return true
  }
  return false
}
