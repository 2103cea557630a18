import { describe, expect, it } from 'vitest'
import type { Color, RenderStep } from '../../../src/renderer/plan.ts'
import {
  decoded,
  distance,
  glass,
  gradient,
  paint,
  pixel,
  plain,
  png,
  render,
  rendered,
  sharpOf,
} from '../../support/rendering.ts'

const SIZE = { width: 60, height: 40 }
const WHITE = { red: 255, green: 255, blue: 255 }

/** A corner of each colour: red, green, blue and yellow from the upper left clockwise. */
const corners = paint(SIZE, (x, y) => {
  const [left, top] = [x < SIZE.width / 2, y < SIZE.height / 2]
  if (top) return left ? [255, 0, 0] : [0, 255, 0]
  return left ? [255, 255, 0] : [0, 0, 255]
})
const [RED, GREEN, BLUE, YELLOW] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
]

/** Clockwise from the upper left, and the size. */
async function cornersAfter(...steps: RenderStep[]) {
  const pixels = await rendered(await png(corners), steps)
  const { width, height } = pixels
  const places = [
    [1, 1],
    [width - 2, 1],
    [width - 2, height - 2],
    [1, height - 2],
  ] as const
  return { size: [width, height], corners: places.map(([x, y]) => pixel(pixels, x, y)) }
}

describe('orient', () => {
  const orientations: readonly (readonly [number, readonly unknown[], readonly number[]])[] = [
    [1, [RED, GREEN, BLUE, YELLOW], [60, 40]],
    [2, [GREEN, RED, YELLOW, BLUE], [60, 40]],
    [3, [BLUE, YELLOW, RED, GREEN], [60, 40]],
    [4, [YELLOW, BLUE, GREEN, RED], [60, 40]],
    [5, [RED, YELLOW, BLUE, GREEN], [40, 60]],
    [6, [YELLOW, RED, GREEN, BLUE], [40, 60]],
    [7, [BLUE, GREEN, RED, YELLOW], [40, 60]],
    [8, [GREEN, BLUE, YELLOW, RED], [40, 60]],
  ]

  it.each(orientations)('does what EXIF %i means, while it reads and later', async (orientation, expected, size) => {
    const jpg = await sharpOf(corners)
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer()
    const seen = async (...steps: RenderStep[]) => {
      const pixels = await rendered(jpg, steps)
      const { width, height } = pixels
      const inner = [
        [4, 4],
        [width - 5, 4],
        [width - 5, height - 5],
        [4, height - 5],
      ] as const
      return {
        size: [width, height],
        corners: inner.map(([x, y]) => pixel(pixels, x, y).map((value) => (value > 127 ? 255 : 0))),
      }
    }
    expect(await seen({ step: 'orient' })).toEqual({ size, corners: expected })
    // Behind another step it is not the decoder's.
    expect(await seen({ step: 'bright', amount: 0 }, { step: 'orient' })).toEqual({ size, corners: expected })
    // Twice is once.
    expect(await seen({ step: 'orient' }, { step: 'orient' })).toEqual({ size, corners: expected })
    // Nobody asked for it: the pixels stay as they are stored.
    expect((await seen()).size).toEqual([60, 40])
  })
})

