import { expect, it } from 'vitest'
import { freeMemory } from '../../src/lib/free-memory.ts'

it('empties a piece that is all of its memory, and leaves a part of something larger', () => {
  const whole = Buffer.allocUnsafeSlow(1024).fill(1)
  freeMemory(whole)
  expect(whole).toHaveLength(0)
  const larger = Buffer.allocUnsafeSlow(1024).fill(1)
  const part = larger.subarray(0, 1023)
  freeMemory(part)
  expect(part).toHaveLength(1023)
  expect(larger.equals(Buffer.alloc(1024, 1))).toBe(true)
})
