import { describe, expect, it } from 'vitest'
import { assertKey } from '../../../src/domain/objects/key.ts'

describe('assertKey', () => {
  it.each([
    ['one byte', 'k', true],
    ['1024 bytes of ASCII', 'k'.repeat(1024), true],
    ['1025 bytes of ASCII', 'k'.repeat(1025), false],
    ['1023 bytes in 341 characters', '中'.repeat(341), true],
    ['1024 bytes with characters of three', `k${'中'.repeat(341)}`, true],
    ['1026 bytes in 342 characters', '中'.repeat(342), false],
    ['1024 bytes of surrogate pairs', '😀'.repeat(256), true],
    ['1028 bytes of surrogate pairs', '😀'.repeat(257), false],
  ])('%s', (_case, key, allowed) => {
    if (allowed) expect(() => assertKey(key)).not.toThrow()
    else expect(() => assertKey(key)).toThrow(expect.objectContaining({ code: 'KeyTooLongError' }))
  })
})
