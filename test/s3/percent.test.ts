import { describe, expect, it } from 'vitest'
import { bytesToText, percentDecode, textToBytes, uriEncode, uriEncodePath } from '../../src/s3/percent.ts'
import { codeOf } from '../support/wire-head.ts'

const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

describe('percentDecode', () => {
  it.each([
    ['plain', 'plain'],
    ['a+b', 'a+b'],
    ['a%2Bb%20c%2fd', 'a+b c/d'],
    ['%E4%B8%AD%e6%96%87', '中文'],
    ['%F0%9F%98%80', '😀'],
    ['per%2525', 'per%25'],
  ])('%s → %s', (raw, text) => expect(percentDecode(raw)).toBe(text))

  it('takes raw UTF-8 bytes for themselves, beside encoded ones', () => {
    expect(percentDecode(latin1('ключ'))).toBe('ключ')
    expect(percentDecode(`${latin1('ключ')}%20x`)).toBe('ключ x')
  })

  it.each(['%', '%2', '%zz', 'a%F', '%ff', '%C3', '%ED%A0%80', '%C0%80', '\xff'])('refuses %s', (raw) => {
    expect(codeOf(() => percentDecode(raw))).toBe('InvalidURI')
    expect(percentDecode('%41')).toBe('A')
  })
})

describe('uriEncode', () => {
  it("encodes all but AWS's unreserved characters, in upper case", () => {
    expect(uriEncode("azAZ09-._~ !'()*/+%é")).toBe('azAZ09-._~%20%21%27%28%29%2A%2F%2B%25%C3%A9')
    expect(uriEncodePath('/a b/c+d//')).toBe('/a%20b/c%2Bd//')
  })
})

describe('bytesToText', () => {
  it('reads UTF-8 where the bytes are such, and latin1 where they are not', () => {
    expect(bytesToText(latin1('naïve 中'))).toBe('naïve 中')
    expect(bytesToText('na\xefve')).toBe('naïve')
    expect(bytesToText('ascii')).toBe('ascii')
  })

  it('is undone by textToBytes', () => {
    for (const text of ['ascii', 'naïve', '😀']) expect(bytesToText(textToBytes(text))).toBe(text)
  })
})
