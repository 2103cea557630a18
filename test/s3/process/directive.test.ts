import { describe, expect, it, test } from 'vitest'
import type { Directive, ImageOperator } from '../../../src/domain/images/directive.ts'
import { S3Error } from '../../../src/errors.ts'
import { readDirective } from '../../../src/s3/process/directive.ts'
import { codeOf } from '../../support/errors.ts'

const WHITE = { red: 255, green: 255, blue: 255 }

/** The message of the error that a directive gets. */
function problemOf(text: string): string {
  try {
    return JSON.stringify(readDirective(text))
  } catch (error) {
    if (error instanceof S3Error && error.code === 'InvalidArgument') return error.message
    throw error
  }
}

const operators = (text: string) => readDirective(text).map(({ operator }) => operator)
const base64 = (text: string) => Buffer.from(text).toString('base64url')

describe('operators and their defaults', () => {
  const resize = { operator: 'resize', width: undefined, height: undefined, mode: 'lfit', color: WHITE } as const
  const crop = { operator: 'crop', width: undefined, height: undefined, x: 0, y: 0, gravity: 'nw' } as const
  test.each<[string, ImageOperator]>([
    ['resize,w_100', { ...resize, width: 100, percent: undefined, limit: true }],
    ['resize,h_100,limit_0', { ...resize, height: 100, percent: undefined, limit: false }],
    ['resize,w_1,h_2,m_fixed', { ...resize, width: 1, height: 2, mode: 'fixed', percent: undefined, limit: true }],
    [
      'resize,m_pad,w_1,color_ff8000',
      { ...resize, width: 1, mode: 'pad', color: { red: 255, green: 128, blue: 0 }, percent: undefined, limit: true },
    ],
    ['resize,p_50', { ...resize, percent: 50, limit: false }],
    ['resize,p_200,limit_1', { ...resize, percent: 200, limit: true }],
    // OSS: beside a side a percentage has nothing to say.
    ['resize,p_50,w_100', { ...resize, width: 100, percent: undefined, limit: true }],
    ['crop', crop],
    ['crop,w_0,h_0', crop],
    ['crop,w_100,h_200,x_10,y_20,g_se', { ...crop, width: 100, height: 200, x: 10, y: 20, gravity: 'se' }],
    ['rotate,45', { operator: 'rotate', degrees: 45 }],
    ['rotate,007', { operator: 'rotate', degrees: 7 }],
    ['format,png', { operator: 'format', format: 'png' }],
    ['format,Jpg', { operator: 'format', format: 'jpg' }],
    ['format,jpeg', { operator: 'format', format: 'jpg' }],
    ['info', { operator: 'info' }],
    ['average-hue', { operator: 'average-hue' }],
    ['quality,q_80', { operator: 'quality', kind: 'relative', value: 80 }],
    ['quality,Q_80', { operator: 'quality', kind: 'absolute', value: 80 }],
    ['quality,q_10,Q_80', { operator: 'quality', kind: 'absolute', value: 80 }],
    ['strip', { operator: 'strip' }],
    ['bright,-50', { operator: 'bright', amount: -50 }],
    ['bright,-0', { operator: 'bright', amount: 0 }],
    ['contrast,50', { operator: 'contrast', amount: 50 }],
    ['sharpen,100', { operator: 'sharpen', amount: 100 }],
    ['blur,r_3,s_2', { operator: 'blur', radius: 3, sigma: 2 }],
    ['interlace,1', { operator: 'interlace', on: true }],
    ['auto-orient,0', { operator: 'auto-orient', on: false }],
    ['circle,r_100', { operator: 'circle', radius: 100 }],
    ['rounded-corners,r_30', { operator: 'rounded-corners', radius: 30 }],
    ['indexcrop,x_100,i_1', { operator: 'indexcrop', axis: 'x', length: 100, index: 1 }],
    ['indexcrop,y_200,i_0', { operator: 'indexcrop', axis: 'y', length: 200, index: 0 }],
    ['indexcrop,x_100,y_200,i_0', { operator: 'indexcrop', axis: 'y', length: 200, index: 0 }],
  ])('%s', (text, operator) => {
    expect(readDirective(`image/${text}`)).toStrictEqual([operator])
  })
})