describe('scale', () => {
  it.each([
    [30, 20],
    [120, 80],
    [7, 200],
    [1, 1],
    [61, 39],
  ])('gives exactly %i × %i', async (width, height) => {
    const to = { width, height }
    const { size, corners: colours } = await cornersAfter({ step: 'scale', to })
    expect(size).toEqual([width, height])
    if (width > 20 && height > 15) expect(colours).toEqual([RED, GREEN, BLUE, YELLOW])
    expect(
      await rendered(await png(gradient(SIZE)), [
        { step: 'bright', amount: 0 },
        { step: 'scale', to },
      ]),
    ).toMatchObject(to)
  })

  it('keeps a gradient one, and lets no colour of what is invisible shine through', async () => {
    const to = { width: 240, height: 160 }
    const scaled = await rendered(await png(gradient({ width: 960, height: 640 })), [{ step: 'scale', to }])
    expect(distance(scaled, gradient(to))).toBeLessThanOrEqual(2)
    // Green where nothing is seen, red where all is.
    const halves = paint({ width: 64, height: 16 }, (x) => (x < 32 ? [255, 0, 0, 255] : [0, 255, 0, 0]))
    const seam = await rendered(await png(halves), [{ step: 'scale', to: { width: 33, height: 8 } }])
    const green = Array.from({ length: 33 }, (_, x) => pixel(seam, x, 4)).filter(([, , , alpha]) => alpha! > 8)
    expect(Math.max(...green.map(([, g]) => g!))).toBeLessThan(16)
  })

  it('is done by the decoder of a large JPEG, and looks the same', async () => {
    const size = { width: 2000, height: 1500 }
    const jpg = await sharpOf(gradient(size)).jpeg({ quality: 95 }).toBuffer()
    const to = { width: 100, height: 75 }
    const scaled = await rendered(jpg, [{ step: 'scale', to }])
    expect(distance(scaled, gradient(to))).toBeLessThanOrEqual(6)
  })
})

describe('cut', () => {
  it('takes exactly these pixels, while it reads and later', async () => {
    const source = gradient(SIZE)
    const cut = { step: 'cut', left: 13, top: 7, size: { width: 20, height: 11 } } as const
    const expected = paint(cut.size, (x, y) => pixel(source, x + 13, y + 7))
    const bytes = await png(source)
    expect(distance(await rendered(bytes, [cut]), expected)).toBe(0)
    expect(distance(await rendered(bytes, [{ step: 'bright', amount: 0 }, cut]), expected)).toBe(0)
    // Cutting is first, then scaling.
    const scaled = await rendered(bytes, [cut, { step: 'scale', to: { width: 40, height: 22 } }])
    expect(pixel(scaled, 0, 0)).toEqual(pixel(expected, 0, 0))
    // Scaling is first, then cutting.
    const doubled = await rendered(bytes, [
      { step: 'scale', to: { width: 120, height: 80 } },
      { ...cut, left: 100 },
    ])
    expect(pixel(doubled, 0, 0)[0]).toBeGreaterThan(200)
  })
})

describe('pad', () => {
  it('lays the picture in the middle, an odd pixel to the right and the bottom', async () => {
    const color = { red: 10, green: 20, blue: 30 }
    const padded = await rendered(await png(plain({ width: 4, height: 3 }, 200, 100, 50)), [
      { step: 'pad', to: { width: 9, height: 10 }, color },
    ])
    expect(padded).toMatchObject({ width: 9, height: 10, channels: 3 })
    const inner = paint({ width: 9, height: 10 }, (x, y) =>
      x >= 2 && x < 6 && y >= 3 && y < 6 ? [200, 100, 50] : [10, 20, 30],
    )
    expect(distance(padded, inner)).toBe(0)
  })

  it('leaves what is transparent within', async () => {
    const clear = await png(plain({ width: 2, height: 2 }, 0, 0, 0, 0))
    const padded = await rendered(clear, [{ step: 'pad', to: { width: 4, height: 4 }, color: WHITE }])
    expect([pixel(padded, 0, 0), pixel(padded, 1, 1)]).toEqual([
      [255, 255, 255, 255],
      [0, 0, 0, 0],
    ])
  })
})

