import { describe, expect, it } from 'vitest'
import type { Gravity, RenderStep } from '../../../src/renderer/plan.ts'
import { distance, gradient, paint, pixel, plain, png, rendered } from '../../support/rendering.ts'

const GROUND = { width: 50, height: 40 }
const STAMP = { width: 11, height: 7 }
const ground = await png(plain(GROUND, 0, 0, 0))
const stamp = await png(plain(STAMP, 255, 255, 255))

interface Laid {
  readonly gravity?: Gravity
  readonly x?: number
  readonly y?: number
  readonly opacity?: number
  readonly steps?: readonly RenderStep[]
}

function lay({ gravity = 'nw', x = 0, y = 0, opacity = 100, steps = [] }: Laid): RenderStep {
  return { step: 'overlay', overlay: { kind: 'picture', picture: 1, steps }, place: { gravity, x, y }, opacity }
}

/** The box of what is not black: left, top, width, height. */
async function boxOf(laid: Laid): Promise<number[] | undefined> {
  const pixels = await rendered([ground, stamp], [lay(laid)])
  expect(pixels).toMatchObject({ ...GROUND, channels: 3 })
  const lit = Array.from({ length: 50 * 40 }, (_, at) => [at % 50, Math.floor(at / 50)] as const).filter(
    ([x, y]) => pixel(pixels, x, y)[0]! > 127,
  )
  if (lit.length === 0) return undefined
  const [xs, ys] = [lit.map(([x]) => x), lit.map(([, y]) => y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1]
}

describe('an overlay', () => {
  it.each<[Gravity, number, number]>([
    ['nw', 3, 2],
    ['north', 19, 2],
    ['ne', 36, 2],
    ['west', 3, 16],
    ['center', 19, 16],
    ['east', 36, 16],
    ['sw', 3, 31],
    ['south', 19, 31],
    ['se', 36, 31],
  ])('at %s is so far from the edges there', async (gravity, left, top) => {
    const isMiddle = ['north', 'center', 'south'].includes(gravity)
    const isHalfway = ['west', 'center', 'east'].includes(gravity)
    expect(await boxOf({ gravity, x: isMiddle ? 0 : 3, y: isHalfway ? 0 : 2 })).toEqual([left, top, 11, 7])
  })

  it('is cut off at the edges, and not seen beyond them', async () => {
    expect(await boxOf({ gravity: 'nw', x: 45, y: 36 })).toEqual([45, 36, 5, 4])
    expect(await boxOf({ gravity: 'se', x: 45, y: 36 })).toEqual([0, 0, 5, 4])
    expect(await boxOf({ gravity: 'nw', x: 50 })).toBeUndefined()
    expect(await boxOf({ gravity: 'se', y: 4096 })).toBeUndefined()
    const large = [{ step: 'scale', to: { width: 101, height: 81 } }] as const
    expect(await boxOf({ gravity: 'center', steps: large })).toEqual([0, 0, 50, 40])
  })

  it('covers what is below by its opacity', async () => {
    const shades = await Promise.all(
      [0, 1, 50, 100].map(async (opacity) => pixel(await rendered([ground, stamp], [lay({ opacity })]), 2, 2)[0]!),
    )
    expect(shades).toEqual([0, 3, 128, 255])
    // Its own transparency comes on top.
    const half = await png(plain(STAMP, 255, 255, 255, 128))
    expect(pixel(await rendered([ground, half], [lay({ opacity: 50 })]), 2, 2)).toEqual([64, 64, 64])
  })

  it('has steps of its own', async () => {
    const steps = [
      { step: 'scale', to: { width: 20, height: 10 } },
      { step: 'turn', degrees: 90, to: { width: 10, height: 20 }, color: undefined },
    ] as const
    expect(await boxOf({ gravity: 'se', steps })).toEqual([40, 20, 10, 20])
    const turned = [{ step: 'turn', degrees: 45, to: { width: 13, height: 13 }, color: undefined }] as const
    const pixels = await rendered([ground, stamp], [lay({ steps: turned })])
    expect([pixel(pixels, 0, 0), pixel(pixels, 6, 6)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ])
  })

  it('over glass leaves it glass', async () => {
    const glass = await png(plain(GROUND, 0, 0, 255, 100))
    const pixels = await rendered([glass, stamp], [lay({})])
    expect([pixel(pixels, 2, 2), pixel(pixels, 30, 30)]).toEqual([
      [255, 255, 255, 255],
      [0, 0, 255, 100],
    ])
  })
})

describe('a text', () => {
  const text = (at: Partial<{ gravity: Gravity; size: number; degrees: number; text: string }>): RenderStep => ({
    step: 'overlay',
    overlay: {
      kind: 'text',
      face: 'arial',
      text: at.text ?? 'HHHH',
      size: at.size ?? 20,
      color: { red: 255, green: 0, blue: 0 },
      degrees: at.degrees ?? 0,
    },
    place: { gravity: at.gravity ?? 'nw', x: 5, y: 5 },
    opacity: 100,
  })
  const paper = plain({ width: 120, height: 80 }, 255, 255, 255)
  const inked = async (step: RenderStep) => {
    const pixels = await rendered(await png(paper), [step])
    const all = Array.from({ length: 120 * 80 }, (_, at) => [at % 120, Math.floor(at / 120)] as const)
    const ink = all.filter(([x, y]) => pixel(pixels, x, y)[1]! < 128)
    return { left: ink.filter(([x]) => x < 60).length, right: ink.filter(([x]) => x >= 60).length, ink, pixels }
  }

  it('is drawn in its colour, at its place', async () => {
    const { left, right, ink, pixels } = await inked(text({}))
    expect(left).toBeGreaterThan(150)
    expect(right).toBeLessThan(left / 3)
    expect(ink.every(([x, y]) => pixel(pixels, x, y)[0]! > 250)).toBe(true)
    const lower = await inked(text({ gravity: 'se' }))
    expect(lower.right).toBeGreaterThan(lower.left)
    expect(lower.ink.length).toBeGreaterThan(150)
  })

  it('that is larger than the picture is cut off', async () => {
    const { ink } = await inked(text({ size: 90 }))
    expect(ink.filter(([x, y]) => x === 119 || y === 79)).not.toEqual([])
    const { ink: chinese } = await inked(text({ text: '天翼云', size: 30 }))
    expect(chinese.length).toBeGreaterThan(200)
    const { ink: turned } = await inked(text({ degrees: 90 }))
    expect(Math.max(...turned.map(([x]) => x))).toBeLessThan(35)
  })
})

describe('a circle', () => {
  it('is clear outside, and symmetric', async () => {
    for (const [width, height, radius] of [
      [40, 40, 20],
      [41, 41, 20.5],
      [60, 40, 20],
      [60, 40, 10],
    ] as const) {
      const pixels = await rendered(await png(gradient({ width, height })), [{ step: 'circle', radius }])
      expect(pixels).toMatchObject({ width, height, channels: 4 })
      const alpha = (x: number, y: number) => pixel(pixels, x, y)[3]!
      const [right, bottom] = [width - 1, height - 1]
      const mirrored = paint({ width, height }, (x, y) => [
        alpha(right - x, bottom - y),
        alpha(x, bottom - y),
        alpha(x, y),
      ])
      const upright = paint({ width, height }, (x, y) => [alpha(x, y), alpha(x, y), alpha(x, y)])
      // The soft edge is counted on a grid.
      expect(distance(mirrored, upright)).toBeLessThanOrEqual(16)
      expect([alpha(0, 0), alpha(width >> 1, height >> 1)]).toEqual([0, 255])
      // Just inside and just outside on the line through the middle.
      const edge = Math.floor(width / 2 - radius)
      expect(alpha(edge + 1, height >> 1)).toBe(255)
      if (edge > 0) expect(alpha(edge - 1, height >> 1)).toBe(0)
    }
  })

  it('keeps the colours, and becomes white where a format has no alpha', async () => {
    const bytes = await png(plain(GROUND, 9, 99, 199))
    const circle = { step: 'circle', radius: 20 } as const
    expect(pixel(await rendered(bytes, [circle]), 25, 20)).toEqual([9, 99, 199, 255])
    const bmp = await rendered(bytes, [circle], { format: 'jpg', quality: 100 })
    expect(pixel(bmp, 0, 0)).toEqual([255, 255, 255])
    const seen = await rendered(await png(plain(GROUND, 9, 99, 199, 100)), [circle])
    expect(pixel(seen, 25, 20)).toEqual([9, 99, 199, 100])
  })
})

describe('round corners', () => {
  it('are clear outside', async () => {
    const pixels = await rendered(ground, [{ step: 'round-corners', radius: 10 }])
    const corners = [0, 49].flatMap((x) => [0, 39].map((y) => pixel(pixels, x, y)[3]))
    expect(corners).toEqual([0, 0, 0, 0])
    expect([pixel(pixels, 10, 0)[3], pixel(pixels, 0, 10)[3], pixel(pixels, 3, 3)[3]]).toEqual([255, 255, 255])
    expect(pixel(pixels, 2, 2)[3]).toBeGreaterThan(0)
  })

  it('of half a side make a pill, and no more', async () => {
    const [half, more] = await Promise.all(
      [20, 4096].map(async (radius) => await rendered(ground, [{ step: 'round-corners', radius }])),
    )
    expect(distance(half!, more!)).toBe(0)
  })
})
