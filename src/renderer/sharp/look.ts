import type { Color, StepOf } from '../plan.ts'
import { from, type Pixels, toPixels, withoutAlpha } from './pixels.ts'

/** Nearer to white or to black by so many percent of the way: 100 is white, -100 black, and nothing is clipped. */
export async function bright(pixels: Pixels, { amount }: StepOf<'bright'>): Promise<Pixels> {
  const share = Math.abs(amount) / 100
  return await linear(pixels, 1 - share, amount > 0 ? 255 * share : 0)
}

/** Steeper around the middle grey: -100 leaves nothing but it, 100 only the corners of the colours. */
export async function contrast(pixels: Pixels, { amount }: StepOf<'contrast'>): Promise<Pixels> {
  const slope = Math.min(255, Math.tan((1 + amount / 100) * (Math.PI / 4)))
  return await linear(pixels, slope, 127.5 * (1 - slope))
}

/** 100 is what libvips thinks good for a screen: edges get twice what smooth places get. */
export async function sharpen(pixels: Pixels, { amount }: StepOf<'sharpen'>): Promise<Pixels> {
  const strength = amount / 100
  return await toPixels(from(pixels).sharpen({ sigma: 1, m1: strength, m2: 2 * strength }))
}

/**
 * libvips ends the bell where it falls below a share of its height: here between the radius and the next pixel. It
 * counts in whole numbers, as floating point takes up to fifty times as long, and so makes all a little lighter or
 * darker; that is made good for, on the side where nothing is clipped.
 */
export async function blur(pixels: Pixels, { radius, sigma }: StepOf<'blur'>): Promise<Pixels> {
  const atEnd = Math.exp(-((radius + 0.5) ** 2) / (2 * sigma ** 2))
  const bell = { sigma, minAmplitude: Math.min(1, Math.max(BELL_SHARE_MIN, atEnd)) }
  const gain = await gainOf(bell)
  const before = gain > 1 ? await weighed(pixels, 1 / gain) : pixels
  const blurred = await toPixels(from(before).blur(bell))
  return gain < 1 ? await weighed(blurred, 1 / gain) : blurred
}

/** sharp takes no less: a radius of 3.7 sigma, beyond which a bell is invisible anyway. */
const BELL_SHARE_MIN = 0.001
/** Light, but not so light that it could be clipped. */
const PROBE: Pixels = { width: 1, height: 1, channels: 3, data: Buffer.from([200, 220, 240]) }

/** What a bell makes of a plain colour. */
async function gainOf(bell: { readonly sigma: number; readonly minAmplitude: number }): Promise<number> {
  const { data } = await toPixels(from(PROBE).blur(bell))
  return sumOf(data) / sumOf(PROBE.data)
}

function sumOf(data: Buffer): number {
  return data.reduce((sum, value) => sum + value, 0)
}

/** Colours are blurred by the weight of their alpha, so that it bears the gain of all where there is one. */
async function weighed(pixels: Pixels, factor: number): Promise<Pixels> {
  if (pixels.channels === 3) return await linear(pixels, factor, 0)
  return await toPixels(from(pixels).linear([1, 1, 1, factor], [0, 0, 0, 0.5]))
}

/** The mean of all pixels, as seen on white. */
export async function meanOf(pixels: Pixels): Promise<Color> {
  const { channels } = await from(await withoutAlpha(pixels)).stats()
  const [red = 0, green = 0, blue = 0] = channels.map(({ mean }) => Math.round(mean))
  return { red, green, blue }
}

/** Of colours; alpha stays. libvips cuts off what is behind the point, so a half is added. */
async function linear(pixels: Pixels, slope: number, offset: number): Promise<Pixels> {
  const at = offset + 0.5
  const [slopes, offsets] = [Array(3).fill(slope), Array(3).fill(at)]
  if (pixels.channels === 4) {
    slopes.push(1)
    offsets.push(0)
  }
  return await toPixels(from(pixels).linear(slopes, offsets))
}
