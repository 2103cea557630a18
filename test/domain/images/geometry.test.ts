import { describe, expect, it, test } from 'vitest'
import { planPicture } from '../../../src/domain/images/plan.ts'
import type { RenderStep, Size } from '../../../src/renderer/plan.ts'
import { readDirective } from '../../../src/s3/process/directive.ts'
import { codeOf } from '../../support/errors.ts'
import { picture } from '../../support/opened-picture.ts'

const sized = ({ width, height }: Size) => `${width}x${height}`

/** A step in a few characters. */
function brief(step: RenderStep): string {
  switch (step.step) {
    case 'scale':
    case 'pad':
      return `${step.step} ${sized(step.to)}`
    case 'cut':
      return `cut ${step.left},${step.top} ${sized(step.size)}`
    case 'turn':
      return `turn ${step.degrees} ${sized(step.to)}`
    case 'circle':
    case 'round-corners':
      return `${step.step} ${step.radius}`
    default:
      return step.step
  }
}

/** The steps for a picture of this size, which may be followed by EXIF's orientation. */
function stepsOf(source: string, operators: string): string {
  const [width = 0, height = 0, orientation = 1] = source.split(/[x ]/).map(Number)
  const plan = planPicture(readDirective(`image/${operators}`), picture({ width, height, orientation }), new Map())
  return plan.steps.map(brief).join('; ')
}

// All numbers were computed by hand from the rules; those of 200x100 and 400x200 are printed by OSS and by ZOS.
type Row = readonly [source: string, operators: string, steps: string]

