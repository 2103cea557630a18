// Directives that make sense, that hardly do, and that do not.

import type { Random } from '../crash/random.ts'

const NINE = ['nw', 'north', 'ne', 'west', 'center', 'east', 'sw', 'south', 'se']
const COLOURS = ['FF0000', '00ff00', '123456', 'FFFFFF']
const FACES = ['heiti', 'kaishu', 'youyuan', 'Arial', 'times', 'courier']
const TEXTS = [
  'a',
  '水印',
  'longer than the picture is wide',
  '😀 ﷽ e\u0301',
  '',
  ' ',
  '\n',
  '𠮷',
  'x'.repeat(64),
  '\u0000',
]
const FORMATS = ['jpg', 'png', 'webp', 'bmp', 'tiff', 'gif', 'JPEG', 'avif']
const STRANGE = ['', '-1', '0', '4097', '1e3', '٣', '0x10', 'NaN', '99999999999', '1.5', '+5', ' 7', '_', '%', '＆']
const SPLINTERS = ['/', '|', ',', '_', 'image/', '%00', '\u0000', '\n', '中', '?x-zos-process=', '=', '..', '__proto__']

/** From one to four operators; one in three has been changed somewhere. */
export function wildDirective(random: Random, keys: readonly string[]): string {
  const operators = Array.from({ length: random.between(1, 4) }, () => operator(random, keys))
  const text = `image/${operators.join(random.between(0, 9) === 0 ? '|image/' : '/')}`
  return random.between(0, 2) === 0 ? changed(text, random) : text
}

export function oneOf<T>(random: Random, choices: readonly T[]): T {
  return random.pick(choices.map((choice) => [choice, 1] as const))
}

function changed(text: string, random: Random): string {
  let result = text
  for (let count = random.between(1, 3); count > 0; count -= 1) {
    const at = random.between(0, result.length)
    const splinter = random.between(0, 1) === 0 ? '' : oneOf(random, SPLINTERS)
    result = result.slice(0, at) + splinter + result.slice(at + random.between(0, 4))
  }
  return result
}

/** Mostly small, so that thousands of them take little time. */
function side(random: Random): string {
  return String(
    random.pick([
      [random.between(1, 150), 80],
      [random.between(1, 900), 10],
      [random.between(1, 4096), 1],
    ]),
  )
}

function number(random: Random, low: number, high: number): string {
  return random.between(0, 19) === 0 ? oneOf(random, STRANGE) : String(random.between(low, high))
}

/** Some of these, in this order. */
function some(random: Random, parameters: readonly string[]): string {
  return parameters.filter(() => random.between(0, 2) > 0).join(',')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('/', '_')
}

function operator(random: Random, keys: readonly string[]): string {
  return random.between(0, 4) === 0 ? watermark(random, keys) : oneOf(random, SIMPLE)(random)
}

const SIMPLE: readonly ((random: Random) => string)[] = [
  (random) => `resize,${some(random, resizing(random))}`,
  (random) => `resize,p_${number(random, 1, 200)}`,
  (random) =>
    `crop,${some(random, [`w_${side(random)}`, `h_${side(random)}`, `x_${side(random)}`, `g_${oneOf(random, NINE)}`])}`,
  (random) => `rotate,${number(random, 0, 360)}`,
  (random) => `format,${oneOf(random, FORMATS)}`,
  (random) => `quality,${oneOf(random, ['q', 'Q'])}_${number(random, 1, 100)}`,
  (random) => oneOf(random, ['strip', 'info', 'average-hue', 'interlace,1', 'auto-orient,1', 'auto-orient,0', '']),
  (random) => `bright,${number(random, -100, 100)}`,
  (random) => `contrast,${number(random, -100, 100)}`,
  (random) => `sharpen,${number(random, 50, 399)}`,
  (random) => `blur,r_${number(random, 1, 50)},s_${number(random, 1, 50)}`,
  (random) => `circle,r_${number(random, 1, 100)}`,
  (random) => `rounded-corners,r_${number(random, 1, 100)}`,
  (random) => `indexcrop,${oneOf(random, ['x', 'y'])}_${number(random, 1, 60)},i_${number(random, 0, 3)}`,
]

function resizing(random: Random): string[] {
  const mode = oneOf(random, ['lfit', 'mfit', 'fill', 'pad', 'fixed'])
  const colour = mode === 'pad' ? [`color_${oneOf(random, COLOURS)}`] : []
  return [`w_${side(random)}`, `h_${side(random)}`, `m_${mode}`, ...colour, `limit_${random.between(0, 1)}`]
}

function watermark(random: Random, keys: readonly string[]): string {
  const place = [`t_${number(random, 0, 100)}`, `x_${number(random, 0, 200)}`, `y_${number(random, 0, 200)}`]
  const common = [...place, `g_${oneOf(random, NINE)}`]
  if (random.between(0, 1) === 0) {
    const look = [`type_${oneOf(random, FACES)}`, `color_${oneOf(random, COLOURS)}`, `rotate_${number(random, 0, 360)}`]
    const size = `size_${number(random, 1, 120)}`
    return `watermark,text_${base64(oneOf(random, TEXTS))},${some(random, [...common, ...look, size])}`
  }
  const preparation = random.between(0, 1) === 0 ? '' : `?x-zos-process=image/${oneOf(random, SIMPLE)(random)}`
  const key = random.between(0, 19) === 0 ? 'not there' : oneOf(random, keys)
  return `watermark,image_${base64(key + preparation)},${some(random, common)}`
}
