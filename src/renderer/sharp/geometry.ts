import assert from 'node:assert/strict'
import type { Color, Size, StepOf } from '../plan.ts'
import { assertSize, from, type Pixels, toPixels } from './pixels.ts'

type RGBA = { readonly r: number; readonly g: number; readonly b: number; readonly alpha: number }

const CLEAR: RGBA = { r: 0, g: 0, b: 0, alpha: 0 }

/** EXIF's eight: clockwise, after it was mirrored from left to right or not. */
const ORIENTATIONS: readonly (readonly [mirrored: boolean, degrees: number])[] = [
  [false, 0],
  [true, 0],
  [false, 180],
  [true, 180],
  [true, 270],
  [false, 90],
  [true, 90],
  [false, 270],
]

export async function orient(pixels: Pixels, orientation: number): Promise<Pixels> {
  const [mirrored, degrees] = ORIENTATIONS[orientation - 1] ?? [false, 0]
  const flopped = mirrored ? await toPixels(from(pixels).flop()) : pixels
  return degrees === 0 ? flopped : await toPixels(from(flopped).rotate(degrees))
}

export async function scale(pixels: Pixels, { to }: StepOf<'scale'>): Promise<Pixels> {
  if (pixels.width === to.width && pixels.height === to.height) return pixels
  return await toPixels(from(pixels).resize(to.width, to.height, { fit: 'fill', kernel: 'lanczos3' }))
}

export async function cut(pixels: Pixels, { left, top, size }: Omit<StepOf<'cut'>, 'step'>): Promise<Pixels> {
  assert(left >= 0 && top >= 0, 'what is cut out lies within')
  return await toPixels(from(pixels).extract({ left, top, width: size.width, height: size.height }))
}

export async function pad(pixels: Pixels, { to, color }: StepOf<'pad'>): Promise<Pixels> {
  const background = opaque(color)
  return await toPixels(from(pixels).extend({ ...margins(pixels, to), background }))
}

/**
 * The middle stays the middle. libvips makes its result as large as the turned rectangle, rounded, and begins it where
 * that begins, rounded: the offset given to it makes good for what rounding has moved.
 */
export async function turn(pixels: Pixels, { degrees, to, color }: StepOf<'turn'>): Promise<Pixels> {
  if (degrees % 90 === 0) return await toPixels(from(pixels).rotate(degrees))
  const radians = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const { width, height } = pixels
  const across = axis([0, cos * width, -sin * height], to.width)
  const down = axis([0, sin * width, cos * height], to.height)
  const middle = { x: (width - 1) / 2, y: (height - 1) / 2 }
  const background = color === undefined ? CLEAR : opaque(color)
  const matrix: [[number, number], [number, number]] = [
    [cos, -sin],
    [sin, cos],
  ]
  const turned = await toPixels(
    from(pixels).affine(matrix, {
      background,
      interpolator: 'bicubic',
      odx: across.middle - (cos * middle.x - sin * middle.y),
      ody: down.middle - (sin * middle.x + cos * middle.y),
    }),
  )
  assertSize(turned, { width: across.length, height: down.length })
  return await fitted(turned, to, background)
}

/** How long libvips makes a side, and where the middle of a side of `to` lies in its coordinates. */
function axis(
  [first, second, third]: readonly [number, number, number],
  to: number,
): { length: number; middle: number } {
  const ends = [first, second, third, second + third]
  const begin = Math.min(...ends)
  const length = Math.round(Math.max(...ends) - begin)
  return { length, middle: (to - 1) / 2 - Math.floor((to - length) / 2) + Math.round(begin) }
}

/** What is larger is cut all around, and what is smaller gets a margin. */
async function fitted(pixels: Pixels, to: Size, background: RGBA): Promise<Pixels> {
  const size = { width: Math.min(pixels.width, to.width), height: Math.min(pixels.height, to.height) }
  const left = -Math.floor(Math.min(0, to.width - pixels.width) / 2)
  const top = -Math.floor(Math.min(0, to.height - pixels.height) / 2)
  const isWhole = size.width === pixels.width && size.height === pixels.height
  const inner = isWhole ? pixels : await cut(pixels, { left, top, size })
  if (size.width === to.width && size.height === to.height) return inner
  return await toPixels(from(inner).extend({ ...margins(inner, to), background }))
}

/** An odd pixel goes to the right and the bottom. */
function margins(pixels: Size, to: Size): { left: number; right: number; top: number; bottom: number } {
  const left = Math.floor((to.width - pixels.width) / 2)
  const top = Math.floor((to.height - pixels.height) / 2)
  assert(left >= 0 && top >= 0, 'a picture is padded to something larger')
  return { left, right: to.width - pixels.width - left, top, bottom: to.height - pixels.height - top }
}

function opaque({ red, green, blue }: Color): RGBA {
  return { r: red, g: green, b: blue, alpha: 1 }
}
