import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeyRing, KeyUnavailable, SealBroken } from '../../src/storage/keys/key-ring.ts'
import type { KmsKeySettings } from '../../src/storage/keys/kms-keys.ts'

export interface KeyRingEngine {
  readonly name: string
  /** The ring, and how to open the same one again, with other keys for clients to name. */
  open(): Promise<{ ring: KeyRing; reopen(kms?: KmsKeySettings): Promise<KeyRing>; dispose(): Promise<void> }>
}

const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/6b1f657c-816b-4534-a41a-903e7a60e703'
const ZOS_ID = '6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0'
const kms = (autoCreate: boolean, ...keys: [id: string, disabled: boolean][]): KmsKeySettings => ({
  autoCreate,
  keys: keys.map(([id, disabled]) => ({ id, disabled })),
})

/** What every key ring must do. */
export function keyRingContract(engine: KeyRingEngine): void {
  describe(`key ring: ${engine.name}`, () => {
    let opened: Awaited<ReturnType<KeyRingEngine['open']>>
    beforeEach(async () => {
      opened = await engine.open()
    })
    afterEach(() => opened.dispose())

    it.each([0, 1, 40, 32 * 1024])('opens %i bytes that it has sealed, also after a restart', async (sizeBytes) => {
      const plain = randomBytes(sizeBytes)
      const sealed = await opened.ring.seal(plain, 'access-key/A')
      expect(await opened.ring.open(sealed, 'access-key/A')).toEqual(plain)
      expect(await (await opened.reopen()).open(sealed, 'access-key/A')).toEqual(plain)
    })

    it('shows nothing of what it seals, and seals the same differently each time', async () => {
      const plain = Buffer.from('a secret of forty characters, or nearly!')
      const one = await opened.ring.seal(plain, 'c')
      const other = await opened.ring.seal(plain, 'c')
      expect(one.includes(plain.subarray(0, 8))).toBe(false)
      expect(one.equals(other)).toBe(false)
    })

    it('opens nothing in another context', async () => {
      const sealed = await opened.ring.seal(Buffer.from('secret'), 'access-key/A')
      await expect(opened.ring.open(sealed, 'access-key/B')).rejects.toThrow(SealBroken)
      await expect(opened.ring.open(sealed, 'access-key/B')).rejects.toThrow('access-key/B')
      expect((await opened.ring.open(sealed, 'access-key/A')).toString()).toBe('secret')
    })

    it('opens nothing that was changed, at any place, or cut off', async () => {
      const sealed = await opened.ring.seal(Buffer.from('secret'), 'c')
      for (let place = 0; place < sealed.length; place += 1) {
        const changed = Buffer.from(sealed)
        changed[place] = (changed[place] ?? 0) ^ 1
        await expect(opened.ring.open(changed, 'c'), `byte ${place}`).rejects.toThrow(SealBroken)
        await expect(opened.ring.open(sealed.subarray(0, place), 'c'), `${place} bytes`).rejects.toThrow(SealBroken)
      }
    })

    it('opens nothing that another ring has sealed', async () => {
      const other = await engine.open()
      try {
        const sealed = await other.ring.seal(Buffer.from('secret'), 'c')
        await expect(opened.ring.open(sealed, 'c')).rejects.toThrow(SealBroken)
      } finally {
        await other.dispose()
      }
    })

    describe('a KMS key', () => {
      it.each(['my-key', 'alias/mine', ARN, ZOS_ID])('%s seals, and only it opens', async (id) => {
        const sealed = await opened.ring.seal(Buffer.from('secret'), 'c', id)
        expect((await opened.ring.open(sealed, 'c', id)).toString()).toBe('secret')
        expect((await (await opened.reopen()).open(sealed, 'c', id)).toString()).toBe('secret')
        await opened.ring.seal(Buffer.from('x'), 'c', 'other')
        await expect(opened.ring.open(sealed, 'c', 'other')).rejects.toThrow(SealBroken)
        await expect(opened.ring.open(sealed, 'd', id)).rejects.toThrow(SealBroken)
        await expect(opened.ring.open(sealed, 'c')).rejects.toThrow(SealBroken)
        const masters = await opened.ring.seal(Buffer.from('secret'), 'c')
        await expect(opened.ring.open(masters, 'c', id)).rejects.toThrow(SealBroken)
      })

      it('is the same under each of its names', async () => {
        const sealed = await opened.ring.seal(Buffer.from('secret'), 'c', ARN)
        expect((await opened.ring.open(sealed, 'c', ZOS_ID)).toString()).toBe('secret')
      })

      it('that is disabled neither seals nor opens, and does again when it is not', async () => {
        const sealed = await opened.ring.seal(Buffer.from('secret'), 'c', 'k')
        const disabled = await opened.reopen(kms(true, ['k', true]))
        const refusal = { name: 'KeyUnavailable', reason: 'disabled', kmsKeyId: 'k' }
        await expect(disabled.open(sealed, 'c', 'k')).rejects.toMatchObject(refusal)
        await expect(disabled.seal(Buffer.from('x'), 'c', 'k')).rejects.toThrow(KeyUnavailable)
        await disabled.open(await disabled.seal(Buffer.from('x'), 'c', 'l'), 'c', 'l')
        const enabled = await opened.reopen(kms(true, ['k', false]))
        expect((await enabled.open(sealed, 'c', 'k')).toString()).toBe('secret')
      })

      it('that is neither there nor to be made is missing', async () => {
        const strict = await opened.reopen(kms(false))
        const refusal = { name: 'KeyUnavailable', reason: 'missing', kmsKeyId: 'nobody-has-made-it' }
        await expect(strict.seal(Buffer.from('x'), 'c', 'nobody-has-made-it')).rejects.toMatchObject(refusal)
        await strict.open(await strict.seal(Buffer.from('x'), 'c'), 'c')
      })
    })

    describe('rotation', () => {
      it('seals with another key from then on, and opens what was sealed before', async () => {
        const before = await opened.ring.seal(Buffer.from('old'), 'c')
        expect(await opened.ring.isCurrent(before)).toBe(true)
        await opened.ring.rotate()
        const after = await opened.ring.seal(Buffer.from('new'), 'c')
        expect([await opened.ring.isCurrent(before), await opened.ring.isCurrent(after)]).toEqual([false, true])
        const again = await opened.reopen()
        expect([await again.isCurrent(before), await again.isCurrent(after)]).toEqual([false, true])
        for (const ring of [opened.ring, again]) {
          expect((await ring.open(before, 'c')).toString()).toBe('old')
          expect((await ring.open(after, 'c')).toString()).toBe('new')
        }
      })

      it('leaves the KMS keys of clients usable', async () => {
        const before = await opened.ring.seal(Buffer.from('old'), 'c', 'k')
        await opened.ring.rotate()
        expect((await opened.ring.open(before, 'c', 'k')).toString()).toBe('old')
        const after = await opened.ring.seal(Buffer.from('new'), 'c', 'k')
        expect(await opened.ring.isCurrent(after, 'k')).toBe(true)
        expect((await opened.ring.open(after, 'c', 'k')).toString()).toBe('new')
      })

      it('may forget the old keys when nothing is sealed with them any more', async () => {
        await opened.ring.rotate()
        const newest = await opened.ring.rotate()
        const sealed = await opened.ring.seal(Buffer.from('new'), 'c')
        await opened.ring.forgetOthers(newest)
        for (const ring of [opened.ring, await opened.reopen()]) {
          expect((await ring.open(sealed, 'c')).toString()).toBe('new')
          expect(await ring.isCurrent(sealed)).toBe(true)
        }
      })

      it('forgets nothing when there has been another rotation meanwhile', async () => {
        const newest = await opened.ring.rotate()
        const sealed = await opened.ring.seal(Buffer.from('still in use'), 'c')
        await opened.ring.rotate()
        await opened.ring.forgetOthers(newest)
        expect((await opened.ring.open(sealed, 'c')).toString()).toBe('still in use')
        expect((await (await opened.reopen()).open(sealed, 'c')).toString()).toBe('still in use')
      })
    })
  })
}
