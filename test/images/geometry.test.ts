// Sizes and places through HTTP, against tables that were reckoned by hand. The source has 240 × 160 pixels, each of
// which says in red and green in which column and row it stood.

import { describe, expect, it } from 'vitest'
import { coordinates, pixel, png, type Raster } from './gallery.ts'
import { useServed } from './served.ts'

const WIDTH = 240
const HEIGHT = 160
const PHOTO = 'p.png'
const WHOLE = [0, 0, WIDTH, HEIGHT] as const

/** Left, top, right and bottom; the last two are no longer within. */
type Box = readonly [left: number, top: number, right: number, bottom: number]
type Sides = readonly [width: number, height: number]

const served = useServed(async () => [[PHOTO, await png(coordinates({ width: WIDTH, height: HEIGHT }))]])

function sizeOf({ width, height }: Raster): Sides {
  return [width, height]
}

interface Seen {
  /** Of the source. */
  readonly seen: Box
  /** Where in the result it is seen. */
  readonly within: Box
}

/** How far the colours are from those of the places that should be seen, in pixels of the source. */
function error(result: Raster, { seen, within }: Seen): number {
  let most = 0
  const [left, top, right, bottom] = within
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const [red = -99, green = -99] = pixel(result, x, y)
      const column = place(x - left, { count: right - left, from: seen[0], to: seen[2], last: WIDTH - 1 })
      const row = place(y - top, { count: bottom - top, from: seen[1], to: seen[3], last: HEIGHT - 1 })
      most = Math.max(most, Math.abs(red - column), Math.abs(green - row))
    }
  }
  return most
}

interface Axis {
  readonly count: number
  readonly from: number
  readonly to: number
  readonly last: number
}

/** The middle of a pixel of the result lies where the same share of the source lies. */
function place(at: number, { count, from, to, last }: Axis): number {
  const middle = from + ((at + 0.5) * (to - from)) / count - 0.5
  return Math.max(0, Math.min(last, middle))
}

/** A rounded colour, and a kernel that is cut off at the edges. */
const SCALED_ERROR_MAX = 2

