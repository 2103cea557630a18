import type { Size } from '../plan.ts'
import type { Glyph } from './font.ts'

/** Where a point of a glyph or of a line comes to lie: x' = a·x + c·y + e, y' = b·x + d·y + f, as in SVG. */
export interface Matrix {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  readonly e: number
  readonly f: number
}

/** y points down. */
export interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Of a pixel: a fifth of what the rasterizer tells apart, and far more than processors may disagree about. */
const DECIMALS = 1_000
/** In pixels: what arithmetic may leave above a whole number. */
const TOLERANCE = 1e-6

const LETTERS = { moveTo: 'M', lineTo: 'L', quadraticCurveTo: 'Q', bezierCurveTo: 'C', closePath: 'Z' } as const

/** SVG path data. */
export function pathOf({ commands }: Glyph, matrix: Matrix): string {
  return commands
    .map(({ command, args }) => LETTERS[command] + transformed(args, matrix).map(rounded).join(' '))
    .join('')
}

/** Of the control points, which lie around the curves. */
export function boundsOf({ commands }: Glyph, matrix: Matrix): Bounds | undefined {
  const points = commands.flatMap(({ args }) => transformed(args, matrix))
  if (points.length === 0) return undefined
  const xs = points.filter((_, index) => index % 2 === 0)
  const ys = points.filter((_, index) => index % 2 === 1)
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }
}

export function union(one: Bounds, other: Bounds | undefined): Bounds {
  if (other === undefined) return one
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  }
}

/** The smallest bounds of whole pixels around these, at least one pixel each way. */
export function toPixels({ left, top, right, bottom }: Bounds): Bounds {
  const [x, y] = [Math.floor(left + TOLERANCE), Math.floor(top + TOLERANCE)]
  return {
    left: x,
    top: y,
    right: Math.max(x + 1, Math.ceil(right - TOLERANCE)),
    bottom: Math.max(y + 1, Math.ceil(bottom - TOLERANCE)),
  }
}

/**
 * The turn that brings bounds clockwise around their middle into the middle of the picture around them, and that
 * picture's size.
 */
export function turn({ left, top, right, bottom }: Bounds, degrees: number): { matrix: Matrix; size: Size } {
  const [cos, sin] = cosineAndSine(degrees)
  const [width, height] = [right - left, bottom - top]
  const size = {
    width: Math.ceil(Math.abs(width * cos) + Math.abs(height * sin) - TOLERANCE),
    height: Math.ceil(Math.abs(width * sin) + Math.abs(height * cos) - TOLERANCE),
  }
  const [x, y] = [(left + right) / 2, (top + bottom) / 2]
  const e = size.width / 2 - (cos * x - sin * y)
  const f = size.height / 2 - (sin * x + cos * y)
  return { matrix: { a: cos, b: sin, c: -sin, d: cos, e, f }, size }
}

/** Exact for right angles, whose pixels are to stay as they are. */
function cosineAndSine(degrees: number): [cos: number, sin: number] {
  const angle = (((degrees % 360) + 360) % 360) / 90
  if (Number.isInteger(angle))
    return [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ][angle] as [number, number]
  return [Math.cos((angle * Math.PI) / 2), Math.sin((angle * Math.PI) / 2)]
}

/** First `inner`, then `outer`. */
export function chain(outer: Matrix, inner: Matrix): Matrix {
  return {
    a: outer.a * inner.a + outer.c * inner.b,
    b: outer.b * inner.a + outer.d * inner.b,
    c: outer.a * inner.c + outer.c * inner.d,
    d: outer.b * inner.c + outer.d * inner.d,
    e: outer.a * inner.e + outer.c * inner.f + outer.e,
    f: outer.b * inner.e + outer.d * inner.f + outer.f,
  }
}

function transformed(args: readonly number[], { a, b, c, d, e, f }: Matrix): number[] {
  const points: number[] = []
  for (let index = 0; index < args.length; index += 2) {
    const [x = 0, y = 0] = [args[index], args[index + 1]]
    points.push(a * x + c * y + e, b * x + d * y + f)
  }
  return points
}

function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS
}
