import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BucketRow } from '../../src/storage/metadata/rows.ts'
import { newRule, ruleFor } from '../support/lifecycle.ts'
import { attributes, LifecycleWorld } from '../support/lifecycle-world.ts'
import { newBucket, newUpload } from '../support/rows.ts'

const DAY = 86_400_000
let at: LifecycleWorld
beforeEach(async () => {
  at = await LifecycleWorld.open()
})
afterEach(() => at.services.dispose())

describe('when rules are carried out', () => {
  it('at the beginning of each day, from the one behind their putting', async () => {
    const bucket = await at.makeBucket([newRule({ expiration: { dateMs: 0 } })])
    await at.put(bucket, ['a'])
    const midnight = Date.UTC(2030, 0, 2)
    expect(await at.step()).toEqual({ at: midnight })
    expect(at.services.metadata.stats().transactions).toBe(3)
    at.services.clock.nowMs = midnight - 50
    expect(await at.step()).toEqual({ at: midnight })
    expect(await at.contents(bucket)).toEqual(['a'])
    at.services.clock.nowMs = midnight
    await at.run()
    expect(await at.contents(bucket)).toEqual([])
    expect(await at.state(bucket)).toMatchObject({ ranForMs: midnight, last: { startedMs: midnight, expired: 1 } })
    await at.put(bucket, ['b'])
    expect(await at.step()).toEqual({ at: midnight + DAY })
    expect(await at.contents(bucket)).toEqual(['b'])
    at.services.clock.nowMs += 5 * DAY + 7
    await at.run()
    expect(await at.contents(bucket)).toEqual([])
  })

  it('at once when somebody asks, and not twice', async () => {
    const bucket = await at.makeBucket([newRule({ expiration: { dateMs: 0 } })])
    await at.put(bucket, ['a'])
    const ended = at.job.request(bucket.id)
    await at.run()
    expect(await ended).toMatchObject({ expired: 1, scanned: 1 })
    await at.put(bucket, ['b'])
    await at.run()
    expect(await at.contents(bucket)).toEqual(['b'])
    const none = [at.job.request(bucket.id + 1), at.job.request(0)]
    await at.run()
    expect(await Promise.all(none)).toEqual([undefined, undefined])
  })

  it('on days of another length', async () => {
    at.restart({ dayMs: 10_000 })
    const bucket = await at.makeBucket([newRule({ expiration: { days: 2 } })])
    await at.put(bucket, ['a'])
    const madeMs = at.services.clock.nowMs
    expect(await at.step()).toEqual({ at: madeMs + 10_000 })
    at.services.clock.nowMs = madeMs + 19_999
    await at.run()
    expect(await at.contents(bucket)).toEqual(['a'])
    at.services.clock.nowMs = madeMs + 20_000
    await at.run()
    expect(await at.contents(bucket)).toEqual([])
  })

  it('also when the clock has been set back', async () => {
    const bucket = await at.makeBucket([newRule({ expiration: { days: 1 } })])
    at.advance(30)
    await at.run()
    const ranForMs = (await at.state(bucket))?.ranForMs
    at.advance(-20)
    await at.put(bucket, ['a'])
    at.advance(3)
    await at.run()
    expect(await at.contents(bucket)).toEqual([])
    expect((await at.state(bucket))?.ranForMs).toBeLessThan(ranForMs ?? 0)
  })

  it('also by rules that were put at a time that the clock has not come to again', async () => {
    const bucket = await at.makeBucket([])
    await at.put(bucket, ['key'])
    at.advance(100)
    await at.setRules(bucket.name, [newRule({ expiration: { days: 1 } })])
    at.advance(-98)
    await at.run()
    expect(await at.contents(bucket)).toEqual([])
  })

  it('for each of many buckets, and what is kept about others is forgotten', async () => {
    const buckets: BucketRow[] = []
    for (let n = 0; n < 120; n++) buckets.push(await at.makeBucket([newRule({ expiration: { days: 1 } })]))
    for (const bucket of buckets) await at.put(bucket, ['a'])
    at.advance(3)
    await at.run()
    for (const bucket of buckets) expect(await at.contents(bucket)).toEqual([])
    // One step sees that there is nothing to do, however many they are.
    expect(await at.run()).toBe(1)
    const [first, second] = buckets
    if (first === undefined || second === undefined) throw new Error('there are many')
    await at.setRules(first.name, undefined)
    await at.services.metadata.write((tx) => tx.buckets.remove(second.id, 0))
    await at.run()
    const left = await at.services.metadata.read((tx) => tx.jobState.list('lifecycle/'))
    expect(left).toHaveLength(118)
  })
})

