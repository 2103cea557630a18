import { expect, it } from 'vitest'
import { addDuration, addMonths, parseDuration } from '../../src/lib/duration.ts'

const DAY_MS = 86_400_000

it.each([
  ['P31D', 0, 31 * DAY_MS],
  ['PT1H', 0, 3_600_000],
  ['PT90M', 0, 5_400_000],
  ['PT0.5S', 0, 500],
  ['P1DT2H3M4.005S', 0, DAY_MS + 7_384_005],
  ['P2W', 0, 14 * DAY_MS],
  ['P1Y2M', 14, 0],
  ['P1M', 1, 0],
  ['PT1M', 0, 60_000],
  ['P0D', 0, 0],
])('%s is %i months and %i ms', (text, months, ms) => {
  expect(parseDuration(text)).toEqual({ months, ms })
})

it.each([
  '',
  'P',
  'PT',
  'P1DT',
  '31D',
  'P-1D',
  '-P1D',
  'P1H',
  'PT1D',
  'P1D1Y',
  'P1.5M',
  'p1d',
  'P1D ',
  'PT1.S',
  'P1e3D',
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

it('counts months and years by the calendar', () => {
  const at = (text: string) => Date.parse(`${text}T12:00:00Z`)
  expect(addMonths(at('2030-01-31'), 1)).toBe(at('2030-02-28'))
  expect(addMonths(at('2032-01-31'), 1)).toBe(at('2032-02-29'))
  expect(addMonths(at('2030-11-30'), 3)).toBe(at('2031-02-28'))
  expect(addMonths(at('2032-02-29'), 12)).toBe(at('2033-02-28'))
  expect(addMonths(at('2032-02-29'), 48)).toBe(at('2036-02-29'))
  expect(addDuration(at('2030-01-31'), { months: 1, ms: DAY_MS })).toBe(at('2030-03-01'))
  expect(addDuration(5, { months: 0, ms: 1 })).toBe(6)
})
