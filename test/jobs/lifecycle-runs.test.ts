import { join } from 'node:path'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newRule, ruleFor } from '../support/lifecycle.ts'
import { attributes, LifecycleWorld } from '../support/lifecycle-world.ts'

let at: LifecycleWorld
beforeEach(async () => {
  at = await LifecycleWorld.open()
})
afterEach(() => at.services.dispose())

describe('a run', () => {
  it('reads no key that no rule can have a say about', async () => {
    const bucket = await at.makeBucket([
      ruleFor('b/', { expiration: { days: 1 } }),
      ruleFor('d/', { expiration: { days: 1 } }),
      ruleFor('a/', { enabled: false, expiration: { days: 1 } }),
    ])
    const keys = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'd/1', 'e/1']
    await at.put(bucket, keys)
    at.advance(2)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['a/1', 'a/2', 'c/1', 'e/1'])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 3, expired: 3 })
  })

  it('goes on where a crash has interrupted it: nothing is done twice, and nothing is left', async () => {
    const rules = [newRule({ expiration: { days: 1 } })]
    const bucket = await at.makeBucket(rules, 'enabled')
    const keys = Array.from({ length: 700 }, (_, n) => `key-${String(n).padStart(4, '0')}`)
    await at.put(bucket, keys)
    at.advance(2)
    for (let restarts = 0; restarts < 10; restarts++) {
      for (let step = 0; step < 2; step++) await at.step()
      // What the job had in memory is gone.
      at.restart()
    }
    expect((await at.state(bucket))?.running?.counts.expired).toBeLessThan(700)
    await at.run()
    expect(await at.contents(bucket)).toEqual(keys.flatMap((key) => [`${key}(marker)`, `${key}(old)`]))
    expect(await at.lastCounts(bucket)).toMatchObject({ expired: 700 })
  })

  it('goes on within the versions of one key', async () => {
    const noncurrentExpiration = { noncurrentDays: 1, newerNoncurrentVersions: 300 }
    const bucket = await at.makeBucket([newRule({ noncurrentExpiration })], 'enabled')
    await at.put(
      bucket,
      Array.from({ length: 701 }, () => 'a'),
    )
    await at.put(
      bucket,
      Array.from({ length: 302 }, () => 'b'),
    )
    at.advance(3)
    for (let step = 0; step < 12; step++) await at.step()
    expect((await at.state(bucket))?.running?.position.version?.ahead).toBeGreaterThan(300)
    at.restart()
    await at.run()
    expect(await at.lastCounts(bucket)).toMatchObject({ deletedVersions: 401 })
    const left = await at.contents(bucket)
    expect([left.filter((one) => one.startsWith('a')).length, left.length]).toEqual([301, 602])
  })

  it('ends when its rules are replaced; the new ones wait for the next day', async () => {
    const bucket = await at.makeBucket([newRule({ expiration: { days: 1 } })])
    await at.put(
      bucket,
      Array.from({ length: 300 }, (_, n) => `key-${n}`),
    )
    at.advance(2)
    await at.step()
    const done = 300 - (await at.contents(bucket)).length
    expect(done).toBeGreaterThan(0)
    await at.setRules(bucket.name, [ruleFor('key-1', { expiration: { days: 1 } })])
    await at.run()
    expect(await at.contents(bucket)).toHaveLength(300 - done)
    expect(await at.lastCounts(bucket)).toMatchObject({ expired: done })
    at.advance(1)
    await at.run()
    expect((await at.contents(bucket)).some((key) => key.startsWith('key-1'))).toBe(false)
    expect((await at.contents(bucket)).length).toBeGreaterThan(0)
  })

  it('ends when its bucket goes', async () => {
    const bucket = await at.makeBucket([newRule({ expiration: { days: 1 } })])
    await at.put(
      bucket,
      Array.from({ length: 300 }, (_, n) => `key-${n}`),
    )
    at.advance(2)
    await at.step()
    await at.services.metadata.write((tx) => tx.buckets.remove(bucket.id, 0))
    await at.run()
    expect(await at.state(bucket)).toBeUndefined()
  })

  it('never takes what was written meanwhile, however many write at a time', async () => {
    const bucket = await at.makeBucket([newRule({ expiration: { days: 1 } })])
    const keys = Array.from({ length: 64 }, (_, n) => `key-${n}`)
    for (let round = 0; round < 5; round++) {
      await at.put(bucket, keys)
      at.advance(3)
      const writes = keys.map((key) => at.put(bucket, [key]))
      await Promise.all([at.run(), ...writes])
      expect(await at.contents(bucket)).toHaveLength(64)
    }
  })

  it('looks at tags, locks and the successor again before it acts', async () => {
    const noncurrentExpiration = { noncurrentDays: 1 }
    const tagged = newRule({
      filter: { tags: [{ key: 'k', value: 'v' }], isAnd: false },
      expiration: { days: 1 },
    })
    const bucket = await at.makeBucket([tagged, newRule({ id: 'old', noncurrentExpiration })], 'enabled')
    await at.put(bucket, ['tagged'], { attributes: attributes({ tags: [{ key: 'k', value: 'v' }] }) })
    await at.put(bucket, ['old', 'old'])
    at.advance(3)
    // Both are found by the read of the step; what comes before its write changes them.
    const before = at.services.metadata
    let changed = false
    at.restart({
      metadata: {
        read: (work) => before.read(work),
        stats: () => before.stats(),
        close: () => before.close(),
        write: async (work) => {
          if (!changed) {
            changed = true
            await before.write(async (tx) => {
              const row = await tx.versions.latest({ bucketId: bucket.id, key: 'tagged' })
              const successor = await tx.versions.latest({ bucketId: bucket.id, key: 'old' })
              if (row === undefined || successor === undefined) throw new Error('they are there')
              await tx.versions.setAttributes(row, attributes({}))
              await tx.versions.remove(successor, 0)
            })
          }
          return await before.write(work)
        },
      },
    })
    await at.run()
    expect(changed).toBe(true)
    expect(await at.contents(bucket)).toEqual(['old', 'tagged'])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 5 })
  })

  it('that fails leaves other buckets their turn, and is tried again', async () => {
    const rules = [newRule({ filter: { tags: [{ key: 'k', value: 'v' }], isAnd: false }, expiration: { days: 1 } })]
    const [broken, sound] = [await at.makeBucket(rules), await at.makeBucket(rules)]
    for (const bucket of [broken, sound]) {
      await at.put(bucket, ['key'], { attributes: attributes({ tags: [{ key: 'k', value: 'v' }] }) })
    }
    const database = new Database(join(at.services.dir, 'metadata.db'))
    const setAttributes = database.prepare('UPDATE objects SET attributes = ? WHERE bucket_id = ?')
    const { attributes: text } = database
      .prepare('SELECT attributes FROM objects WHERE bucket_id = ?')
      .get(broken.id) as { attributes: string }
    setAttributes.run('{"tags', broken.id)
    at.advance(2)
    await expect(at.step()).rejects.toThrow()
    const refused = expect(at.job.request(broken.id)).rejects.toThrow()
    await expect(at.run()).rejects.toThrow()
    await refused
    await expect(at.run()).rejects.toThrow()
    expect(await at.contents(sound)).toEqual([])
    setAttributes.run(text, broken.id)
    database.close()
    // Any write ends the snapshot that the store reads from: it knows nothing of the other connection.
    await at.put(sound, ['untagged'])
    await at.run()
    expect([await at.contents(broken), await at.contents(sound)]).toEqual([[], ['untagged']])
  })

  it('goes on behind what it cannot move, and tries that again on the next day', async () => {
    await at.services.dispose()
    at = await LifecycleWorld.open(['GLACIER'])
    const bucket = await at.makeBucket([newRule({ transitions: [{ days: 1, storageClass: 'GLACIER' }] })])
    const { chunks, metadata } = at.services
    const file = { name: 'ab'.repeat(16), store: '' }
    const manifestId = await metadata.write((tx) => tx.manifests.create([{ place: 'file', ...file, sizeBytes: 3 }]))
    await at.put(bucket, ['broken'], { manifestId })
    await at.put(bucket, ['empty'])
    at.advance(2)
    await at.run()
    expect(at.failures).toEqual(['broken'])
    expect(await at.contents(bucket)).toEqual(['broken', 'empty(GLACIER)'])
    expect(await at.lastCounts(bucket)).toEqual({ scanned: 2, transitioned: 1, failed: 1 })
    const bytes = Readable.from([Buffer.from('abc')])
    await chunks.put(file, bytes, { signal: new AbortController().signal })
    at.advance(1)
    await at.run()
    expect(await at.contents(bucket)).toEqual(['broken(GLACIER)', 'empty(GLACIER)'])
    expect(at.failures).toEqual(['broken'])
  })
})
