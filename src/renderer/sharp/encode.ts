import type { Sharp } from 'sharp'
import sharp from 'sharp'
import { RESULT_BYTES_MAX } from '../calls.ts'
import { bmpBytes, writeBmp } from '../formats/bmp-write.ts'
import type { Output, PictureFormat } from '../plan.ts'
import { RenderFailed } from '../renderer.ts'
import { from, type Pixels, withoutAlpha } from './pixels.ts'
import type { Animation } from './probe.ts'

/**
 * What the encoders take on a side: of JPEG, WebP and GIF it is the format's; the others have more than is rendered.
 */
const SIDE_MAX: Readonly<Partial<Record<PictureFormat, number>>> = { jpg: 65_500, webp: 16_383, gif: 65_535 }

/**
 * What looks like the original at half of its bytes; above it colours are no longer halved. mozjpeg would save a tenth
 * of them for four times the time.
 */
const JPG_QUALITY = 85
const JPG_FULL_COLOUR_QUALITY = 90
const WEBP_QUALITY = 82
/** zlib's own default: 9 takes three times as long for a hundredth of the bytes. */
const PNG_LEVEL = 6

export interface Frames {
  /** Equally large, one below the other. */
  readonly roll: Pixels
  /** Undefined when there is one frame. */
  readonly animation: Animation | undefined
}

/** @throws RenderFailed `too-large` */
export async function encode({ roll, animation }: Frames, output: Output): Promise<Buffer> {
  const height = roll.height / (animation?.delaysMs.length ?? 1)
  const sideMax = SIDE_MAX[output.format]
  if (sideMax !== undefined && Math.max(roll.width, height) > sideMax)
    throw new RenderFailed('too-large', `A side of a ${output.format} has at most ${sideMax} pixels.`)
  const bytes = await ENCODERS[output.format](roll, output, animation)
  if (bytes.length > RESULT_BYTES_MAX) throw resultTooLarge(bytes.length)
  return bytes
}

type Encoder = (pixels: Pixels, output: Output, animation: Animation | undefined) => Promise<Buffer>

const ENCODERS: Readonly<Record<PictureFormat, Encoder>> = {
  jpg: async (pixels, { quality = JPG_QUALITY, interlaced }) => {
    const chromaSubsampling = quality >= JPG_FULL_COLOUR_QUALITY ? '4:4:4' : '4:2:0'
    const opaque = from(await withoutAlpha(pixels))
    return await opaque.jpeg({ quality, chromaSubsampling, progressive: interlaced }).toBuffer()
  },
  png: async (pixels, { interlaced }) =>
    await from(pixels).png({ compressionLevel: PNG_LEVEL, progressive: interlaced }).toBuffer(),
  webp: async (pixels, { quality = WEBP_QUALITY }, animation) =>
    await frames(pixels, animation)
      .webp({ quality, ...playing(animation) })
      .toBuffer(),
  gif: async (pixels, { interlaced }, animation) =>
    await frames(pixels, animation)
      .gif({ progressive: interlaced, ...playing(animation) })
      .toBuffer(),
  tiff: async (pixels, { quality }) => {
    // JPEG within TIFF knows no alpha. Without a quality nothing is lost.
    if (quality === undefined || pixels.channels === 4)
      return await from(pixels).tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer()
    return await from(pixels).tiff({ compression: 'jpeg', quality }).toBuffer()
  },
  bmp: async (pixels) => {
    const bytes = bmpBytes(pixels)
    if (bytes > RESULT_BYTES_MAX) throw resultTooLarge(bytes)
    return writeBmp(pixels)
  },
}

function frames(roll: Pixels, animation: Animation | undefined): Sharp {
  if (animation === undefined) return from(roll)
  const { width, height, channels } = roll
  const pageHeight = height / animation.delaysMs.length
  return sharp(roll.data, { limitInputPixels: false, raw: { width, height, channels, pageHeight } })
}

function playing(animation: Animation | undefined): { readonly loop?: number; readonly delay?: number[] } {
  return animation === undefined ? {} : { loop: animation.loop, delay: [...animation.delaysMs] }
}

function resultTooLarge(bytes: number): RenderFailed {
  return new RenderFailed('too-large', `The result would have ${bytes} bytes; it may have ${RESULT_BYTES_MAX}.`)
}
