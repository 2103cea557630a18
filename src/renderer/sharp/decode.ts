import sharp, { type Sharp } from 'sharp'
import { readBmpHeader } from '../formats/bmp-header.ts'
import { readBmpPixels } from '../formats/bmp-pixels.ts'
import type { RenderStep } from '../plan.ts'
import { RenderFailed, type RenderLimits } from '../renderer.ts'
import { decodingFailed } from './failures.ts'
import { assertSize, type Pixels, toPixels, withAlpha } from './pixels.ts'
import type { Source } from './probe.ts'

/**
 * Of the memory that there may be, the frames that are decoded at a time take this part. A decoder that wants the last
 * frames has to pass through all others first, so that they are not decoded one by one.
 */
const BATCH_SHARE = 1 / 16
const FRAME_PIXEL_BYTES = 4

/** The pixel of a BMP: its colours and alpha, or its number before that. */
const BMP_PIXEL_BYTES = 4

export interface DecodeOptions {
  /** The first so many. */
  readonly frames: number
  readonly limits: RenderLimits
}

export interface Still {
  readonly pixels: Pixels
  /** What is left to be done with it. */
  readonly steps: readonly RenderStep[]
  /** EXIF's, as long as the pixels are not turned as it says. */
  readonly orientation: number
}

/**
 * The first frame. Steps that a decoder can do while it reads are done then: a large picture that is to be small never
 * is in memory at its full size.
 * @throws RenderFailed
 */
export async function decodeStill(source: Source, steps: readonly RenderStep[], limits: RenderLimits): Promise<Still> {
  const { format, orientation } = source.opened
  if (format === 'bmp') return { pixels: decodeBmp(source, limits), steps, orientation }
  const { pipeline, taken } = withHead(reading(source.bytes, limits, { page: 0, pages: 1 }), steps)
  try {
    const pixels = await toPixels(pipeline)
    const last = steps[taken - 1]
    if (last?.step === 'scale') assertSize(pixels, last.to)
    return { pixels, steps: steps.slice(taken), orientation: steps[0]?.step === 'orient' ? 1 : orientation }
  } catch (cause) {
    throw decodingFailed(cause)
  }
}

/**
 * All frames, one after the other, each with alpha.
 * @throws RenderFailed
 */
export async function* decodeFrames(source: Source, { frames, limits }: DecodeOptions): AsyncGenerator<Pixels> {
  const { width, height } = source.opened
  const frameBytes = width * height * FRAME_PIXEL_BYTES
  const batch = Math.max(1, Math.floor((limits.memoryBytes * BATCH_SHARE) / frameBytes))
  for (let page = 0; page < frames; page += batch) {
    const pages = Math.min(batch, frames - page)
    const roll = await decodeRoll(source.bytes, limits, { page, pages })
    assertSize(roll, { width, height: height * pages })
    const bytes = width * height * roll.channels
    for (let index = 0; index < pages; index += 1)
      yield { ...roll, height, data: roll.data.subarray(index * bytes, (index + 1) * bytes) }
  }
}

interface Pages {
  readonly page: number
  readonly pages: number
}

async function decodeRoll(bytes: Buffer, limits: RenderLimits, pages: Pages): Promise<Pixels> {
  try {
    return await withAlpha(await toPixels(reading(bytes, limits, pages)))
  } catch (cause) {
    throw decodingFailed(cause)
  }
}

function reading(bytes: Buffer, limits: RenderLimits, pages: Pages): Sharp {
  // What is cut off is refused. What decoders only warn of, a browser would show, too.
  return sharp(bytes, { failOn: 'error', limitInputPixels: limits.pixels, ...pages })
}

/** sharp itself does these three in this order. */
function withHead(pipeline: Sharp, steps: readonly RenderStep[]): { pipeline: Sharp; taken: number } {
  const rest = [...steps]
  if (rest[0]?.step === 'orient') {
    rest.shift()
    pipeline.autoOrient()
  }
  if (rest[0]?.step === 'cut') {
    const { left, top, size } = rest[0]
    rest.shift()
    pipeline.extract({ left, top, width: size.width, height: size.height })
  }
  if (rest[0]?.step === 'scale') {
    const { to } = rest[0]
    rest.shift()
    // The decoder's own shrinking is coarse: it leaves at least a factor of two to the kernel.
    pipeline.resize(to.width, to.height, { fit: 'fill', kernel: 'lanczos3', fastShrinkOnLoad: false })
  }
  return { pipeline, taken: steps.length - rest.length }
}

/** Our own decoder does not pause, so that whoever watches the memory would see too late what it takes. */
function decodeBmp({ bytes, opened: { width, height } }: Source, { memoryBytes }: RenderLimits): Pixels {
  if (width * height * BMP_PIXEL_BYTES > memoryBytes)
    throw new RenderFailed('out-of-memory', 'The picture takes too much memory.')
  return readBmpPixels(bytes, readBmpHeader(bytes))
}
