// What each operator makes of a picture of a known size. Sizes are whole pixels; half a pixel is rounded up, as OSS
// says of its proportional modes.

import { s3Error } from '../../errors.ts'
import type { Color, RenderStep, Size } from '../../renderer/plan.ts'
import type { ImageOperator } from './directive.ts'
import { PERCENT_PIXELS_MAX, PERCENT_SIDE_PX_MAX, RESIZED_SIDE_PX_MAX, TURNED_SIDE_PX_MAX } from './limits.ts'

export type OperatorOf<Name extends ImageOperator['operator']> = Extract<ImageOperator, { readonly operator: Name }>

/** The sizes that a picture has on its way; the last one is the result's. None: it stays as it is. */
export interface Change {
  readonly steps: readonly RenderStep[]
  readonly sizes: readonly Size[]
}

export const NO_CHANGE: Change = { steps: [], sizes: [] }

/** `resize` by width and height or by percentage. @throws S3Error InvalidArgument for a result that is too large */
export function resize(one: OperatorOf<'resize'>, from: Size): Change {
  const to = one.percent === undefined ? resizedBySides(one, from) : resizedByPercent(one.percent, from)
  const result = to.sizes.at(-1)
  if (result === undefined) return NO_CHANGE
  // SDK manual 4.1: what would be larger than the original is the original. A side that is longer is enough.
  if (one.limit && (result.width > from.width || result.height > from.height)) return NO_CHANGE
  refuseLarge(result, one.percent !== undefined)
  return to
}

function resizedByPercent(percent: number, from: Size): Change {
  const part = (side: number) => Math.max(1, Math.round((side * percent) / 100))
  return scaled(from, { width: part(from.width), height: part(from.height) })
}

function resizedBySides({ width, height, mode, color }: OperatorOf<'resize'>, from: Size): Change {
  if (mode === 'lfit' || mode === 'mfit') return scaled(from, proportional({ width, height }, from, mode))
  // OSS: where these modes are given one side, it is the other one, too.
  const box = { width: width ?? height ?? from.width, height: height ?? width ?? from.height }
  if (mode === 'fixed') return scaled(from, box)
  if (mode === 'pad') return padded(scaled(from, proportional(box, from, 'lfit')), { from, to: box, color })
  const cover = proportional(box, from, 'mfit')
  const left = Math.floor((cover.width - box.width) / 2)
  const top = Math.floor((cover.height - box.height) / 2)
  const cutting = cut({ left, top, size: box }, cover)
  const scaling = scaled(from, cover)
  return { steps: [...scaling.steps, ...cutting.steps], sizes: [...scaling.sizes, ...cutting.sizes] }
}

/**
 * The largest size within the box, or the smallest one around it, of the picture's proportions; a side of the box that
 * is not given asks nothing.
 */
function proportional(
  box: { readonly width: number | undefined; readonly height: number | undefined },
  from: Size,
  mode: 'lfit' | 'mfit',
): Size {
  const { width = Number.NaN, height = Number.NaN } = box
  const wide = { width, height: Math.max(1, Math.round((from.height * width) / from.width)) }
  const high = { width: Math.max(1, Math.round((from.width * height) / from.height)), height }
  if (box.height === undefined) return wide
  if (box.width === undefined) return high
  // Compared without division, so that equal proportions are equal.
  const isWideSmaller = width * from.height <= height * from.width
  return isWideSmaller === (mode === 'lfit') ? wide : high
}

function scaled(from: Size, to: Size): Change {
  return isSame(from, to) ? NO_CHANGE : { steps: [{ step: 'scale', to }], sizes: [to] }
}

function padded(inner: Change, { from, to, color }: { from: Size; to: Size; color: Color }): Change {
  if (isSame(inner.sizes.at(-1) ?? from, to)) return inner
  return { steps: [...inner.steps, { step: 'pad', to, color }], sizes: [...inner.sizes, to] }
}

function refuseLarge({ width, height }: Size, byPercent: boolean): void {
  const sideMax = byPercent ? PERCENT_SIDE_PX_MAX : RESIZED_SIDE_PX_MAX
  const isLarge = Math.max(width, height) > sideMax || (byPercent && width * height > PERCENT_PIXELS_MAX)
  if (!isLarge) return
  const pixels = byPercent ? `, and ${PERCENT_PIXELS_MAX} in all` : ''
  throw refused(
    'resize',
    `the result of ${width}x${height} is too large: a side has at most ${sideMax} pixels${pixels}`,
  )
}

/**
 * `crop`. A box of this size stands at one of the nine places of the picture (OSS's table: at `se` its upper left
 * corner is (W - w, H - h)); from there it is moved right by x and down by y, and ends at the picture's edge.
 * @throws S3Error InvalidArgument where it begins outside of the picture
 */