describe('ranges', () => {
  /** An operator with a place for the value, the smallest and the largest one. */
  test.each([
    ['resize,w_?', 1, 4096],
    ['resize,h_?', 1, 4096],
    ['resize,p_?', 1, 1000],
    ['resize,w_1,limit_?', 0, 1],
    ['crop,w_?', 0, 30_000],
    ['crop,h_?', 0, 30_000],
    ['crop,x_?', 0, 30_000],
    ['crop,y_?', 0, 30_000],
    ['rotate,?', 0, 360],
    ['watermark,text_YQ,t_?', 0, 100],
    ['watermark,text_YQ,x_?', 0, 4096],
    ['watermark,text_YQ,y_?', 0, 4096],
    ['watermark,text_YQ,size_?', 1, 1000],
    ['watermark,text_YQ,rotate_?', 0, 360],
    ['quality,q_?', 1, 100],
    ['quality,Q_?', 1, 100],
    ['bright,?', -100, 100],
    ['contrast,?', -100, 100],
    ['sharpen,?', 50, 399],
    ['blur,s_1,r_?', 1, 50],
    ['blur,r_1,s_?', 1, 50],
    ['interlace,?', 0, 1],
    ['auto-orient,?', 0, 1],
    ['circle,r_?', 1, 4096],
    ['rounded-corners,r_?', 1, 4096],
    ['indexcrop,i_0,x_?', 1, 30_000],
    ['indexcrop,i_0,y_?', 1, 30_000],
    ['indexcrop,x_1,i_?', 0, 30_000],
  ])('%s from %i to %i', (form, min, max) => {
    const taken = (value: number | string) => problemOf(`image/${form.replace('?', String(value))}`)
    expect(taken(min)).toMatch(/^\[\{/)
    expect(taken(max)).toMatch(/^\[\{/)
    for (const beyond of [min - 1, max + 1, 9_999_999, `${min}.5`, `${min}e0`, '0x1', 'x', '١']) {
      expect(taken(beyond)).toMatch(/ must be (?:a whole number from|one of 0, 1)/)
    }
    expect(taken('')).toMatch(/ is missing: it is /)
  })

  const words = ['lfit', 'mfit', 'fill', 'pad', 'fixed']
  it.each(words)('m_%s', (mode) => expect(readDirective(`image/resize,w_1,m_${mode}`)).toMatchObject([{ mode }]))

  const places = ['nw', 'north', 'ne', 'west', 'center', 'east', 'sw', 'south', 'se']
  it.each(places)('g_%s', (gravity) => {
    expect(readDirective(`image/crop,g_${gravity}`)).toMatchObject([{ gravity }])
    expect(readDirective(`image/watermark,text_YQ,g_${gravity}`)).toMatchObject([{ gravity }])
  })

  it.each(['jpg', 'png', 'webp', 'bmp', 'tiff', 'gif'])('format,%s', (format) => {
    expect(readDirective(`image/format,${format.toUpperCase()}`)).toEqual([{ operator: 'format', format }])
  })
})

describe('what the vendor prints', () => {
  test.each<[string, Directive[number]['operator'][]]>([
    ['image/resize, w_300, h_200, m_fixed', ['resize']],
    ['image/resize,w_200', ['resize']],
    ['image/crop, w_100, h_100, x_10, y_10, g_se', ['crop']],
    ['image/rotate,45', ['rotate']],
    [
      `image/watermark,image_${base64('hudie.jpg?x-zos-process=image/resize,p_30/rotate,180')},g_north,t_40`,
      ['watermark'],
    ],
    ['image/watermark, text_Q2hpbmF0ZWxlY29t, type_heiti, color_FF0000, size_40, g_se, t_80', ['watermark']],
    ['image/format, png', ['format']],
    ['image/info', ['info']],
    ['image/resize,w_500,h_500/rotate,180', ['resize', 'rotate']],
    ['image/rotate,180/crop,x_50,y_50,w_300,h_300,g_se', ['rotate', 'crop']],
    ['image/rotate,45|image/resize,p_80', ['rotate', 'resize']],
    ['image/watermark, image_c2h1aXlpbi5wbmc=, t_50', ['watermark']],
    ['image/watermark,image_c2h1aXlpbi5wbmc=,t_50/resize,p_80', ['watermark', 'resize']],
    ['image/watermark,image_c2h1aXlpbi5wbmc_eC16b3MtcHJvY2Vzcz1pbWFnZS9yZXNpemUscF81MC9yb3RhdGUsMTgw', ['watermark']],
    ['image/indexcrop,x_200,i_1', ['indexcrop']],
  ])('%s', (text, expected) => {
    expect(operators(text)).toEqual(expected)
  })

  it('passes over spaces around the separators', () => {
    const spaced = ' image / resize , w_100 , h_50 | image / format , png '
    expect(readDirective(spaced)).toEqual(readDirective('image/resize,w_100,h_50|image/format,png'))
    expect(problemOf('image/resize,w _100')).toContain('"w _100" at character 14')
  })

  it('keeps the last of several settings for the plan to choose', () => {
    expect(operators('image/format,jpg/format,png')).toEqual(['format', 'format'])
  })
})

describe('problems', () => {
  test.each([
    ['', '"" at character 1: a directive, and what follows each |, begins with image/'],
    ['resize,w_100', '"resize,w_100" at character 1: a directive'],
    ['Image/resize,w_100', '"Image" at character 1: a directive'],
    ['video/resize,w_100', '"video" at character 1: a directive'],
    ['image', '"image" at character 1: image is not followed by / and an operator'],
    ['image/', '"" at character 7: an operator is missing: it is one of resize, crop'],
    ['image//resize,w_100', '"" at character 7: an operator is missing'],
    ['image/resize,w_100/', '"" at character 20: an operator is missing'],
    ['image/resize,w_100|', '"" at character 20: a directive'],
    ['image/resize,w_100|resize,w_50', '"resize,w_50" at character 20: a directive'],
    ['image/resize,w_100||image/format,png', '"" at character 20: a directive'],
    ['image/frobnicate,w_1', '"frobnicate,w_1" at character 7: no operator of this name can be used here: there are'],
    ['image/Resize,w_1', '"Resize,w_1" at character 7: no operator'],
    ['image/constructor', '"constructor" at character 7: no operator'],
    ['image/__proto__,w_1', '"__proto__,w_1" at character 7: no operator'],
    [
      'image/resize,l_100',
      '"l_100" at character 14: resize has no parameter of this name: it has w, h, m, color, p, limit',
    ],
    ['image/resize,W_100', '"W_100" at character 14: resize has no parameter of this name'],
    ['image/resize,__proto___1', '"__proto___1" at character 14: resize has no parameter of this name'],
    ['image/resize,w100', '"w100" at character 14: a parameter of resize is written as key_value'],
    ['image/resize,', '"" at character 14: a parameter of resize is written as key_value'],
    ['image/resize,w_100,,h_1', '"" at character 20: a parameter of resize is written as key_value'],
    ['image/resize,w_100, w_100', '"w_100" at character 21: w is given twice'],
    ['image/resize,w_', '"w_" at character 14: the value of w is missing: it is a whole number from 1 to 4096'],
    ['image/resize, w_4097', '"w_4097" at character 15: w must be a whole number from 1 to 4096'],
    ['image/resize', '"resize" at character 7: resize needs w, h or p'],
    ['image/resize,m_fixed', '"resize,m_fixed" at character 7: resize needs w, h or p'],
    ['image/resize,w_1,m_Fixed', '"m_Fixed" at character 18: m must be one of lfit, mfit, fill, pad, fixed'],
    ['image/resize,w_1,m_pad,color_12345', '"color_12345" at character 24: color must be a color RRGGBB'],
    ['image/resize,w_1,m_pad,color_#123456', '"color_#123456" at character 24: color must be a color RRGGBB'],
    ['image/resize,w_1,color_FFFFFF', 'at character 7: color is what m_pad fills with'],
    ['image/resize,p_1,m_pad,color_FFFFFF', 'at character 7: color is what m_pad fills with'],
    ['image/crop,g_nowhere', '"g_nowhere" at character 12: g must be one of nw, north'],
    ['image/rotate', '"rotate" at character 7: the value of rotate is missing: it is a whole number from 0 to 360'],
    ['image/rotate,', '"" at character 14: the value of rotate is missing'],
    ['image/rotate,361', '"361" at character 14: rotate must be a whole number from 0 to 360'],
    ['image/rotate,90,180', '"180" at character 17: rotate has one value'],
    ['image/rotate,a_90', '"a_90" at character 14: rotate must be'],
    ['image/format,ico', '"ico" at character 14: format must be one of jpg, jpeg, png, webp, bmp, tiff, gif'],
    ['image/info,x_1', '"x_1" at character 12: info has no parameters'],
    ['image/strip,1', '"1" at character 13: strip has no parameters'],
    ['image/quality', '"quality" at character 7: quality needs q or Q'],
    ['image/blur,r_1', '"blur,r_1" at character 7: blur needs r and s'],
    ['image/blur,s_1', '"blur,s_1" at character 7: blur needs r and s'],
    ['image/circle', '"circle" at character 7: circle needs r'],
    ['image/rounded-corners', '"rounded-corners" at character 7: rounded-corners needs r'],
    ['image/indexcrop,x_1', '"indexcrop,x_1" at character 7: indexcrop needs i'],
    ['image/indexcrop,i_1', '"indexcrop,i_1" at character 7: indexcrop needs x or y'],
    ['image/info/resize,w_1', '"info" at character 7: info must be the only operator'],
    ['image/resize,w_1/info', '"info" at character 18: info must be the only operator'],
    ['image/resize,w_1|image/average-hue', '"average-hue" at character 24: average-hue must be the only operator'],
    ['image/info|image/info', '"info" at character 7: info must be the only operator'],
    // The position is a character's of the directive, also behind others than ASCII.
    ['image/format,中,png', '"png" at character 16: format has one value'],
  ])('%s', (text, message) => {
    const problem = problemOf(text)
    expect(problem).toMatch(/^x-zos-process: ".*" at character \d+: ./)
    expect(problem).toContain(message)
  })

  it('shows the directive as the argument, and not too much of it', () => {
    const long = `image/${'x'.repeat(2000)}`
    expect(() => readDirective(long)).toThrow(
      expect.objectContaining({
        status: 400,
        details: { ArgumentName: 'x-zos-process', ArgumentValue: long.slice(0, 1024) },
        message: expect.stringContaining(`"${'x'.repeat(40)}…" at character 7: `),
      }),
    )
  })

  it('takes as many operators as it says', () => {
    const directive = (count: number) => `image${'/strip'.repeat(count)}`
    expect(readDirective(directive(20))).toHaveLength(20)
    expect(problemOf(directive(21))).toContain('"strip" at character 127: there are more than 20 operators')
    expect(problemOf(`${directive(20)}|image/strip`)).toContain('"strip" at character 133: there are more than 20')
  })

  it('takes as many characters as it says', () => {
    const directive = (chars: number) => `image/strip${' '.repeat(chars - 11)}`
    expect(operators(directive(8192))).toEqual(['strip'])
    expect(problemOf(directive(8193))).toContain('at character 1: a directive has at most 8192 characters')
    expect(codeOf(() => readDirective('/'.repeat(1_000_000)))).toBe('InvalidArgument')
  })
})
