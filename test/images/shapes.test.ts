// What is laid over a picture, cut out of it, and turned as EXIF says, through HTTP: exact places, against tables that
// were reckoned by hand.

import { describe, expect, it } from 'vitest'
import {
  coordinates,
  type OrientedFormat,
  oriented,
  paint,
  piped,
  pixel,
  png,
  type Raster,
  storedAs,
} from './gallery.ts'
import { decoded, useServed } from './served.ts'

const SIZE = { width: 240, height: 160 }
const PHOTO = 'p.png'
/** 40 × 30 pixels of no colour that the photo has, the first of them red. */
const STAMP = 'stamp.png'
const STAMP_SIZE = { width: 40, height: 30 }

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8]
const FORMATS: readonly OrientedFormat[] = ['jpeg', 'png', 'webp', 'tiff']
/** A corner of each colour, and something that is not symmetrical. */
const scene = paint({ width: 48, height: 32 }, (x, y) => [
  x < 24 ? 220 : 30,
  y < 16 ? 220 : 30,
  x < 12 && y < 8 ? 220 : 30,
])

const served = useServed(async () => {
  const stamp = paint(STAMP_SIZE, (x, y) => (x === 0 && y === 0 ? [255, 0, 255] : [0, 0, 255]))
  const glass = paint(STAMP_SIZE, (x) => [0, 0, 255, x < 20 ? 0 : 128])
  const files: [string, Buffer][] = [
    [PHOTO, await png(coordinates(SIZE))],
    ['white.png', await png(paint(SIZE, () => [255, 255, 255]))],
    ['photo.jpg', await piped(coordinates(SIZE)).jpeg({ quality: 95 }).toBuffer()],
    [STAMP, await png(stamp)],
    ['glass.png', await png(glass)],
  ]
  for (const orientation of ORIENTATIONS)
    for (const format of FORMATS) files.push([`${orientation}.${format}`, await oriented(scene, orientation, format)])
  return files
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('/', '_')
}

/** Left, top, right and bottom of what has this property; the last two are no longer within. */
function boxOf(raster: Raster, has: (pixel: readonly number[]) => boolean): number[] {
  let [left, top, right, bottom] = [raster.width, raster.height, 0, 0]
  for (let y = 0; y < raster.height; y += 1) {
    for (let x = 0; x < raster.width; x += 1) {
      if (!has(pixel(raster, x, y))) continue
      ;[left, top, right, bottom] = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x + 1),
        Math.max(bottom, y + 1),
      ]
    }
  }
  return [left, top, right, bottom]
}

/** How far two pictures of one size are apart at most. */
function distance(one: Raster, other: Raster): number {
  expect([one.width, one.height, one.channels]).toEqual([other.width, other.height, other.channels])
  return one.data.reduce((most, value, at) => Math.max(most, Math.abs(value - (other.data[at] ?? 0))), 0)
}

/** How far two colours are apart. */
function apart(one: readonly number[], other: readonly number[]): number {
  return Math.max(...one.map((value, at) => Math.abs(value - (other[at] ?? 0))))
}

/** Opacity and colour are rounded one after the other. */
const BLENDED_ERROR_MAX = 2

const isStamp = ([, , blue = 0]: readonly number[]): boolean => blue > 127

