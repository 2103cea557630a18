import { expect, it } from 'vitest'
import { keyBounds, prefixEnd } from '../../../../src/storage/metadata/sqlite/key-range.ts'

it.each([
  ['a', 'b'],
  ['a/', 'a0'],
  ['az', 'a{'],
  ['\u007f', '\u0080'],
  ['x\ud7ff', 'x\ue000'],
  ['\uffff', '\u{10000}'],
  ['\u{1F600}', '\u{1F601}'],
  ['\u{103FF}', '\u{10400}'],
  ['a\u{10FFFF}', 'b'],
  ['a\u{10FFFF}\u{10FFFF}', 'b'],
])('the texts with prefix %j end before %j', (prefix, end) => {
  expect(prefixEnd(prefix)).toBe(end)
  const bytes = (text: string) => Buffer.from(text)
  expect(Buffer.compare(bytes(`${prefix}\u{10FFFF}\u{10FFFF}`), bytes(end))).toBe(-1)
  expect(bytes(end).toString()).toBe(end)
})

it.each(['', '\u{10FFFF}', '\u{10FFFF}\u{10FFFF}'])('no text is above all with prefix %j', (prefix) => {
  expect(prefixEnd(prefix)).toEqual(Buffer.alloc(0))
})

it('starts at a key or right behind it', () => {
  expect(keyBounds('p', undefined)).toEqual({ prefix: 'p', low: '', high: 'q' })
  expect(keyBounds('p', { key: 'pk', inclusive: true }).low).toBe('pk')
  expect(keyBounds('p', { key: 'pk', inclusive: false }).low).toBe('pk\0')
})
