import { expect, it } from 'vitest'
import { S3Error } from '../../../src/errors.ts'
import { readDirective } from '../../../src/s3/process/directive.ts'

const STRINGS = 100_000
const SEEDS = [
  'image/resize,w_100,h_50,m_pad,color_FF8000,limit_0',
  'image/resize,p_50/rotate,45/format,webp',
  'image/crop,w_100,h_100,x_10,y_10,g_se|image/quality,q_80/strip',
  'image/watermark,text_Q2hpbmF0ZWxlY29t,type_heiti,color_FF0000,size_40,g_se,t_80,rotate_30',
  'image/watermark,image_aHVkaWUuanBnP3gtem9zLXByb2Nlc3M9aW1hZ2UvcmVzaXplLHBfMzAvcm90YXRlLDE4MA==,g_north,t_40',
  'image/blur,r_3,s_2/bright,-5/contrast,5/sharpen,100/interlace,1/auto-orient,1',
  'image/circle,r_100/rounded-corners,r_30/indexcrop,x_100,i_1',
  'image/info',
  'image/average-hue',
]
const PIECES = [
  ...['image', 'resize', 'watermark', 'text_', 'image_', 'w_', 'p_', 'r_', '100', '-1', '4096', 'YQ==', 'g_se', 'info'],
  ...['/', '|', ',', '_', ' ', '=', '+', '-', '?', '%', '\0', '\n', '\ud800', '中', '😀', '__proto__', 'constructor'],
]

/** The same strings in every run (mulberry32). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Pieces of directives in any order, or a directive of which some characters have been changed. */
function randomString(random: (below: number) => number): string {
  const piece = () => PIECES[random(PIECES.length)]!
  if (random(4) === 0) return Array.from({ length: random(30) }, piece).join('')
  let text = SEEDS[random(SEEDS.length)]!
  for (let changes = random(4); changes > 0; changes -= 1) {
    const at = random(text.length + 1)
    text = text.slice(0, at) + (random(3) === 0 ? '' : piece()) + text.slice(at + random(4))
  }
  return text
}

it(`reads ${STRINGS.toLocaleString('en')} strings, or refuses them with 400`, () => {
  const random = randomNumbers(6)
  const counts = { read: 0, refused: 0 }
  for (let count = 0; count < STRINGS; count += 1) {
    const text = randomString(random)
    try {
      readDirective(text)
      counts.read += 1
    } catch (error) {
      const isRefusal = error instanceof S3Error && error.status === 400 && / at character \d+: /.test(error.message)
      if (!isRefusal) throw new Error(`on ${JSON.stringify(text)}`, { cause: error })
      counts.refused += 1
    }
  }
  // Both happen often enough that the numbers mean something.
  expect(counts.read).toBeGreaterThan(STRINGS / 10)
  expect(counts.refused).toBeGreaterThan(STRINGS / 10)
})