describe('resize', () => {
  it.each<[directive: string, size: Sides, seen: Box, within?: Box]>([
    // lfit: the largest one within the box.
    ['w_120', [120, 80], WHOLE],
    ['h_40', [60, 40], WHOLE],
    ['w_100', [100, 67], WHOLE],
    ['w_100,h_100', [100, 67], WHOLE],
    ['w_100,h_50', [75, 50], WHOLE],
    ['w_100,h_100,m_lfit', [100, 67], WHOLE],
    ['w_24', [24, 16], WHOLE],
    ['w_480', [240, 160], WHOLE],
    ['w_480,limit_1', [240, 160], WHOLE],
    ['w_480,limit_0', [480, 320], WHOLE],
    ['h_320,limit_0', [480, 320], WHOLE],
    ['w_480,h_40', [60, 40], WHOLE],
    ['w_480,h_800,limit_0', [480, 320], WHOLE],
    // mfit: the smallest one around the box.
    ['w_100,h_100,m_mfit', [150, 100], WHOLE],
    ['w_100,h_50,m_mfit', [100, 67], WHOLE],
    ['w_60,m_mfit', [60, 40], WHOLE],
    ['h_60,m_mfit', [90, 60], WHOLE],
    ['w_120,h_100,m_mfit', [150, 100], WHOLE],
    ['w_300,h_10,m_mfit', [240, 160], WHOLE],
    ['w_300,h_10,m_mfit,limit_0', [300, 200], WHOLE],
    // fill: that one, cut to the box in the middle.
    ['w_100,h_100,m_fill', [100, 100], [40, 0, 200, 160]],
    ['w_120,h_40,m_fill', [120, 40], [0, 40, 240, 120]],
    ['w_30,h_80,m_fill', [30, 80], [90, 0, 150, 160]],
    ['w_100,m_fill', [100, 100], [40, 0, 200, 160]],
    ['h_100,m_fill', [100, 100], [40, 0, 200, 160]],
    ['w_300,h_100,m_fill', [240, 160], WHOLE],
    ['w_300,h_100,m_fill,limit_0', [300, 100], [0, 40, 240, 120]],
    // pad: the largest one within, in the middle of the box; an odd pixel goes to the right and the bottom.
    ['w_100,h_100,m_pad', [100, 100], WHOLE, [0, 16, 100, 83]],
    ['w_50,h_100,m_pad', [50, 100], WHOLE, [0, 33, 50, 66]],
    ['w_100,h_30,m_pad', [100, 30], WHOLE, [27, 0, 72, 30]],
    ['w_120,h_80,m_pad', [120, 80], WHOLE],
    ['w_60,m_pad', [60, 60], WHOLE, [0, 10, 60, 50]],
    ['h_60,m_pad', [60, 60], WHOLE, [0, 10, 60, 50]],
    ['w_300,h_300,m_pad', [240, 160], WHOLE],
    ['w_300,h_300,m_pad,limit_0', [300, 300], WHOLE, [0, 50, 300, 250]],
    // fixed: the box.
    ['w_100,h_100,m_fixed', [100, 100], WHOLE],
    ['w_30,h_150,m_fixed', [30, 150], WHOLE],
    ['w_50,m_fixed', [50, 50], WHOLE],
    ['h_50,m_fixed', [50, 50], WHOLE],
    ['w_300,h_100,m_fixed', [240, 160], WHOLE],
    ['w_300,h_100,m_fixed,limit_0', [300, 100], WHOLE],
    // By percentage, which says by itself whether it enlarges.
    ['p_50', [120, 80], WHOLE],
    ['p_33', [79, 53], WHOLE],
    ['p_100', [240, 160], WHOLE],
    ['p_150', [360, 240], WHOLE],
    ['p_150,limit_1', [240, 160], WHOLE],
    ['w_60,p_50', [60, 40], WHOLE],
  ])('%s is %j of %j', async (parameters, size, seen, within = [0, 0, ...size]) => {
    const result = await served.pixels(PHOTO, `image/resize,${parameters}`)
    expect(sizeOf(result)).toEqual(size)
    expect(error(result, { seen, within })).toBeLessThanOrEqual(SCALED_ERROR_MAX)
  })

  it.each<[directive: string, size: Sides]>([
    ['w_7', [7, 5]],
    ['w_1', [1, 1]],
    ['h_1', [2, 1]],
    ['p_1', [2, 2]],
    ['p_1000', [2400, 1600]],
    ['w_4096,limit_0', [4096, 2731]],
    ['w_1,h_160,m_fill', [1, 160]],
    ['w_240,h_1,m_fixed', [240, 1]],
  ])('%s is %j', async (parameters, size) => {
    expect(sizeOf(await served.pixels(PHOTO, `image/resize,${parameters}`))).toEqual(size)
  })

  it('pads with the colour, white without one', async () => {
    const padded = await served.pixels(PHOTO, 'image/resize,w_100,h_100,m_pad,color_1E90FF')
    const margins = [
      [0, 0],
      [99, 15],
      [0, 83],
      [99, 99],
    ] as const
    expect(margins.map(([x, y]) => pixel(padded, x, y))).toEqual(margins.map(() => [0x1e, 0x90, 0xff]))
    const plain = await served.pixels(PHOTO, 'image/resize,w_100,h_100,m_pad')
    expect(margins.map(([x, y]) => pixel(plain, x, y))).toEqual(margins.map(() => [255, 255, 255]))
  })
})

