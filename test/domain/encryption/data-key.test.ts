import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newDataKey, openDataKey, renewWrapping } from '../../../src/domain/encryption/data-key.ts'
import type { Protection } from '../../../src/domain/encryption/protection.ts'
import { CorruptChunk } from '../../../src/storage/chunks/store.ts'
import { type KeyRing, SealBroken } from '../../../src/storage/keys/key-ring.ts'
import type { KmsKeySettings } from '../../../src/storage/keys/kms-keys.ts'
import { openLocalKeyRing } from '../../../src/storage/keys/local.ts'
import { customerKey } from '../../support/encryption.ts'

let dir = ''
let ring: KeyRing
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cozos-data-key-'))
  ring = openLocalKeyRing({ dir })
})
afterEach(() => rm(dir, { recursive: true }))

const mine = customerKey()
const KMS = { algorithm: 'aws:kms', kmsKeyId: 'k', context: 'e30=' } as const
const PROTECTIONS: readonly Protection[] = [
  { algorithm: 'AES256' },
  { algorithm: 'AES256', kmsKeyId: 'k'.repeat(32) },
  KMS,
  { algorithm: 'aws:kms', kmsKeyId: 'k' },
  { algorithm: 'customer', key: mine.key },
]
const ringWith = (kms: KmsKeySettings) => openLocalKeyRing({ dir, kms })

describe.each(PROTECTIONS)('a data key under %j', (protection) => {
  it('opens again, and shows nothing of itself', async () => {
    const { key, sealing } = await newDataKey(ring, protection)
    const opened = await openDataKey(ring, sealing, mine.key)
    expect(opened.export().equals(key.export())).toBe(true)
    expect(sealing.sealedKey.includes(key.export())).toBe(false)
    const other = await newDataKey(ring, protection)
    expect(other.key.export().equals(key.export())).toBe(false)
  })

  it('does not open where a bit has changed', async () => {
    const { sealing } = await newDataKey(ring, protection)
    for (let place = 0; place < sealing.sealedKey.length; place += 1) {
      const sealedKey = Buffer.from(sealing.sealedKey)
      sealedKey.writeUInt8(sealedKey.readUInt8(place) ^ 1, place)
      const refused = openDataKey(ring, { sealedKey }, mine.key)
      await expect(refused, `byte ${place}`).rejects.toSatisfy(
        (cause) => cause instanceof CorruptChunk || cause instanceof SealBroken,
      )
    }
    for (const length of [0, 1, 2, 3, sealing.sealedKey.length - 1]) {
      await expect(openDataKey(ring, { sealedKey: sealing.sealedKey.subarray(0, length) }, mine.key)).rejects.toThrow()
    }
  })
})

it('a customer’s data key opens with that customer’s key alone', async () => {
  const { sealing } = await newDataKey(ring, { algorithm: 'customer', key: mine.key })
  await expect(openDataKey(ring, sealing, customerKey().key)).rejects.toThrow(CorruptChunk)
  await expect(openDataKey(ring, sealing, undefined)).rejects.toThrow(CorruptChunk)
})

it('the encryption context is part of the wrapping', async () => {
  const { sealing } = await newDataKey(ring, KMS)
  const sealedKey = Buffer.from(sealing.sealedKey.toString('latin1').replace('e30=', 'e31='), 'latin1')
  expect(sealedKey.equals(sealing.sealedKey)).toBe(false)
  await expect(openDataKey(ring, { sealedKey }, undefined)).rejects.toThrow(SealBroken)
})

it.each([
  ['disabled', 'KMS.DisabledException', { autoCreate: true, keys: [{ id: 'k', disabled: true }] }],
  ['missing', 'KMS.NotFoundException', { autoCreate: false, keys: [{ id: 'l', disabled: false }] }],
] as const)('a %s key is %s', async (_reason, code, settings) => {
  const { sealing } = await newDataKey(ring, KMS)
  const other = ringWith(settings)
  await expect(newDataKey(other, KMS)).rejects.toMatchObject({ code, status: 400 })
  await expect(openDataKey(other, sealing, undefined)).rejects.toMatchObject({ code })
  await expect(newDataKey(other, { ...KMS, kmsKeyId: 'l' })).resolves.toBeDefined()
})

describe('renewWrapping', () => {
  it.each(PROTECTIONS.slice(0, 4))('wraps the same key anew after a rotation: %j', async (protection) => {
    const { key, sealing } = await newDataKey(ring, protection)
    expect(await renewWrapping(ring, sealing.sealedKey)).toBeUndefined()
    const newest = await ring.rotate()
    const sealedKey = (await renewWrapping(ring, sealing.sealedKey)) ?? Buffer.alloc(0)
    expect(await renewWrapping(ring, sealedKey)).toBeUndefined()
    await ring.forgetOthers(newest)
    expect((await openDataKey(ring, { sealedKey }, undefined)).export().equals(key.export())).toBe(true)
    await expect(openDataKey(ring, sealing, undefined)).rejects.toThrow(SealBroken)
  })

  it('leaves what a customer’s key wraps', async () => {
    const { sealing } = await newDataKey(ring, { algorithm: 'customer', key: mine.key })
    await ring.rotate()
    expect(await renewWrapping(ring, sealing.sealedKey)).toBeUndefined()
  })
})
