// What ImageMagick writes, as the server reads it, and the other way round.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gallery } from '../images/gallery.ts'
import { openStudio, type Studio } from './imagemagick.ts'

let studio: Studio
beforeAll(async () => {
  studio = await openStudio()
  for (const [name, body] of await gallery()) await studio.put(name, body)
})
afterAll(() => studio.stop())

/** Two decoders of JPEG may differ by so much in the mean, and two of the others by the rounding of 16 bits. */
const EXACT = 0
const ROUNDED = 1 / 255 + 0.0001
const LOSSY = 0.01

describe('what is answered is what ImageMagick says that it is', () => {
  const targets = [
    ['jpg', 'JPEG', 'image/jpeg'],
    ['png', 'PNG', 'image/png'],
    ['webp', 'WEBP', 'image/webp'],
    ['tiff', 'TIFF', 'image/tiff'],
    ['bmp', /^BMP3?$/, 'image/bmp'],
  ] as const
  const sources = [
    ['photo.jpg', LOSSY],
    ['photo.png', EXACT],
    ['photo.webp', LOSSY],
    ['photo.tiff', EXACT],
    ['bmp-24.bmp', EXACT],
    ['still.gif', EXACT],
  ] as const

  test.each(targets.flatMap((target) => sources.map((source) => [...source, ...target] as const)))(
    '%s (within %d) as %s',
    async (source, near, format, magick, type) => {
      const result = `as-${source}.${format}`
      const answer = await studio.process(source, `image/format,${format}`, result)
      expect(answer.headers.get('content-type')).toBe(type)
      const [name, ...sides] = (await studio.identify(result, '%m %w %h')).split(' ')
      expect(name).toMatch(magick)
      expect(sides).toEqual(['240', '160'])
      const isLossy = format === 'jpg' || format === 'webp'
      expect(await studio.difference(source, result, 'RMSE')).toBeLessThanOrEqual(isLossy ? 0.035 : near)
    },
  )

  test('alpha survives where the format has it, and is white where it has none', async () => {
    for (const format of ['png', 'webp', 'tiff', 'bmp']) {
      const result = `clear.${format}`
      await studio.process('alpha.png', `image/format,${format}`, result)
      const alphas = ['alpha.png', result].map((name) => `${name}-alpha.png`)
      await studio.convert('alpha.png', '-alpha', 'extract', alphas[0]!)
      await studio.convert(result, '-alpha', 'extract', alphas[1]!)
      expect([format, await studio.difference(alphas[0]!, alphas[1]!, 'PAE')]).toEqual([format, 0])
    }
    await studio.process('alpha.png', 'image/format,jpg', 'clear.jpg')
    await studio.convert('alpha.png', '-background', 'white', '-flatten', 'flat.png')
    expect(await studio.difference('flat.png', 'clear.jpg', 'RMSE')).toBeLessThanOrEqual(0.02)
  })

  test('the quality that was asked for, and the interlacing', async () => {
    await studio.process('photo.png', 'image/format,jpg/quality,Q_60', 'sixty.jpg')
    expect(await studio.identify('sixty.jpg', '%Q %[interlace]')).toBe('60 None')
    await studio.process('photo.jpg', 'image/quality,q_50/interlace,1', 'half.jpg')
    // The source has 92.
    expect(await studio.identify('half.jpg', '%Q %[interlace]')).toBe('46 JPEG')
    await studio.process('photo.png', 'image/interlace,1', 'interlaced.png')
    expect(await studio.identify('interlaced.png', '%[interlace]')).toBe('PNG')
  })

  test('EXIF stays, and goes with strip', async () => {
    await studio.process('orientation-6.jpg', 'image/resize,w_80', 'kept.jpg')
    expect(await studio.identify('kept.jpg', '%[EXIF:Orientation] %[orientation] %w %h')).toBe('6 RightTop 80 120')
    await studio.process('orientation-6.jpg', 'image/resize,w_80/strip', 'stripped.jpg')
    expect(await studio.identify('stripped.jpg', '%[EXIF:*]%[orientation]')).toMatch(/^(?:Undefined|TopLeft)$/)
    await studio.process('orientation-6.jpg', 'image/auto-orient,1', 'turned.jpg')
    expect(await studio.identify('turned.jpg', '%[EXIF:Orientation] %w %h')).toBe('1 240 160')
  })
})

