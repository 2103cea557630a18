import assert from 'node:assert/strict'
import sharp, { type Sharp } from 'sharp'
import type { Size } from '../plan.ts'

/** A picture between steps: sRGB of 8 bits, alpha not premultiplied, rows from the top, nothing between them. */
export interface Pixels extends Size {
  readonly data: Buffer
  readonly channels: 3 | 4
}

/** A pipeline that begins with these pixels, which are our own: nobody has to doubt their size. */
export function from({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { limitInputPixels: false, raw: { width, height, channels } })
}

/** Ends a pipeline. */
export async function toPixels(pipeline: Sharp): Promise<Pixels> {
  const raw = pipeline.toColourspace('srgb').raw({ depth: 'uchar' })
  const { data, info } = await raw.toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  assert(channels === 3 || channels === 4, `pixels of ${channels} channels`)
  assert.equal(data.length, width * height * channels)
  return { data, width, height, channels }
}

export async function withAlpha(pixels: Pixels): Promise<Pixels> {
  return pixels.channels === 4 ? pixels : await toPixels(from(pixels).ensureAlpha())
}

/** On white, where there is something to be seen through. */
export async function withoutAlpha(pixels: Pixels): Promise<Pixels> {
  return pixels.channels === 3 ? pixels : await toPixels(from(pixels).flatten({ background: '#ffffff' }))
}

export function assertSize({ width, height }: Size, to: Size): void {
  assert.deepEqual({ width, height }, { width: to.width, height: to.height }, 'a step gives what its plan says')
}
