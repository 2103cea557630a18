// Bodies that are streamed: what clients get of them, whatever happens meanwhile.

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../support/buckets.ts'
import { useServer } from '../support/server.ts'
import { signV4 } from '../support/sign.ts'

const server = useServer({ config: { logLevel: 'info' } })
const MIB = 1024 * 1024

function chunkFiles(): string[] {
  const dir = join(server().dataDir, 'chunks')
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((entry) => join(entry.parentPath, entry.name)).filter((path) => /\/[0-9a-f]{32}$/.test(path))
}

/** The chunk files that this process, which the server runs in, holds open. */
function openChunks(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(join(server().dataDir, 'chunks')) ? [path] : []
    } catch {
      // Closed meanwhile.
      return []
    }
  })
}

async function putLarge(sizeBytes = 3 * MIB) {
  const bucket = await createBucket(server())
  const bytes = randomBytes(sizeBytes)
  const path = `/${bucket}/large`
  expect((await server().request('PUT', path, { body: bytes })).status).toBe(200)
  return { path, bytes }
}

/** The head of an answer whose body the test reads by itself. */
async function began(path: string): Promise<IncomingMessage> {
  const { port, root } = server()
  const headers = signV4({ method: 'GET', url: new URL(`http://127.0.0.1:${port}${path}`) }, root)
  const request = httpRequest({ port, host: '127.0.0.1', path, headers })
  request.end()
  return await new Promise((resolve, reject) => request.once('response', resolve).once('error', reject))
}

function lineOf(answer: Pick<IncomingMessage, 'headers'>): Record<string, unknown> | undefined {
  const id = String(answer.headers['x-amz-request-id'])
  const line = server().logLines.find((text) => text.includes(id) && text.includes('bytesOut'))
  return line === undefined ? undefined : JSON.parse(line)
}

describe('a streamed body', () => {
  it('is right for each of many that read it at the same time, by ranges too', async () => {
    const { path, bytes } = await putLarge()
    const ranges = Array.from({ length: 12 }, (_, n) => [n * 100_000, n * 100_000 + 1_700_000] as const)
    const answers = await Promise.all([
      ...ranges.map(([first, last]) => server().request('GET', path, { headers: { range: `bytes=${first}-${last}` } })),
      ...ranges.map(() => server().request('GET', path)),
    ])
    const expected = [...ranges.map(([first, last]) => bytes.subarray(first, last + 1)), ...ranges.map(() => bytes)]
    expect(answers.map(({ body }, n) => body.equals(expected[n]!))).toEqual(expected.map(() => true))
  })

  it('whose chunk is damaged breaks off with its connection, and is logged', async () => {
    const before = new Set(chunkFiles())
    const { path, bytes } = await putLarge()
    const [file = ''] = chunkFiles().filter((name) => !before.has(name))
    const stored = readFileSync(file)
    const at = stored.length - 10
    stored.writeUInt8(stored.readUInt8(at) ^ 1, at)
    writeFileSync(file, stored)
    const answer = await began(path)
    const pieces: Buffer[] = []
    const read = async () => {
      for await (const piece of answer) pieces.push(piece as Buffer)
    }
    await expect(read()).rejects.toThrow('aborted')
    const came = Buffer.concat(pieces)
    expect(came.length).toBeLessThan(bytes.length)
    expect(came.equals(bytes.subarray(0, came.length))).toBe(true)
    await expect.poll(() => lineOf(answer)).toMatchObject({ status: 200 })
    expect(server().logLines.some((line) => line.includes('does not match its CRC32C'))).toBe(true)
    stored.writeUInt8(stored.readUInt8(at) ^ 1, at)
    writeFileSync(file, stored)
    expect((await server().request('GET', path)).body.equals(bytes)).toBe(true)
  })

  it('whose client leaves lets go of its file, and the others get theirs', async () => {
    const { path, bytes } = await putLarge(30 * MIB)
    const answer = await began(path)
    await new Promise((resolve) => answer.once('readable', resolve))
    await expect.poll(openChunks).toHaveLength(1)
    answer.destroy()
    await expect.poll(openChunks).toEqual([])
    await expect.poll(() => lineOf(answer)).toMatchObject({ aborted: true })
    expect(Number(lineOf(answer)?.['bytesOut'])).toBeLessThan(bytes.length)
    expect((await server().request('GET', path)).body.equals(bytes)).toBe(true)
  })
})
