// Small files that want to become large, in a process that may have little memory.
import { createDeflate } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { RenderStep } from '../../src/renderer/plan.ts'
import { openRenderer } from '../../src/renderer/processes.ts'
import { chunkOf, LIMITS, outcome, PNG, plain, roll, sharpOf, streamed } from '../support/rendering.ts'

const { signal } = new AbortController()
const SMALL: RenderStep[] = [{ step: 'scale', to: { width: 16, height: 10 } }]
const renderer = openRenderer({
  concurrency: 1,
  queueMax: 10,
  limits: { ...LIMITS, memoryBytes: 256 * 1024 ** 2 },
  onTrouble: () => undefined,
})

afterAll(async () => await renderer.close())

async function rendering(bytes: Buffer, steps: RenderStep[] = SMALL): Promise<string> {
  const work = renderer.session(async (session) => {
    const { frames } = await session.open(streamed(bytes))
    const animated = frames > 1
    return await session.render({ picture: 0, steps, output: { ...PNG, format: animated ? 'gif' : 'png', animated } })
  }, signal)
  return await outcome(work)
}

/** Black and clear, of four channels of eight bits. */
async function pngOf(width: number, height: number, rows = height): Promise<Buffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6], 8)
  const row = Buffer.alloc(1 + 4 * width)
  const deflate = createDeflate({ level: 1 })
  const parts = deflate.toArray()
  for (let at = 0; at < rows; at += 1)
    if (!deflate.write(row)) await new Promise<unknown>((resolve) => deflate.once('drain', resolve))
  deflate.end()
  const data = Buffer.concat(await parts)
  const begin = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([begin, chunkOf('IHDR', header), chunkOf('IDAT', data), chunkOf('IEND', Buffer.alloc(0))])
}

/** The frame of a GIF so many times. */
async function gifOf(side: number, frames: number): Promise<Buffer> {
  const one = await roll([plain({ width: side, height: side }, 1, 2, 3)]).gif()
  const colours = 3 * 2 ** ((one[10]! & 7) + 1)
  const begin = 13 + ((one[10]! & 0x80) === 0 ? 0 : colours)
  const frame = one.subarray(begin, -1)
  return Buffer.concat([one.subarray(0, begin), ...Array<Buffer>(frames).fill(frame), one.subarray(-1)])
}

describe('a PNG', () => {
  it('of 30,000 pixels each way is refused by its header', async () => {
    expect(await rendering(await pngOf(30_000, 30_000, 10))).toBe('too-large')
  })

  it('that would not fit is rendered while it is read, where it becomes small', async () => {
    const bytes = await pngOf(9000, 9000)
    expect(bytes.length).toBeLessThan(3_000_000)
    expect(await rendering(bytes)).toBe('rendered')
    expect(await rendering(bytes, [])).toBe('out-of-memory')
    expect(await rendering(bytes.subarray(0, bytes.length / 2))).toBe('damaged')
    // The next one is served.
    expect(await rendering(await pngOf(10, 10))).toBe('rendered')
  })
})

describe('a GIF', () => {
  it('of very many frames is refused when all of them are too large', async () => {
    expect(await rendering(await gifOf(500, 1001))).toBe('too-large')
    expect(await rendering(await gifOf(10, 1000))).toBe('rendered')
  })

  it('whose frames would not fit together is rendered some at a time', async () => {
    // 100 million pixels.
    expect(await rendering(await gifOf(1000, 100))).toBe('rendered')
  })
})

describe('a JPEG', () => {
  it('of very many pixels is shrunk while it is read', async () => {
    const bytes = await sharpOf(plain({ width: 9000, height: 9000 }, 1, 2, 3))
      .jpeg()
      .toBuffer()
    expect(await rendering(bytes)).toBe('rendered')
    const progressive = await sharp(bytes).jpeg({ progressive: true }).toBuffer()
    expect(await rendering(progressive)).toMatch(/rendered|out-of-memory/)
  })
})

