// The same operation by the server and by ImageMagick: two programs that share no code come to the same picture.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FONTS } from '../../src/renderer/text/faces.ts'
import { gallery } from '../images/gallery.ts'
import { openStudio, type Studio } from './imagemagick.ts'

let studio: Studio
beforeAll(async () => {
  studio = await openStudio()
  for (const [name, body] of await gallery()) await studio.put(name, body)
  await studio.convert('photo.png', '-filter', 'Lanczos', '-resize', '60x40!', 'stamp.png')
  await studio.putMade('stamp.png')
})
afterAll(() => studio.stop())

/** Root of the mean square, of 1, and over white where both are transparent. */
async function apart(source: string, directive: string, how: readonly string[]): Promise<number> {
  await studio.process(source, `image/${directive}/format,png`, 'ours.png')
  await studio.convert(source, ...how, '+repage', 'theirs.png')
  expect(await studio.identify('ours.png', '%w %h')).toBe(await studio.identify('theirs.png', '%w %h'))
  return await studio.difference('ours.png', 'theirs.png', 'RMSE')
}

function resized(sides: string, ...more: readonly string[]): readonly string[] {
  return ['-filter', 'Lanczos', '-resize', sides, ...more]
}

/** What is left over is even, so that both have the same middle. */
const PAD = ['-background', '#1E90FF', '-gravity', 'center', '-extent', '90x100']

