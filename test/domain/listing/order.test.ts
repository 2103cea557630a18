import { describe, expect, it } from 'vitest'
import { afterPrefix, compareKeys } from '../../../src/domain/listing/order.ts'

const ORDERED = [
  '',
  '\u0001',
  '!',
  '/',
  '0',
  'A',
  'a',
  'a!',
  'a/',
  'a/b',
  'a0',
  'aa',
  'z',
  '\u00e9',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
]

describe('compareKeys', () => {
  it('agrees with the order of the UTF-8 bytes', () => {
    for (const a of ORDERED) {
      for (const b of ORDERED) {
        expect(Math.sign(compareKeys(a, b)), `${a} and ${b}`).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }
    }
    expect([...ORDERED].reverse().sort(compareKeys)).toEqual(ORDERED)
  })
})

describe('afterPrefix', () => {
  it.each([
    ['a', 'b'],
    ['dir/', 'dir0'],
    ['中文/', '中文0'],
    ['\ud7ff', '\ue000'],
    ['\uffff', '\u{10000}'],
    ['\u{1f600}', '\u{1f601}'],
    ['a\u{10ffff}', 'b'],
    ['a\u{10ffff}\u{10ffff}', 'b'],
  ])('seeks from behind all of %j to %j', (prefix, after) => {
    expect(afterPrefix(prefix)).toBe(after)
    expect(compareKeys(`${prefix}\u{10ffff}\u{10ffff}`, after)).toBeLessThan(0)
  })

  it('finds nothing behind the last code point, and behind everything', () => {
    expect(afterPrefix('\u{10ffff}')).toBeUndefined()
    expect(afterPrefix('')).toBeUndefined()
    expect(afterPrefix('\u{10fffe}')).toBe('\u{10ffff}')
  })
})
