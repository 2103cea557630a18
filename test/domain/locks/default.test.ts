import { expect, it } from 'vitest'
import { defaultRetention } from '../../../src/domain/locks/default.ts'
import type { DefaultRetention } from '../../../src/storage/metadata/settings.ts'

const CREATED_MS = Date.UTC(2032, 0, 1)

it.each<[string, DefaultRetention | undefined, number | undefined]>([
  ['none', undefined, undefined],
  ['a day', { mode: 'GOVERNANCE', days: 1 }, Date.UTC(2032, 0, 2)],
  ['a year of 365 days', { mode: 'COMPLIANCE', years: 1 }, Date.UTC(2032, 11, 31)],
  ['a century', { mode: 'COMPLIANCE', days: 36_500 }, CREATED_MS + 36_500 * 86_400_000],
])('%s', (_case, rule, untilMs) => {
  const settings = rule === undefined ? {} : { objectLockRetention: rule }
  const expected = rule === undefined ? undefined : { mode: rule.mode, retainUntilMs: untilMs }
  expect(defaultRetention({ objectLock: true, settings }, CREATED_MS)).toEqual(expected)
  expect(defaultRetention({ objectLock: false, settings }, CREATED_MS)).toBeUndefined()
})