describe('a watermark', () => {
  it.each<[parameters: string, box: readonly number[]]>([
    // 200 columns and 130 rows are left over.
    ['', [10, 10, 50, 40]],
    ['g_nw', [10, 10, 50, 40]],
    ['g_north', [100, 10, 140, 40]],
    ['g_ne', [190, 10, 230, 40]],
    ['g_west', [10, 65, 50, 95]],
    ['g_center', [100, 65, 140, 95]],
    ['g_east', [190, 65, 230, 95]],
    ['g_sw', [10, 120, 50, 150]],
    ['g_south', [100, 120, 140, 150]],
    ['g_se', [190, 120, 230, 150]],
    // x and y are distances from the edges that the place is at.
    ['x_0,y_0', [0, 0, 40, 30]],
    ['x_20,y_5,g_ne', [180, 5, 220, 35]],
    ['x_20,y_5,g_sw', [20, 125, 60, 155]],
    ['x_0,y_0,g_se', [200, 130, 240, 160]],
    ['x_20,y_5,g_north', [100, 5, 140, 35]],
    ['x_20,y_5,g_west', [20, 65, 60, 95]],
    ['x_20,y_5,g_center', [100, 65, 140, 95]],
    // What reaches beyond the edges is cut off there.
    ['x_220,y_150', [220, 150, 240, 160]],
    ['x_220,y_150,g_se', [0, 0, 20, 10]],
    ['x_239,y_0', [239, 0, 240, 30]],
  ])('with %s is at %j', async (parameters, box) => {
    const options = parameters === '' ? '' : `,${parameters}`
    const result = await served.pixels(PHOTO, `image/watermark,image_${base64(STAMP)}${options}`)
    expect(boxOf(result, isStamp)).toEqual(box)
    const [left = 0, top = 0] = box
    if (left + 40 === box[2] && top + 30 === box[3]) expect(pixel(result, left, top)).toEqual([255, 0, 255])
    // All else is as it was.
    const rest = paint(
      SIZE,
      (x, y) => (isStamp(pixel(result, x, y)) ? pixel(result, x, y) : [x, y, 0]) as [number, number, number],
    )
    expect(distance(result, rest)).toBe(0)
  })

  it.each(['x_240', 'y_160', 'x_4096,y_4096,g_se', 't_0'])('with %s is not to be seen', async (parameters) => {
    const result = await served.pixels(PHOTO, `image/watermark,image_${base64(STAMP)},${parameters}`)
    expect(distance(result, coordinates(SIZE))).toBe(0)
  })

  it.each([
    [100, [0, 0, 255]],
    [60, [102, 102, 255]],
    [50, [128, 128, 255]],
    [1, [252, 252, 255]],
  ])('of %i %% shows %j on white', async (opacity, colour) => {
    const result = await served.pixels('white.png', `image/watermark,image_${base64(STAMP)},t_${opacity},g_center`)
    expect(apart(pixel(result, 120, 80), colour)).toBeLessThanOrEqual(BLENDED_ERROR_MAX)
  })

  it('that is half transparent lets through what is below', async () => {
    const result = await served.pixels('white.png', `image/watermark,image_${base64('glass.png')},x_0,y_0`)
    expect(pixel(result, 5, 5)).toEqual([255, 255, 255])
    expect(apart(pixel(result, 30, 5), [127, 127, 255])).toBeLessThanOrEqual(BLENDED_ERROR_MAX)
    expect(boxOf(result, ([red = 0]) => red < 200)).toEqual([20, 0, 40, 30])
  })

  it.each<[preparation: string, box: readonly number[]]>([
    ['resize,p_50', [0, 0, 20, 15]],
    ['rotate,90', [0, 0, 30, 40]],
    ['crop,w_10,h_20,g_se', [0, 0, 10, 20]],
    ['resize,w_20/rotate,90', [0, 0, 15, 20]],
    ['indexcrop,x_30,i_1', [0, 0, 10, 30]],
  ])('can be prepared: %s', async (preparation, box) => {
    const image = base64(`${STAMP}?x-zos-process=image/${preparation}`)
    const result = await served.pixels(PHOTO, `image/watermark,image_${image},x_0,y_0`)
    expect(boxOf(result, isStamp)).toEqual(box)
  })

  it('as large as the picture, and larger, covers it', async () => {
    const image = base64(`${STAMP}?x-zos-process=image/resize,w_300,h_300,m_fixed,limit_0`)
    const result = await served.pixels(PHOTO, `image/watermark,image_${image},g_center`)
    expect(boxOf(result, ([, , blue = 0]) => blue < 200)).toEqual([SIZE.width, SIZE.height, 0, 0])
  })
})

