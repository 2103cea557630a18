import { describe, expect, it } from 'vitest'
import type { RenderStep } from '../../../src/renderer/plan.ts'
import { Engine } from '../../../src/renderer/sharp/engine.ts'
import {
  distance,
  glass,
  gradient,
  LIMITS,
  paint,
  pixel,
  plain,
  png,
  rendered,
  sharpOf,
} from '../../support/rendering.ts'

const SIZE = { width: 32, height: 16 }

/** What becomes of one colour. */
async function colourAfter(step: RenderStep, ...colour: number[]): Promise<number[]> {
  return pixel(await rendered(await png(plain(SIZE, ...colour)), [step]), 5, 5)
}

describe('bright', () => {
  it.each([
    [0, [0, 100, 255]],
    [100, [255, 255, 255]],
    [-100, [0, 0, 0]],
    [50, [128, 178, 255]],
    [-50, [0, 50, 128]],
  ])('%i', async (amount, expected) => {
    expect(await colourAfter({ step: 'bright', amount }, 0, 100, 255)).toEqual(expected)
  })
})

describe('contrast', () => {
  it.each([
    [0, [0, 100, 255]],
    [100, [0, 0, 255]],
    [-100, [128, 128, 128]],
    // tan(67.5°) is 2.414: 127.5 - 27.5 · 2.414.
    [50, [0, 61, 255]],
    // tan(22.5°) is 0.414.
    [-50, [75, 116, 180]],
  ])('%i', async (amount, expected) => {
    expect(await colourAfter({ step: 'contrast', amount }, 0, 100, 255)).toEqual(expected)
  })

  it('and brightness leave transparency', async () => {
    expect(await colourAfter({ step: 'contrast', amount: 100 }, 0, 100, 255, 77)).toEqual([0, 0, 255, 77])
    expect(await colourAfter({ step: 'bright', amount: -100 }, 0, 100, 255, 77)).toEqual([0, 0, 0, 77])
    const window = glass(SIZE)
    expect(distance(await rendered(await png(window), [{ step: 'bright', amount: 0 }]), window)).toBe(0)
  })
})

/** Black on the left, white on the right. */
const edge = paint({ width: 120, height: 12 }, (x) => (x < 60 ? [40, 40, 40] : [200, 200, 200]))

describe('sharpen', () => {
  it('makes edges steeper, the more the higher, and leaves what is plain', async () => {
    const steps = [50, 100, 399].map((amount) => ({ step: 'sharpen', amount }) as const)
    const sharpened = await Promise.all(steps.map(async (step) => await rendered(await png(edge), [step])))
    const dark = sharpened.map((pixels) => pixel(pixels, 59, 5)[0]!)
    expect(dark).toEqual(dark.toSorted((one, other) => other - one))
    expect(dark[0]).toBeLessThan(40)
    expect(sharpened.map((pixels) => pixel(pixels, 10, 5))).toEqual(Array(3).fill([40, 40, 40]))
  })
})

describe('blur', () => {
  it.each([
    [1, 50],
    [3, 2],
    [10, 5],
    [50, 50],
  ])('of radius %i reaches so far and no further', async (radius, sigma) => {
    const blurred = await rendered(await png(edge), [{ step: 'blur', radius, sigma }])
    // Whole numbers cost a level.
    const isChanged = (x: number) => Math.abs(pixel(blurred, x, 5)[0]! - (x < 60 ? 40 : 200)) > 1
    const changed = Array.from({ length: 120 }, (_, x) => x).filter(isChanged)
    expect(changed[0]).toBeGreaterThanOrEqual(60 - radius)
    expect(changed.at(-1)).toBeLessThan(60 + radius)
    // A wide bell reaches to its end, where it is still high.
    if (sigma * 2 > radius) expect(changed[0]).toBeLessThanOrEqual(60 - Math.ceil(radius * 0.8))
  })

  it.each([
    [1, 50],
    [2, 50],
    [7, 3],
    [50, 20],
    [50, 50],
  ])('of radius %i and sigma %i leaves what is plain', async (radius, sigma) => {
    const step = { step: 'blur', radius, sigma } as const
    for (const colour of [
      [255, 128, 0],
      [255, 128, 0, 255],
      [255, 128, 0, 120],
    ]) {
      const pixels = plain(SIZE, ...colour)
      expect(distance(await rendered(await png(pixels), [step]), pixels)).toBeLessThanOrEqual(2)
    }
  })

  it('of a larger sigma is stronger', async () => {
    const [weak, strong] = await Promise.all(
      [1, 10].map(async (sigma) => await rendered(await png(edge), [{ step: 'blur', radius: 20, sigma }])),
    )
    expect(pixel(weak!, 55, 5)[0]).toBeLessThan(42)
    expect(pixel(strong!, 55, 5)[0]).toBeGreaterThan(60)
  })
})

describe('the average hue', () => {
  async function hueOf(bytes: Buffer) {
    const engine = new Engine(LIMITS)
    const { number } = await engine.open(bytes)
    return await engine.averageHue(number)
  }

  it('is the mean of all pixels', async () => {
    const halves = paint(SIZE, (x) => (x < 16 ? [10, 200, 0] : [30, 100, 255]))
    expect(await hueOf(await png(halves))).toEqual({ red: 20, green: 150, blue: 128 })
    // Half of what is seen is the white behind it.
    expect(await hueOf(await png(plain(SIZE, 0, 100, 255, 128)))).toEqual({ red: 127, green: 177, blue: 255 })
  })

  it('of a large picture is nearly so', async () => {
    const { red, green, blue } = await hueOf(
      await sharpOf(gradient({ width: 3000, height: 1500 }))
        .jpeg()
        .toBuffer(),
    )
    expect([red, green, blue].every((value) => Math.abs(value - 128) <= 2)).toBe(true)
  })
})
