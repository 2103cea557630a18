import { describe, expect, it, test } from 'vitest'
import type { Directive } from '../../../src/domain/images/directive.ts'
import { S3Error } from '../../../src/errors.ts'
import { decodeText } from '../../../src/s3/process/base64.ts'
import { readDirective } from '../../../src/s3/process/directive.ts'

function read(operands: string): Directive[number] | string {
  try {
    return readDirective(`image/watermark,${operands}`)[0]!
  } catch (error) {
    if (error instanceof S3Error && error.code === 'InvalidArgument') return error.message
    throw error
  }
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')
const asInTheManual = (text: string) => base64(text).replaceAll('/', '_')
const stamp = (text: string) => read(`image_${asInTheManual(text)}`)

describe('a text', () => {
  const plain = {
    operator: 'watermark',
    opacity: 100,
    x: 10,
    y: 10,
    gravity: 'nw',
    content: 'text',
    text: 'Chinatelecom',
    color: { red: 255, green: 255, blue: 255 },
    face: 'sans',
    size: 40,
    degrees: 0,
  }

  it('has defaults', () => {
    expect(read('text_Q2hpbmF0ZWxlY29t')).toStrictEqual(plain)
  })

  it('has what is asked for', () => {
    const asked = 'type_kaishu,color_fF0080,size_7,rotate_30,t_0,x_0,y_4096,g_south,text_Q2hpbmF0ZWxlY29t'
    const color = { red: 255, green: 0, blue: 128 }
    const look = { face: 'kai', color, size: 7, degrees: 30, opacity: 0, x: 0, y: 4096, gravity: 'south' }
    expect(read(asked)).toStrictEqual({ ...plain, ...look })
  })

  test.each([
    ['64 characters', 'a'.repeat(64)],
    ['64 Chinese characters', '水'.repeat(64)],
    ['64 characters outside of the basic plane', '𠀀'.repeat(64)],
    ['what Base64 writes with both special characters', '???>>>~~~ÿÿÿ'],
    ['a comma, a slash and a bar', 'a,b/c|d'],
    ['an underscore', '_a_'],
  ])('may be %s', (_what, text) => {
    expect(read(`text_${asInTheManual(text)}`)).toMatchObject({ text })
    expect(read(`text_${Buffer.from(text).toString('base64url')}`)).toMatchObject({ text })
  })

  test.each([
    ['65 characters', asInTheManual('a'.repeat(65))],
    ['two lines', asInTheManual('a\nb')],
    ['a control character', asInTheManual('a\u0000')],
    ['no UTF-8', base64(Buffer.from([0xff, 0xfe, 0xfd])).replaceAll('/', '_')],
    ['half a surrogate', base64(Buffer.from([0xed, 0xa0, 0x80]))],
    ['no Base64', 'a!b'],
    ['Base64 of an impossible length', 'YWJjZ'],
    ['Base64 that ends within a byte', 'YR'],
    ['padding in the middle', 'YQ==YQ=='],
    ['too much padding', 'YQ==='],
    ['nothing but padding', '=='],
  ])('may not be %s', (_what, encoded) => {
    expect(read(`text_${encoded}`)).toContain('at character 17: text must be the Base64 of one line of UTF-8')
  })

  it('must be there', () => {
    expect(read('text_')).toContain('"text_" at character 17: the value of text is missing')
    expect(read('text_  ')).toContain('"text_" at character 17: the value of text is missing')
  })
})

describe('Base64', () => {
  test.each([
    ['standard, padded', 'Pz8/Pj4+fg==', undefined],
    ['with _ for /', 'Pz8_Pj4+fg==', '???>>>~'],
    ['not padded', 'Pz8_Pj4+fg', '???>>>~'],
    ['url-safe', 'Pz8_Pj4-fg', '???>>>~'],
    ['from a form, where + has become a space', 'Pz8_Pj4 fg==', '???>>>~'],
    ['that ends with such a space', 'Pj4 ', '>>>'],
    ['with a space that somebody typed behind it', 'Pz8_Pj4+fg== ', '???>>>~'],
    ['broken into lines, as manuals print it', 'Pz8_ Pj4+ fg==', '???>>>~'],
  ])('%s', (_what, encoded, text) => {
    // A slash joins operators: it cannot arrive here, but the decoder itself takes it.
    expect(decodeText(encoded)).toBe(text ?? '???>>>~')
    const answer = read(`text_${encoded},t_50`)
    if (text === undefined) expect(answer).toContain('no operator of this name')
    else expect(answer).toMatchObject({ text, opacity: 50 })
  })
})

describe('fonts', () => {
  test.each([
    ['heiti', 'sans'],
    ['yahei', 'sans'],
    ['kaishu', 'kai'],
    ['youyuan', 'round'],
    ['Airal', 'arial'],
    ['Arial', 'arial'],
    ['Helvetica', 'arial'],
    ['HELVETICA', 'arial'],
    ['Times', 'times'],
    ['Times New Roman', 'times'],
    ['courier', 'courier'],
    ['wqy-zenhei', 'sans'],
    ['wqy-microhei', 'sans'],
    ['fangzhengshusong', 'sans'],
    ['fangzhengkaiti', 'kai'],
    ['fangzhengheiti', 'sans'],
    ['fangzhengfangsong', 'kai'],
    ['droidsansfallback', 'sans'],
  ])('%s, plain and in Base64', (name, face) => {
    expect(read(`text_YQ,type_${name}`)).toMatchObject({ face })
    expect(read(`text_YQ,type_${asInTheManual(name)}`)).toMatchObject({ face })
  })

  it("are named as OSS's documents print them", () => {
    expect(read('text_YQ,type_d3F5LXplbmhlaQ')).toMatchObject({ face: 'sans' })
    expect(read('text_YQ,type_ZmFuZ3poZW5na2FpdGk=')).toMatchObject({ face: 'kai' })
  })

  it.each(['comic', 'constructor', base64('comic'), '!'])('%s is none', (name) => {
    expect(read(`text_YQ,type_${name}`)).toContain('at character 25: type must be one of heiti, simhei')
  })
})

describe('a picture', () => {
  it('is an object of the bucket', () => {
    const picture = { operator: 'watermark', opacity: 40, x: 10, y: 10, gravity: 'north', content: 'image' }
    const answer = read('image_aHVkaWUuanBn,g_north,t_40')
    expect(answer).toStrictEqual({ ...picture, key: 'hudie.jpg', directive: [] })
  })

  it('may be prepared', () => {
    const prepared = { key: 'hudie.jpg', directive: [{ percent: 30 }, { operator: 'rotate', degrees: 180 }] }
    expect(stamp('hudie.jpg?x-zos-process=image/resize,p_30/rotate,180')).toMatchObject(prepared)
    expect(stamp('hudie.jpg?x-zos-process=image/resize, p_30 / rotate,180')).toMatchObject(prepared)
  })

  test.each([
    ['of 1,024 bytes', 'é'.repeat(512)],
    ['with a question mark', 'a?b'],
    ['with the separators of directives', 'a,b/c|d_e f'],
    ['with something like a directive', 'a?x-oss-process=image/resize,p_30'],
  ])('may have a key %s', (_what, key) => {
    expect(stamp(key)).toMatchObject({ key, directive: [] })
    expect(stamp(`${key}?x-zos-process=image/format,png`)).toMatchObject({ key, directive: [{ operator: 'format' }] })
  })

  test.each([
    ['of 1,025 bytes', `${'é'.repeat(512)}a`],
    ['that is empty', '?x-zos-process=image/resize,p_30'],
  ])('may not have a key %s', (_what, key) => {
    expect(stamp(key)).toContain(
      "at character 17: image must be the Base64 of an object's key, or of key?x-zos-process=",
    )
  })

  test.each([
    ['', '"" at character 1: a directive'],
    ['image/resize', '"resize" at character 7: resize needs w, h or p'],
    ['image/resize,P_30', '"P_30" at character 14: resize has no parameter of this name'],
    ['image/resize,p_30|image/rotate,180', '"|" at character 18: it joins no operators here'],
    ['image/watermark,text_YQ', '"watermark,text_YQ" at character 7: no operator of this name can be used here'],
    [
      `image/watermark,image_${base64('b')}`,
      '"watermark,image_Yg==" at character 7: no operator of this name can be used',
    ],
    ['image/info', '"info" at character 7: no operator of this name can be used here: there are resize, crop'],
    ['image/average-hue', '"average-hue" at character 7: no operator of this name can be used here'],
    [`image${'/strip'.repeat(21)}`, 'there are more than 20 operators'],
  ])('cannot be prepared by %s', (directive, message) => {
    const answer = read(`t_50,image_${asInTheManual(`a.png?x-zos-process=${directive}`)}`)
    expect(answer).toMatch(/^x-zos-process: "YS5wbmc.*" at character 28: what is done to the watermark's picture/)
    expect(answer).toContain(message)
  })

  it.each(['color_FFFFFF', 'size_40', 'type_heiti', 'rotate_0'])('has no %s', (operand) => {
    const message = `at character 7: ${operand.split('_')[0]} belongs to text, and not to image`
    expect(read(`image_aHVkaWUuanBn,${operand}`)).toContain(message)
  })

  it('is there, or a text is', () => {
    const message = 'at character 7: watermark needs either text or image'
    expect(read('t_50')).toContain(message)
    expect(read('text_YQ,image_aHVkaWUuanBn')).toContain(message)
  })

  it('comes with two others at most', () => {
    const many = (count: number) => `image${'/watermark,image_aHVkaWUuanBn'.repeat(count)}`
    expect(readDirective(`${many(3)}/watermark,text_YQ`)).toHaveLength(4)
    expect(() => readDirective(many(4))).toThrow('at most 3 watermarks may be pictures')
  })
})