describe('what rules do', () => {
  it('to objects of a bucket without versions', async () => {
    const bucket = await at.makeBucket([
      ruleFor('logs/', { expiration: { days: 3 } }),
      ruleFor('cold/', { transitions: [{ days: 1, storageClass: 'GLACIER' }] }),
      newRule({
        id: 'tagged',
        filter: { tags: [{ key: 'temp', value: 'yes' }], sizeLessThan: 10, isAnd: true },
        expiration: { days: 1 },
      }),
    ])
    const temp = attributes({ tags: [{ key: 'temp', value: 'yes' }] })
    await at.put(bucket, ['cold/a', 'logs/a', 'logs/b', 'other'])
    await at.put(bucket, ['temp'], { attributes: temp })
    await at.put(bucket, ['temp-large'], { attributes: temp, sizeBytes: 10 })
    at.advance(1)
    await at.run()
    expect(await at.contents(bucket)).toHaveLength(6)
    at.advance(1)
    await at.put(bucket, ['logs/b'])
    await at.run()
    expect(await at.contents(bucket)).toEqual(['cold/a(GLACIER)', 'logs/a', 'logs/b', 'other', 'temp-large'])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 6, expired: 1, transitioned: 1 })
    at.advance(2)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['cold/a(GLACIER)', 'logs/b', 'other', 'temp-large'])
  })

  it('to versions: a marker, then the old ones, then the marker', async () => {
    const rules = [newRule({ expiration: { days: 1 }, noncurrentExpiration: { noncurrentDays: 2 } })]
    const bucket = await at.makeBucket(rules, 'enabled')
    await at.put(bucket, ['a', 'a', 'b'])
    at.advance(2)
    await at.put(bucket, ['b'])
    await at.run()
    expect(await at.contents(bucket)).toEqual(['a(marker)', 'a(old)', 'a(old)', 'b', 'b(old)'])
    expect(await at.lastCounts(bucket)).toMatchObject({ expired: 1 })
    // The older version of `a` was noncurrent before the marker came, since its successor on the first day.
    at.advance(1)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['a(marker)', 'a(old)', 'b', 'b(old)'])
    // The marker's age is over, too: it goes with the last version that it hid.
    at.advance(2)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['b(marker)', 'b(old)'])
    expect(await at.lastCounts(bucket)).toMatchObject({ expired: 1, deletedVersions: 2, removedMarkers: 1 })
    at.advance(10)
    await at.run()
    expect(await at.contents(bucket)).toEqual([])
  })

  it('to markers that are left alone, and to no others', async () => {
    const rules = [newRule({ expiration: { expiredObjectDeleteMarker: true } })]
    const bucket = await at.makeBucket(rules, 'enabled')
    const mark = (key: string) => at.put(bucket, [key], { kind: 'delete-marker', sizeBytes: 0, etag: '' })
    await at.put(bucket, ['hidden', 'shown'])
    for (const key of ['alone', 'hidden', 'twice', 'twice']) await mark(key)
    at.advance(1)
    await at.run()
    expect(await at.contents(bucket)).toEqual([
      'hidden(marker)',
      'hidden(old)',
      'shown',
      'twice(marker)',
      'twice(old marker)',
    ])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 6, removedMarkers: 1 })
  })

  it('where versioning is suspended: the null version makes room for the marker', async () => {
    let bucket = await at.makeBucket([newRule({ expiration: { days: 1 } })], 'enabled')
    await at.services.metadata.write((tx) => tx.buckets.insert(newBucket('other')))
    await at.put(bucket, ['both', 'named'])
    await at.services.metadata.write((tx) => tx.buckets.setVersioning(bucket.id, 'suspended'))
    bucket = await at.find(bucket.name)
    await at.put(bucket, ['both', 'null'])
    at.advance(2)
    await at.run()
    expect(await at.contents(bucket)).toEqual([
      'both(marker)',
      'both(old)',
      'named(marker)',
      'named(old)',
      'null(marker)',
    ])
    at.advance(2)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['both(marker)', 'both(old)', 'named(marker)', 'named(old)'])
  })

  it('keeps the newest noncurrent versions', async () => {
    const noncurrentExpiration = { noncurrentDays: 1, newerNoncurrentVersions: 5 }
    const bucket = await at.makeBucket([newRule({ noncurrentExpiration })], 'enabled')
    await at.put(bucket, [...Array.from({ length: 10 }, () => 'a'), 'b', 'b'])
    at.advance(3)
    await at.run()
    // Ceph's own test expects as many.
    expect(await at.contents(bucket)).toEqual(['a', ...Array.from({ length: 5 }, () => 'a(old)'), 'b', 'b(old)'])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 12, deletedVersions: 4 })
  })

  it('moves noncurrent versions, and in a versioned bucket an object before it is hidden', async () => {
    const noncurrentTransitions = [{ noncurrentDays: 1, storageClass: 'DEEP_ARCHIVE' }]
    const transitions = [{ days: 1, storageClass: 'GLACIER' }]
    const rule = newRule({ noncurrentTransitions, transitions, expiration: { days: 2 } })
    const bucket = await at.makeBucket([rule], 'enabled')
    await at.put(bucket, ['a', 'a'])
    at.advance(2)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['a(GLACIER)', 'a(old DEEP_ARCHIVE)'])
    at.advance(5)
    await at.put(bucket, ['b'])
    at.advance(3)
    await at.run()
    // Both on one day: the move first, and the marker behind it.
    expect(await at.contents(bucket)).toEqual([
      'a(marker)',
      'a(old GLACIER)',
      'a(old DEEP_ARCHIVE)',
      'b(marker)',
      'b(old GLACIER)',
    ])
    expect(await at.lastCounts(bucket)).toMatchObject({ transitioned: 1, expired: 2 })
  })

  it('aborts uploads that nobody has completed', async () => {
    const bucket = await at.makeBucket([ruleFor('up/', { abortIncompleteDays: 3 })])
    const open = (key: string) =>
      at.services.metadata.write((tx) =>
        tx.uploads.insert(newUpload(bucket.id, key, { initiatedMs: at.services.clock.now(), uploadId: `2~${key}` })),
      )
    for (const key of ['other', 'up/a', 'up/b']) await open(key)
    at.advance(3)
    await open('up/late')
    await at.run()
    const left = async () => {
      const range = { bucketId: bucket.id, prefix: '', from: undefined, afterUploadId: undefined, limit: 10 }
      return (await at.services.metadata.read((tx) => tx.uploads.list(range))).map(({ key }) => key)
    }
    expect(await left()).toEqual(['other', 'up/a', 'up/b', 'up/late'])
    at.advance(1)
    await at.run()
    expect(await left()).toEqual(['other', 'up/late'])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 3, abortedUploads: 2 })
  })

  it('leaves alone what is locked, in each kind of bucket and with every rule', async () => {
    const held = attributes({ legalHold: true })
    const untilMs = at.services.clock.now() + 30 * DAY
    const kept = (mode: 'GOVERNANCE' | 'COMPLIANCE') => attributes({ retention: { mode, retainUntilMs: untilMs } })
    const rules = [newRule({ expiration: { days: 1 }, noncurrentExpiration: { noncurrentDays: 1 } })]
    const bucket = await at.makeBucket(rules, 'enabled')
    for (const [key, attributes] of Object.entries({ held, gov: kept('GOVERNANCE'), comp: kept('COMPLIANCE') })) {
      await at.put(bucket, [key], { attributes })
    }
    for (let n = 0; n < 4; n++) {
      at.advance(3)
      await at.run()
    }
    expect(await at.contents(bucket)).toEqual([
      'comp(marker)',
      'comp(old)',
      'gov(marker)',
      'gov(old)',
      'held(marker)',
      'held(old)',
    ])
    expect(await at.lastCounts(bucket)).toMatchObject({ locked: 3 })
    at.advance(40)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['held(marker)', 'held(old)'])
  })
})
