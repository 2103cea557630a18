import sharp, { type Metadata } from 'sharp'
import { readBmpHeader } from '../formats/bmp-header.ts'
import { readExif } from '../formats/exif.ts'
import { assertGifComplete } from '../formats/gif-blocks.ts'
import { jpegQuality } from '../formats/jpeg-quality.ts'
import { sniff, sniffForeign } from '../formats/sniff.ts'
import type { PictureFormat, Size } from '../plan.ts'
import { type OpenedPicture, RenderFailed, type RenderLimits } from '../renderer.ts'
import { decodingFailed } from './failures.ts'

/** A picture that has been opened. */
export interface Source {
  readonly opened: OpenedPicture
  readonly bytes: Buffer
  /** As its container has it; a result carries it on. */
  readonly exif: Buffer | undefined
  readonly animation: Animation | undefined
}

export interface Animation {
  /** Of each frame. */
  readonly delaysMs: readonly number[]
  /** How often all frames are shown; 0 is for ever. */
  readonly loop: number
}

export interface ProbeOptions {
  readonly number: number
  readonly limits: RenderLimits
}

/** GIF's and WebP's pages are frames; TIFF's are pictures of their own, of which the first is the picture. */
const ANIMATED: readonly PictureFormat[] = ['gif', 'webp']
/** How long a frame is shown that does not say so. */
const DELAY_MS = 100

const NAMES: Readonly<Partial<Record<string, PictureFormat>>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  tiff: 'tiff',
  gif: 'gif',
}

/**
 * Looks at the header.
 * @throws RenderFailed
 */
export async function probe(bytes: Buffer, { number, limits }: ProbeOptions): Promise<Source> {
  const format = sniff(bytes)
  if (format === undefined) {
    const name = sniffForeign(bytes)
    if (name === undefined) throw new RenderFailed('not-a-picture', 'This is not a picture.')
    throw new RenderFailed('unsupported', `Pictures in ${name} are not processed.`)
  }
  const source = format === 'bmp' ? probeBmp(bytes, number) : await probeOther(bytes, { number, format })
  assertWithin(source.opened, limits)
  return source
}

function probeBmp(bytes: Buffer, number: number): Source {
  const { width, height, hasAlpha } = readBmpHeader(bytes)
  const rest = { frames: 1, orientation: 1, quality: undefined, exif: {} }
  const opened: OpenedPicture = { number, format: 'bmp', width, height, bytes: bytes.length, hasAlpha, ...rest }
  return { opened, bytes, exif: undefined, animation: undefined }
}

interface Kind {
  readonly number: number
  readonly format: PictureFormat
}

async function probeOther(bytes: Buffer, { number, format }: Kind): Promise<Source> {
  if (format === 'gif') assertGifComplete(bytes)
  const metadata = await metadataOf(bytes)
  if (NAMES[metadata.format] !== format) throw new RenderFailed('damaged', `The picture is no sound ${format}.`)
  const frames = ANIMATED.includes(format) ? (metadata.pages ?? 1) : 1
  const exif = format === 'tiff' ? bytes : metadata.exif
  const opened: OpenedPicture = {
    number,
    format,
    width: metadata.width,
    height: metadata.height,
    bytes: bytes.length,
    frames,
    orientation: metadata.orientation ?? 1,
    hasAlpha: metadata.hasAlpha,
    quality: format === 'jpg' ? jpegQuality(bytes) : undefined,
    exif: exif === undefined ? {} : readExif(exif),
  }
  const animation = frames > 1 ? animationOf(metadata, frames) : undefined
  return { opened, bytes, exif: metadata.exif, animation }
}

async function metadataOf(bytes: Buffer): Promise<Metadata> {
  try {
    // How large it is, the caller judges: this reads no pixels.
    return await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata()
  } catch (cause) {
    throw decodingFailed(cause)
  }
}

function animationOf({ delay, loop }: Metadata, frames: number): Animation {
  return { delaysMs: Array.from({ length: frames }, (_, index) => delay?.[index] ?? DELAY_MS), loop: loop ?? 0 }
}

function assertWithin({ width, height, frames }: Size & { readonly frames: number }, limits: RenderLimits): void {
  if (width > limits.sidePx || height > limits.sidePx) {
    const side = `a side may have ${limits.sidePx}`
    throw new RenderFailed('too-large', `The picture has ${width} × ${height} pixels; ${side}.`)
  }
  if (width * height * frames > limits.pixels) {
    const times = frames > 1 ? ` × ${frames} frames` : ''
    const all = `it may have ${limits.pixels} altogether`
    throw new RenderFailed('too-large', `The picture has ${width} × ${height} pixels${times}; ${all}.`)
  }
}