describe('crop', () => {
  it.each<[parameters: string, box: Box]>([
    // 140 columns and 90 rows are left over, half of which lie before the middle.
    ['w_100,h_70', [0, 0, 100, 70]],
    ['w_100,h_70,g_nw', [0, 0, 100, 70]],
    ['w_100,h_70,g_north', [70, 0, 170, 70]],
    ['w_100,h_70,g_ne', [140, 0, 240, 70]],
    ['w_100,h_70,g_west', [0, 45, 100, 115]],
    ['w_100,h_70,g_center', [70, 45, 170, 115]],
    ['w_100,h_70,g_east', [140, 45, 240, 115]],
    ['w_100,h_70,g_sw', [0, 90, 100, 160]],
    ['w_100,h_70,g_south', [70, 90, 170, 160]],
    ['w_100,h_70,g_se', [140, 90, 240, 160]],
    ['w_101,h_71,g_center', [69, 44, 170, 115]],
    // x and y go to the right and down from each of them, and the box ends with the picture.
    ['w_100,h_70,x_10,y_5', [10, 5, 110, 75]],
    ['w_100,h_70,x_10,y_5,g_north', [80, 5, 180, 75]],
    ['w_100,h_70,x_10,y_5,g_ne', [150, 5, 240, 75]],
    ['w_100,h_70,x_10,y_5,g_west', [10, 50, 110, 120]],
    ['w_100,h_70,x_10,y_5,g_center', [80, 50, 180, 120]],
    ['w_100,h_70,x_10,y_5,g_east', [150, 50, 240, 120]],
    ['w_100,h_70,x_10,y_5,g_sw', [10, 95, 110, 160]],
    ['w_100,h_70,x_10,y_5,g_south', [80, 95, 180, 160]],
    ['w_100,h_70,x_10,y_5,g_se', [150, 95, 240, 160]],
    // What is not said is as much as there is.
    ['x_60,y_40', [60, 40, 240, 160]],
    ['w_50', [0, 0, 50, 160]],
    ['h_30', [0, 0, 240, 30]],
    ['w_50,x_20', [20, 0, 70, 160]],
    ['h_30,g_south', [0, 130, 240, 160]],
    ['w_0,h_0', WHOLE],
    ['w_300,h_300', WHOLE],
    ['w_300,h_50,y_120', [0, 120, 240, 160]],
    ['x_239,y_159', [239, 159, 240, 160]],
  ])('%s is %j', async (parameters, box) => {
    const result = await served.pixels(PHOTO, `image/crop,${parameters}`)
    const size = [box[2] - box[0], box[3] - box[1]] as const
    expect(sizeOf(result)).toEqual(size)
    expect(error(result, { seen: box, within: [0, 0, ...size] })).toBe(0)
  })

  it.each(['x_240', 'y_160', 'w_10,h_10,x_10,g_se'])('%s begins outside', async (parameters) => {
    const { status, text } = await served.get(PHOTO, `image/crop,${parameters}`)
    expect([status, text]).toEqual([400, expect.stringContaining('crop')])
  })
})

describe('indexcrop', () => {
  it.each<[parameters: string, box: Box]>([
    ['x_100,i_0', [0, 0, 100, 160]],
    ['x_100,i_1', [100, 0, 200, 160]],
    ['x_100,i_2', [200, 0, 240, 160]],
    ['x_100,i_3', WHOLE],
    ['x_240,i_0', WHOLE],
    ['x_300,i_0', WHOLE],
    ['y_60,i_0', [0, 0, 240, 60]],
    ['y_60,i_1', [0, 60, 240, 120]],
    ['y_60,i_2', [0, 120, 240, 160]],
    ['y_60,i_3', WHOLE],
    ['y_1,i_159', [0, 159, 240, 160]],
    ['x_100,y_60,i_1', [0, 60, 240, 120]],
  ])('%s is %j', async (parameters, box) => {
    const result = await served.pixels(PHOTO, `image/indexcrop,${parameters}`)
    const size = [box[2] - box[0], box[3] - box[1]] as const
    expect(sizeOf(result)).toEqual(size)
    expect(error(result, { seen: box, within: [0, 0, ...size] })).toBe(0)
  })
})