describe('what is only moved is the same to the pixel', () => {
  test.each<[directive: string, how: readonly string[]]>([
    ['crop,w_100,h_70,x_30,y_20', ['-crop', '100x70+30+20']],
    ['crop,w_100,h_70,g_north', ['-gravity', 'north', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_ne', ['-gravity', 'northeast', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_west', ['-gravity', 'west', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_center', ['-gravity', 'center', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_east', ['-gravity', 'east', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_sw', ['-gravity', 'southwest', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_south', ['-gravity', 'south', '-crop', '100x70+0+0']],
    ['crop,w_100,h_70,g_se', ['-gravity', 'southeast', '-crop', '100x70+0+0']],
    ['indexcrop,x_100,i_2', ['-crop', '100x160+200+0']],
    ['rotate,90', ['-rotate', '90']],
    ['rotate,180', ['-rotate', '180']],
    ['rotate,270', ['-rotate', '270']],
  ])('%s', async (directive, how) => {
    expect(await apart('photo.png', directive, how)).toBe(0)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('auto-orient of %i', async (orientation) => {
    // Two decoders of JPEG.
    expect(await apart(`orientation-${orientation}.jpg`, 'auto-orient,1', ['-auto-orient'])).toBeLessThan(0.01)
  })
})

describe('resize', () => {
  test.each<[source: string, directive: string, how: readonly string[]]>([
    ['photo.png', 'resize,w_120', resized('120x80!')],
    ['photo.png', 'resize,w_100,h_100', resized('100x100')],
    ['photo.png', 'resize,p_33', resized('33%')],
    ['photo.png', 'resize,w_20', resized('20x13!')],
    ['photo.png', 'resize,w_100,h_100,m_mfit', resized('100x100^')],
    ['photo.png', 'resize,w_100,h_100,m_fill', resized('100x100^', '-gravity', 'center', '-extent', '100x100')],
    ['photo.png', 'resize,w_100,h_40,m_fixed', resized('100x40!')],
    ['photo.png', 'resize,w_90,h_100,m_pad,color_1E90FF', resized('90x100', ...PAD)],
    ['photo.png', 'resize,w_480,limit_0', resized('480x320!')],
    ['gradient.png', 'resize,w_77,h_200,m_fixed,limit_0', resized('77x200!')],
    ['photo.jpg', 'resize,w_120', resized('120x80!')],
    ['grey.png', 'resize,w_120', resized('120x80!')],
    ['deep.png', 'resize,w_120', resized('120x80!')],
    ['deep.tiff', 'resize,w_120', resized('120x80!')],
    ['palette.png', 'resize,w_120', resized('120x80!')],
    ['bmp-16.bmp', 'resize,w_120', resized('120x80!')],
  ])('%s: %s', async (source, directive, how) => {
    expect(await apart(source, directive, how)).toBeLessThan(0.02)
  })

  test('of what is partly transparent does not let hidden colours through', async () => {
    await studio.process('alpha.png', 'image/resize,w_60', 'ours.png')
    await studio.convert('alpha.png', ...resized('60x40!'), 'theirs.png')
    for (const ground of ['white', 'black', 'red']) {
      for (const name of ['ours', 'theirs'])
        await studio.convert(`${name}.png`, '-background', ground, '-flatten', `${name}-${ground}.png`)
      expect(await studio.difference(`ours-${ground}.png`, `theirs-${ground}.png`, 'RMSE')).toBeLessThan(0.015)
    }
  })
})

describe('rotate by other angles', () => {
  /** Where both are odd or both are even, the middle is the same pixel. */
  test.each<[degrees: number, canvas: string]>([
    [20, '280x232-20-36'],
    [160, '280x232-20-36'],
    [200, '280x232-20-36'],
    [340, '280x232-20-36'],
  ])('%i degrees', async (degrees, canvas) => {
    const how = ['-virtual-pixel', 'white', '-set', 'option:distort:viewport', canvas, '-distort', 'SRT', `${degrees}`]
    expect(await apart('photo.png', `rotate,${degrees}`, how)).toBeLessThan(0.03)
  })
})

describe('look', () => {
  test.each<[directive: string, how: readonly string[], near: number]>([
    ['blur,r_6,s_2', ['-blur', '6x2'], 0.005],
    ['blur,r_12,s_4', ['-blur', '12x4'], 0.005],
    ['blur,r_3,s_4', ['-blur', '3x4'], 0.01],
    ['blur,r_50,s_10', ['-blur', '50x10'], 0.01],
    // The same curve: steeper around the middle.
    ['contrast,20', ['-brightness-contrast', '0x20'], 0.005],
    ['contrast,-50', ['-brightness-contrast', '0x-50'], 0.005],
    ['contrast,80', ['-brightness-contrast', '0x80'], 0.01],
  ])('%s', async (directive, how, near) => {
    expect(await apart('photo.png', directive, how)).toBeLessThan(near)
  })

  /** The mean of all channels, of 1. */
  async function mean(directive: string): Promise<number> {
    await studio.process('photo.png', `image/${directive}`, 'ours.png')
    return Number(await studio.identify('ours.png', '%[fx:mean]'))
  }

  test('bright is brighter the more, and ImageMagick shifts as far', async () => {
    const means = []
    for (const amount of [-100, -50, 0, 50, 100]) means.push(await mean(`bright,${amount}`))
    expect(means).toEqual(means.toSorted((one, other) => one - other))
    expect([means[0], means[4]]).toEqual([0, 1])
    // Loosely: it adds to all values what the server adds to the dark ones most.
    expect(await apart('photo.png', 'bright,20', ['-brightness-contrast', '20x0'])).toBeLessThan(0.12)
    expect(await apart('photo.png', 'bright,-20', ['-brightness-contrast', '-20x0'])).toBeLessThan(0.12)
  })

  test('sharpen makes edges steeper, and nothing darker or brighter', async () => {
    const spread = async (directive: string): Promise<number> => {
      await studio.process('photo.png', `image/${directive}`, 'ours.png')
      await studio.convert(
        'ours.png',
        '-define',
        'convolve:scale=!',
        '-morphology',
        'Convolve',
        'Laplacian:0',
        'edges.png',
      )
      return Number(await studio.identify('edges.png', '%[fx:mean]'))
    }
    const spreads = []
    for (const directive of ['bright,0', 'sharpen,50', 'sharpen,150', 'sharpen,399'])
      spreads.push(await spread(directive))
    expect(spreads).toEqual(spreads.toSorted((one, other) => one - other))
    expect(spreads[0]).toBeLessThan(spreads[1] ?? 0)
    expect(Math.abs((await mean('sharpen,100')) - (await mean('bright,0')))).toBeLessThan(0.01)
    expect(await apart('photo.png', 'sharpen,100', ['-sharpen', '0x1'])).toBeLessThan(0.1)
  })
})

describe('watermark', () => {
  const image = Buffer.from('stamp.png').toString('base64').replaceAll('/', '_')

  test.each<[parameters: string, opacity: string, ...where: string[]]>([
    ['t_100', '1', '-gravity', 'northwest', '-geometry', '+10+10'],
    ['t_50,g_se', '0.5', '-gravity', 'southeast', '-geometry', '+10+10'],
    ['t_30,g_ne,x_25,y_5', '0.3', '-gravity', 'northeast', '-geometry', '+25+5'],
    ['t_80,g_center', '0.8', '-gravity', 'center', '-geometry', '+0+0'],
    ['t_60,g_north,y_30', '0.6', '-gravity', 'north', '-geometry', '+0+30'],
    ['t_60,g_west,x_30', '0.6', '-gravity', 'west', '-geometry', '+30+0'],
    ['t_60,g_sw,x_0,y_0', '0.6', '-gravity', 'southwest', '-geometry', '+0+0'],
  ])('%s', async (parameters, opacity, ...where) => {
    const stamp = [
      '(',
      'stamp.png',
      '-alpha',
      'set',
      '-channel',
      'A',
      '-evaluate',
      'multiply',
      opacity,
      '+channel',
      ')',
    ]
    const how = [...stamp, ...where, '-composite', '-alpha', 'off']
    expect(await apart('photo.png', `watermark,image_${image},${parameters}`, how)).toBeLessThan(0.005)
  })

  test.each(['天翼云', 'Sphinx 0189', '永'])('the text %s, set by FreeType from the same font', async (text) => {
    const { package: name, file } = FONTS['sans-hans']
    const font = join(import.meta.dirname, '..', '..', 'node_modules', name, file)
    await studio.convert('-size', '400x200', 'xc:white', 'canvas.png')
    await studio.putMade('canvas.png')
    const base64 = Buffer.from(text).toString('base64').replaceAll('/', '_')
    await studio.process('canvas.png', `image/watermark,text_${base64},size_60,color_000000,g_center`, 'set.png')
    await studio.convert('set.png', '-trim', '+repage', 'ours.png')
    // A label would cut off what reaches below its line.
    const how = ['-fill', 'black', '-font', font, '-pointsize', '60', '-annotate', '+20+120', text]
    await studio.convert('canvas.png', ...how, '-trim', '+repage', 'theirs.png')
    const [ours = [], theirs = []] = await Promise.all(
      ['ours.png', 'theirs.png'].map(async (one) => (await studio.identify(one, '%w %h')).split(' ').map(Number)),
    )
    // FreeType moves outlines to whole pixels, and so the box of the ink.
    for (const [at, side] of ours.entries()) expect(Math.abs(side - (theirs[at] ?? 0))).toBeLessThanOrEqual(2)
    await studio.convert('theirs.png', '-resize', `${ours[0]}x${ours[1]}!`, 'fitted.png')
    expect(await studio.difference('ours.png', 'fitted.png', 'RMSE')).toBeLessThan(0.15)
  })
})

describe('shapes', () => {
  /** ImageMagick's pen is half a pixel wide even where it draws no line. */
  test.each<[directive: string, size: string, drawing: string, area: number]>([
    ['circle,r_60', '121x121', 'circle 60,60 60,-0.25', Math.PI / 4],
    [
      'rounded-corners,r_30',
      '240x160',
      'roundrectangle -0.5,-0.5 239.5,159.5 30,30',
      1 - ((4 - Math.PI) * 900) / 38_400,
    ],
  ])('%s', async (directive, size, drawing, area) => {
    await studio.process('photo.png', `image/${directive}`, 'shape.png')
    await studio.convert('shape.png', '-alpha', 'extract', 'ours.png')
    await studio.convert('-size', size, 'xc:black', '-fill', 'white', '-draw', drawing, 'theirs.png')
    expect(await studio.difference('ours.png', 'theirs.png', 'RMSE')).toBeLessThan(0.05)
    expect(Math.abs(Number(await studio.identify('ours.png', '%[fx:mean]')) - area)).toBeLessThan(0.001)
  })
})

test('average-hue is the colour that one pixel would have', async () => {
  const answer = await studio.process('photo.png', 'image/average-hue', 'hue.json')
  const { RGB } = (await answer.json()) as { RGB: string }
  const theirs = await studio.convert('photo.png', '-scale', '1x1!', '-depth', '8', '-format', '%[hex:p{0,0}]', 'info:')
  const parts = (hex: string): number[] => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
  const [one, other] = [parts(RGB.slice(2)), parts(theirs)]
  expect(Math.max(...one.map((value, at) => Math.abs(value - (other[at] ?? 0))))).toBeLessThanOrEqual(1)
})
