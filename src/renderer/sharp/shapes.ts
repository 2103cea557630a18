import type { Size, StepOf } from '../plan.ts'
import { from, type Pixels, toPixels } from './pixels.ts'

export async function circle(pixels: Pixels, { radius }: StepOf<'circle'>): Promise<Pixels> {
  const { width, height } = pixels
  return await masked(pixels, `<circle cx="${width / 2}" cy="${height / 2}" r="${radius}"/>`)
}

export async function roundCorners(pixels: Pixels, { radius }: StepOf<'round-corners'>): Promise<Pixels> {
  const { width, height } = pixels
  const round = Math.min(radius, width / 2, height / 2)
  return await masked(pixels, `<rect width="${width}" height="${height}" rx="${round}" ry="${round}"/>`)
}

/** Only what lies under the shape stays, with a soft edge. */
async function masked(pixels: Pixels, shape: string): Promise<Pixels> {
  return await toPixels(from(pixels).composite([{ input: drawing(pixels, shape), blend: 'dest-in' }]))
}

/** An SVG of our own making. */
export function drawing({ width, height }: Size, content: string): Buffer {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${content}</svg>`)
}