describe('turn', () => {
  const turn = (degrees: number, [width = 0, height = 0]: readonly number[], color?: Color): RenderStep => ({
    step: 'turn',
    degrees,
    to: { width, height },
    color,
  })

  it.each([
    [90, [YELLOW, RED, GREEN, BLUE], [40, 60]],
    [180, [BLUE, YELLOW, RED, GREEN], [60, 40]],
    [270, [GREEN, BLUE, YELLOW, RED], [40, 60]],
  ])('by %i degrees loses nothing', async (degrees, expected, size) => {
    expect(await cornersAfter(turn(degrees, size))).toEqual({ size, corners: expected })
    const there = await rendered(await png(corners), [turn(degrees, size), turn(360 - degrees, [60, 40])])
    expect(distance(there, corners)).toBe(0)
  })

  // The box around it: 60·|cos| + 40·|sin| by 60·|sin| + 40·|cos|.
  it.each([
    [45, 71, 71],
    [30, 72, 65],
    [1, 61, 41],
    [137, 71, 70],
    [200, 70, 58],
    [359, 61, 41],
  ])('by %i degrees gives exactly %i × %i, with its middle in the middle', async (degrees, width, height) => {
    const turned = await rendered(await png(plain(SIZE, 255, 255, 255)), [turn(degrees, [width, height])])
    expect(turned).toMatchObject({ width, height, channels: 4 })
    const upsideDown = paint({ width, height }, (x, y) => pixel(turned, width - 1 - x, height - 1 - y))
    expect(distance(turned, upsideDown)).toBeLessThanOrEqual(1)
    const middle = pixel(turned, Math.floor(width / 2), Math.floor(height / 2))
    expect(middle).toEqual([255, 255, 255, 255])
    // A soft edge is white that is half seen, not grey.
    const seen = Array.from({ length: width }, (_, x) => pixel(turned, x, 20)).filter(([, , , alpha]) => alpha! > 16)
    expect(Math.min(...seen.map(([red]) => red!))).toBeGreaterThan(240)
  })

  it.each([
    [70, 72],
    [80, 90],
    [40, 50],
    [71, 10],
  ])('into any other box of %i × %i, in its middle', async (width, height) => {
    const white = await png(plain(SIZE, 255, 255, 255))
    const turned = await rendered(white, [turn(45, [width, height])])
    expect(turned).toMatchObject({ width, height, channels: 4 })
    expect(pixel(turned, Math.floor(width / 2), Math.floor(height / 2))).toEqual([255, 255, 255, 255])
    const alphas = [0, width - 1].map((x) => pixel(turned, x, Math.floor(height / 2))[3])
    expect(alphas[0] === 0).toBe(alphas[1] === 0)
  })

  it('is clockwise, with transparent corners', async () => {
    const turned = await rendered(await png(corners), [turn(45, [71, 71])])
    const places = [
      [0, 0],
      [70, 0],
      [70, 70],
      [0, 70],
    ] as const
    expect(places.map(([x, y]) => pixel(turned, x, y)[3])).toEqual([0, 0, 0, 0])
    // Upper left has come to the top, upper right to the right.
    expect(pixel(turned, 29, 8)).toEqual([...RED!, 255])
    expect(pixel(turned, 62, 41)).toEqual([...GREEN!, 255])
    expect(pixel(turned, 41, 62)).toEqual([...BLUE!, 255])
    expect(pixel(turned, 8, 29)).toEqual([...YELLOW!, 255])
    const jpg = await rendered(await png(corners), [turn(45, [71, 71])], { format: 'jpg', quality: 100 })
    expect(pixel(jpg, 0, 0).every((value) => value > 240)).toBe(true)
  })

  it('fills the corners with the colour that is given, and nothing else', async () => {
    const color = { red: 0, green: 0, blue: 255 }
    const filled = await rendered(await png(plain(SIZE, 255, 255, 0)), [turn(45, [75, 75], color)])
    expect(filled.channels).toBe(3)
    expect([pixel(filled, 0, 0), pixel(filled, 74, 37), pixel(filled, 37, 37)]).toEqual([
      [0, 0, 255],
      [0, 0, 255],
      [255, 255, 0],
    ])
    const window = await rendered(await png(plain(SIZE, 255, 255, 0, 128)), [turn(45, [75, 75], color)])
    expect([pixel(window, 0, 0), pixel(window, 37, 37)]).toEqual([
      [0, 0, 255, 255],
      [255, 255, 0, 128],
    ])
  })

  it('keeps what was transparent', async () => {
    const turned = await rendered(await png(glass(SIZE)), [turn(180, [60, 40])])
    const source = await decoded(await png(glass(SIZE)))
    expect(pixel(turned, 0, 0)).toEqual(pixel(source, 59, 39))
  })
})

it('a step that does not give what its plan says is a mistake of ours', async () => {
  const wrong: RenderStep[] = [{ step: 'turn', degrees: 90, to: SIZE, color: undefined }]
  await expect(render(await png(corners), wrong)).rejects.toThrow('a step gives what its plan says')
})
