import { crc32 } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import type { Output, RenderStep, Size } from '../../src/renderer/plan.ts'
import { type Rendered, RenderFailed, type RenderLimits, type StreamedBytes } from '../../src/renderer/renderer.ts'
import { Engine } from '../../src/renderer/sharp/engine.ts'
import { from, type Pixels, toPixels } from '../../src/renderer/sharp/pixels.ts'

/** As dialect zos has them; tests have little time and memory to give. */
export const LIMITS: RenderLimits = {
  sidePx: 30_000,
  pixels: 250_000_000,
  timeoutMs: 60_000,
  memoryBytes: 1024 ** 3,
}

export const PNG: Output = { format: 'png', quality: undefined, interlaced: false, stripped: true, animated: false }

/** A picture as a session takes it: read piece by piece. */
export function streamed(bytes: Buffer, pieceBytes = 64 * 1024): StreamedBytes {
  async function* pieces(): AsyncGenerator<Buffer, void, void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  return { sizeBytes: bytes.length, pieces: pieces() }
}

export type Paint = (x: number, y: number) => readonly number[]

/** Three or four channels, as the paint has them. */
export function paint({ width, height }: Size, of: Paint): Pixels {
  const channels = of(0, 0).length === 4 ? 4 : 3
  const data = Buffer.alloc(width * height * channels)
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) data.set(of(x, y), (y * width + x) * channels)
  return { width, height, channels, data }
}

/** Red rises from left to right, green from top to bottom. */
export function gradient({ width, height }: Size): Pixels {
  const share = (at: number, size: number): number => Math.round((255 * at) / Math.max(1, size - 1))
  return paint({ width, height }, (x, y) => [share(x, width), share(y, height), 128])
}

/** The same, more transparent from left to right. */
export function glass(size: Size): Pixels {
  const { width, height, data } = gradient(size)
  return paint({ width, height }, (x, y) => {
    const at = (y * width + x) * 3
    return [...data.subarray(at, at + 3), 255 - Math.round((200 * x) / width)]
  })
}

export function plain({ width, height }: Size, ...colour: readonly number[]): Pixels {
  const channels = colour.length === 4 ? 4 : 3
  return { width, height, channels, data: Buffer.alloc(width * height * channels, Uint8Array.from(colour)) }
}

/** A pipeline of sharp's that begins with the pixels. */
export const sharpOf = from

export async function png(pixels: Pixels): Promise<Buffer> {
  return await from(pixels).png().toBuffer()
}

/** Frames of one size, 50 ms each, three times. */
export function roll(frames: readonly Pixels[], options = { loop: 3, delay: frames.map(() => 50) }) {
  const [first] = frames
  const { width, height, channels } = first!
  const raw = { width, height: height * frames.length, channels, pageHeight: height }
  const all = (): Sharp => sharp(Buffer.concat(frames.map(({ data }) => data)), { raw })
  return {
    gif: async () => await all().gif(options).toBuffer(),
    webp: async () =>
      await all()
        .webp({ ...options, lossless: true })
        .toBuffer(),
  }
}

export async function decoded(bytes: Buffer): Promise<Pixels> {
  return await toPixels(sharp(bytes))
}

export function pixel({ width, channels, data }: Pixels, x: number, y: number): number[] {
  const at = (y * width + x) * channels
  return [...data.subarray(at, at + channels)]
}

/** How far two pictures of one size are apart at most, of 255. Nobody sees the colour of what is transparent. */
export function distance(one: Pixels, other: Pixels): number {
  if (one.data.length !== other.data.length) return 255
  const { data } = seen(other)
  return seen(one).data.reduce((most, value, at) => Math.max(most, Math.abs(value - data[at]!)), 0)
}

function seen(pixels: Pixels): Pixels {
  const { width, channels, data } = pixels
  if (channels === 3) return pixels
  return paint(pixels, (x, y) => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray((y * width + x) * 4)
    return [...[red, green, blue].map((part) => Math.round((part * alpha) / 255)), alpha]
  })
}

/** Opens pictures in an engine of this process, and renders the first of them. */
export async function render(
  pictures: Buffer | readonly Buffer[],
  steps: readonly RenderStep[] = [],
  output: Partial<Output> = {},
): Promise<Rendered> {
  const engine = new Engine(LIMITS)
  for (const bytes of [pictures].flat()) await engine.open(bytes)
  return await engine.render({ picture: 0, steps, output: { ...PNG, ...output } })
}

/** Of what `render` makes, the pixels. */
export async function rendered(
  pictures: Buffer | readonly Buffer[],
  steps: readonly RenderStep[] = [],
  output: Partial<Output> = {},
): Promise<Pixels> {
  const { bytes, width, height } = await render(pictures, steps, output)
  const pixels = await decoded(bytes)
  if (pixels.width !== width || pixels.height !== height) throw new Error('the result is not as large as it says')
  return pixels
}

/** Of PNG. */
export function chunkOf(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, check])
}

/** Why a picture is refused; `rendered` when it is not. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'rendered'
  } catch (cause) {
    if (cause instanceof RenderFailed) return cause.reason
    throw cause
  }
}
