// Whatever a file's colours are kept in, the result shows the same picture in sRGB.

import { describe, expect, it } from 'vitest'
import { gallery, ghost, greyed, photo, piped, pixel, type Raster } from './gallery.ts'
import { useServed } from './served.ts'

const SIZE = { width: 120, height: 80 }
const scene = photo(SIZE)

const served = useServed(async () => [
  ...(await gallery(SIZE)),
  ['p3.png', await piped(scene).withIccProfile('p3').png().toBuffer()] as const,
  [
    'p3.jpg',
    await piped(scene).withIccProfile('p3').jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  ] as const,
  ['p3.webp', await piped(scene).withIccProfile('p3').webp({ lossless: true }).toBuffer()] as const,
])

/** The mean of how far the colours are apart, of 255. */
function apart(one: Raster, other: Raster): number {
  expect([one.width, one.height]).toEqual([other.width, other.height])
  let sum = 0
  for (let y = 0; y < one.height; y += 1) {
    for (let x = 0; x < one.width; x += 1) {
      const [first, second] = [pixel(one, x, y), pixel(other, x, y)]
      for (const channel of [0, 1, 2]) sum += Math.abs((first[channel] ?? 0) - (second[channel] ?? 0))
    }
  }
  return sum / (3 * one.width * one.height)
}

describe('a picture in other colours', () => {
  it.each([
    ['photo.png', 0],
    ['interlaced.png', 0],
    ['deep.png', 0],
    ['deep.tiff', 0],
    ['photo.tiff', 0],
    ['bmp-24.bmp', 0],
    ['bmp-32.bmp', 0],
    // Five bits a colour.
    ['bmp-16.bmp', 5],
    // 256 colours altogether.
    ['palette.png', 5],
    ['still.gif', 8],
    ['photo.webp', 5],
    ['photo.jpg', 5],
    // There and back again through a profile.
    ['p3.png', 2],
    ['p3.webp', 2],
    ['p3.jpg', 4],
    // Inks have fewer colours.
    ['cmyk.jpg', 16],
  ])('%s is the same to %d', async (key, near) => {
    expect(apart(await served.pixels(key, 'image/format,png'), scene)).toBeLessThanOrEqual(near)
  })

  it.each(['grey.png', 'grey.jpg', 'bmp-8.bmp'])('%s stays grey', async (key) => {
    const result = await served.pixels(key, 'image/resize,w_60/format,png')
    for (const [x, y] of [
      [1, 1],
      [30, 20],
      [58, 38],
      [48, 6],
    ] as const) {
      const [red, green, blue] = pixel(result, x, y)
      expect([green, blue]).toEqual([red, red])
    }
  })

  it('bitmaps of few bits are those of their palette', async () => {
    for (const depth of [1, 4, 8] as const)
      expect(apart(await served.pixels(`bmp-${depth}.bmp`, 'image/format,png'), greyed(scene, depth))).toBe(0)
  })

  it.each(['alpha.png', 'alpha.webp', 'alpha.tiff'])('%s keeps its alpha', async (key) => {
    const [result, clear] = [await served.pixels(key, 'image/bright,0/format,png'), ghost(SIZE)]
    expect(result.channels).toBe(4)
    for (let y = 0; y < SIZE.height; y += 1) {
      for (let x = 0; x < SIZE.width; x += 1) {
        const [one, other] = [pixel(result, x, y), pixel(clear, x, y)]
        expect(one[3]).toBe(other[3])
        // What is not to be seen may have any colour.
        if (one[3] !== 0) expect(one).toEqual(other)
      }
    }
  })
})
