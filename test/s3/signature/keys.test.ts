import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/config/config.ts'
import type { AccessKey, Account } from '../../../src/domain/accounts.ts'
import { SigningKeys } from '../../../src/s3/signature/keys.ts'
import { signingKeyV4 } from '../../support/sign.ts'

const hmac = (key: Buffer, text: string): string => createHmac('sha256', key).update(text, 'latin1').digest('hex')

const account = { id: 'a' } as Account
const key = (secret: string): AccessKey => ({ accessKey: 'AK', secretKey: new Secret(secret), account })
const scope = { day: '20260203', region: 'r', service: 's3' }

describe('SigningKeys', () => {
  it("derives AWS's key and keeps it once it has proved right", () => {
    const keys = new SigningKeys()
    const owner = key('sécret')
    const derived = keys.v4(owner, scope)
    expect(derived.sign('text')).toBe(hmac(signingKeyV4('sécret', scope), 'text'))
    expect(keys.v4(owner, scope)).not.toBe(derived)
    keys.keepV4(owner, scope, derived)
    expect(keys.v4(owner, scope)).toBe(derived)
    expect(keys.v4(owner, { ...scope, day: '20260204' })).not.toBe(derived)
  })

  it('does not use a kept key for a secret that has changed', () => {
    const keys = new SigningKeys()
    const [before, after] = [key('before'), key('after')]
    keys.keepV4(before, scope, keys.v4(before, scope))
    const derived = keys.v4(after, scope)
    expect(derived.sign('text')).toBe(hmac(signingKeyV4('after', scope), 'text'))
    keys.keepV4(after, scope, derived)
    expect(keys.v4(after, scope)).toBe(derived)
    expect(keys.v2(before).equals(keys.v2(after))).toBe(false)
    expect(keys.v2(after)).toBe(keys.v2(after))
  })

  it('is bounded, and drops what was not used for longest', () => {
    const keys = new SigningKeys()
    const owner = key('secret')
    const region = (index: number) => ({ ...scope, region: `r${index}` })
    const first = keys.v4(owner, region(0))
    keys.keepV4(owner, region(0), first)
    const second = keys.v4(owner, region(1))
    keys.keepV4(owner, region(1), second)
    for (let index = 2; index < 1100; index += 1) {
      keys.keepV4(owner, region(index), first)
      expect(keys.v4(owner, region(0))).toBe(first)
    }
    expect(keys.v4(owner, region(1))).not.toBe(second)
  })
})