export function crop({ width, height, x, y, gravity }: OperatorOf<'crop'>, from: Size): Change {
  const box = {
    width: Math.min(width ?? from.width, from.width),
    height: Math.min(height ?? from.height, from.height),
  }
  const place = NINE_PLACES[gravity]
  const left = Math.floor((from.width - box.width) * place.x) + x
  const top = Math.floor((from.height - box.height) * place.y) + y
  if (left >= from.width || top >= from.height) {
    throw refused('crop', `it begins at (${left}, ${top}), outside of the picture of ${from.width}x${from.height}`)
  }
  const size = { width: Math.min(box.width, from.width - left), height: Math.min(box.height, from.height - top) }
  return cut({ left, top, size }, from)
}

/** Which part of the room that is left is before the box. */
const NINE_PLACES = {
  nw: { x: 0, y: 0 },
  north: { x: 0.5, y: 0 },
  ne: { x: 1, y: 0 },
  west: { x: 0, y: 0.5 },
  center: { x: 0.5, y: 0.5 },
  east: { x: 1, y: 0.5 },
  sw: { x: 0, y: 1 },
  south: { x: 0.5, y: 1 },
  se: { x: 1, y: 1 },
} as const satisfies Record<OperatorOf<'crop'>['gravity'], { x: number; y: number }>

/** `indexcrop`: the slice of this index; the last one may be narrower. Without it the picture is whole (OSS). */
export function indexcrop({ axis, length, index }: OperatorOf<'indexcrop'>, from: Size): Change {
  const side = axis === 'x' ? from.width : from.height
  const start = length * index
  if (start >= side) return NO_CHANGE
  const part = Math.min(length, side - start)
  if (axis === 'x') return cut({ left: start, top: 0, size: { width: part, height: from.height } }, from)
  return cut({ left: 0, top: start, size: { width: from.width, height: part } }, from)
}

function cut({ left, top, size }: { left: number; top: number; size: Size }, from: Size): Change {
  return isSame(size, from) ? NO_CHANGE : { steps: [{ step: 'cut', left, top, size }], sizes: [size] }
}

/**
 * `rotate`: right angles are exact; for others it is the box around the turned picture, each side rounded to the
 * nearest pixel, as libvips does.
 * @param corners undefined: transparent
 * @throws S3Error InvalidArgument for a picture that is too large to be turned (ZOS 20703600)
 */
export function rotate({ degrees }: OperatorOf<'rotate'>, from: Size, corners: Color | undefined): Change {
  if (degrees % 360 === 0) return NO_CHANGE
  if (Math.max(from.width, from.height) > TURNED_SIDE_PX_MAX) {
    const problem = `the picture of ${from.width}x${from.height} is too large: a side has at most`
    throw refused('rotate', `${problem} ${TURNED_SIDE_PX_MAX} pixels`)
  }
  const to = turnedSize(degrees, from)
  return { steps: [{ step: 'turn', degrees, to, color: corners }], sizes: [to] }
}

function turnedSize(degrees: number, { width, height }: Size): Size {
  if (degrees % 180 === 0) return { width, height }
  if (degrees % 90 === 0) return { width: height, height: width }
  const angle = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))]
  return {
    width: Math.max(1, Math.round(width * cos + height * sin)),
    height: Math.max(1, Math.round(width * sin + height * cos)),
  }
}

/** `auto-orient` by EXIF's number, 1 to 8: from 5 on the sides change places. */
export function autoOrient(orientation: number, from: Size): Change {
  if (orientation === 1) return NO_CHANGE
  const to = orientation >= 5 ? { width: from.height, height: from.width } : from
  return { steps: [{ step: 'orient' }], sizes: [to] }
}

/**
 * `circle`: the square around the circle in the middle. As in OSS a circle of r has a diameter of 2r + 1 pixels, and
 * one that does not fit is the largest that does.
 */
export function circle({ radius }: OperatorOf<'circle'>, from: Size): Change {
  const fitting = Math.min(radius, Math.floor((Math.min(from.width, from.height) - 1) / 2))
  const side = 2 * fitting + 1
  const size = { width: side, height: side }
  const left = Math.floor((from.width - side) / 2)
  const top = Math.floor((from.height - side) / 2)
  const cutting = cut({ left, top, size }, from)
  return { steps: [...cutting.steps, { step: 'circle', radius: side / 2 }], sizes: [size] }
}

/** `rounded-corners`: at most half of the shorter side (OSS). */
export function roundCorners({ radius }: OperatorOf<'rounded-corners'>, { width, height }: Size): Change {
  const fitting = Math.min(radius, Math.floor(Math.min(width, height) / 2))
  return fitting === 0 ? NO_CHANGE : { steps: [{ step: 'round-corners', radius: fitting }], sizes: [] }
}

function isSame(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height
}

/** `message` names the operator; where it stands is known no more. */
export function refused(operator: ImageOperator['operator'], problem: string): Error {
  return s3Error('InvalidArgument', { ArgumentName: 'x-zos-process' }, { message: `${operator}: ${problem}` })
}
