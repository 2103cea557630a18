import sharp from 'sharp'
import type { Gravity, Place, Size, TextOverlay } from '../plan.ts'
import { type Area, svgOf, type Typesetter } from '../text/typesetter.ts'
import { cut } from './geometry.ts'
import { from, type Pixels, toPixels, withAlpha } from './pixels.ts'

/** What is laid over a picture, as far as it is seen. */
export interface Stamp {
  readonly size: Size
  show(area: Area): Promise<Pixels>
}

export function pictureStamp(pixels: Pixels): Stamp {
  return { size: pixels, show: async ({ left, top, ...size }) => await cut(pixels, { left, top, size }) }
}

/** @throws RenderFailed `too-large` */
export function textStamp(text: TextOverlay, typesetter: Typesetter): Stamp {
  const laid = typesetter.layOut(text)
  return {
    size: laid.size,
    show: async (area) => await toPixels(sharp(Buffer.from(svgOf(laid, area)), { limitInputPixels: false })),
  }
}

export interface LayOptions {
  readonly place: Place
  /** Percent. */
  readonly opacity: number
}

export async function lay(pixels: Pixels, stamp: Stamp, { place, opacity }: LayOptions): Promise<Pixels> {
  const at = placed(pixels, stamp.size, place)
  const left = Math.max(0, at.left)
  const top = Math.max(0, at.top)
  const width = Math.min(pixels.width, at.left + stamp.size.width) - left
  const height = Math.min(pixels.height, at.top + stamp.size.height) - top
  if (width <= 0 || height <= 0) return pixels
  const seen = await stamp.show({ left: left - at.left, top: top - at.top, width, height })
  const { data, channels } = await faded(seen, opacity)
  const over = from(pixels).composite([{ input: data, raw: { width, height, channels }, left, top }])
  // What nothing shines through stays so.
  return await toPixels(pixels.channels === 3 ? over.removeAlpha() : over)
}

async function faded(pixels: Pixels, opacity: number): Promise<Pixels> {
  if (opacity === 100) return pixels
  const share = opacity / 100
  return await toPixels(from(await withAlpha(pixels)).linear([1, 1, 1, share], [0, 0, 0, 0.5]))
}

const ACROSS: Readonly<Record<Gravity, number>> = {
  nw: 0,
  west: 0,
  sw: 0,
  north: 0.5,
  center: 0.5,
  south: 0.5,
  ne: 1,
  east: 1,
  se: 1,
}

const DOWN: Readonly<Record<Gravity, number>> = {
  nw: 0,
  north: 0,
  ne: 0,
  west: 0.5,
  center: 0.5,
  east: 0.5,
  sw: 1,
  south: 1,
  se: 1,
}

/** The distance is from the edge of the place, so that in the middle it moves to the right and down. */
function placed(ground: Size, size: Size, { gravity, x, y }: Place): { readonly left: number; readonly top: number } {
  const along = (room: number, share: number, distance: number): number =>
    Math.floor(room * share) + (share === 1 ? -distance : distance)
  return {
    left: along(ground.width - size.width, ACROSS[gravity], x),
    top: along(ground.height - size.height, DOWN[gravity], y),
  }
}
