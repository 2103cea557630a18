import { expect, it } from 'vitest'
import { parseInstant, parseNumber } from '../../../../src/domain/access/policy/scalars.ts'

it.each([
  ['5', 5],
  ['-1.5', -1.5],
  ['+.5', 0.5],
  ['1e3', 1000],
  ['', undefined],
  [' 5', undefined],
  ['0x10', undefined],
  ['1e999', undefined],
  ['Infinity', undefined],
  ['five', undefined],
])('the number %j is %s', (text, expected) => {
  expect(parseNumber(text)).toBe(expected)
})

it.each([
  ['2024', '2024-01-01T00:00:00.000Z'],
  ['2024-02', '2024-02-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2023-02-29', undefined],
  ['2024-13-01', undefined],
  ['2024-02-29T12:30Z', '2024-02-29T12:30:00.000Z'],
  ['2024-02-29T12:30:15.250Z', '2024-02-29T12:30:15.250Z'],
  ['2024-02-29T12:30:15+02:00', '2024-02-29T10:30:15.000Z'],
  ['2024-02-29T12:30:15-0130', '2024-02-29T14:00:15.000Z'],
  ['2024-02-29T25:00Z', undefined],
  ['2024-02-29T12:30', undefined],
  ['2024-02T12:30Z', undefined],
  ['1709209815', '2024-02-29T12:30:15.000Z'],
  ['tomorrow', undefined],
])('the instant %j is %s', (text, expected) => {
  const ms = parseInstant(text)
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(expected)
})
