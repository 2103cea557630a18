import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { HmacKey } from '../../../src/s3/signature/hmac.ts'

describe('HmacKey', () => {
  it('is HMAC-SHA256, whatever the lengths of the key and of the text', () => {
    for (const keyBytes of [0, 1, 32, 63, 64, 65, 200]) {
      const key = Buffer.alloc(keyBytes, 0xa7)
      const signer = new HmacKey(key)
      for (const length of [0, 1, 55, 64, 200, 70_000]) {
        const text = '\u00e9'.repeat(length)
        expect(signer.sign(text)).toBe(createHmac('sha256', key).update(text, 'latin1').digest('hex'))
      }
    }
  })

  it("answers RFC 4231's second case, again and again", () => {
    const signer = new HmacKey(Buffer.from('Jefe'))
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    expect(signer.sign('what do ya want for nothing?')).toBe(expected)
    expect(signer.sign('another text')).not.toBe(expected)
    expect(signer.sign('what do ya want for nothing?')).toBe(expected)
  })
})