describe('a TIFF', () => {
  const tiff = async () =>
    await sharpOf(plain({ width: 10, height: 10 }, 1, 2, 3))
      .tiff({ compression: 'none' })
      .toBuffer()

  /** With other values, as numbers of 32 bits, in its first directory. */
  async function changed(values: Readonly<Record<number, number>>): Promise<Buffer> {
    const bytes = await tiff()
    const directory = bytes.readUInt32LE(4)
    for (let index = 0; index < bytes.readUInt16LE(directory); index += 1) {
      const at = directory + 2 + 12 * index
      const value = values[bytes.readUInt16LE(at)]
      if (value === undefined) continue
      bytes.writeUInt16LE(4, at + 2)
      bytes.writeUInt32LE(1, at + 4)
      bytes.writeUInt32LE(value, at + 8)
    }
    return bytes
  }
  const [WIDTH, HEIGHT, STRIPS, SAMPLES, ROWS, BYTES] = [256, 257, 273, 277, 278, 279] as const

  it.each<[string, Readonly<Record<number, number>>, RegExp]>([
    ['of the largest numbers', { [WIDTH]: 2 ** 32 - 1, [HEIGHT]: 2 ** 32 - 1 }, /damaged|too-large/],
    ['of too many pixels', { [WIDTH]: 30_000, [HEIGHT]: 30_000 }, /too-large/],
    ['with far more pixels than bytes', { [WIDTH]: 15_000, [HEIGHT]: 15_000 }, /damaged/],
    ['with one strip of them', { [WIDTH]: 15_000, [HEIGHT]: 15_000, [ROWS]: 15_000 }, /damaged|out-of-memory/],
    ['with strips beyond its end', { [STRIPS]: 2 ** 31 }, /damaged/],
    ['with a strip of 4 GB', { [BYTES]: 2 ** 32 - 1 }, /damaged|rendered|out-of-memory/],
    ['with 60,000 samples to the pixel', { [SAMPLES]: 60_000 }, /damaged|unsupported/],
  ])('%s is refused', async (_name, values, expected) => {
    expect(await rendering(await changed(values))).toMatch(expected)
  })

  it('whose directory is its own next one is read', async () => {
    const bytes = await tiff()
    const directory = bytes.readUInt32LE(4)
    bytes.writeUInt32LE(directory, directory + 2 + 12 * bytes.readUInt16LE(directory))
    expect(await rendering(bytes)).toMatch(/rendered|damaged/)
  })
})

describe('a WebP', () => {
  it('whose canvas is not its picture’s is refused', async () => {
    const bytes = await sharpOf(plain({ width: 100, height: 100 }, 1, 2, 3, 128))
      .webp()
      .toBuffer()
    expect(bytes.toString('latin1', 12, 16)).toBe('VP8X')
    bytes.writeUIntLE(15_999, 24, 3)
    bytes.writeUIntLE(14_999, 27, 3)
    expect(await rendering(bytes)).toBe('damaged')
  })
})

describe('a BMP', () => {
  it('of a few runs, or of one bit to the pixel, is refused before it is unpacked', async () => {
    const header = Buffer.alloc(14 + 40 + 1024)
    header.write('BM')
    header.writeUInt32LE(header.length, 10)
    header.writeUInt32LE(40, 14)
    header.writeInt32LE(15_000, 18)
    header.writeInt32LE(16_000, 22)
    header.writeUInt16LE(8, 28)
    header.writeUInt32LE(1, 30)
    expect(await rendering(Buffer.concat([header, Buffer.from([0, 1])]))).toBe('out-of-memory')
    header.writeInt32LE(30_001, 18)
    expect(await rendering(Buffer.concat([header, Buffer.from([0, 1])]))).toBe('too-large')
    header.writeInt32LE(10, 18)
    header.writeInt32LE(10, 22)
    expect(await rendering(Buffer.concat([header, Buffer.from([0, 1])]))).toBe('rendered')
  })
})
