import { describe, expect, it, test } from 'vitest'
import { overlayKeys, planPicture, questionIn } from '../../../src/domain/images/plan.ts'
import type { OpenedPicture } from '../../../src/renderer/renderer.ts'
import { readDirective } from '../../../src/s3/process/directive.ts'
import { codeOf } from '../../support/errors.ts'
import { picture } from '../../support/opened-picture.ts'

const WHITE = { red: 255, green: 255, blue: 255 }
const LOGO = picture({ number: 7, format: 'png', width: 200, height: 100, hasAlpha: true, quality: undefined })

function plan(operators: string, source: OpenedPicture = picture(), overlays = new Map([['logo.png', LOGO]])) {
  return planPicture(readDirective(`image/${operators}`), source, overlays)
}

const base64 = (text: string) => Buffer.from(text).toString('base64url')
const laid = (operands: string) => plan(`watermark,${operands}`).steps[0]

describe('the file', () => {
  it("is the source's own kind where nothing is asked", () => {
    const output = { format: 'jpg', quality: undefined, interlaced: false, stripped: false, animated: false }
    expect(plan('crop')).toStrictEqual({ picture: 0, steps: [], output })
    expect(plan('rotate,0', picture({ number: 3 }))).toStrictEqual({ picture: 3, steps: [], output })
    for (const format of ['png', 'webp', 'bmp', 'tiff', 'gif'] as const) {
      expect(plan('rotate,90', picture({ format })).output.format).toBe(format)
    }
  })

  it('is what was asked last', () => {
    expect(plan('format,png').output.format).toBe('png')
    expect(plan('format,png/format,webp').output.format).toBe('webp')
    expect(plan('interlace,1').output.interlaced).toBe(true)
    expect(plan('interlace,1/interlace,0').output.interlaced).toBe(false)
    expect(plan('strip').output.stripped).toBe(true)
    expect(plan('quality,q_10/quality,Q_50').output.quality).toBe(50)
  })

  it('is a GIF only if the source is one', () => {
    expect(plan('format,gif', picture({ format: 'gif' })).output.format).toBe('gif')
    expect(() => plan('format,gif')).toThrow('format: only a GIF can be returned as gif, and the picture is jpg')
  })
})

describe('quality', () => {
  const jpg = picture({ quality: 80 })
  const unknown = picture({ quality: undefined })
  const webp = picture({ format: 'webp', quality: undefined })
  const png = picture({ format: 'png', quality: undefined })
  test.each<[string, OpenedPicture, string, number | undefined]>([
    // Both numbers are OSS's own example.
    ["a JPEG's, relative", jpg, 'quality,q_90', 72],
    ["a JPEG's, absolute and lower", jpg, 'quality,Q_50', 50],
    ["a JPEG's, absolute and higher", jpg, 'quality,Q_90', 80],
    ["a JPEG's, relative, at the lowest", picture({ quality: 10 }), 'quality,q_1', 1],
    ["a JPEG's as webp", jpg, 'format,webp/quality,q_50', 40],
    ['a JPEG that does not tell', unknown, 'quality,q_90', 90],
    ['webp, relative', webp, 'quality,q_90', 90],
    ['webp, absolute', webp, 'quality,Q_90', 90],
    ['png as jpg', png, 'format,jpg/quality,Q_30', 30],
    ['png, which has none', png, 'quality,Q_30', undefined],
    ['a JPEG as png', jpg, 'format,png/quality,Q_30', undefined],
    ['a JPEG as tiff', jpg, 'format,tiff/quality,q_30', undefined],
    ['not asked', jpg, 'crop', undefined],
  ])('%s', (_what, source, operators, quality) => {
    expect(plan(operators, source).output.quality).toBe(quality)
  })
})

describe('an animation', () => {
  const gif = picture({ format: 'gif', frames: 10, quality: undefined })
  const webp = picture({ format: 'webp', frames: 10, quality: undefined })
  test.each<[string, OpenedPicture, boolean]>([
    ['resize,w_100', gif, true],
    ['resize,w_100,h_100,m_pad', gif, true],
    ['resize,w_100,h_100,m_fill', webp, true],
    ['resize,w_100/resize,h_10', gif, true],
    ['format,gif', gif, true],
    ['resize,w_100/format,webp', gif, true],
    ['format,webp/quality,Q_50/strip/interlace,1', webp, true],
    ['resize,p_50', gif, false],
    ['resize,w_100/rotate,90', gif, false],
    ['resize,w_100/crop,w_10', webp, false],
    ['watermark,text_YQ', gif, false],
    ['bright,5', gif, false],
    ['auto-orient,1', gif, false],
    ['format,png', gif, false],
    ['resize,w_100/format,jpg', webp, false],
    ['resize,w_100', picture({ format: 'gif' }), false],
    ['resize,w_100', picture({ format: 'tiff', frames: 3 }), false],
  ])('%s', (operators, source, animated) => {
    expect(plan(operators, source).output.animated).toBe(animated)
  })

  it('may not become too large', () => {
    const many = picture({ format: 'gif', width: 100, height: 100, frames: 100 })
    expect(plan('resize,w_819,limit_0', many).output.animated).toBe(true)
    expect(() => plan('resize,w_820,limit_0', many)).toThrow(
      'resize: it would take 67240000 pixels on its way, of which there may be 67108864',
    )
    // Where one frame is the picture, one frame counts.
    expect(plan('resize,w_820,limit_0/format,png', many).output.animated).toBe(false)
  })
})

