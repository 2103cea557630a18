import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { writeBmp } from '../../../src/renderer/formats/bmp-write.ts'
import type { RenderStep } from '../../../src/renderer/plan.ts'
import { Engine } from '../../../src/renderer/sharp/engine.ts'
import { chunkOf, distance, glass, LIMITS, outcome, paint, rendered, roll, sharpOf } from '../../support/rendering.ts'

const SIZE = { width: 160, height: 100 }
/** Something that does not compress to nothing. */
const source = paint(SIZE, (x, y) => [x, y, (x * 31 + y * 17) % 64])
const frames = Array.from({ length: 4 }, (_, index) =>
  paint(SIZE, (x, y) => [(x * index) % 256, y, (x * y) % 256, 255]),
)

const FILES: readonly (readonly [string, Buffer])[] = [
  ['jpg', await sharpOf(source).jpeg().toBuffer()],
  ['progressive jpg', await sharpOf(source).jpeg({ progressive: true }).toBuffer()],
  ['png', await sharpOf(source).png().toBuffer()],
  ['interlaced png', await sharpOf(source).png({ progressive: true }).toBuffer()],
  ['webp', await sharpOf(source).webp().toBuffer()],
  ['lossless webp', await sharpOf(glass(SIZE)).webp({ lossless: true }).toBuffer()],
  ['tiff', await sharpOf(source).tiff({ compression: 'none' }).toBuffer()],
  ['lzw tiff', await sharpOf(source).tiff({ compression: 'lzw' }).toBuffer()],
  ['jpg in tiff', await sharpOf(source).tiff({ compression: 'jpeg' }).toBuffer()],
  [
    'tiled tiff',
    await sharpOf(source).tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
  ],
  ['gif', await sharpOf(source).gif().toBuffer()],
  ['bmp', writeBmp(source)],
  ['animated gif', await roll(frames).gif()],
  ['animated webp', await roll(frames).webp()],
]
const SMALL: RenderStep[] = [{ step: 'scale', to: { width: 16, height: 10 } }]

describe('a picture that is cut off', () => {
  it.each(FILES)('%s', async (_name, bytes) => {
    const whole = await rendered(bytes)
    const lengths = [
      ...Array.from({ length: 10 }, (_, tenth) => Math.floor((bytes.length * tenth) / 10)),
      bytes.length - 1,
    ]
    for (const length of lengths) {
      const cut = bytes.subarray(0, length)
      const plans = [
        [[], {}],
        [SMALL, {}],
        [[], { format: 'gif', animated: true }],
      ] as const
      for (const [steps, output] of plans) {
        const got = await outcome(rendered(cut, steps, output))
        // So few bytes are no picture at all. One byte at the end may be of no use: then nothing is missing.
        if (length === 0) expect(got).toBe('not-a-picture')
        else if (length < bytes.length - 1)
          expect(['damaged', length < 20 ? 'not-a-picture' : 'damaged']).toContain(got)
        else if (got === 'rendered' && steps.length === 0 && !('animated' in output))
          expect(distance(await rendered(cut), whole)).toBe(0)
      }
    }
  })
})

