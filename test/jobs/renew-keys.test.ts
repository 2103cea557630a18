import { afterEach, beforeEach, expect, it } from 'vitest'
import { prepareKey } from '../../src/domain/accounts/keys.ts'
import { openSecret } from '../../src/domain/accounts/load.ts'
import { newDataKey, openDataKey } from '../../src/domain/encryption/data-key.ts'
import type { Protection } from '../../src/domain/encryption/protection.ts'
import { rotateKeys, rotationState } from '../../src/domain/encryption/rotation.ts'
import { RENEW_BATCH, renewKeys, SETTLE_MS } from '../../src/jobs/renew-keys.ts'
import { openLocalKeyRing } from '../../src/storage/keys/local.ts'
import type { ChunkSealing, KeyRow } from '../../src/storage/metadata/rows.ts'
import { customerKey } from '../support/encryption.ts'
import { MovedClock, openServices, type TestServices } from '../support/services.ts'

const signal = new AbortController().signal
let services: TestServices
let realClock: MovedClock
let stuck: string[]

beforeEach(async () => {
  services = await openServices()
  realClock = new MovedClock()
  stuck = []
})
afterEach(() => services.dispose())

const newJob = (from: Pick<TestServices, 'keyRing' | 'metadata'> = services) =>
  renewKeys(from, { realClock, onStuck: ({ what }) => void stuck.push(what) })

async function addChunks(protection: Protection, count = 1): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    const { sealing } = await newDataKey(services.keyRing, protection)
    await services.metadata.write((tx) =>
      tx.manifests.create([{ place: 'inline', bytes: Buffer.from('sealed'), sizeBytes: 1, sealing }]),
    )
  }
}

async function addKey(): Promise<() => Promise<KeyRow | undefined>> {
  const { metadata } = services
  const { key, sealedSecret } = await prepareKey(services, { accessKey: 'KEY', secretKey: 'a-secret' })
  const { accessKey } = key
  const rights = { suspended: false, maxBuckets: 0, caps: '', quota: undefined, bucketQuota: undefined }
  const user = { id: 'u', tenant: '', uid: 'u', displayName: 'u', email: undefined, isConfigured: false, createdMs: 0 }
  await metadata.write(async (tx) => {
    await tx.users.put({ ...user, ...rights })
    await tx.users.putKey({ accessKey, userId: 'u', sealedSecret, isConfigured: false, createdMs: 0 })
  })
  return () => metadata.read((tx) => tx.users.key(accessKey))
}

function sealings(): Promise<ChunkSealing[]> {
  return services.metadata.read((tx) => tx.chunks.sealed({ afterId: 0, limit: 10_000 }))
}

/** Steps until the job rests; what it says then, and how many steps it took. */
async function run(job = newJob()) {
  for (let steps = 1; ; steps += 1) {
    const next = await job.step(signal)
    if (next !== 'again') return { next, steps }
  }
}

it('has nothing to do without a rotation, and commits nothing', async () => {
  await addChunks({ algorithm: 'AES256' })
  const { transactions } = services.metadata.stats()
  expect(await run()).toEqual({ next: 'idle', steps: 1 })
  expect(services.metadata.stats().transactions).toBe(transactions)
})

it('seals everything anew in bounded steps, and forgets the old keys when nothing is sealed with them', async () => {
  await addChunks({ algorithm: 'AES256' }, RENEW_BATCH + 5)
  await addChunks({ algorithm: 'aws:kms', kmsKeyId: 'k' }, 3)
  await addChunks({ algorithm: 'customer', key: customerKey().key })
  const keyRow = await addKey()
  const before = await sealings()
  const job = newJob()
  await rotateKeys(services, realClock.now())
  const { next, steps } = await run(job)
  // Two batches of chunks, and the users. What was under way at the rotation may come yet.
  expect({ next, steps }).toEqual({ next: { afterMs: SETTLE_MS }, steps: 3 })
  expect(await rotationState(services)).toMatchObject({ renewedInAll: RENEW_BATCH + 5 + 3 + 1, renewed: 0 })
  const after = await sealings()
  const changed = after.filter(({ sealedKey }, place) => !sealedKey.equals(before[place]?.sealedKey ?? sealedKey))
  expect(changed).toHaveLength(RENEW_BATCH + 5 + 3)
  // Both still open: readers that have begun hold the old form.
  await openDataKey(services.keyRing, before[0]!, undefined)
  await openDataKey(services.keyRing, after[0]!, undefined)

  realClock.nowMs += SETTLE_MS
  expect(await run(job)).toMatchObject({ next: 'idle' })
  expect(await rotationState(services)).toBeUndefined()
  await expect(openDataKey(services.keyRing, before[0]!, undefined)).rejects.toThrow('does not open')
  const reopened = openLocalKeyRing({ dir: services.dir })
  for (const sealing of after.slice(0, -1)) await openDataKey(reopened, sealing, undefined)
  expect((await openSecret(reopened, (await keyRow())!))?.reveal()).toBe('a-secret')
})