describe('text', () => {
  const ink = ([red = 0]: readonly number[]): boolean => red < 128

  async function inked(parameters: string): Promise<number[]> {
    // A square sign.
    return boxOf(
      await served.pixels('white.png', `image/watermark,text_${base64('口')},color_000000,${parameters}`),
      ink,
    )
  }

  it('stands in its box, which the distances are measured from', async () => {
    const [left = 0, top = 0, right = 0, bottom = 0] = await inked('x_0,y_0')
    // The sign takes most of its em of 40 pixels, which begins in the corner.
    expect(Math.min(left, top)).toBeGreaterThanOrEqual(0)
    expect(Math.max(left, top)).toBeLessThan(10)
    expect(Math.min(right, bottom)).toBeGreaterThan(30)
    expect(Math.max(right, bottom)).toBeLessThanOrEqual(40)
    const moved = (x: number, y: number) => [left + x, top + y, right + x, bottom + y]
    expect(await inked('x_10,y_10')).toEqual(moved(10, 10))
    expect(await inked('x_0,y_0,g_se')).toEqual(moved(200, 120))
    expect(await inked('x_30,y_20,g_se')).toEqual(moved(170, 100))
    expect(await inked('g_center')).toEqual(moved(100, 60))
    expect(await inked('g_north,y_7')).toEqual(moved(100, 7))
    expect(await inked('g_west,x_7')).toEqual(moved(7, 60))
  })

  it('grows with its size', async () => {
    const [left = 0, top = 0, right = 0, bottom = 0] = await inked('x_0,y_0,size_40')
    const twice = await inked('x_0,y_0,size_80')
    for (const [at, side] of [left, top, right, bottom].entries())
      expect(Math.abs((twice[at] ?? 0) - 2 * side)).toBeLessThanOrEqual(2)
  })

  it('is turned clockwise', async () => {
    const at = (text: string, turn: number) =>
      `image/watermark,text_${base64(text)},color_000000,g_center,rotate_${turn}`
    const [wide = 0, high = 0] = sidesOf(boxOf(await served.pixels('white.png', at('一一', 0)), ink))
    expect(wide).toBeGreaterThan(3 * high)
    const upright = boxOf(await served.pixels('white.png', at('一一', 90)), ink)
    expect(sidesOf(upright)).toEqual([high, wide])
    // A full stop stands at the lower left of its box: turned by 90 degrees at the upper left, by 180 at the upper
    // right.
    const middles = []
    for (const turn of [0, 90, 180, 270]) {
      const [left = 0, top = 0, right = 0, bottom = 0] = boxOf(await served.pixels('white.png', at('。', turn)), ink)
      middles.push([Math.sign((left + right) / 2 - 120), Math.sign((top + bottom) / 2 - 80)])
    }
    expect(middles).toEqual([
      [-1, 1],
      [-1, -1],
      [1, -1],
      [1, 1],
    ])
  })
})

function sidesOf([left = 0, top = 0, right = 0, bottom = 0]: readonly number[]): number[] {
  return [right - left, bottom - top]
}

/** Beside the edge, where a pixel is partly covered. */
const EDGE_PX = 1

describe('circle', () => {
  it.each<[radius: number, side: number, left: number, top: number]>([
    [20, 41, 99, 59],
    [60, 121, 59, 19],
    [79, 159, 40, 0],
    [80, 159, 40, 0],
    [4096, 159, 40, 0],
    [1, 3, 118, 78],
  ])('of %i is %i wide, from (%i, %i) on', async (radius, side, left, top) => {
    const result = await served.pixels(PHOTO, `image/circle,r_${radius}`)
    expect([result.width, result.height, result.channels]).toEqual([side, side, 4])
    const middle = (side - 1) / 2
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) {
        const [red, green, , alpha] = pixel(result, x, y)
        const away = Math.hypot(x - middle, y - middle) - side / 2
        if (away < -EDGE_PX) expect([red, green, alpha]).toEqual([left + x, top + y, 255])
        else if (away > EDGE_PX) expect(alpha).toBe(0)
      }
    }
  })

  it('has a soft edge, and a white one where the format knows no other', async () => {
    const result = await served.pixels(PHOTO, 'image/circle,r_60')
    const alphas = new Set(Array.from({ length: 121 }, (_, x) => pixel(result, x, 10)[3]))
    expect(alphas.size).toBeGreaterThan(2)
    const opaque = await decoded((await served.get('photo.jpg', 'image/circle,r_60')).body)
    expect([opaque.channels, pixel(opaque, 0, 0)]).toEqual([3, [255, 255, 255]])
  })
})

