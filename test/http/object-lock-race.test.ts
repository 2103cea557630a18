// Sixty-four requests at a time, half of which remove versions while the other half lock them. Whoever was told that a
// lock stands must find its version afterwards.
import { expect, it } from 'vitest'
import { createBucket, verdict } from '../support/buckets.ts'
import { HOUR_MS, isoIn, type LockedObject, lockedObject } from '../support/locks.ts'
import { type TestServer, useServer } from '../support/server.ts'

const ROUNDS = 12
/** With four requests for each of them, 64 run at a time. */
const KEYS = 16

const server = useServer({ config: { durability: 'sync' } })

type Attempt = { readonly object: LockedObject; readonly kind: 'lock' | 'remove'; run(): Promise<boolean> }

/** DeleteObjects for the one version; whether it has been deleted. */
async function removeByList(at: TestServer, { bucket, key, versionId }: LockedObject): Promise<boolean> {
  const body = `<Delete><Object><Key>${key}</Key><VersionId>${versionId}</VersionId></Object></Delete>`
  const { text } = await at.request('POST', `/${bucket}`, { query: { delete: undefined }, body })
  return text.includes('<Deleted>')
}

function attemptsOn(object: LockedObject): Attempt[] {
  const told = (expected: string, answer: Promise<string>) => answer.then((status) => status === expected)
  return [
    { object, kind: 'remove', run: () => told('204', object.remove()) },
    { object, kind: 'remove', run: () => removeByList(server(), object) },
    { object, kind: 'lock', run: () => told('200', object.retain('COMPLIANCE', isoIn(HOUR_MS))) },
    { object, kind: 'lock', run: () => told('200', object.hold('ON')) },
  ]
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

it('no lock is ever lost, and nothing is removed twice over', async () => {
  const bucket = await createBucket(server(), { objectLock: true })
  let locked = 0
  let removed = 0
  for (let round = 0; round < ROUNDS; round++) {
    const objects: LockedObject[] = []
    for (let n = 0; n < KEYS; n++) objects.push(await lockedObject(server(), { bucket, key: `${round}-${n}` }))
    const attempts = shuffled(objects.flatMap(attemptsOn))
    const outcomes = await Promise.all(attempts.map(async (attempt) => ({ ...attempt, done: await attempt.run() })))
    for (const object of objects) {
      const own = outcomes.filter((outcome) => outcome.object === object)
      const isLocked = own.some(({ kind, done }) => kind === 'lock' && done)
      // Removing what is gone succeeds, as S3 has it: only a version that is still there was not removed.
      const isThere = (await object.status()) === 200
      expect([object.key, isLocked && !isThere]).toEqual([object.key, false])
      if (isLocked) {
        locked += 1
        expect(own.filter(({ kind, done }) => kind === 'remove' && done)).toEqual([])
        expect(await object.remove()).toBe('403 AccessDenied')
      } else {
        removed += 1
        expect(isThere).toBe(false)
      }
    }
  }
  expect(locked + removed).toBe(ROUNDS * KEYS)
  expect(Math.min(locked, removed)).toBeGreaterThan(0)
  const listed = await server().request('GET', `/${bucket}`, { query: { versions: undefined } })
  expect(verdict(listed)).toBe('200')
  expect(listed.text.match(/<Version>/g)).toHaveLength(locked)
})
