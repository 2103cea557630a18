import { afterEach, beforeEach, expect, it } from 'vitest'
import { CLOSED_UPLOAD_KEPT_MS, forgetUploads } from '../../src/jobs/forget-uploads.ts'
import { makeBucket } from '../contracts/metadata/fixture.ts'
import { newUpload } from '../support/rows.ts'
import { openServices, type TestServices } from '../support/services.ts'

const signal = new AbortController().signal
let services: TestServices

beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.dispose())

it('forgets uploads that ended long ago, and commits nothing without any', async () => {
  const { metadata, clock } = services
  const job = forgetUploads(services)
  expect(await job.step(signal)).toBe('idle')
  expect(metadata.stats().transactions).toBe(0)
  const bucketId = await makeBucket(metadata)
  const initiatedMs = clock.now()
  await metadata.write(async (tx) => {
    for (const key of ['ended', 'open']) await tx.uploads.insert({ ...newUpload(bucketId, key), initiatedMs })
    await tx.uploads.abort('2~ended', initiatedMs)
  })
  const find = (key: string) => metadata.read((tx) => tx.uploads.find({ uploadId: `2~${key}`, bucketId, key }))
  expect(await job.step(signal)).toEqual({ at: initiatedMs + CLOSED_UPLOAD_KEPT_MS + 1 })
  expect(await find('ended')).toMatchObject({ state: 'aborted' })
  clock.nowMs += CLOSED_UPLOAD_KEPT_MS + 1
  expect(await job.step(signal)).toBe('again')
  expect(await find('ended')).toBeUndefined()
  expect(await find('open')).toMatchObject({ state: 'open' })
  expect(await job.step(signal)).toBe('idle')
})

it('keeps uploads from before the clock was set back for as long as others, and no longer', async () => {
  const { metadata, clock } = services
  const job = forgetUploads(services)
  const bucketId = await makeBucket(metadata)
  await metadata.write(async (tx) => {
    await tx.uploads.insert({ ...newUpload(bucketId, 'ended'), initiatedMs: clock.now() })
    await tx.uploads.abort('2~ended', clock.now())
  })
  clock.nowMs -= 365 * 24 * 3600 * 1000
  expect(await job.step(signal)).toBe('again')
  const at = clock.nowMs + CLOSED_UPLOAD_KEPT_MS + 1
  expect(await job.step(signal)).toEqual({ at })
  clock.nowMs = at
  expect(await job.step(signal)).toBe('again')
  expect(await job.step(signal)).toBe('idle')
})