describe('what ImageMagick writes is read', () => {
  const base = ['photo.png', '-colorspace', 'sRGB']

  /** The server's picture of a file that ImageMagick has made, against its own. */
  async function read(name: string, ...how: readonly string[]): Promise<{ rmse: number; most: number }> {
    await studio.convert(...how, name)
    const file = name.slice(name.indexOf(':') + 1)
    await studio.putMade(file)
    await studio.process(file, 'image/format,png', `${file}-ours.png`)
    await studio.convert(`${file}[0]`, '-colorspace', 'sRGB', '-depth', '8', `${file}-theirs.png`)
    const pair = [`${file}-ours.png`, `${file}-theirs.png`] as const
    expect(await studio.identify(pair[0], '%w %h')).toBe(await studio.identify(pair[1], '%w %h'))
    return { rmse: await studio.difference(...pair, 'RMSE'), most: await studio.difference(...pair, 'PAE') }
  }

  test.each<[name: string, ...how: string[]]>([
    // Microsoft's versions of the header, and OS/2's.
    ['BMP2:core.bmp', '-type', 'truecolor'],
    ['BMP3:info.bmp', '-type', 'truecolor'],
    ['BMP:five.bmp', '-type', 'truecolor'],
    ['BMP:alpha.bmp', '-type', 'truecoloralpha', '-channel', 'A', '-evaluate', 'set', '60%', '+channel'],
    ['BMP3:one.bmp', '-type', 'bilevel'],
    ['BMP3:four.bmp', '-colors', '14', '-type', 'palette', '-compress', 'none'],
    ['BMP3:eight.bmp', '-colors', '200', '-type', 'palette', '-compress', 'none'],
    ['BMP3:grey.bmp', '-type', 'grayscale', '-compress', 'none'],
    ['BMP3:runs.bmp', '-colors', '200', '-type', 'palette', '-compress', 'RLE'],
    ['BMP:565.bmp', '-type', 'truecolor', '-define', 'bmp:subtype=RGB565'],
    ['BMP:555.bmp', '-type', 'truecolor', '-define', 'bmp:subtype=RGB555'],
    ['odd.bmp', '-crop', '237x151+0+0', '+repage', '-type', 'truecolor'],
    // PNG in each kind of pixel.
    ['PNG48:deep48.png', '-depth', '16'],
    ['PNG64:deep64.png', '-alpha', 'set', '-channel', 'A', '-evaluate', 'set', '60%', '+channel'],
    ['PNG8:eight.png', '-colors', '100'],
    ['PNG32:thirty-two.png', '-alpha', 'set', '-channel', 'A', '-evaluate', 'set', '30%', '+channel'],
    ['one.png', '-type', 'bilevel'],
    ['grey16.png', '-colorspace', 'Gray', '-depth', '16'],
    ['laced.png', '-interlace', 'PNG'],
    // TIFF in the compressions that are common.
    ['none.tiff', '-compress', 'none'],
    ['lzw.tiff', '-compress', 'LZW'],
    ['zip.tiff', '-compress', 'Zip'],
    ['packbits.tiff', '-compress', 'RLE'],
    ['fax.tiff', '-type', 'bilevel', '-compress', 'Group4'],
    ['big.tiff', '-endian', 'MSB', '-compress', 'none'],
    ['tiled.tiff', '-define', 'tiff:tile-geometry=64x64', '-compress', 'LZW'],
    ['planes.tiff', '-interlace', 'Plane', '-compress', 'none'],
    ['deep.tiff', '-depth', '16', '-compress', 'LZW'],
    ['TIFF64:bigtiff.tiff', '-compress', 'LZW'],
    ['palette.tiff', '-colors', '100', '-type', 'palette', '-compress', 'LZW'],
    // The others.
    ['still.gif'],
    ['lossless.webp', '-define', 'webp:lossless=true'],
  ])('%s %s %s %s %s %s', async (name, ...how) => {
    const { most } = await read(name, ...base, ...how)
    expect(most).toBeLessThanOrEqual(ROUNDED)
  })

  test.each([
    // It cuts off what the bits do not hold, and reads it back without filling them up: the source is the measure.
    ['ARGB4444', 16 / 255],
    ['ARGB1555', 8 / 255],
  ])('a BMP of %s', async (subtype, near) => {
    const file = `${subtype}.bmp`
    await read(`BMP:${file}`, ...base, '-type', 'truecoloralpha', '-define', `bmp:subtype=${subtype}`)
    expect(await studio.difference('photo.png', `${file}-ours.png`, 'PAE')).toBeLessThanOrEqual(near + 0.0001)
  })

  test.each<[name: string, ...how: string[]]>([
    ['lossy.jpg', '-quality', '90'],
    ['whole.jpg', '-quality', '90', '-sampling-factor', '4:4:4'],
    ['progressive.jpg', '-interlace', 'JPEG'],
    ['grey.jpg', '-colorspace', 'Gray'],
    ['lossy.webp', '-quality', '80'],
    ['jpeg.tiff', '-compress', 'JPEG'],
  ])('%s %s %s', async (name, ...how) => {
    expect((await read(name, ...base, ...how)).rmse).toBeLessThanOrEqual(LOSSY)
  })

  test('CMYK, whose inks have no one colour: without a profile each side has its own', async () => {
    expect((await read('inks.jpg', ...base, '-colorspace', 'CMYK', '-quality', '95')).rmse).toBeLessThanOrEqual(0.16)
    // Inverted or not, dark stays dark: the picture is far from its negative.
    await studio.convert('photo.png', '-negate', 'negative.png')
    const [near, far] = [
      await studio.difference('photo.png', 'inks.jpg-ours.png', 'RMSE'),
      await studio.difference('negative.png', 'inks.jpg-ours.png', 'RMSE'),
    ]
    expect(near).toBeLessThan(far / 2)
  })

  test.each(['moving.gif', 'moving.webp'])('%s, frame by frame', async (source) => {
    const result = `small-${source}`
    await studio.process(source, 'image/resize,w_120', result)
    expect(await studio.identify(result, '%m %n %T;')).toMatch(/^(?:(?:GIF|WEBP) 4 12;){4}$/)
    await studio.convert(source, '-coalesce', '-filter', 'Lanczos', '-resize', '120x80!', 'theirs-%d.png')
    await studio.convert(result, '-coalesce', 'ours-%d.png')
    for (const frame of [0, 1, 2, 3]) {
      // Of 256 colours each palette has its own.
      expect(await studio.difference(`theirs-${frame}.png`, `ours-${frame}.png`, 'RMSE')).toBeLessThanOrEqual(0.05)
    }
  })

  test('an animation that stores only what changes', async () => {
    await studio.convert('moving.gif', '-coalesce', '-layers', 'optimize', 'sparse.gif')
    await studio.putMade('sparse.gif')
    await studio.process('sparse.gif', 'image/resize,w_120', 'sparse-small.gif')
    await studio.convert('sparse.gif', '-coalesce', '-filter', 'Lanczos', '-resize', '120x80!', 'dense-%d.png')
    await studio.convert('sparse-small.gif', '-coalesce', 'sparse-%d.png')
    for (const frame of [0, 1, 2, 3])
      expect(await studio.difference(`dense-${frame}.png`, `sparse-${frame}.png`, 'RMSE')).toBeLessThanOrEqual(0.05)
  })

  test('the first of several pages', async () => {
    await studio.convert('photo.png', '(', 'photo.png', '-negate', ')', '-compress', 'LZW', 'pages.tiff')
    await studio.putMade('pages.tiff')
    await studio.process('pages.tiff', 'image/format,png', 'page.png')
    expect(await studio.difference('photo.png', 'page.png', 'PAE')).toBe(0)
  })

  test('a file that ends too early is refused, and so is one that is no picture', async () => {
    const whole = readFileSync(join(studio.dir, 'lossy.jpg'))
    await studio.put('cut.jpg', whole.subarray(0, whole.length / 2))
    writeFileSync(join(studio.dir, 'text.jpg'), 'no picture')
    await studio.putMade('text.jpg')
    for (const name of ['cut.jpg', 'text.jpg'])
      await expect(studio.process(name, 'image/format,png', 'none.png')).rejects.toThrow('InvalidArgument')
    await studio.process('lossy.jpg', 'image/format,png', 'some.png')
  })
})