describe('rounded-corners', () => {
  it.each<[radius: number, taken: number]>([
    [1, 1],
    [30, 30],
    [80, 80],
    [4096, 80],
  ])('of %i are of %i', async (radius, taken) => {
    const result = await served.pixels(PHOTO, `image/rounded-corners,r_${radius}`)
    expect([result.width, result.height, result.channels]).toEqual([240, 160, 4])
    for (let y = 0; y < 160; y += 1) {
      for (let x = 0; x < 240; x += 1) {
        const [red, green, , alpha] = pixel(result, x, y)
        // From the nearest point of the rectangle in which the middles of the four circles are the corners.
        const across = Math.max(taken - (x + 0.5), x + 0.5 - (240 - taken), 0)
        const down = Math.max(taken - (y + 0.5), y + 0.5 - (160 - taken), 0)
        const away = Math.hypot(across, down) - taken
        if (away < -EDGE_PX) expect([red, green, alpha]).toEqual([x, y, 255])
        else if (away > EDGE_PX) expect(alpha).toBe(0)
      }
    }
  })

  it('are white where the format knows no other', async () => {
    const opaque = await decoded((await served.get('photo.jpg', 'image/rounded-corners,r_30')).body)
    expect(opaque.channels).toBe(3)
    for (const [x, y] of [
      [0, 0],
      [239, 0],
      [0, 159],
      [239, 159],
    ] as const)
      expect(Math.min(...pixel(opaque, x, y))).toBeGreaterThanOrEqual(235)
  })
})

describe.each(FORMATS)('auto-orient of a %s', (format) => {
  /** JPEG and WebP do not keep pixels, and their edges least. */
  const exact = format === 'png' || format === 'tiff'
  const near = (one: Raster, other: Raster): number => {
    const sum = one.data.reduce((total, value, at) => total + Math.abs(value - (other.data[at] ?? 0)), 0)
    return sum / one.data.length
  }

  it.each(ORIENTATIONS)('%i shows the picture', async (orientation) => {
    const result = await served.pixels(`${orientation}.${format}`, 'image/auto-orient,1/format,png')
    expect([result.width, result.height]).toEqual([scene.width, scene.height])
    expect(near(result, scene)).toBeLessThanOrEqual(exact ? 0 : 6)
  })

  it.each(ORIENTATIONS)('%i without it, and with 0, shows the pixels as they are stored', async (orientation) => {
    const stored = storedAs(scene, orientation)
    for (const directive of ['image/format,png', 'image/auto-orient,0/format,png']) {
      const result = await served.pixels(`${orientation}.${format}`, directive)
      expect([result.width, result.height]).toEqual([stored.width, stored.height])
      expect(near(result, stored)).toBeLessThanOrEqual(exact ? 0 : 6)
    }
  })

  it('comes before all else, wherever it stands', async () => {
    const wanted = paint({ width: 24, height: 16 }, (x, y) => pixel(scene, x, y) as [number, number, number])
    for (const directive of ['image/auto-orient,1/crop,w_24,h_16', 'image/crop,w_24,h_16/auto-orient,1']) {
      const result = await served.pixels(`6.${format}`, `${directive}/format,png`)
      expect([result.width, result.height]).toEqual([24, 16])
      expect(near(result, wanted)).toBeLessThanOrEqual(exact ? 0 : 6)
    }
  })
})