describe('resize', () => {
  test.each<Row>([
    ['400x267', 'resize,w_100', 'scale 100x67'],
    ['400x267', 'resize,h_100', 'scale 150x100'],
    ['400x267', 'resize,w_100,h_100', 'scale 100x67'],
    ['400x267', 'resize,w_200,h_50', 'scale 75x50'],
    ['400x267', 'resize,w_400', ''],
    ['400x267', 'resize,w_401', ''],
    ['400x267', 'resize,w_401,limit_0', 'scale 401x268'],
    ['400x267', 'resize,w_800,limit_0', 'scale 800x534'],
    ['400x267', 'resize,w_800,h_100', 'scale 150x100'],
    ['400x267', 'resize,w_1', 'scale 1x1'],
    ['1000x1', 'resize,w_10', 'scale 10x1'],
    ['1x1000', 'resize,h_10', 'scale 1x10'],
    ['200x100', 'resize,w_150,h_80', 'scale 150x75'],
    ['400x200', 'resize,w_300,h_160', 'scale 300x150'],
    ['5000x1000', 'resize,h_1000', ''],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  test.each<Row>([
    ['200x100', 'resize,m_mfit,w_150,h_80', 'scale 160x80'],
    ['400x200', 'resize,m_mfit,w_300,h_160', 'scale 320x160'],
    ['400x267', 'resize,m_mfit,w_100,h_100', 'scale 150x100'],
    ['400x267', 'resize,m_mfit,w_100', 'scale 100x67'],
    ['400x267', 'resize,m_mfit,w_400,h_267', ''],
    ['400x267', 'resize,m_mfit,w_300,h_300', ''],
    ['400x267', 'resize,m_mfit,w_300,h_300,limit_0', 'scale 449x300'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  test.each<Row>([
    ['200x100', 'resize,m_fill,w_150,h_80', 'scale 160x80; cut 5,0 150x80'],
    ['400x200', 'resize,m_fill,w_300,h_160', 'scale 320x160; cut 10,0 300x160'],
    ['400x267', 'resize,m_fill,w_100,h_100', 'scale 150x100; cut 25,0 100x100'],
    ['100x200', 'resize,m_fill,w_50,h_50', 'scale 50x100; cut 0,25 50x50'],
    ['400x267', 'resize,m_fill,w_50', 'scale 75x50; cut 12,0 50x50'],
    ['400x267', 'resize,m_fill,w_400,h_100', 'cut 0,83 400x100'],
    ['400x267', 'resize,m_fill,w_400,h_267', ''],
    ['400x267', 'resize,m_fill,w_500,h_100', ''],
    ['400x267', 'resize,m_fill,w_500,h_100,limit_0', 'scale 500x334; cut 0,117 500x100'],
    ['101x101', 'resize,m_fill,w_100,h_50', 'scale 100x100; cut 0,25 100x50'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  test.each<Row>([
    ['200x100', 'resize,m_pad,w_150,h_80', 'scale 150x75; pad 150x80'],
    ['400x200', 'resize,m_pad,w_300,h_160', 'scale 300x150; pad 300x160'],
    ['400x267', 'resize,m_pad,w_100,h_100', 'scale 100x67; pad 100x100'],
    ['400x267', 'resize,m_pad,w_100', 'scale 100x67; pad 100x100'],
    ['400x267', 'resize,m_pad,h_50', 'scale 50x33; pad 50x50'],
    ['100x100', 'resize,m_pad,w_50,h_50', 'scale 50x50'],
    ['400x200', 'resize,m_pad,w_400,h_100', 'scale 200x100; pad 400x100'],
    ['400x267', 'resize,m_pad,w_400,h_400', ''],
    ['400x267', 'resize,m_pad,w_400,h_400,limit_0', 'pad 400x400'],
    ['100x50', 'resize,m_pad,w_200,h_200,limit_0', 'scale 200x100; pad 200x200'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  test.each<Row>([
    ['400x200', 'resize,m_fixed,w_300,h_160', 'scale 300x160'],
    ['400x267', 'resize,m_fixed,w_100,h_100', 'scale 100x100'],
    ['200x100', 'resize,m_fixed,h_100', 'scale 100x100'],
    ['400x267', 'resize,m_fixed,w_400,h_267', ''],
    ['400x267', 'resize,m_fixed,w_500,h_100', ''],
    ['400x267', 'resize,m_fixed,w_500,h_100,limit_0', 'scale 500x100'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  test.each<Row>([
    ['400x267', 'resize,p_50', 'scale 200x134'],
    ['400x267', 'resize,p_1', 'scale 4x3'],
    ['400x267', 'resize,p_100', ''],
    ['400x267', 'resize,p_200', 'scale 800x534'],
    ['400x267', 'resize,p_200,limit_0', 'scale 800x534'],
    ['400x267', 'resize,p_200,limit_1', ''],
    ['400x267', 'resize,p_1000', 'scale 4000x2670'],
    ['100x100', 'resize,p_33', 'scale 33x33'],
    ['10x10', 'resize,p_1', 'scale 1x1'],
    ['20000x10000', 'resize,p_100', ''],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))
})

describe('crop', () => {
  test.each<Row>([
    ['400x267', 'crop', ''],
    ['400x267', 'crop,w_100,h_100', 'cut 0,0 100x100'],
    ['400x267', 'crop,w_100', 'cut 0,0 100x267'],
    ['400x267', 'crop,x_10,y_20', 'cut 10,20 390x247'],
    ['400x267', 'crop,w_100,h_50,x_10,y_20', 'cut 10,20 100x50'],
    ['400x267', 'crop,w_101,h_50,g_nw', 'cut 0,0 101x50'],
    ['400x267', 'crop,w_101,h_50,g_north', 'cut 149,0 101x50'],
    ['400x267', 'crop,w_101,h_50,g_ne', 'cut 299,0 101x50'],
    ['400x267', 'crop,w_101,h_50,g_west', 'cut 0,108 101x50'],
    ['400x267', 'crop,w_101,h_50,g_center', 'cut 149,108 101x50'],
    ['400x267', 'crop,w_101,h_50,g_east', 'cut 299,108 101x50'],
    ['400x267', 'crop,w_101,h_50,g_sw', 'cut 0,217 101x50'],
    ['400x267', 'crop,w_101,h_50,g_south', 'cut 149,217 101x50'],
    ['400x267', 'crop,w_101,h_50,g_se', 'cut 299,217 101x50'],
    ['400x267', 'crop,w_100,h_100,x_10,y_10,g_se', 'cut 310,177 90x90'],
    ['400x267', 'crop,w_100,h_100,x_5,y_5,g_center', 'cut 155,88 100x100'],
    ['400x267', 'crop,w_1000,h_1000', ''],
    ['400x267', 'crop,w_1000,h_1000,x_10,g_se', 'cut 10,0 390x267'],
    ['400x267', 'crop,x_399,y_266', 'cut 399,266 1x1'],
    ['400x267', 'crop,w_100,h_100,x_99,g_se', 'cut 399,167 1x100'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  it.each([
    ['crop,x_400', '(400, 0)'],
    ['crop,y_267', '(0, 267)'],
    ['crop,w_100,h_100,x_100,g_se', '(400, 167)'],
  ])('%s begins outside', (operators, place) => {
    expect(() => stepsOf('400x267', operators)).toThrow(
      `crop: it begins at ${place}, outside of the picture of 400x267`,
    )
  })
})

describe('rotate', () => {
  test.each<Row>([
    ['400x267', 'rotate,0', ''],
    ['400x267', 'rotate,360', ''],
    ['400x267', 'rotate,90', 'turn 90 267x400'],
    ['400x267', 'rotate,180', 'turn 180 400x267'],
    ['400x267', 'rotate,270', 'turn 270 267x400'],
    ['400x267', 'rotate,45', 'turn 45 472x472'],
    ['400x267', 'rotate,30', 'turn 30 480x431'],
    ['400x267', 'rotate,1', 'turn 1 405x274'],
    ['100x100', 'rotate,45', 'turn 45 141x141'],
    ['200x100', 'rotate,135', 'turn 135 212x212'],
    ['200x100', 'rotate,120', 'turn 120 187x223'],
    ['4096x1', 'rotate,45', 'turn 45 2897x2897'],
    ['1x1', 'rotate,45', 'turn 45 1x1'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))
})

describe('the other shapes', () => {
  test.each<Row>([
    ['1920x1080', 'indexcrop,x_200,i_0', 'cut 0,0 200x1080'],
    ['1920x1080', 'indexcrop,x_200,i_1', 'cut 200,0 200x1080'],
    ['1920x1080', 'indexcrop,x_200,i_9', 'cut 1800,0 120x1080'],
    ['1920x1080', 'indexcrop,x_200,i_10', ''],
    ['1920x1080', 'indexcrop,y_200,i_4', 'cut 0,800 1920x200'],
    ['1920x1080', 'indexcrop,y_200,i_5', 'cut 0,1000 1920x80'],
    ['1920x1080', 'indexcrop,y_200,i_6', ''],
    ['1920x1080', 'indexcrop,x_1920,i_0', ''],
    ['1920x1080', 'indexcrop,x_3000,i_0', ''],
    ['400x267', 'circle,r_100', 'cut 99,33 201x201; circle 100.5'],
    ['400x267', 'circle,r_133', 'cut 66,0 267x267; circle 133.5'],
    ['400x267', 'circle,r_4096', 'cut 66,0 267x267; circle 133.5'],
    ['100x100', 'circle,r_50', 'cut 0,0 99x99; circle 49.5'],
    ['101x101', 'circle,r_50', 'circle 50.5'],
    ['2x2', 'circle,r_1', 'cut 0,0 1x1; circle 0.5'],
    ['400x267', 'rounded-corners,r_30', 'round-corners 30'],
    ['400x267', 'rounded-corners,r_4096', 'round-corners 133'],
    ['1x1', 'rounded-corners,r_1', ''],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  // The third number is EXIF's orientation.
  test.each<Row>([
    ['400x267 1', 'auto-orient,1/resize,w_100', 'scale 100x67'],
    ['400x267 2', 'auto-orient,1/resize,w_100', 'orient; scale 100x67'],
    ['400x267 3', 'auto-orient,1/resize,w_100', 'orient; scale 100x67'],
    ['400x267 4', 'auto-orient,1/resize,w_100', 'orient; scale 100x67'],
    ['400x267 5', 'auto-orient,1/resize,w_100', 'orient; scale 100x150'],
    ['400x267 6', 'auto-orient,1/resize,w_100', 'orient; scale 100x150'],
    ['400x267 7', 'auto-orient,1/resize,w_100', 'orient; scale 100x150'],
    ['400x267 8', 'auto-orient,1/resize,w_100', 'orient; scale 100x150'],
    ['400x267 6', 'auto-orient,0/resize,w_100', 'scale 100x67'],
    ['400x267 6', 'resize,w_100', 'scale 100x67'],
    // OSS: 100 across, too. The picture is turned before anything else is done to it.
    ['400x315 6', 'resize,w_100/auto-orient,1', 'orient; scale 100x127'],
    ['400x267 6', 'resize,w_100/crop,x_60/auto-orient,1', 'orient; scale 100x150; cut 60,0 40x150'],
    ['400x267 6', 'auto-orient,1/auto-orient,1', 'orient'],
    ['400x267 6', 'auto-orient,0/resize,w_100/auto-orient,1', 'orient; scale 100x150'],
    ['400x267 6', 'auto-orient,1/resize,w_100/auto-orient,0', 'scale 100x67'],
  ])('%s %s: %s', (source, operators, steps) => expect(stepsOf(source, operators)).toBe(steps))

  test.each<Row>([
    ['400x267', 'resize,w_200/rotate,90', 'scale 200x134; turn 90 134x200'],
    ['400x267', 'rotate,90/resize,w_200', 'turn 90 267x400; scale 200x300'],
    ['1000x800', 'rotate,180/crop,x_50,y_50,w_300,h_300,g_se', 'turn 180 1000x800; cut 750,550 250x250'],
    ['400x200', 'resize,p_50|image/resize,p_50|image/crop,w_10', 'scale 200x100; scale 100x50; cut 0,0 10x50'],
    ['400x267', 'bright,0/contrast,0/sharpen,50/bright,1/contrast,-1/blur,r_1,s_1', 'sharpen; bright; contrast; blur'],
    ['400x267', 'format,png/quality,q_10/strip/interlace,1', ''],
  ])('one after the other: %s %s: %s', (source, operators, steps) => {
    expect(stepsOf(source, operators)).toBe(steps)
  })
})

describe('limits', () => {
  test.each([
    ['a side by width', '100x200', 'resize,w_2049,limit_0', 'resize,w_2048,limit_0'],
    ['a side by height', '9000x1000', 'resize,h_456', 'resize,h_455'],
    ['a side by percentage', '20000x100', 'resize,p_82', 'resize,p_81'],
    ['all pixels by percentage', '5000x5000', 'resize,p_82', 'resize,p_81'],
    ['what is turned, by width', '4097x10', 'rotate,90', 'rotate,0'],
    ['what is turned, by height', '10x4097', 'rotate,1', 'crop,h_4096/rotate,1'],
    [
      'what is filled, on its way',
      '4001x1000',
      'resize,m_fill,w_4096,h_4096,limit_0',
      'resize,m_fill,w_4095,h_4095,limit_0',
    ],
    ['the sides of webp', '16384x1', 'format,webp', 'crop,w_16383/format,webp'],
  ])('%s', (_what, source, refused, allowed) => {
    expect(codeOf(() => stepsOf(source, refused))).toBe('InvalidArgument')
    expect(stepsOf(source, allowed)).toBeTypeOf('string')
  })

  it('say what is too large', () => {
    const problem = 'resize: the result of 2049x4098 is too large: a side has at most 4096 pixels'
    expect(() => stepsOf('100x200', 'resize,w_2049,limit_0')).toThrow(problem)
    expect(() => stepsOf('5000x5000', 'resize,p_82')).toThrow('at most 16384 pixels, and 16777216 in all')
    expect(() => stepsOf('4097x10', 'rotate,90')).toThrow('rotate: the picture of 4097x10 is too large: a side has')
    expect(() => stepsOf('16384x1', 'format,webp')).toThrow('format: a result of 16384x1 cannot be written as webp')
  })

  it('do not hold what stays as large as it is', () => {
    expect(stepsOf('15000x15000', 'bright,5/format,png')).toBe('bright')
    expect(stepsOf('30000x8000', 'crop,w_29999')).toBe('cut 0,0 29999x8000')
  })
})