describe('watermarks', () => {
  it('are texts', () => {
    expect(laid('text_Q2hpbmF0ZWxlY29t,type_youyuan,rotate_30,size_20,color_FF0000,t_80,g_se,x_1,y_2')).toStrictEqual({
      step: 'overlay',
      overlay: {
        kind: 'text',
        text: 'Chinatelecom',
        face: 'round',
        size: 20,
        color: { red: 255, green: 0, blue: 0 },
        degrees: 30,
      },
      place: { gravity: 'se', x: 1, y: 2 },
      opacity: 80,
    })
  })

  it('are pictures with steps of their own', () => {
    const steps = [
      { step: 'scale', to: { width: 60, height: 30 } },
      { step: 'turn', degrees: 180, to: { width: 60, height: 30 }, color: undefined },
    ]
    expect(laid(`image_${base64('logo.png?x-zos-process=image/resize,p_30/rotate,180')}`)).toStrictEqual({
      step: 'overlay',
      overlay: { kind: 'picture', picture: 7, steps },
      place: { gravity: 'nw', x: 10, y: 10 },
      opacity: 100,
    })
  })

  test.each([
    ['nw', 3, 4],
    ['north', 0, 4],
    ['ne', 3, 4],
    ['west', 3, 0],
    ['center', 0, 0],
    ['east', 3, 0],
    ['sw', 3, 4],
    ['south', 0, 4],
    ['se', 3, 4],
  ])('at %s are as far from the edges as the place has edges', (gravity, x, y) => {
    expect(laid(`text_YQ,x_3,y_4,g_${gravity}`)).toMatchObject({ place: { gravity, x, y } })
  })

  it('that cannot be seen are no step', () => {
    expect(plan('watermark,text_YQ,t_0').steps).toEqual([])
    expect(plan('watermark,text_YQ,t_1').steps).toHaveLength(1)
  })

  it('change no size', () => {
    const { steps } = plan(`watermark,image_${base64('logo.png')}/resize,p_50`)
    expect(steps).toMatchObject([{ step: 'overlay' }, { step: 'scale', to: { width: 200, height: 134 } }])
  })

  it('have the limits of all pictures', () => {
    const enlarged = (percent: number) => `image_${base64(`logo.png?x-zos-process=image/resize,p_${percent}`)}`
    const large = new Map([['logo.png', picture({ width: 5000, height: 5000 })]])
    expect(plan(`watermark,${enlarged(81)}`, picture(), large).steps).toHaveLength(1)
    expect(codeOf(() => plan(`watermark,${enlarged(82)}`, picture(), large))).toBe('InvalidArgument')
  })

  it('are opened before', () => {
    const directive = ['logo.png', 'b', 'logo.png'].map((key) => `/watermark,image_${base64(key)}`).join('')
    expect(overlayKeys(readDirective(`image/watermark,text_YQ${directive}`))).toEqual(['logo.png', 'b'])
    expect(overlayKeys(readDirective('image/resize,w_1'))).toEqual([])
    expect(() => plan(`watermark,image_${base64('b')}`)).toThrow('opened before planning')
  })
})

describe('rotations', () => {
  it('leave white corners, whatever the format', () => {
    expect(plan('rotate,45').steps).toMatchObject([{ step: 'turn', color: WHITE }])
    expect(plan('rotate,45', picture({ format: 'png', hasAlpha: true })).steps).toMatchObject([{ color: WHITE }])
  })

  it("leave a watermark's own corners transparent", () => {
    const step = laid(`image_${base64('logo.png?x-zos-process=image/rotate,45')}`)
    expect(step).toMatchObject({ overlay: { steps: [{ step: 'turn', color: undefined }] } })
  })
})

describe('questions', () => {
  it.each(['info', 'average-hue'])('%s is one', (operator) => {
    expect(questionIn(readDirective(`image/${operator}`))).toBe(operator)
  })

  it('are no plans', () => {
    expect(questionIn(readDirective('image/resize,w_1'))).toBe(undefined)
  })
})