describe('rotate', () => {
  /** Where the result's four corners, clockwise from the upper left, have been. */
  it.each<[degrees: number, size: Sides, corners: readonly Sides[]]>([
    [
      0,
      [240, 160],
      [
        [0, 0],
        [239, 0],
        [239, 159],
        [0, 159],
      ],
    ],
    [
      90,
      [160, 240],
      [
        [0, 159],
        [0, 0],
        [239, 0],
        [239, 159],
      ],
    ],
    [
      180,
      [240, 160],
      [
        [239, 159],
        [0, 159],
        [0, 0],
        [239, 0],
      ],
    ],
    [
      270,
      [160, 240],
      [
        [239, 0],
        [239, 159],
        [0, 159],
        [0, 0],
      ],
    ],
    [
      360,
      [240, 160],
      [
        [0, 0],
        [239, 0],
        [239, 159],
        [0, 159],
      ],
    ],
  ])('by %i degrees is exact', async (degrees, size, corners) => {
    const result = await served.pixels(PHOTO, `image/rotate,${degrees}`)
    const [right, bottom] = [size[0] - 1, size[1] - 1]
    expect(sizeOf(result)).toEqual(size)
    const seen = (
      [
        [0, 0],
        [right, 0],
        [right, bottom],
        [0, bottom],
      ] as const
    ).map(([x, y]) => pixel(result, x, y))
    expect(seen).toEqual(corners.map(([x, y]) => [x, y, 0]))
  })

  it.each<[degrees: number, size: Sides]>([
    // 240 cos + 160 sin across, 240 sin + 160 cos down.
    [1, [243, 164]],
    [10, [264, 199]],
    [30, [288, 259]],
    [45, [283, 283]],
    [60, [259, 288]],
    [89, [164, 243]],
    [120, [259, 288]],
    [135, [283, 283]],
    [200, [280, 232]],
    [300, [259, 288]],
    [359, [243, 164]],
  ])('by %i degrees is %j, clockwise about the middle, and white where it was not', async (degrees, size) => {
    const result = await served.pixels(PHOTO, `image/rotate,${degrees}`)
    expect(sizeOf(result)).toEqual(size)
    const radians = (degrees * Math.PI) / 180
    const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
    for (const [column, row] of [
      [120, 80],
      [20, 20],
      [220, 20],
      [220, 140],
      [20, 140],
      [200, 60],
    ] as const) {
      const [across, down] = [column - (WIDTH - 1) / 2, row - (HEIGHT - 1) / 2]
      const x = Math.round((size[0] - 1) / 2 + across * cos - down * sin)
      const y = Math.round((size[1] - 1) / 2 + across * sin + down * cos)
      const [red = -9, green = -9] = pixel(result, x, y)
      // A pixel was rounded to, and a colour.
      expect(Math.max(Math.abs(red - column), Math.abs(green - row))).toBeLessThanOrEqual(1.5)
    }
    for (const [x, y] of [
      [0, 0],
      [size[0] - 1, 0],
      [0, size[1] - 1],
      [size[0] - 1, size[1] - 1],
    ] as const)
      expect(pixel(result, x, y).slice(0, 3)).toEqual([255, 255, 255])
    expect(result.data.length / (size[0] * size[1])).toBe(3)
  })
})

describe('one after the other', () => {
  it.each<[directive: string, size: Sides, seen: Box]>([
    ['crop,w_120,h_80,x_60,y_40/resize,w_60', [60, 40], [60, 40, 180, 120]],
    ['resize,w_120/crop,w_60,h_40,g_se', [60, 40], [120, 80, 240, 160]],
    ['resize,w_120|image/crop,w_60,h_40,g_se', [60, 40], [120, 80, 240, 160]],
    ['indexcrop,x_120,i_1/indexcrop,y_80,i_1', [120, 80], [120, 80, 240, 160]],
    ['rotate,90/rotate,270', [240, 160], WHOLE],
    ['rotate,180/crop,w_100,h_50/rotate,180', [100, 50], [140, 110, 240, 160]],
    ['resize,p_50/resize,p_200', [240, 160], WHOLE],
  ])('%s is %j of %j', async (directive, size, seen) => {
    const result = await served.pixels(PHOTO, `image/${directive}`)
    expect(sizeOf(result)).toEqual(size)
    expect(error(result, { seen, within: [0, 0, ...size] })).toBeLessThanOrEqual(SCALED_ERROR_MAX)
  })
})