it('finds what was committed behind its back with the old key', async () => {
  const job = newJob()
  const { sealing } = await newDataKey(services.keyRing, { algorithm: 'AES256' })
  await rotateKeys(services, realClock.now())
  expect(await run(job)).toMatchObject({ next: { afterMs: SETTLE_MS } })
  await services.metadata.write((tx) =>
    tx.manifests.create([{ place: 'inline', bytes: Buffer.from('sealed'), sizeBytes: 1, sealing }]),
  )
  realClock.nowMs += SETTLE_MS
  expect(await run(job)).toMatchObject({ next: 'idle' })
  const [late] = await sealings()
  await openDataKey(openLocalKeyRing({ dir: services.dir }), late!, undefined)
})

it('goes on after a restart, and need not wait then: nobody is under way any more', async () => {
  await addChunks({ algorithm: 'AES256' }, RENEW_BATCH + 1)
  await rotateKeys(services, realClock.now())
  expect(await newJob().step(signal)).toBe('again')
  realClock.nowMs += 1
  const next = newJob()
  expect(await rotationState(services)).toMatchObject({ phase: 'chunks', renewed: RENEW_BATCH })
  expect(await run(next)).toMatchObject({ next: 'idle' })
  for (const sealing of await sealings()) {
    await openDataKey(openLocalKeyRing({ dir: services.dir }), sealing, undefined)
  }
})

it('begins again where there has been another rotation meanwhile, and loses no key', async () => {
  await addChunks({ algorithm: 'AES256' }, RENEW_BATCH + 1)
  await rotateKeys(services, realClock.now())
  realClock.nowMs += 1
  const job = newJob()
  await job.step(signal)
  await rotateKeys(services, realClock.now())
  expect(await rotationState(services)).toMatchObject({ phase: 'chunks', afterChunk: 0, renewed: 0 })
  realClock.nowMs += SETTLE_MS
  expect(await run(job)).toMatchObject({ next: 'idle' })
  for (const sealing of await sealings()) {
    await openDataKey(openLocalKeyRing({ dir: services.dir }), sealing, undefined)
  }
})

it('keeps the old keys while something cannot be sealed anew, and tells of it', async () => {
  await addChunks({ algorithm: 'aws:kms', kmsKeyId: 'k' })
  await addChunks({ algorithm: 'AES256' })
  const [kms] = await sealings()
  await rotateKeys(services, realClock.now())
  realClock.nowMs += SETTLE_MS
  const kmsKeys = (disabled: boolean) => ({ autoCreate: true, keys: [{ id: 'k', disabled }] })
  const disabled = { ...services, keyRing: openLocalKeyRing({ dir: services.dir, kms: kmsKeys(true) }) }
  expect(await run(newJob(disabled))).toMatchObject({ next: { afterMs: SETTLE_MS } })
  expect(stuck).toEqual([expect.stringMatching(/^chunk \d+$/)])
  const enabled = { ...services, keyRing: openLocalKeyRing({ dir: services.dir, kms: kmsKeys(false) }) }
  await openDataKey(enabled.keyRing, kms!, undefined)
  expect(await run(newJob(enabled))).toMatchObject({ next: 'idle' })
  expect(await rotationState(services)).toBeUndefined()
})