describe('bytes that are not what they begin as', () => {
  it('are damaged, whatever else they are', async () => {
    const png = FILES[2]![1]
    for (const [, bytes] of FILES) {
      const lie = Buffer.concat([png.subarray(0, 8), bytes.subarray(8)])
      if (bytes !== png && !bytes.subarray(1, 4).equals(png.subarray(1, 4)))
        expect(await outcome(rendered(lie))).toBe('damaged')
    }
    expect(await outcome(rendered(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(5000)])))).toBe(
      'damaged',
    )
  })

  it('or that are none are refused', async () => {
    const text = (value: string) => Buffer.from(value.padEnd(200), 'latin1')
    for (const bytes of [
      text('hello'),
      text('BMhello'),
      Buffer.alloc(0),
      Buffer.alloc(500),
      text('RIFF1234AVI '),
      text('GIF12a'),
    ])
      expect(await outcome(rendered(bytes))).toBe('not-a-picture')
  })

  it('of other formats are refused by name', async () => {
    const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    const foreign: readonly (readonly [string, Buffer])[] = [
      ['SVG', Buffer.from(svg)],
      ['SVG', Buffer.from(svg.slice(svg.indexOf('<svg')))],
      ['AVIF', await sharpOf(source).heif({ compression: 'av1' }).toBuffer()],
      ['HEIF', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0'.padEnd(100), 'latin1')],
      ['PDF', Buffer.from('%PDF-1.7'.padEnd(100))],
      ['JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n'.padEnd(100), 'latin1')],
      ['JPEG XL', Buffer.from('\xff\x0a'.padEnd(100), 'latin1')],
      ['Photoshop', Buffer.from('8BPS'.padEnd(100))],
    ]
    for (const [name, bytes] of foreign)
      await expect(new Engine(LIMITS).open(bytes)).rejects.toMatchObject({
        reason: 'unsupported',
        message: `Pictures in ${name} are not processed.`,
      })
  })
})

describe('a random change', () => {
  // A generator of its own, so that a failure comes again.
  function* bytesOf(seed: number): Generator<number, never> {
    for (let state = seed; ; ) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      yield state >>> 8
    }
  }

  it.each(FILES)('of %s is rendered or refused', async (_name, bytes) => {
    const random = bytesOf(bytes.length)
    for (let round = 0; round < 30; round += 1) {
      const changed = Buffer.from(bytes)
      // Headers are where a lie tells most.
      for (let count = 0; count < 3; count += 1)
        changed[random.next().value % Math.min(bytes.length, 400)] = random.next().value & 255
      expect(['rendered', 'damaged', 'unsupported', 'not-a-picture', 'too-large', 'out-of-memory']).toContain(
        await outcome(rendered(changed, SMALL)),
      )
    }
  })
})

describe('a picture that is too large', () => {
  const header = (width: number, height: number): Buffer => {
    const fields = Buffer.alloc(13)
    fields.writeUInt32BE(width, 0)
    fields.writeUInt32BE(height, 4)
    fields.set([8, 0], 8)
    const begin = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    const data = deflateSync(Buffer.alloc(100))
    return Buffer.concat([begin, chunkOf('IHDR', fields), chunkOf('IDAT', data), chunkOf('IEND', Buffer.alloc(0))])
  }
  const refusal = async (bytes: Buffer) =>
    await new Engine({ ...LIMITS, pixels: 10_000_000 }).open(bytes).then(
      () => 'opened',
      (cause: Error) => cause.message,
    )

  it('is refused by its header', async () => {
    expect(await refusal(header(30_001, 1))).toBe('The picture has 30001 × 1 pixels; a side may have 30000.')
    expect(await refusal(header(1, 30_001))).toBe('The picture has 1 × 30001 pixels; a side may have 30000.')
    expect(await refusal(header(10_000, 1001))).toBe(
      'The picture has 10000 × 1001 pixels; it may have 10000000 altogether.',
    )
    expect(await refusal(header(10_000, 1000))).toBe('opened')
    expect(await refusal(header(30_000, 1))).toBe('opened')
  })

  it('counts every frame', async () => {
    const gif = await roll(frames).gif()
    const all = 160 * 100 * 4
    const refused = 'The picture has 160 × 100 pixels × 4 frames; it may have 63999 altogether.'
    await expect(new Engine({ ...LIMITS, pixels: all - 1 }).open(gif)).rejects.toThrow(refused)
    await new Engine({ ...LIMITS, pixels: all }).open(gif)
  })

  it('is no result', async () => {
    const steps: RenderStep[] = [{ step: 'scale', to: { width: 7000, height: 7000 } }]
    expect(await outcome(rendered(FILES[2]![1], steps, { format: 'bmp' }))).toBe('too-large')
  })
})
